"""Reads the text of ``netsh dhcp server dump``: a list of commands, which are carried out one by one."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from ... import arguments
from ...enums import FilterList, OptionLevelType, OptionType, RangeType, ScopeState
from ...limits import MAX_DWORD
from ...models import (
    DhcpClass,
    Filter,
    FilterLists,
    FilterPattern,
    OptionDefinition,
    OptionLevel,
    OptionValue,
    Reservation,
    Scope,
    ScopeRange,
)
from . import values
from .report import Findings
from .source import Source
from .writer import DNS_SETTINGS, EMPTY, SERVER, Writer

__all__ = ["find_server", "read_dump"]

COMMAND = re.compile(
    r"\s*(?:netsh\s+)?dhcp\s+server(?:\s+(?:\\\\(\S+)|([0-9]+(?:\.[0-9]+){3})))?(?:\s+(.*))?", re.IGNORECASE
)
"""A command; its groups are the server's name, or its address, and the rest."""

TOKEN = re.compile(r'\s*(?:([a-z]+)=)?(?:(")|([^\s"]\S*))', re.IGNORECASE)
"""The beginning of a quoted text, or a word; either may follow a keyword."""

QUOTE = re.compile('"')

STATES = {
    "0": ScopeState.DISABLED,
    "1": ScopeState.ENABLED,
    "2": ScopeState.DISABLED_SWITCHED,
    "3": ScopeState.ENABLED_SWITCHED,
}
"""The numbers of netsh; those of the API mean the opposite."""

DNS_BITS = (0x01, 0x10, 0x04, 0x02, 0x40)
"""The bits of option 81, in the order of the words of ``set dnsconfig``."""

KEEP = ("DHCPFULLFORCE", "DHCPNOFORCE")
"""Words that only say whether netsh tests the servers that an option names."""

Words = list[str]


class Command:
    """The words of a command.

    Args:
        text: The command, without the server.
    """

    def __init__(self, text: str) -> None:
        self.words: Words = []
        self.keywords: dict[str, str] = {}
        end = 0
        while end < len(text):
            match = TOKEN.match(text, end)
            if match is None:
                raise ValueError("a quotation mark is in an unexpected place")
            key, quoted, word = match.groups()
            end = match.end()
            if quoted:
                close = _end_of_text(text, end)
                word, end = text[end:close], close + 1
            if key is None:
                self.words.append(word)
            elif key.lower() in self.keywords:
                raise ValueError(f"{key} is given twice")
            else:
                self.keywords[key.lower()] = word

    def starts(self, *names: str) -> bool:
        """Return whether the command begins with these words, and drop them if it does."""
        if [word.lower() for word in self.words[: len(names)]] != list(names):
            return False
        del self.words[: len(names)]
        return True

    def take(self, what: str) -> str:
        """Drop the next word and return it."""
        if not self.words:
            raise ValueError(f"{what} is missing")
        return self.words.pop(0)

    def rest(self) -> Words:
        """Drop all words that are left and return them."""
        found, self.words = self.words, []
        return found

    def keyword(self, name: str) -> str | None:
        """Drop a keyword and return its value, or None."""
        return self.keywords.pop(name, None)

    def finish(self) -> None:
        """Refuse words that nobody took: they could mean anything."""
        left = [*self.words, *(f"{key}={value}" for key, value in self.keywords.items())]
        if left:
            raise ValueError(f"unknown words: {' '.join(left)}")


def _end_of_text(text: str, start: int) -> int:
    """Return where a quoted text ends. Quotes in it are not escaped: those at both ends of a word belong to it."""
    inner = 0
    for match in QUOTE.finditer(text, start):
        place = match.start()
        after = text[place + 1 : place + 2]
        if not after or after.isspace() or (inner and after == '"'):
            if not inner:
                return place
            inner -= 1
        elif text[place - 1].isspace():
            inner += 1
    raise ValueError("a quoted text does not end")


def find_server(source: Source, code_page: str) -> str | None:
    """Return the name or address of the server that a dump is of, or None.

    Raises:
        ValueError: The file is not a dump.
    """
    for line, text in _commands(source, code_page):
        match = COMMAND.fullmatch(text)
        if match is None:
            raise ValueError(
                f"line {line} of {source.name} is neither the XML of Export-DhcpServer nor a command of "
                "netsh dhcp server dump; the binary files of netsh dhcp server export cannot be read"
            )
        return match[1] or match[2]
    raise ValueError(f"{source.name} has no command of netsh dhcp server dump")


def _commands(source: Source, code_page: str) -> Iterator[tuple[int, str]]:
    for line, text in source.lines(code_page):
        stripped = text.strip()
        if stripped and not stripped.startswith("#"):
            yield line, stripped


