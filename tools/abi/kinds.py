"""The words in which the API is described: fields, structures, parameters, functions.

The *kind* of a field says everything about it: its place in memory, who frees it, and how it is converted.

=============  ==============================  ====================================================
kind           C                               Python
=============  ==============================  ====================================================
num            a number                        int
bool           BOOL                            bool
enum:E         a 32-bit number or a BYTE       a member of the enumeration E
flags:E        a 32-bit number                 the flags E
ip             a 32-bit number                 IPv4Address
level          ip; `count` is BOOL             IPv4Address, None where the BOOL is set
seconds        DWORD                           timedelta
milliseconds   USHORT                          timedelta
minutes        DWORD                           timedelta
interval       DWORD, 0xFFFFFFFF for never     timedelta, None for never
unix           DWORD, seconds since 1970       datetime, None for 0
clock          DWORD, seconds since 1970       datetime
filetime       DATE_TIME                       datetime, None for never
text           LPWSTR                          str, None for NULL
name           LPWSTR that should not be NULL  str
secret         LPWSTR, wiped before it is free Secret, None for NULL
binary         DHCP_BINARY_DATA                bytes
bytes          BYTE *, counted by `count`      bytes
block          BYTE *, counted by `count`      bytes, NULL for none
addresses      LPDHCP_IP_ARRAY                 Addresses
struct         a structure                     its model
pointer        a pointer to a structure        its model, None for NULL
array          structures, counted by `count`  tuple of models
pointers       pointers to them, `count`       tuple of models
count          a number that counts            (the length of what it counts)
reserved       a number                        (0)
=============  ==============================  ====================================================
"""

from dataclasses import dataclass

__all__ = [
    "Array",
    "Const",
    "Count",
    "F",
    "Filled",
    "Function",
    "In",
    "InStruct",
    "Level",
    "Maximum",
    "Member",
    "Numbers",
    "Out",
    "Parameter",
    "Parts",
    "Read",
    "Resume",
    "Struct",
    "Total",
    "Union",
]

ENUM, FLAGS = "enum:", "flags:"

# Size and alignment on 64-bit and 32-bit Windows; any other name is a structure or, with LP or *, a pointer.
NUMBERS = {"BYTE": 1, "WORD": 2, "USHORT": 2, "DWORD": 4, "ULONG": 4, "BOOL": 4, "DWORDLONG": 8}

ALIASES = {"DHCP_CLIENT_UID": "DHCP_BINARY_DATA"}
"""Other names of structures."""

ENUMS32 = (
    "DHCP_IP_ADDRESS",
    "DHCP_IP_MASK",
    "DHCP_RESUME_HANDLE",
    "DHCP_FAILOVER_MODE",
    "DHCP_FAILOVER_SERVER",
    "FSM_STATE",
    "DHCP_SEARCH_INFO_TYPE",
    "QuarantineStatus",
    "DHCP_ATTRIB_ID",
    "DHCP_SUBNET_STATE",
    "DHCP_SUBNET_ELEMENT_TYPE",
    "DHCP_OPTION_ID",
    "DHCP_OPTION_SCOPE_TYPE",
    "DHCP_OPTION_DATA_TYPE",
    "DHCP_OPTION_TYPE",
    "DHCP_POL_ATTR_TYPE",
    "DHCP_POL_COMPARATOR",
    "DHCP_POL_LOGIC_OPER",
    "DHCP_PROPERTY_ID",
    "DHCP_PROPERTY_TYPE",
    "DHCP_FILTER_LIST_TYPE",
)
"""Names of 32-bit numbers. The SDK's enumerations are 4 bytes, too; as numbers, unknown values pass unharmed."""


@dataclass(frozen=True)
class F:
    """A field: its C name and type, its kind, and the model's attribute.

    ``count`` names the field that counts what a pointer points at.
    """

    name: str
    type: str
    kind: str = "num"
    py: str | None = None
    count: str | None = None

    @property
    def pointer(self) -> bool:
        """Whether C stores a pointer."""
        return self.type.startswith("LP") or self.type.endswith("*")

    @property
    def pointee(self) -> str:
        """The type that the pointer points at, or that the pointers of an array point at."""
        return self.type.removesuffix("*").strip().removeprefix("LP")

    @property
    def enumeration(self) -> str | None:
        """The name of the Python enumeration, if there is one."""
        return self.kind.partition(":")[2] or None


