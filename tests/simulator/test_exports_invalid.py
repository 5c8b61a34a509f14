"""`Lab.load_export` of damaged and hostile files: a clear error with the line, and a lab that is unchanged."""

import random
import re
import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO, RawIOBase, StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcpfo.simulator import ExportReport, Lab

FOLDER = Path(__file__).parent / "exports"
OFFICE, BRANCH = FOLDER / "office.xml", FOLDER / "branch.txt"

ENTITIES = "".join(f'<!ENTITY e{number} "&e{number - 1};&e{number - 1};">' for number in range(1, 40))


@pytest.fixture(params=["memory", "file"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """A lab that has a server with some contents."""
    with Lab() if request.param == "memory" else Lab.open(tmp_path / "lab") as lab:
        lab.load_export(OFFICE, "dhcp1")
        yield lab


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<DHCPServer>\n<IPv4>\n</DHCPServer>", "line 3 of the file is not valid XML: mismatched tag"),
        ("<DHCPServer>\n", "line 2 of the file is not valid XML: no element found"),
        ("<DHCPServer/>\n<DHCPServer/>", "line 2 of the file is not valid XML: junk after document element"),
        ("<Domain>\n</Domain>", "line 1 of the file: the root must be DHCPServer (Export-DhcpServer), got Domain"),
        ("\n<!DOCTYPE DHCPServer><DHCPServer/>", "line 2 of the file: a document type (DTD) is not allowed"),
        (f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><DHCPServer>&e39;</DHCPServer>', "(DTD) is not allowed"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><DHCPServer>&e;</DHCPServer>', "(DTD) is not allowed"),
        ("<DHCPServer>&e;</DHCPServer>", "line 1 of the file is not valid XML: undefined entity"),
        (
            '<?xml version="1.0" encoding="klingon"?><DHCPServer/>',
            "line 1 of the file is not valid XML: unknown encoding",
        ),
        (f"<DHCPServer>{'<IPv4>' * 60}", "line 1 of the file: elements are nested more than 50 deep"),
        (f"<DHCPServer>{'x' * (1 << 21)}</DHCPServer>", "line 1 of the file: a text has more than 1048576 characters"),
        ("", "the file has no command of netsh dhcp server dump"),
        ("# nothing\n\n", "the file has no command of netsh dhcp server dump"),
        ("# nothing\n\nhello", "line 3 of the file is neither the XML of Export-DhcpServer nor a command of netsh"),
        ("\nDhcp Server \\\\x add\0scope", "line 2 of the file is not text"),
        ("x" * (1 << 21), "line 1 of the file has more than 1048576 characters"),
    ],
)
def test_a_damaged_file_raises_with_its_line_and_changes_nothing(full: Lab, text: str, message: str) -> None:
    before = full.to_dict()
    with pytest.raises(ValueError, match=re.escape(message)):
        full.load_export(BytesIO(text.encode()), "dhcp2")
    assert full.to_dict() == before


def test_an_error_at_the_end_changes_nothing(full: Lab) -> None:
    before = full.to_dict()
    text = OFFICE.read_text("utf-8").replace("198.51.100.", "192.0.2.").replace("203.0.113.", "100.64.0.")
    with pytest.raises(ValueError, match=r"line \d+ of the file is not valid XML"):
        full.load_export(BytesIO(text.replace("</DHCPServer>", "").encode()), "dhcp1")
    assert full.to_dict() == before
    assert full.load_export(BytesIO(text.encode()), "dhcp1").scopes == 2


def test_bytes_that_are_not_in_the_encoding_have_a_line(full: Lab) -> None:
    before = full.to_dict()
    text = b"\xef\xbb\xbf# one\n# two\nDhcp Server \\\\x add scope \xff"
    with pytest.raises(ValueError, match="line 3 of the file is not valid utf-8 text"):
        full.load_export(BytesIO(text))
    with pytest.raises(ValueError, match="line 3 of the file is not valid charmap text"):
        full.load_export(BytesIO(text[3:-1] + b"\x81"), code_page="cp1252")
    with pytest.raises(ValueError, match="line 2 of the file is not valid utf-16-le text"):
        full.load_export(BytesIO("\ufeff# one\nDhcp Server x".encode("utf-16-le") + b"\x00\xd8x\x00"))
    assert full.to_dict() == before


