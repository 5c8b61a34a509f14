"""The bytes that foreign engines made: structures, whole stubs, and stubs with the values they stand for."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

VECTORS = Path(__file__).parent / "vectors"
FIRST = 0x20000


@dataclass(frozen=True)
class Recorded:
    """A recorded stub with the values that it stands for, by their names in the IDL."""

    method: str
    case: str
    direction: str
    ndr64: bool
    stub: bytes
    value: dict

    def __str__(self) -> str:
        return f"{self.method.removeprefix('R_DhcpV4Failover')} {self.direction}: {self.case}"


def recorded() -> list[Recorded]:
    """All recorded stubs."""
    return [
        Recorded(
            entry["method"],
            entry["case"],
            entry["direction"],
            entry["transfer_syntax"] == "NDR64",
            bytes.fromhex(entry["stub"]),
            entry["value"],
        )
        for path in sorted(VECTORS.glob("R_*.json"))
        for entry in json.loads(path.read_text("utf-8"))
    ]


def literals() -> dict[tuple[str, str], bytes]:
    """The bytes of structures and stubs, by name and syntax; ``[00*N]`` is N zero bytes."""
    found = {}
    for line in (VECTORS / "literals.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, syntax, text = line.split()
            digits = re.sub(r"\[00\*(\d+)\]", lambda zeros: "00" * int(zeros[1]), text)
            found[name, syntax] = bytes.fromhex(digits)
    return found


LITERALS = literals()