@dataclass(frozen=True)
class Union:
    """A union: the field that says which arm is used, and the arms by the values of that field.

    ``name`` is empty where C has no name for it. The model's attribute ``py`` holds the value of the arm. Where
    ``refuse`` is set, a provider answers 87 to another tag and to a NULL pointer. Tags in ``masked`` travel as 0.
    """

    name: str
    tag: str
    py: str
    arms: tuple[tuple[int, F], ...]
    refuse: bool = False
    masked: tuple[int, ...] = ()

    @property
    def fields(self) -> tuple[F, ...]:
        """Its fields as C declares them; several tags may use the same one."""
        return tuple({arm.name: arm for _, arm in self.arms}.values())


Member = F | Union


@dataclass(frozen=True)
class Struct:
    """A structure and its model.

    ``c`` is given where this is another model for fields of the structure of that name. ``by_hand`` says that its two
    converters are in ``src/by_hand/structs_FAMILY.pxi``; ``slots`` then lists the model's attributes that they set.
    ``anonymous`` says that the Windows SDK has no name for the structure.
    """

    name: str
    fields: tuple[Member, ...]
    model: str | None = None
    c: str | None = None
    by_hand: bool = False
    slots: tuple[str, ...] = ()
    anonymous: bool = False

    @property
    def c_name(self) -> str:
        """The name of the structure in C."""
        return self.c or self.name

    @property
    def items(self) -> F | None:
        """The one array of a structure that is nothing but a counted array; reserved fields do not count."""
        fields = [member for member in self.fields if isinstance(member, Union) or member.kind != "reserved"]
        return fields[1] if len(fields) == 2 and isinstance(fields[1], F) and fields[1].count else None


@dataclass(frozen=True)
class In:
    """A parameter by value, or a text.

    ``null`` says how a provider treats a NULL text: "refuse" answers 87, "none" passes None on, because the
    specification checks the caller's rights first, "optional" passes None on because it has a meaning. A text with
    ``ref`` cannot be NULL on the wire.
    """

    name: str
    kind: str
    py: str
    null: str = "refuse"
    ref: bool = False

    @property
    def c(self) -> str:
        """The C type."""
        return number_type(self.kind)


def number_type(kind: str) -> str:
    """The C type of a parameter of a kind; DWORD for numbers and enumerations."""
    return {"text": "LPWSTR", "ip": "DHCP_IP_ADDRESS", "bool": "BOOL", "milliseconds": "USHORT"}.get(kind, "DWORD")


@dataclass(frozen=True)
class InStruct:
    """A structure that is made of a model; ``null`` may be "zeros": NULL is taken for an empty structure.

    ``needed`` names the pointers in it to which a provider answers 87 where they are NULL.
    """

    name: str
    struct: str
    py: str
    null: str = "refuse"
    const: bool = False
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level:
    """Two parameters for the server, which is None, or a scope: a BOOL for the server, and the scope's address.

    A provider answers 87 where both are given.
    """

    whole: str
    name: str
    py: str


@dataclass(frozen=True)
class Parts:
    """A structure of which some fields are arguments; ``needed`` names the one that must not be NULL.

    ``rest`` is the structure of a model for other fields, and the argument with that model.
    """

    name: str
    struct: str
    fields: tuple[tuple[str, str], ...]
    needed: str
    rest: tuple[str, str] | None = None


@dataclass(frozen=True)
class Const:
    """A parameter that always has one value; ``checked`` says whether a provider answers 87 to another value."""

    name: str
    c: str = "DWORD"
    value: int = 0
    checked: bool = True


@dataclass(frozen=True)
class Array:
    """An array of numbers, counted by the `Count` before it."""

    name: str
    c: str
    kind: str
    py: str


@dataclass(frozen=True)
class Count:
    """The parameter that counts an `Array`, which has the same ``py``; ``most`` travel."""

    name: str
    py: str
    most: int


@dataclass(frozen=True)
class Out:
    """A pointer to an answered structure.

    ``also`` is a code with which there may be an answer, too; ``fewer_than`` names the argument that says how many
    elements an answer without that code has. ``empty`` says that NULL is an empty answer. ``depth_unsure`` says that
    the specification's IDL has one pointer less than C: the answer may come with or without the outer referent.
    """

    name: str
    struct: str
    also: int | None = None
    fewer_than: str | None = None
    empty: bool = False
    depth_unsure: bool = False