def test_wrong_arguments(full: Lab) -> None:
    before = full.to_dict()
    with pytest.raises(ValueError, match=r"server must be given: .*office\.xml does not name its server"):
        full.load_export(OFFICE)
    with pytest.raises(ValueError, match="server must not be empty"):
        full.load_export(OFFICE, "")
    with pytest.raises(TypeError, match="server must be str or IPv4Address, not int"):
        full.load_export(OFFICE, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="code_page must be the name of a text encoding, got 'cp0'"):
        full.load_export(BRANCH, code_page="cp0")
    with pytest.raises(TypeError, match="time_zone must be tzinfo, not str"):
        full.load_export(OFFICE, "dhcp1", time_zone="UTC")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="file must be a path or a binary file, not int"):
        full.load_export(5, "dhcp1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"file must be open in binary mode, but its read\(\) returned str"):
        full.load_export(StringIO("<DHCPServer/>"), "dhcp1")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        full.load_export(FOLDER / "missing.xml", "dhcp1")
    assert full.to_dict() == before


class Pipe(RawIOBase):
    """A file that cannot be read twice."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


def test_open_files_are_read_from_where_they_are_and_stay_open(lab: Lab) -> None:
    assert lab.load_export(Pipe(OFFICE.read_bytes()), "dhcp1").complete
    with BRANCH.open("rb") as file:
        assert lab.load_export(file).complete
        assert not file.closed
    behind = BytesIO(b"garbage" + OFFICE.read_bytes())
    behind.seek(7)
    assert lab.load_export(behind, "dhcp3").complete
    with pytest.raises(ValueError, match=r"office\.xml does not name its server"), OFFICE.open("rb") as file:
        lab.load_export(file)


class Acting(BytesIO):
    """A file that does something when it is read."""

    def __init__(self, data: bytes, act: Callable[[], object]) -> None:
        super().__init__(data)
        self._act = act
        self._reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self._reads += 1
        if self._reads > 3:  # the first part is written already
            self._act()
        return super().read(size)


def test_a_file_that_uses_the_lab_is_refused(full: Lab) -> None:
    before = full.to_dict()
    with pytest.raises(RuntimeError, match="inside one of its calls"):
        full.load_export(Acting(OFFICE.read_bytes(), lambda: full.stop("dhcp1")), "dhcp2")
    assert full.to_dict() == before


def test_an_interruption_changes_nothing(full: Lab) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    before = full.to_dict()
    with pytest.raises(KeyboardInterrupt):
        full.load_export(Acting(OFFICE.read_bytes(), interrupt), "dhcp2")
    assert full.to_dict() == before
    assert full.load_export(OFFICE, "dhcp2").complete


def test_a_server_that_is_down_can_be_loaded(lab: Lab) -> None:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.fail("dhcp1", None, 1722, every=True)
    lab.power_off("dhcp1")
    assert lab.load_export(OFFICE, "dhcp1").complete


def test_a_lab_in_a_file(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "lab") as lab:
        assert lab.load_export(OFFICE, "dhcp1").complete
    with Lab.open(tmp_path / "lab") as lab:
        assert len(lab.connect("dhcp1", direct=True).clients("198.51.100.0")) == 4


ALPHABET = b"<>/&;\"'=!-[]()*\\\0\xff \r\n\t0123456789.abcXYZ"
FOUND = {OFFICE: OFFICE.read_bytes(), BRANCH: BRANCH.read_bytes()}
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")


def changed(data: bytes, choices: random.Random) -> bytes:
    """A file with some bytes or lines replaced, deleted, repeated, moved or cut off."""
    for _ in range(choices.randint(1, 4)):
        place = choices.randrange(len(data) + 1)
        end = min(len(data), place + choices.choice((1, 1, 2, 8, 40, 400)))
        match choices.randrange(7):
            case 0:
                data = data[:place] + bytes([choices.choice(ALPHABET)]) + data[place + 1 :]
            case 1:
                data = data[:place] + data[end:]
            case 2:
                data = data[:end] + data[place:]
            case 3:
                data = data[:place]
            case 4:
                lines = data.split(b"\n")
                choices.shuffle(lines)
                data = b"\n".join(lines)
            case 5:
                lines = data.split(b"\n")
                one, other = choices.randrange(len(lines)), choices.randrange(len(lines))
                lines[one] = lines[other]
                data = b"\n".join(lines)
            case _:
                words = (b"0", b"-1", b"4294967296", b"255.255.255.255", b"0.0.0.0", b"9" * 30, b"", b"\xc3\xa4", b"*")
                start = data.find(b">" if data.startswith(b"<") else b" ", place) + 1
                stop = data.find(b"<" if data.startswith(b"<") else b" ", start)
                data = data[:start] + choices.choice(words) + data[max(start, stop) :]
    return data


def check(path: Path, data: bytes, lab: Lab) -> ExportReport | None:
    """Load a file; either it is read, or it raises ValueError and changes nothing."""
    before = lab.to_dict()
    try:
        report = lab.load_export(BytesIO(data), "dhcp1")
    except ValueError:
        assert lab.to_dict() == before
        return None
    str(report)
    assert all(part.line >= 1 and part.reason for part in report.unread)
    server = lab.connect("dhcp1", direct=True)
    for scope in server.scopes():  # what was read can be answered
        server.get_scope(scope)
        server.clients(scope)
        server.reservations(scope)
        server.policies(scope=scope)
        server.option_values(scope=scope)
    server.option_definitions()
    server.option_values()
    Lab.from_dict(lab.to_dict())
    return report


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), encoding=st.sampled_from(ENCODINGS))
def test_changed_files_are_read_or_refused(path: Path, seed: int, encoding: str) -> None:
    lab = Lab()
    lab.add_server("dhcp1", "192.0.2.1")
    choices = random.Random(seed)
    data = changed(FOUND[path], choices)
    if encoding != "utf-8":
        text = data.decode("utf-8", "replace").encode(encoding)
        data = changed(text, choices) if choices.random() < 0.2 else text
    check(path, data, lab)


@settings(max_examples=100)
@given(data=st.binary(max_size=300), before=st.sampled_from([b"", b"<DHCPServer>", b"\xff\xfe", b"Dhcp Server x "]))
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    check(OFFICE, before + data, Lab())


class Generated(RawIOBase):
    """An export with many leases that exists only piece by piece."""

    def __init__(self, leases: int) -> None:
        self._leases = leases
        self._pieces = self._text()
        self._rest = b""

    def _text(self) -> Iterator[bytes]:
        yield b"<DHCPServer><IPv4><Scopes><Scope><ScopeId>10.0.0.0</ScopeId><SubnetMask>255.0.0.0</SubnetMask><Leases>"
        for number in range(1, self._leases + 1):
            yield (
                f"<Lease><IPAddress>10.0.{number // 256}.{number % 256}</IPAddress>"
                f"<ClientId>0053{number:08x}</ClientId><AddressState>Active</AddressState>"
                f"<LeaseExpiryTime>2026-09-29T08:00:00</LeaseExpiryTime><HostName>host{number}</HostName></Lease>\n"
            ).encode()
        yield b"</Leases></Scope></Scopes></IPv4></DHCPServer>"

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return 0

    def seek(self, position: int, whence: int = 0) -> int:
        self._pieces, self._rest = self._text(), b""
        return 0

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def test_memory_holds_little_more_than_what_the_lab_keeps() -> None:
    """The elements of a lease take several times what its record takes, so keeping them would show."""
    lab = Lab()
    lab.load_export(OFFICE, "warm-up")
    tracemalloc.start()
    try:
        assert lab.load_export(Generated(4000), "dhcp1").leases == 4000
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept > 4000 * 500
    assert peak - kept < kept
