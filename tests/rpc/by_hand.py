"""A second reader of the wire, written by hand from the layouts in the documentation and not from the generator's data.

Each structure is a generator: it reads the part in place, yields it as a dictionary with the IDL's names, and then
reads what its pointers point at. Where the documentation says how long the part in place is in NDR20, that is checked.

While it reads, it notes where referents and padding are, so that `canonical` can make equal bytes of equal values.
"""

from collections.abc import Callable, Iterator
from typing import Any

Dict = dict[str, Any]
Structure = Callable[["Walk"], Iterator[Dict]]


class WrongError(Exception):
    """The bytes are no such stub."""


def need(condition: object) -> None:
    if not condition:
        raise WrongError


class Walk:
    """A position in a stub."""

    def __init__(self, data: bytes, word: int = 4) -> None:
        self.data, self.word, self.at = data, word, 0
        self.referents: list[int] = []
        self.padding: list[tuple[int, int]] = []

    def align(self, to: int) -> None:
        skipped = -self.at % to
        if skipped:
            self.padding.append((self.at, skipped))
            self.at += skipped

    def end(self, to: int) -> None:
        """The end of a structure, which NDR64 pads; some write less where nothing follows."""
        if self.word == 8 and self.at < len(self.data):
            self.align(to)
            self.at = min(self.at, len(self.data))

    def raw(self, size: int) -> bytes:
        need(self.at + size <= len(self.data))
        self.at += size
        return self.data[self.at - size : self.at]

    def u(self, size: int) -> int:
        self.align(size)
        return int.from_bytes(self.raw(size), "little")

    def u1(self) -> int:
        return self.u(1)

    def u2(self) -> int:
        return self.u(2)

    def u4(self) -> int:
        return self.u(4)

    def boolean(self) -> int | bool:
        number = self.u(4)
        return bool(number) if number in (0, 1) else number

    def enum(self) -> int:
        return self.u(2 if self.word == 4 else 4)

    def ref(self) -> bool:
        self.align(self.word)
        self.referents.append(self.at)
        return self.u(self.word) != 0

    def string(self) -> str:
        most, offset, actual = self.u(self.word), self.u(self.word), self.u(self.word)
        need(offset == 0 and 0 < actual <= most)
        units = self.raw(actual * 2)
        need(units[-2:] == b"\0\0")
        return units[:-2].decode("utf-16-le", "surrogatepass")

    def text(self, it: Dict, name: str) -> None:
        it[name] = self.string() if it[name] else None

    def counted(self, it: Dict, name: str, count: str, size: int) -> None:
        """Bytes or numbers behind a pointer."""
        if not it[name]:
            it[name] = None
            return
        need(self.u(self.word) == it[count])
        data = self.raw(it[count] * size)
        it[name] = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
        if size < 4:
            it[name] = data.hex()

    def many(self, it: Dict, name: str, count: str, structure: Structure) -> None:
        """Structures behind a pointer: all parts in place, then the rest of each."""
        if not it[name]:
            it[name] = None
            return
        need(self.u(self.word) == it[count] and it[count] <= len(self.data))
        walks = [structure(self) for _ in range(it[count])]
        it[name] = [next(walk) for walk in walks]
        for walk in walks:
            rest(walk)

    def pointers(self, it: Dict, name: str, count: str, structure: Structure) -> None:
        if not it[name]:
            it[name] = None
            return
        need(self.u(self.word) == it[count] and it[count] <= len(self.data))
        present = [self.ref() for _ in range(it[count])]
        it[name] = [self.whole(structure) if one else None for one in present]

    def one(self, it: Dict, name: str, structure: Structure) -> None:
        it[name] = self.whole(structure) if it[name] else None

    def whole(self, structure: Structure) -> Dict:
        walk = structure(self)
        made = next(walk)
        rest(walk)
        return made

    def fixed(self, start: int, size: int) -> None:
        """Check the size of a part in place."""
        need(self.word == 8 or self.at - start == size)


def rest(walk: Iterator[Dict]) -> None:
    for _ in walk:
        raise AssertionError("a structure has one part in place")


