"""The API functions behind the methods of `ManagementApi`."""

__all__ = ["CHANGES", "FUNCTIONS"]

FUNCTIONS = {
    "create_relationship": "DhcpV4FailoverCreateRelationship",
    "set_relationship": "DhcpV4FailoverSetRelationship",
    "delete_relationship": "DhcpV4FailoverDeleteRelationship",
    "get_relationship": "DhcpV4FailoverGetRelationship",
    "enum_relationships": "DhcpV4FailoverEnumRelationship",
    "add_failover_scopes": "DhcpV4FailoverAddScopeToRelationship",
    "remove_failover_scopes": "DhcpV4FailoverDeleteScopeFromRelationship",
    "get_scope_relationship": "DhcpV4FailoverGetScopeRelationship",
    "get_scope_statistics": "DhcpV4FailoverGetScopeStatistics",
    "get_failover_client": "DhcpV4FailoverGetClientInfo",
    "get_system_time": "DhcpV4FailoverGetSystemTime",
    "get_address_status": "DhcpV4FailoverGetAddressStatus",
    "trigger_address_allocation": "DhcpV4FailoverTriggerAddrAllocation",
}
"""The API function behind each method."""

CHANGES = frozenset(
    {
        "create_relationship",
        "set_relationship",
        "delete_relationship",
        "add_failover_scopes",
        "remove_failover_scopes",
        "trigger_address_allocation",
    }
)
"""The methods that change something on the server."""
