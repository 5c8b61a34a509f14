"""The format of a file: what may be written where. The JSON Schema and the checks both come from here."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from .conditions import Condition, goes_together, has_dns_name
from .nodes import Hidden
from .values import (
    Address,
    Attempts,
    Bytes,
    ClientId,
    Clients,
    Count,
    Delay,
    Lease,
    Mclt,
    Name,
    Pattern,
    Percentage,
    PolicyWords,
    RelationshipName,
    ScopeKey,
    Span,
    Suffix,
    Switch,
    Texts,
    Title,
    Truth,
    Words,
    choice,
    wrong,
)

__all__ = [
    "Absent",
    "AbsentElements",
    "Definition",
    "Document",
    "Filters",
    "Limits",
    "OptionClass",
    "Pair",
    "Policies",
    "Policy",
    "Relationship",
    "Scope",
    "SecretSource",
    "ServerWide",
    "Values",
    "When",
]


def _key(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Base(BaseModel):
    """A mapping with known keys. A key that is not written is None: not managed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=_key, arbitrary_types_allowed=True, hide_input_in_errors=True
    )


class Owned(Base):
    """Elements of which there should be these, or ``{only: true, list: ...}``: exactly these."""

    only: Truth = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and set(value) == {"only", "list"}:
            return value
        if isinstance(value, list if issubclass(cls, Listed) else Mapping):
            return {"list": value}
        raise wrong(f"must be a {'list' if issubclass(cls, Listed) else 'mapping'}, or only: true with list:")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Allow the short form, too."""
        long = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [long["properties"]["list"], long]}


class Listed(Owned):
    """A list with its ownership."""


class ScopeList(Listed):
    """Scopes."""

    items: tuple[ScopeKey, ...] = Field(alias="list")


class SpanList(Listed):
    """Ranges of addresses."""

    items: tuple[Span, ...] = Field(alias="list")


class Values(Owned):
    """Option values by the name or the number of the option."""

    items: dict[Title, Texts] = Field(alias="list")


class When(Base):
    """The conditions of a policy: one as a text, or a list of which all or any must be fulfilled."""

    all_: "tuple[When, ...] | None" = None
    any_: "tuple[When, ...] | None" = None
    condition: Condition | None = None

    @property
    def parts(self) -> "tuple[When, ...]":
        """The conditions and groups of a list."""
        return self.all_ or self.any_ or ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"condition": value}
        if not isinstance(value, Mapping) or len(value) != 1 or not set(value) <= {"all", "any"}:
            raise wrong("must be a condition, or have exactly one of all, any with a list of conditions")
        return value

    @model_validator(mode="after")
    def _check(self) -> "When":
        if self.condition is not None:
            return self
        if not self.parts:
            raise wrong("must have a condition")
        for group in self.parts:
            if group.condition is not None:
                continue
            if group.all_ is None or any(one.condition is None for one in group.parts):
                raise wrong("a list inside must be all, with conditions and no lists")
            if not goes_together(one.condition for one in group.parts if one.condition is not None):
                raise wrong("a list inside must have conditions on one attribute, all or none of them with not")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A text, or an object with one list."""
        inside = {"type": "object", "properties": {"all": _TEXTS}, "required": ["all"], "additionalProperties": False}
        parts = {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, inside]}}
        long = {"type": "object", "properties": {"all": parts, "any": parts}, "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [{"type": "string"}, long | {"additionalProperties": False}]}


_TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string"}}


class Policy(Base):
    """A policy; its key is the name."""

    description: PolicyWords | None = None
    enabled: Truth | None = None
    when: When | None = None
    ranges: tuple[Span, ...] | None = None
    dns_suffix: Suffix | None = None
    options: Values | None = None

    @model_validator(mode="after")
    def _check(self) -> "Policy":
        if self.ranges and self.when is not None and has_dns_name(self.when):
            raise wrong("must not have ranges together with a condition on the DNS name")
        return self


class Policies(Owned):
    """Policies by name, in the order in which a server tries them."""

    items: dict[Title, Policy] = Field(alias="list")


class FilterEntries(Owned):
    """Link-layer filters: a description for each pattern."""

    items: dict[Pattern, Words] = Field(alias="list")


class Enforced(Base):
    """Which lists of filters are in force."""

    allow: Truth | None = None
    deny: Truth | None = None


class Filters(Base):
    """The link-layer filters of a server."""

    enabled: Enforced | None = None
    allow: FilterEntries | None = None
    deny: FilterEntries | None = None


class ServerWide(Base):
    """What both servers have for all scopes."""

    options: Values | None = None
    policies: Policies | None = None
    policies_enforced: Truth | None = None
    filters: Filters | None = None
    conflict_detection: Attempts | None = None


class SecretSource(Base):
    """Where the text of a shared secret comes from."""

    env: Name | None = None
    file: Name | None = None
    keyring: Name | None = None
    prompt: Truth | None = None
    inline: Hidden | None = None
    none: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, Hidden):
            if value.secret is not None and not value.secret.reveal():
                raise wrong("must not be empty; write none to go without authentication")
            return {"inline": value}
        if value == "none":
            return {"none": True}
        if not isinstance(value, Mapping):
            raise wrong("must be none, a text, or one of env, file, keyring, prompt")
        if len(value) != 1:
            raise wrong("must have exactly one of env, file, keyring, prompt")
        if set(value) & {"inline", "none"}:
            raise wrong("must be none, a text, or one of env, file, keyring, prompt")
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A text, or an object with one key."""
        keys: dict[str, Any] = {name: {"type": "string"} for name in ("env", "file", "keyring")}
        keys["prompt"] = {"type": ["boolean", "string"]}
        long = {"type": "object", "properties": keys, "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [{"type": "string"}, long | {"additionalProperties": False}]}


class Relationship(Base):
    """The terms of a relationship, and its scopes."""

    mode: choice("load-balance", "hot-standby") | None = None  # type: ignore[valid-type]
    percent: Percentage | None = None
    reserve: Percentage | None = None
    mclt: Mclt | None = None
    switch: Switch = None
    secret: SecretSource | None = None
    scopes: ScopeList | None = None
    primary: Name | None = None
    keep: Name | None = None
    existing: choice("refuse", "complete", "overwrite") | None = None  # type: ignore[valid-type]


class Reservation(Base):
    """A reservation; its key is the address."""

    client: ClientId | None = None
    name: Words | None = None
    description: Words | None = None
    kind: choice("dhcp", "bootp", "both") | None = None  # type: ignore[valid-type]
    options: Values | None = None


class Reservations(Owned):
    """Reservations by address."""

    items: dict[Address, Reservation] = Field(alias="list")


class AbsentElements(Base):
    """What a scope must not have."""

    reservations: tuple[Address, ...] = ()
    exclusions: tuple[Span, ...] = ()
    options: tuple[Name, ...] = ()
    policies: tuple[Title, ...] = ()


class Scope(Base):
    """The contents of a scope."""

    name: Words | None = None
    comment: Words | None = None
    enabled: Truth | None = None
    range: Span | None = None
    range_type: choice("dhcp", "bootp", "both") | None = None  # type: ignore[valid-type]
    max_bootp: Clients | None = None
    exclusions: SpanList | None = None
    reservations: Reservations | None = None
    options: Values | None = None
    lease: Lease | None = None
    delay: Delay | None = None
    superscope: Words | None = None
    policies: Policies | None = None
    policies_enforced: Truth | None = None
    absent: AbsentElements | None = None


class Relationships(Owned):
    """Relationships by name."""

    items: dict[RelationshipName, Relationship] = Field(alias="list")


class Limits(Base):
    """How much one run may delete or change, as parts of what there is."""

    delete: Percentage | None = None
    change: Percentage | None = None
    from_: Count | None = None


class OptionClass(Base):
    """A user or vendor class; its key is the name."""

    type: choice("vendor", "user")  # type: ignore[valid-type]
    data: Words | None = None
    hex: Bytes | None = None
    description: Words | None = None

    @model_validator(mode="after")
    def _check(self) -> "OptionClass":
        if (self.data is None) is (self.hex is None):
            raise wrong("must have exactly one of data, hex")
        return self


class Definition(Base):
    """The definition of an option; its key is the number, with the class behind it in brackets."""

    name: Title
    type: choice(  # type: ignore[valid-type]
        "byte", "word", "dword", "dword-dword", "ip-address", "string", "binary", "encapsulated", "ipv6-address"
    )
    multivalued: Truth = False
    default: Texts | None = None
    description: Words | None = None


class Defaults(ServerWide):
    """Values for all pairs, or for those with a profile."""

    classes: dict[Title, OptionClass] | None = None
    definitions: dict[Title, Definition] | None = None
    relationship: Relationship | None = None
    scope: Scope | None = None
    limits: Limits | None = None


class Absent(Base):
    """What a pair must not have."""

    relationships: tuple[RelationshipName, ...] = ()
    keep: Name | None = None
    classes: tuple[Title, ...] = ()
    definitions: tuple[Name, ...] = ()
    options: tuple[Name, ...] = ()
    policies: tuple[Title, ...] = ()
    filters: tuple[Pattern, ...] = ()


class Pair(ServerWide):
    """Two servers and their relationships. The first server is the primary."""

    servers: tuple[Name, ...]
    profile: Name | None = None
    addresses: tuple[Address, ...] | None = None
    classes: dict[Title, OptionClass] | None = None
    definitions: dict[Title, Definition] | None = None
    relationships: Relationships | None = None
    scopes: dict[ScopeKey, Scope] | None = None
    absent: Absent | None = None
    limits: Limits | None = None

    @model_validator(mode="after")
    def _check(self) -> "Pair":
        if len(self.servers) != 2:
            raise wrong(f"servers must have two servers, got {len(self.servers)}")
        if self.servers[0].casefold() == self.servers[1].casefold():
            raise wrong("servers must be two different servers")
        if self.addresses is not None and len(self.addresses) != 2:
            raise wrong(f"addresses must have an address of each server, got {len(self.addresses)}")
        return self


class Document(Base):
    """A document of a file."""

    version: choice("1")  # type: ignore[valid-type]
    include: Texts = ()
    defaults: Defaults | None = None
    profiles: dict[Title, Defaults] | None = None
    pairs: dict[Title, Pair] | None = None