def start(w: Walk, pointers: bool = True) -> int:
    w.align(w.word if pointers else 4)
    return w.at


# What several families share


def date_time(w: Walk) -> Iterator[Dict]:
    yield {"dwLowDateTime": w.u4(), "dwHighDateTime": w.u4()}


def ip_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
    yield it
    w.counted(it, "Elements", "NumElements", 4)


def binary_data(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"DataLength": w.u4(), "Data": w.ref()}
    yield it
    w.counted(it, "Data", "DataLength", 1)


def host_info(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"IpAddress": w.u4(), "NetBiosName": w.ref(), "HostName": w.ref()}
    w.fixed(at, 12)
    yield it
    w.text(it, "NetBiosName")
    w.text(it, "HostName")


def union(w: Walk, tag: int, wide: int = 8) -> None:
    """The second tag, two bytes with the arm aligned by itself; in NDR64, both at the largest alignment."""
    if w.word == 8:
        w.align(wide)
    need(w.enum() == tag)
    if w.word == 8:
        w.align(wide)


def search_info(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"SearchType": w.enum()}
    union(w, it["SearchType"])
    arm: Dict = {}
    it["SearchInfo"] = arm
    behind = None
    if it["SearchType"] == 0:
        arm["ClientIpAddress"] = w.u4()
    elif it["SearchType"] == 1:
        behind = binary_data(w)
        arm["ClientHardwareAddress"] = next(behind)
    else:
        need(it["SearchType"] == 2)
        arm["ClientName"] = w.ref()
    w.end(8)
    yield it
    if behind:
        rest(behind)
    if it["SearchType"] == 2:
        w.text(arm, "ClientName")


# Failover


def relationship(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"primaryServer": w.u4(), "secondaryServer": w.u4()}
    it |= {name: w.enum() for name in ("mode", "serverType", "state", "prevState")}
    it |= {"mclt": w.u4(), "safePeriod": w.u4()}
    it |= {name: w.ref() for name in ("relationshipName", "primaryServerName", "secondaryServerName", "pScopes")}
    it |= {"percentage": w.u1(), "pSharedSecret": w.ref()}
    w.fixed(at, 48)
    need(w.word == 4 or w.at - at == 80)
    yield it
    for name in ("relationshipName", "primaryServerName", "secondaryServerName"):
        w.text(it, name)
    w.one(it, "pScopes", ip_array)
    w.text(it, "pSharedSecret")


def relationship_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"numElements": w.u4(), "pRelationships": w.ref()}
    yield it
    w.many(it, "pRelationships", "numElements", relationship)


def statistics(w: Walk) -> Iterator[Dict]:
    names = "numAddr addrFree addrInUse partnerAddrFree thisAddrFree partnerAddrInUse thisAddrInUse"
    yield {name: w.u4() for name in names.split()}


def record(w: Walk) -> tuple[Dict, Callable[[], None]]:
    """The members with which every record of a client begins."""
    it: Dict = {"ClientIpAddress": w.u4(), "SubnetMask": w.u4()}
    identifier = binary_data(w)
    it["ClientHardwareAddress"] = next(identifier)
    it |= {"ClientName": w.ref(), "ClientComment": w.ref(), "ClientLeaseExpires": w.whole(date_time)}
    owner = host_info(w)
    it |= {"OwnerHost": next(owner), "bClientType": w.u1()}

    def behind() -> None:
        rest(identifier)
        w.text(it, "ClientName")
        w.text(it, "ClientComment")
        rest(owner)

    return it, behind


def quarantine(w: Walk) -> Dict:
    return {
        "AddressState": w.u1(),
        "Status": w.enum(),
        "ProbationEnds": w.whole(date_time),
        "QuarantineCapable": w.boolean(),
    }


