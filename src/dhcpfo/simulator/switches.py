"""Settings of a lab: what the sources leave open about a real server, and the timers of the failover protocol."""

from dataclasses import dataclass
from datetime import timedelta

from ..errors import ErrorCode
from ..models.names import upper_case

__all__ = ["Switches", "Timers", "upper_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Answers to the questions that [MS-DHCPM] leaves open or answers in two ways.

    The defaults are the most likely or the safer behaviour. Change one to see whether your automation depends on it.

    Attributes:
        case_insensitive_names: Names of relationships and clients are compared without regard to case.
        enumeration_needs_read: Enumerating relationships needs read access; [MS-DHCPM] states no check.
        system_time_needs_read: Asking for the clock needs read access; [MS-DHCPM] states no check.
        address_status_needs_write: Asking for an address's owner needs write access: [MS-DHCPM] says "read" and
            refers to the rule for writing.
        secret_shown_to_users: A caller with read access sees the shared secret; otherwise only one with write access.
        secret_flag_accepted: The set flag SHARED_SECRET (0x40) is legal. The header has it; by the letter of
            [MS-DHCPM] the answer is 87.
        bootp_scope_code: The code that refuses a scope that serves BOOTP only: 87 ([MS-DHCPM]) or 20131 (the list of
            error codes).
        added_scopes_limited: More than 400 scopes in one add are refused with 20130.
        created_scopes_limited: The same for a create; no source says so.
        synchronising_before_state: A server that is re-integrating answers 20133 to an add even where its own state
            would give 20120.
        zero_interval_is_never: Setting the state switch interval to 0 means "never", as it does when creating;
            otherwise the switch follows at once.
        at_least_one_entry: An enumeration answers one entry even where the byte budget is too small for it;
            otherwise it answers 234 with none, for ever.
        create_checks_servers: A create is refused with 87 where the two servers are the same or the role's address
            is not the server's own, and with 20119 where the partner's clock is too far off.
        partner_down_accepted_in_normal: PARTNER_DOWN can be set while the server is in NORMAL, that is, while
            its partner works too; otherwise the answer is 87. On a real pair that mistake ends in a conflict.
        only_partner_down: A state can be set only to PARTNER_DOWN and only in COMMUNICATION_INTERRUPTED; else 87.
        option_flags_by_mask: The flags of the functions for options mean "vendor" if one of the lowest two bits is set,
            as [MS-DHCPM] says; otherwise only 0 and 3 are legal.
        vendor_options_shifted: Reading all option values of a level shows 256 more than the number of an option of a
            vendor class; [MS-DHCPM] tells the two kinds apart in this way.
        class_kind_can_change: Modifying a class can make a vendor class of a user class, and the other way round.
        policy_order_zero_appends: A new policy with the order 0 becomes the last one; otherwise the first.
        policy_ranges_by_letter: A new range of a policy must only not overlap the policy's own ranges, and only a range
            of a scope without a type must contain those of its policies, as [MS-DHCPM] says. Otherwise the ranges of
            other policies count, too, and each type of range must contain them.
        redistribution_needs_normal: Redistributing addresses outside NORMAL is refused with 20120; otherwise it
            succeeds and changes nothing.
        zero_mclt_accepted: An MCLT of 0 can be created and set; otherwise the answer is 87. Microsoft's topics do not
            allow it, [MS-DHCPM] says nothing. New leases of such a relationship end at once.
        set_state_sets_previous: A state that is set by a call is entered like any other: the state before becomes the
            previous state. Otherwise only the members that the flags name change, as [MS-DHCPM] says.
        whole_recover_wait: RECOVER_WAIT lasts an MCLT from its entry ([MS-DHCPM]); otherwise until an MCLT after the
            server was last in contact (Microsoft's topics), so a server that was away for longer does not wait.
        alone_leases_last_mclt: A server without contact leases and renews for an MCLT (Microsoft's topics); otherwise
            up to an MCLT after the time that it has exchanged with its partner ([MS-DHCPF]).
        unselected_server_answers: In load balance and NORMAL, a client that only reaches the server that its hash does
            not select is answered by that one; otherwise it is silent, even to renewals (Microsoft's topics).
        standby_renews_in_normal: In hot standby and NORMAL, the standby renews the lease of a client that only reaches
            it ([MS-DHCPM]); otherwise it is silent (Microsoft's topics).
        partner_addresses_when_interrupted: In load balance, a server in COMMUNICATION_INTERRUPTED that has no free
            address left goes on with the partner's. One of Microsoft's topics says so, two others do not; two clients
            can get the same address.
        empty_lists_have_no_more_items: Enumerating scopes, ranges or exclusions answers 259 where there are none;
            otherwise 0, as [MS-DHCPM] says.
        ranges_lie_in_scope: A range outside the network of its scope is refused with 20023; [MS-DHCPM] states no check.
        failover_range_stays: Removing the range of a failover scope is refused with 20132; [MS-DHCPM] states no check.
        failover_range_can_change: The range of a failover scope can grow and shrink; otherwise the answer is 20132.
        exclusions_can_repeat: The same exclusion can be added again and is then stored twice, since [MS-DHCPM] states
            no check; otherwise the answer is 20023.
        joining_scopes_disabled: A scope must be disabled when it becomes part of a relationship, by a create or an add;
            otherwise the answer is 87. Microsoft's samples disable them first; no source says that it is needed.
        added_scopes_on_partner: Adding a scope is refused with 20005 while the partner is in contact and has no such
            scope. No source says so.
        secret_shown_to_administrators: A caller with write access sees the shared secret; otherwise nobody does.
        set_reaches_partner: What is set in a relationship is set in the partner's copy, too, if there is contact; a
            state is not. [MS-DHCPM] says nothing of it, and Microsoft's console sets both.
        delete_closes_link: The partner notices at once that a relationship was deleted; otherwise after a silence.
        recreated_half_waits: A copy that is created while the partner's has been NORMAL before waits in RECOVER_WAIT
            for an MCLT, as its earlier leases may still run; otherwise it becomes NORMAL at once.
        policy_ranges_kept: Addresses in the ranges of a scope's policies go to the clients of those policies only.
        policy_clients_stay: A client of policies with ranges gets an address of those ranges only; otherwise one of
            the rest of the scope's range if they are used up.
        absent_values_differ: A condition such as "is not" holds for a client that does not send the value at all.
        deny_filters_win: A client that an enforced allow list and an enforced deny list both match is not served.
        filters_by_address: Link-layer filters are listed by hardware type, then by their bytes; otherwise by their age.
        filters_bind_reserved_clients: The lists of link-layer filters also decide about clients with a reservation.
        filters_conflict_with_reservations: A filter that matches a client with a reservation is refused with 20094. The
            SDK's header has that code, and no source says when a server answers it.
    """

    case_insensitive_names: bool = True
    enumeration_needs_read: bool = True
    system_time_needs_read: bool = False
    address_status_needs_write: bool = False
    secret_shown_to_users: bool = True
    secret_flag_accepted: bool = True
    bootp_scope_code: int = ErrorCode.ERROR_INVALID_PARAMETER
    added_scopes_limited: bool = True
    created_scopes_limited: bool = False
    synchronising_before_state: bool = False
    zero_interval_is_never: bool = False
    at_least_one_entry: bool = True
    create_checks_servers: bool = False
    partner_down_accepted_in_normal: bool = False
    only_partner_down: bool = False
    option_flags_by_mask: bool = False
    vendor_options_shifted: bool = False
    class_kind_can_change: bool = False
    redistribution_needs_normal: bool = False
    zero_mclt_accepted: bool = False
    set_state_sets_previous: bool = True
    whole_recover_wait: bool = True
    alone_leases_last_mclt: bool = True
    unselected_server_answers: bool = True
    standby_renews_in_normal: bool = False
    partner_addresses_when_interrupted: bool = False
    policy_order_zero_appends: bool = True
    policy_ranges_by_letter: bool = False
    empty_lists_have_no_more_items: bool = True
    ranges_lie_in_scope: bool = True
    failover_range_stays: bool = True
    failover_range_can_change: bool = True
    exclusions_can_repeat: bool = True
    joining_scopes_disabled: bool = False
    added_scopes_on_partner: bool = True
    secret_shown_to_administrators: bool = True
    set_reaches_partner: bool = False
    delete_closes_link: bool = True
    recreated_half_waits: bool = False
    policy_ranges_kept: bool = True
    policy_clients_stay: bool = True
    absent_values_differ: bool = True
    deny_filters_win: bool = True
    filters_by_address: bool = True
    filters_bind_reserved_clients: bool = True
    filters_conflict_with_reservations: bool = False

    def same_name(self, one: str | None, other: str | None) -> bool:
        """Return whether two names are the same; None is not the same as any name."""
        if one is None or other is None:
            return False
        return one == other or (self.case_insensitive_names and upper_case(one) == upper_case(other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """The times of the failover protocol, on the lab's clock.

    Attributes:
        startup: How long a starting server waits for its partner before it works alone.
        receive: The silence after which the link counts as lost.
        reconnect: How often a server tries to reach a partner it has no contact with.
        rebalance: How often the primary redistributes free addresses in NORMAL.
        exchange: How long one exchange of messages takes, and therefore how long each transitional state stays visible.
        max_clock_difference: How far the clocks of two partners may differ; a larger difference closes the connection.
        grace: How long a server keeps the record of an expired lease, and counts its address as in use.
        integration: How long a relationship re-integrates after scopes were added, and answers 20133 to further
            changes of its scopes. How long that takes on a real pair is not known.
        cleanup: How often a server cleans up: records that have been expired for `grace` become doomed, and doomed ones
            are deleted at the next clean-up after that.
    """

    startup: timedelta = timedelta(minutes=5)
    receive: timedelta = timedelta(minutes=3)
    reconnect: timedelta = timedelta(minutes=1)
    rebalance: timedelta = timedelta(minutes=5)
    exchange: timedelta = timedelta(seconds=1)
    max_clock_difference: timedelta = timedelta(minutes=1)
    grace: timedelta = timedelta(hours=4)
    cleanup: timedelta = timedelta(hours=1)
    integration: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        for name in ("startup", "receive", "reconnect", "rebalance", "exchange", "cleanup"):
            if getattr(self, name) <= timedelta(0):
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        if self.integration < timedelta(0):
            raise ValueError(f"integration must not be negative, got {self.integration}")
