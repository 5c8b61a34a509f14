"""The peer of scope.py: a plain ctypes binding of the lists of a scope that builds equal results."""

import ctypes
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import Client, HostInfo
from dhcpfo.enums import (
    ClientType,
    Comparator,
    ConditionType,
    FilterStatus,
    LogicOperator,
    OptionType,
    PropertyId,
    PropertyType,
    QuarantineStatus,
)
from dhcpfo.models import AddressRange, OptionValue, Policy, PolicyCondition, PolicyExpression, Property

DWORD = ctypes.c_uint32
BYTE = ctypes.c_uint8
FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
INFINITE = 0x7FFFFFFFFFFFFFFF


class ClientInfo(ctypes.Structure):
    """DHCP_CLIENT_INFO_PB; its inner structures are written out, with the same layout."""

    _fields_ = [
        ("ClientIpAddress", DWORD),
        ("SubnetMask", DWORD),
        ("DataLength", DWORD),
        ("Data", ctypes.c_void_p),
        ("ClientName", ctypes.c_void_p),
        ("ClientComment", ctypes.c_void_p),
        ("LeaseLow", DWORD),
        ("LeaseHigh", DWORD),
        ("OwnerAddress", DWORD),
        ("OwnerNetBiosName", ctypes.c_void_p),
        ("OwnerHostName", ctypes.c_void_p),
        ("ClientType", BYTE),
        ("AddressState", BYTE),
        ("Status", DWORD),
        ("ProbationLow", DWORD),
        ("ProbationHigh", DWORD),
        ("QuarantineCapable", ctypes.c_int),
        ("FilterStatus", DWORD),
        ("PolicyName", ctypes.c_void_p),
    ]


class ClientArray(ctypes.Structure):
    """DHCP_CLIENT_INFO_PB_ARRAY."""

    _fields_ = [("NumElements", DWORD), ("Clients", ctypes.POINTER(ctypes.POINTER(ClientInfo)))]


class Binary(ctypes.Structure):
    """DHCP_BINARY_DATA."""

    _fields_ = [("DataLength", DWORD), ("Data", ctypes.c_void_p)]


class Data(ctypes.Union):
    """The arms of DHCP_OPTION_DATA_ELEMENT, or of DHCP_PROPERTY, that the provider uses."""

    _fields_ = [("Number", DWORD), ("Both", DWORD * 2), ("Text", ctypes.c_void_p), ("Bytes", Binary)]


class OptionElement(ctypes.Structure):
    """DHCP_OPTION_DATA_ELEMENT."""

    _fields_ = [("OptionType", DWORD), ("Element", Data)]


class OptionData(ctypes.Structure):
    """DHCP_OPTION_DATA."""

    _fields_ = [("NumElements", DWORD), ("Elements", ctypes.POINTER(OptionElement))]


class Value(ctypes.Structure):
    """DHCP_OPTION_VALUE."""

    _fields_ = [("OptionID", DWORD), ("Value", OptionData)]


class ValueArray(ctypes.Structure):
    """DHCP_OPTION_VALUE_ARRAY."""

    _fields_ = [("NumElements", DWORD), ("Values", ctypes.POINTER(Value))]


class ClassValues(ctypes.Structure):
    """DHCP_CLASS_OPTION_VALUES."""

    _fields_ = [
        ("ClassName", ctypes.c_void_p),
        ("VendorName", ctypes.c_void_p),
        ("IsVendor", ctypes.c_int),
        ("OptionsArray", ctypes.POINTER(ValueArray)),
    ]


class AllValues(ctypes.Structure):
    """DHCP_ALL_OPTION_VALUES."""

    _fields_ = [("Flags", DWORD), ("NumElements", DWORD), ("Options", ctypes.POINTER(ClassValues))]


class Condition(ctypes.Structure):
    """DHCP_POL_COND."""

    _fields_ = [
        ("ParentExpr", DWORD),
        ("Type", DWORD),
        ("OptionID", DWORD),
        ("SubOptionID", DWORD),
        ("VendorName", ctypes.c_void_p),
        ("Operator", DWORD),
        ("Value", ctypes.c_void_p),
        ("ValueLength", DWORD),
    ]


class Pair(ctypes.Structure):
    """DHCP_POL_EXPR or DHCP_IP_RANGE."""

    _fields_ = [("First", DWORD), ("Second", DWORD)]


class PropertyInfo(ctypes.Structure):
    """DHCP_PROPERTY."""

    _fields_ = [("ID", DWORD), ("Type", DWORD), ("Value", Data)]


