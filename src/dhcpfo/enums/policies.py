"""Enumerations of policies."""

import enum

from .base import Named, OpenIntEnum

__all__ = ["Comparator", "ConditionType", "LogicOperator", "PolicyFields", "PropertyId", "PropertyType"]


class ConditionType(OpenIntEnum):
    """What a condition of a policy compares (DHCP_POL_ATTR_TYPE).

    Attributes:
        MAC_ADDRESS: The client's hardware address.
        OPTION: An option that the client sends: 60, 61, 77 or 82.
        SUB_OPTION: A sub-option of option 82.
        FQDN: The client's full DNS name. From Windows Server 2012 R2 on.
        FQDN_SINGLE_LABEL: Whether the client's DNS name has a single label. From Windows Server 2012 R2 on.
    """

    MAC_ADDRESS = 0
    OPTION = 1
    SUB_OPTION = 2
    FQDN = 3
    FQDN_SINGLE_LABEL = 4


class Comparator(OpenIntEnum):
    """How a condition of a policy compares (DHCP_POL_COMPARATOR).

    Attributes:
        EQUAL: The client's value is this one.
        NOT_EQUAL: It is another one.
        BEGINS_WITH: It begins with this one.
        NOT_BEGINS_WITH: It does not begin with this one.
        ENDS_WITH: It ends with this one. From Windows Server 2012 R2 on.
        NOT_ENDS_WITH: It does not end with this one. From Windows Server 2012 R2 on.
    """

    EQUAL = 0
    NOT_EQUAL = 1
    BEGINS_WITH = 2
    NOT_BEGINS_WITH = 3
    ENDS_WITH = 4
    NOT_ENDS_WITH = 5


class LogicOperator(OpenIntEnum):
    """How the parts of a policy's expression are joined (DHCP_POL_LOGIC_OPER).

    Attributes:
        OR: One part must hold.
        AND: All parts must hold.
    """

    OR = 0
    AND = 1


class PropertyId(OpenIntEnum):
    """What a property is (DHCP_PROPERTY_ID).

    Attributes:
        POLICY_DNS_SUFFIX: The DNS suffix of a policy's clients.
        CLIENT_ADDRESS_STATE_EX: More bits of a client's address state.
    """

    POLICY_DNS_SUFFIX = 0
    CLIENT_ADDRESS_STATE_EX = 1


class PropertyType(OpenIntEnum):
    """The type of a property's value (DHCP_PROPERTY_TYPE).

    Attributes:
        BYTE: A number of 8 bits.
        WORD: A number of 16 bits.
        DWORD: A number of 32 bits.
        STRING: Text.
        BINARY: Bytes.
    """

    BYTE = 0
    WORD = 1
    DWORD = 2
    STRING = 3
    BINARY = 4


class PolicyFields(Named, enum.IntFlag, boundary=enum.KEEP):
    """The fields that a DhcpV4SetPolicyEx call changes (DHCP_POLICY_FIELDS_TO_UPDATE).

    Attributes:
        NAME: ``name``.
        ORDER: ``order``.
        CONDITIONS: ``conditions`` and ``expressions``.
        RANGES: ``ranges``.
        DESCRIPTION: ``description``.
        ENABLED: ``enabled``.
        DNS_SUFFIX: ``dns_suffix``, a property.
    """

    NAME = 0x01
    ORDER = 0x02
    CONDITIONS = 0x04
    RANGES = 0x08
    DESCRIPTION = 0x10
    ENABLED = 0x20
    DNS_SUFFIX = 0x40