def failover_client(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it, behind = record(w)
    it |= quarantine(w)
    for name in ("SentPotExpTime", "AckPotExpTime", "RecvPotExpTime", "StartTime", "CltLastTransTime"):
        it[name] = w.u4()
    it |= {"LastBndUpdTime": w.u4(), "bndMsgStatus": w.u4(), "PolicyName": w.ref(), "flags": w.u1()}
    w.fixed(at, 93)
    w.end(8)
    yield it
    behind()
    w.text(it, "PolicyName")


# Clients


def client_pb(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it, behind = record(w)
    it |= quarantine(w) | {"FilterStatus": w.u4(), "PolicyName": w.ref()}
    w.fixed(at, 68)
    yield it
    behind()
    w.text(it, "PolicyName")


def client_pb_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Clients": w.ref()}
    yield it
    w.pointers(it, "Clients", "NumElements", client_pb)


def client_v4(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it, behind = record(w)
    w.fixed(at, 45)
    w.end(8)
    yield it
    behind()


# Scopes


def subnet_info(w: Walk) -> Iterator[Dict]:
    w.align(8)
    at = w.at
    it: Dict = {"SubnetAddress": w.u4(), "SubnetMask": w.u4(), "SubnetName": w.ref(), "SubnetComment": w.ref()}
    host = host_info(w)
    it |= {"PrimaryHost": next(host), "SubnetState": w.enum(), "QuarantineOn": w.u4()}
    it |= {"Reserved1": w.u4(), "Reserved2": w.u4(), "Reserved3": w.u(8), "Reserved4": w.u(8)}
    w.fixed(at, 64)
    yield it
    w.text(it, "SubnetName")
    w.text(it, "SubnetComment")
    rest(host)


def super_scope_entry(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"SubnetAddress": w.u4(), "SuperScopeNumber": w.u4(), "NextInSuperScope": w.u4()}
    it["SuperScopeName"] = w.ref()
    w.fixed(at, 16)
    yield it
    w.text(it, "SuperScopeName")


def super_scope_table(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"cEntries": w.u4(), "pEntries": w.ref()}
    yield it
    w.many(it, "pEntries", "cEntries", super_scope_entry)


# Elements


def ip_range(w: Walk) -> Iterator[Dict]:
    yield {"StartAddress": w.u4(), "EndAddress": w.u4()}


def bootp_ip_range(w: Walk) -> Iterator[Dict]:
    yield {"StartAddress": w.u4(), "EndAddress": w.u4(), "BootpAllocated": w.u4(), "MaxBootpAllowed": w.u4()}


def reservation_v4(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"ReservedIpAddress": w.u4(), "ReservedForClient": w.ref(), "bAllowedClientTypes": w.u1()}
    w.end(8)
    yield it
    w.one(it, "ReservedForClient", binary_data)


def cluster(w: Walk) -> Iterator[Dict]:
    yield {"ClusterAddress": w.u4(), "ClusterMask": w.u4()}


ELEMENTS: dict[int, tuple[str, Structure]] = {
    0: ("IpRange", bootp_ip_range),
    1: ("SecondaryHost", host_info),
    2: ("ReservedIp", reservation_v4),
    3: ("ExcludeIpRange", ip_range),
    4: ("IpUsedCluster", cluster),
}


def element(w: Walk) -> Iterator[Dict]:
    """The tag is 0 for the types 5, 6 and 7."""
    at = start(w)
    it: Dict = {"ElementType": w.enum()}
    tag = 0 if it["ElementType"] in (5, 6, 7) else it["ElementType"]
    union(w, tag)
    need(tag in ELEMENTS)
    name, structure = ELEMENTS[tag]
    arm: Dict = {name: w.ref()}
    it["Element"] = arm
    w.fixed(at, 8)
    yield it
    w.one(arm, name, structure)


def element_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
    yield it
    w.many(it, "Elements", "NumElements", element)


def reservation_info(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"ReservedIpAddress": w.u4()}
    identifier = binary_data(w)
    it |= {"ReservedForClient": next(identifier), "ReservedClientName": w.ref(), "ReservedClientDesc": w.ref()}
    it |= {"bAllowedClientTypes": w.u1(), "fOptionsPresent": w.u1()}
    w.fixed(at, 22)
    w.end(8)
    yield it
    rest(identifier)
    w.text(it, "ReservedClientName")
    w.text(it, "ReservedClientDesc")


def reservation_info_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
    yield it
    w.pointers(it, "Elements", "NumElements", reservation_info)