def read_dump(source: Source, code_page: str, writer: Writer, findings: Findings) -> None:
    """Read a dump.

    Args:
        source: The file.
        code_page: Its encoding if it is neither UTF-16 nor UTF-8.
        writer: Writes into the server.
        findings: Collects the report.

    Raises:
        ValueError: The text has another encoding.
    """
    server = find_server(source, code_page)
    reader = DumpReader(writer, findings)
    for line, text in _commands(source, code_page):
        match = COMMAND.fullmatch(text)
        with findings.part(line, text):
            if match is None:
                raise ValueError("not a command of netsh dhcp server")
            if (named := match[1] or match[2]) is not None and named.lower() != (server or "").lower():
                raise ValueError(f"a command for another server than {server}")
            reader.read(Command(match[3] or ""))


class DumpReader:
    """Carries out the commands of a dump.

    Args:
        writer: Writes into the server.
        findings: Collects the report.
    """

    def __init__(self, writer: Writer, findings: Findings) -> None:
        self._writer = writer
        self._findings = findings
        self._of_server: dict[tuple[str, ...], Callable[[Command], object]] = {
            ("add", "class"): self._add_class,
            ("add", "optiondef"): self._define,
            ("set", "optionvalue"): partial(self._set_value, SERVER),
            ("set", "dnsconfig"): partial(self._set_dns, SERVER),
            ("add", "filter"): self._add_filter,
            ("set", "filter"): self._set_filters,
            ("add", "scope"): self._add_scope,
        }
        self._of_scope: dict[tuple[str, ...], Callable[[IPv4Address, Command], object]] = {
            ("set", "state"): self._set_state,
            ("add", "iprange"): self._add_range,
            ("add", "excluderange"): self._exclude,
            ("add", "reservedip"): self._reserve,
            ("set", "optionvalue"): self._set_scope_value,
            ("set", "reservedoptionvalue"): self._set_reserved_value,
            ("set", "delayoffer"): self._set_delay,
            ("set", "napstate"): self._set_nap,
            ("set", "dnsconfig"): self._set_scope_dns,
            ("set", "superscope"): self._join,
        }

    def read(self, command: Command) -> None:
        """Carry out a command.

        Raises:
            ValueError: It is not understood.
            DhcpError: The server refuses it.
        """
        if command.starts("v6"):
            raise ValueError("DHCPv6 is not simulated")
        command.starts("v4")
        if not command.starts("scope"):
            for names, run in self._of_server.items():
                if command.starts(*names):
                    run(command)
                    return
            raise ValueError("unknown command")
        scope = values.address(command.take("the scope"))
        for names, act in self._of_scope.items():
            if command.starts(*names):
                act(scope, command)
                return
        raise ValueError("unknown command for a scope")

    def _add_class(self, command: Command) -> None:
        name, comment, text = (command.take(what) for what in ("the name", "the comment", "the data"))
        is_vendor = values.truth(command.take("ISVENDOR"))
        binary = bool(command.words) and command.take("").lower() == "b"
        command.finish()
        data = values.data(text) if binary else text.encode("ascii", "strict")
        twin = self._writer.add_class(DhcpClass(name=name, data=data, is_vendor=is_vendor, description=comment or None))
        self._findings.count("classes")
        if twin is not None:
            raise ValueError(f"the server has a class {twin!r} with this data, which is used instead")

    def _define(self, command: Command) -> None:
        number, name = values.number(command.take("the number")), command.take("the name")
        type_ = values.option_type(command.take("the type"))
        many = values.truth(command.take("ISARRAY"))
        vendor, comment, texts = command.keyword("vendor"), command.keyword("comment"), command.rest()
        command.finish()
        default = values.option_data(type_, texts) if texts else (EMPTY.get(type_, 0),)
        self._writer.define(
            OptionDefinition(
                id=number,
                name=name,
                type=type_,
                default=default,
                multivalued=many,
                description=comment or None,
                vendor_class=vendor or None,
            )
        )
        self._findings.count("option_definitions")

    def _set_value(self, level: OptionLevel, command: Command) -> None:
        number = values.number(command.take("the number"))
        type_ = values.option_type(command.take("the type"))
        user, vendor = command.keyword("user") or None, command.keyword("vendor") or None
        texts = command.rest()
        if texts and texts[0].upper() in KEEP:
            del texts[0]
        command.finish()
        data = values.option_data(type_, texts)
        self._writer.set_value(level, OptionValue(number, type_, data, vendor_class=vendor, user_class=user))
        self._findings.count("option_values")

    def _set_scope_value(self, scope: IPv4Address, command: Command) -> None:
        self._set_value(OptionLevel(OptionLevelType.SCOPE, scope), command)

    def _set_reserved_value(self, scope: IPv4Address, command: Command) -> None:
        address = values.address(command.take("the address"))
        self._set_value(OptionLevel(OptionLevelType.RESERVATION, scope, address), command)

    def _set_dns(self, level: OptionLevel, command: Command) -> None:
        switches = [values.truth(word) for word in command.rest()]
        if len(switches) not in (len(DNS_BITS) - 1, len(DNS_BITS)):  # the last one is newer
            raise ValueError(f"{len(DNS_BITS)} numbers must follow, got {len(switches)}")
        command.finish()
        bits = sum(bit for bit, on in zip(DNS_BITS, switches, strict=False) if on)
        self._writer.set_value(level, OptionValue(DNS_SETTINGS, OptionType.DWORD, bits))
        self._findings.count("option_values")

    def _set_scope_dns(self, scope: IPv4Address, command: Command) -> None:
        level = OptionLevel(OptionLevelType.SCOPE, scope)
        if command.words and "." in command.words[0]:
            level = OptionLevel(OptionLevelType.RESERVATION, scope, values.address(command.take("")))
        self._set_dns(level, command)

    def _add_filter(self, command: Command) -> None:
        lists = {"ALLOW": FilterList.ALLOW, "DENY": FilterList.DENY}
        kind = values.named(command.take("the list"), lists, "Allow or Deny")
        pattern = FilterPattern.parse(command.take("the address"))
        comment = command.take("") if command.words else None
        command.finish()
        entry = Filter(pattern=pattern, filter_list=kind, comment=arguments.any_text("comment", comment) or None)
        self._writer.api.create_filter(entry, False)
        self._findings.count("filters")

    def _set_filters(self, command: Command) -> None:
        lists = self._writer.api.get_filter_lists()
        allow, deny = command.keyword("enforceallowlist"), command.keyword("enforcedenylist")
        command.finish()
        self._writer.api.set_filter_lists(
            FilterLists(
                allow=lists.allow if allow is None else values.truth(allow),
                deny=lists.deny if deny is None else values.truth(deny),
            )
        )

    def _add_scope(self, command: Command) -> None:
        scope, mask = (values.address(command.take(what)) for what in ("the scope", "the subnet mask"))
        name = command.take("") if command.words else None
        comment = command.take("") if command.words else None
        command.finish()
        self._writer.add_scope(Scope(scope_id=scope, subnet_mask=mask, name=name or None, comment=comment or None))
        self._findings.count("scopes")

    def _set_state(self, scope: IPv4Address, command: Command) -> None:
        state = values.named(command.take("the state"), STATES, "0, 1, 2 or 3")
        command.finish()
        self._writer.change_scope(scope, state=state)

    def _add_range(self, scope: IPv4Address, command: Command) -> None:
        start, end = (values.address(command.take(what)) for what in ("the first address", "the last address"))
        kind = values.range_type(command.take("")) if command.words else RangeType.DHCP
        most = values.number(command.take("")) if command.words else MAX_DWORD
        command.finish()
        self._writer.set_range(scope, ScopeRange(start=start, end=end, type=kind, max_bootp=most))

    def _exclude(self, scope: IPv4Address, command: Command) -> None:
        start, end = (values.address(command.take(what)) for what in ("the first address", "the last address"))
        command.finish()
        self._writer.exclude(scope, start, end)
        self._findings.count("exclusions")

    def _reserve(self, scope: IPv4Address, command: Command) -> None:
        address = values.address(command.take("the address"))
        client = values.client_id(command.take("the client identifier"))
        name, description = (command.take("") if command.words else None for _ in range(2))
        more: dict[str, Any] = {"type": values.client_type(command.take(""))} if command.words else {}
        command.finish()
        found = Reservation(
            address=address, client_id=client, name=name or None, description=description or None, **more
        )
        self._writer.reserve(scope, found)
        self._findings.count("reservations")

    def _set_delay(self, scope: IPv4Address, command: Command) -> None:
        delay = values.milliseconds(command.take("the delay"))
        command.finish()
        self._writer.api.set_scope_delay(scope, delay)

    def _set_nap(self, scope: IPv4Address, command: Command) -> None:
        enabled = values.named(command.take("the state"), {"ON": True, "OFF": False}, "On or Off")
        command.finish()
        self._writer.set_nap(scope, enabled)

    def _join(self, scope: IPv4Address, command: Command) -> None:
        name = command.take("the name")
        if command.words:
            values.truth(command.take(""))
        command.finish()
        if self._writer.join(scope, name):
            self._findings.count("superscopes")