def array_of(element: Any) -> Any:
    """A counted array of structures."""
    fields = [("NumElements", DWORD), ("Elements", ctypes.POINTER(element))]
    return type(f"{element.__name__}Array", (ctypes.Structure,), {"_fields_": fields})


class PolicyInfo(ctypes.Structure):
    """DHCP_POLICY_EX."""

    _fields_ = [
        ("PolicyName", ctypes.c_void_p),
        ("IsGlobalPolicy", ctypes.c_int),
        ("Subnet", DWORD),
        ("ProcessingOrder", DWORD),
        ("Conditions", ctypes.POINTER(array_of(Condition))),
        ("Expressions", ctypes.POINTER(array_of(Pair))),
        ("Ranges", ctypes.POINTER(array_of(Pair))),
        ("Description", ctypes.c_void_p),
        ("Enabled", ctypes.c_int),
        ("Properties", ctypes.POINTER(array_of(PropertyInfo))),
    ]


PolicyArray = array_of(PolicyInfo)


class CtypesScope:
    """The lists that are measured.

    Args:
        library: A library with a ``table`` of functions, their places in it, and ``length_of``.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._function = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
        size = ctypes.c_size_t.in_dll(library, "table").value
        pointers = (ctypes.c_void_p * (size // ctypes.sizeof(ctypes.c_void_p))).in_dll(library, "table")
        number, numbers = ctypes.POINTER(DWORD), [ctypes.POINTER(DWORD)] * 2
        self._clients = self._function(
            DWORD, ctypes.c_char_p, DWORD, number, DWORD, ctypes.POINTER(ctypes.POINTER(ClientArray)), *numbers
        )(pointers[library.place_of_clients()])
        self._option_values = self._function(
            DWORD, ctypes.c_char_p, DWORD, ctypes.c_void_p, ctypes.POINTER(ctypes.POINTER(AllValues))
        )(pointers[library.place_of_option_values()])
        self._policies = self._function(
            DWORD,
            ctypes.c_char_p,
            number,
            DWORD,
            ctypes.c_int,
            DWORD,
            ctypes.POINTER(ctypes.POINTER(PolicyArray)),
            *numbers,
        )(pointers[library.place_of_policies()])
        self._free = self._function(None, ctypes.c_void_p)(pointers[-1])
        self._length = library.length_of
        self._length.argtypes, self._length.restype = [ctypes.c_void_p], ctypes.c_size_t

    def clients(self, scope: int) -> list[Client]:
        """Call, convert, free."""
        resume, read, total = DWORD(0), DWORD(0), DWORD(0)
        answer = ctypes.POINTER(ClientArray)()
        if code := self._clients(None, scope, resume, 0xFFFFFFFF, answer, read, total):
            raise OSError(code)
        array = answer.contents
        pointers = array.Clients[: array.NumElements]
        try:
            return [self._client(pointer.contents) for pointer in pointers]
        finally:
            for pointer in pointers:
                it = pointer.contents
                for block in (it.Data, it.ClientName, it.ClientComment):
                    self._free(block)
                for block in (it.OwnerNetBiosName, it.OwnerHostName, it.PolicyName):
                    self._free(block)
                self._free(pointer)
            self._free(array.Clients)
            self._free(answer)

    def _client(self, it: Any) -> Client:
        return Client(
            address=IPv4Address(it.ClientIpAddress),
            subnet_mask=IPv4Address(it.SubnetMask),
            client_id=ctypes.string_at(it.Data, it.DataLength) if it.Data else b"",
            name=self._decode(it.ClientName),
            comment=self._decode(it.ClientComment),
            lease_expires=_file_time(it.LeaseLow, it.LeaseHigh),
            owner=HostInfo(
                address=IPv4Address(it.OwnerAddress),
                netbios_name=self._decode(it.OwnerNetBiosName),
                host_name=self._decode(it.OwnerHostName),
            ),
            client_type=ClientType(it.ClientType),
            address_state=it.AddressState,
            quarantine_status=QuarantineStatus(it.Status),
            probation_ends=_file_time(it.ProbationLow, it.ProbationHigh),
            quarantine_capable=bool(it.QuarantineCapable),
            filter_status=FilterStatus(it.FilterStatus),
            policy_name=self._decode(it.PolicyName),
        )

    def option_values(self, scope: int) -> list[OptionValue]:
        """Call, convert, free."""
        answer = ctypes.POINTER(AllValues)()
        level = (ctypes.c_uint64 * 3)(2, scope)
        if code := self._option_values(None, 0, level, answer):
            raise OSError(code)
        groups = answer.contents.Options[: answer.contents.NumElements]
        try:
            return [value for group in groups for value in self._class_values(group)]
        finally:
            for group in groups:
                array = group.OptionsArray.contents
                for value in array.Values[: array.NumElements]:
                    for element in value.Value.Elements[: value.Value.NumElements]:
                        if element.OptionType == OptionType.STRING:
                            self._free(element.Element.Text)
                        elif element.OptionType == OptionType.BINARY:
                            self._free(element.Element.Bytes.Data)
                    self._free(value.Value.Elements)
                self._free(array.Values)
                self._free(group.OptionsArray)
                self._free(group.ClassName)
                self._free(group.VendorName)
            self._free(answer.contents.Options)
            self._free(answer)

    def _class_values(self, group: Any) -> list[OptionValue]:
        vendor, user = self._decode(group.VendorName), self._decode(group.ClassName)
        array = group.OptionsArray.contents
        return [self._option_value(value, vendor, user) for value in array.Values[: array.NumElements]]

    def _option_value(self, it: Any, vendor: str | None, user: str | None) -> OptionValue:
        elements = it.Value.Elements[: it.Value.NumElements]
        values = tuple([self._data(element) for element in elements])
        return OptionValue(it.OptionID, OptionType(elements[0].OptionType), values, vendor, user)

    def _data(self, it: Any) -> Any:
        match it.OptionType:
            case OptionType.IP_ADDRESS:
                return IPv4Address(it.Element.Number)
            case OptionType.STRING:
                return self._decode(it.Element.Text)
            case OptionType.BINARY:
                return ctypes.string_at(it.Element.Bytes.Data, it.Element.Bytes.DataLength)
        return it.Element.Number

    def policies(self, scope: int) -> list[Policy]:
        """Call, convert, free."""
        resume, read, total = DWORD(0), DWORD(0), DWORD(0)
        answer = ctypes.POINTER(PolicyArray)()
        if (code := self._policies(None, resume, 0xFFFFFFFF, 0, scope, answer, read, total)) not in (0, 259):
            raise OSError(code)
        policies = answer.contents.Elements[: answer.contents.NumElements]
        try:
            return sorted(map(self._policy, policies), key=lambda policy: policy.order)
        finally:
            for it in policies:
                conditions, properties = it.Conditions.contents, it.Properties.contents
                for condition in conditions.Elements[: conditions.NumElements]:
                    self._free(condition.VendorName)
                    self._free(condition.Value)
                for entry in properties.Elements[: properties.NumElements]:
                    self._free(entry.Value.Text)
                for pointer in (it.Conditions, it.Expressions, it.Ranges, it.Properties):
                    self._free(pointer.contents.Elements)
                    self._free(pointer)
                self._free(it.PolicyName)
                self._free(it.Description)
            self._free(answer.contents.Elements)
            self._free(answer)

    def _policy(self, it: Any) -> Policy:
        conditions, expressions = it.Conditions.contents, it.Expressions.contents
        ranges, properties = it.Ranges.contents, it.Properties.contents
        return Policy(
            name=self._decode(it.PolicyName) or "",
            scope=None if it.IsGlobalPolicy else IPv4Address(it.Subnet),
            order=it.ProcessingOrder,
            conditions=tuple([self._condition(each) for each in conditions.Elements[: conditions.NumElements]]),
            expressions=tuple(
                [
                    PolicyExpression(each.First, LogicOperator(each.Second))
                    for each in expressions.Elements[: expressions.NumElements]
                ]
            ),
            ranges=tuple(
                [
                    AddressRange(IPv4Address(each.First), IPv4Address(each.Second))
                    for each in ranges.Elements[: ranges.NumElements]
                ]
            ),
            description=self._decode(it.Description),
            enabled=bool(it.Enabled),
            properties=tuple(
                [
                    Property(PropertyId(each.ID), PropertyType(each.Type), self._decode(each.Value.Text))
                    for each in properties.Elements[: properties.NumElements]
                ]
            ),
        )

    def _condition(self, it: Any) -> PolicyCondition:
        return PolicyCondition(
            parent=it.ParentExpr,
            type=ConditionType(it.Type),
            option_id=it.OptionID,
            sub_option_id=it.SubOptionID,
            vendor_class=self._decode(it.VendorName),
            comparator=Comparator(it.Operator),
            value=ctypes.string_at(it.Value, it.ValueLength),
        )

    def _decode(self, address: int | None) -> str | None:
        if address is None:
            return None
        return ctypes.string_at(address, self._length(address) * 2).decode("utf-16-le")


def _file_time(low: int, high: int) -> datetime | None:
    ticks = high << 32 | low
    return None if ticks == INFINITE else FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