@dataclass(frozen=True)
class Filled:
    """A structure of the caller that the function fills, and its model. Such functions are written by hand."""

    name: str
    struct: str
    model: str


@dataclass(frozen=True)
class Numbers:
    """Answered numbers, one parameter each, and the model or enumeration that they become.

    Each is (name, kind, attribute of the model, whether a caller may leave it out). Those in ``unsent`` are not in the
    protocol: over the wire, they are None.
    """

    model: str
    outs: tuple[tuple[str, str, str, bool], ...]
    unsent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resume:
    """The handle of an enumeration, in and out: a number, or a structure of the caller (written by hand)."""

    name: str = "ResumeHandle"
    struct: str | None = None


@dataclass(frozen=True)
class Maximum:
    """The preferred maximum of an enumeration."""

    name: str = "PreferredMaximum"


@dataclass(frozen=True)
class Read:
    """The number of answered elements."""

    name: str


@dataclass(frozen=True)
class Total:
    """The number of elements that are left."""

    name: str


Parameter = (
    In | InStruct | Level | Parts | Const | Array | Count | Out | Filled | Numbers | Resume | Maximum | Read | Total
)


@dataclass(frozen=True)
class Function:
    """A function of the API.

    Args:
        name: Its name in the DLL.
        method: The method of `ManagementApi`.
        opnum: Its interface and number there.
        section: Its section in [MS-DHCPM].
        access: A member of `dhcpfo.api.Access`.
        takes: The parameters after the server, in C's order.
        public: The methods of `Server`, where it has another name or several do.
        about: Keywords for the error of a failed call, each with an expression of the arguments.
        order: The arguments of the method, where their order is not C's.
        by_hand: Its method and its provider function are in ``native_FAMILY.pxi`` and ``loopback_FAMILY.pxi`` of
            ``src/by_hand``.
        local: Its parameters as C declares them, if it is not a call to a server. Then it has no method and no number,
            and both its ends are written by hand.
    """

    name: str
    method: str
    opnum: tuple[str, int]
    section: str
    access: str
    takes: tuple[Parameter, ...]
    public: str | tuple[str, ...] | None = None
    about: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] | None = None
    by_hand: bool = False
    local: tuple[str, ...] | None = None

    @property
    def enumeration(self) -> bool:
        """Whether it answers pages."""
        return any(isinstance(parameter, Resume) for parameter in self.takes)

    def find(self, kind: type[Out] | type[Numbers]) -> "Out | Numbers | None":
        """Return its parameter of that class."""
        return next((parameter for parameter in self.takes if isinstance(parameter, kind)), None)

    @property
    def answer(self) -> Out | None:
        """The parameter with the answered structure."""
        found = self.find(Out)
        return found if isinstance(found, Out) else None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters as C declares them."""
        if self.local is not None:
            return self.local
        return ("LPWSTR ServerIpAddress", *(text for parameter in self.takes for text in declared(parameter)))

    @property
    def returns(self) -> str:
        """The type of the result."""
        return "VOID" if self.name == "DhcpRpcFreeMemory" else "DWORD"


def pointer_to(kind: str) -> str:
    """The C type of a pointer to an answered number, as it stands before the name."""
    return "LPDWORD " if number_type(kind) == "DWORD" else f"{number_type(kind)} *"


def declared(parameter: Parameter) -> list[str]:
    """The C declarations of one parameter of the data."""
    match parameter:
        case In(name=name) | Const(name=name):
            return [f"{parameter.c} {name}"]
        case InStruct(name=name, struct=struct, const=True):
            return [f"const {struct} *{name}"]
        case InStruct() | Parts() | Filled():
            return [f"LP{parameter.struct} {parameter.name}"]
        case Resume(name=name, struct=str(struct)):
            return [f"LP{struct} {name}"]
        case Level(whole=whole, name=name):
            return [f"BOOL {whole}", f"DHCP_IP_ADDRESS {name}"]
        case Array(name=name, c=c):
            return [f"{c} *{name}"]
        case Out(name=name, struct=struct):
            return [f"LP{struct} *{name}"]
        case Numbers(outs=outs):
            return [f"{pointer_to(kind)}{name}" for name, kind, _, _ in outs]
        case Resume(name=name):
            return [f"DHCP_RESUME_HANDLE *{name}"]
        case Maximum(name=name) | Count(name=name):
            return [f"DWORD {name}"]
        case Read(name=name) | Total(name=name):
            return [f"LPDWORD {name}"]
