"""A record is what ``dataclass(frozen=True, slots=True)`` makes of the same class."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from dhcpfo.models.base import Record, record


@record
class Point(Record):
    """A record."""

    x: int
    y: int = 0
    note: str = field(default="", repr=False)
    tags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataclass:
    """The same as a dataclass."""

    x: int
    y: int = 0
    note: str = field(default="", repr=False)
    tags: Mapping[str, int] = field(default_factory=dict)


@record(kw_only=True)
class Named(Record):
    """A record that is made with keywords."""

    code: int | None = None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDataclass:
    """The same as a dataclass."""

    code: int | None = None
    name: str


both = pytest.mark.parametrize(
    ("ours", "theirs", "values"),
    [
        (Point, Dataclass, {"x": 1, "y": 2, "note": "hidden", "tags": {"a": 1}}),
        (Point, Dataclass, {"x": 1}),
        (Named, NamedDataclass, {"name": "a"}),
        (Named, NamedDataclass, {"name": "a", "code": 5}),
    ],
)


@both
def test_the_values(ours, theirs, values):
    one, other = ours(**values), theirs(**values)
    assert repr(one) == repr(other).replace(theirs.__name__, ours.__name__)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert one == ours(**values) != other
    assert one != dataclasses.replace(one, **{next(iter(values)): "other"})
    assert (one == 1, one.__eq__(1)) == (False, NotImplemented)


def test_the_class():
    for ours, theirs in ((Point, Dataclass), (Named, NamedDataclass)):
        assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
        assert ours.__init__.__annotations__ == theirs.__init__.__annotations__
        assert (ours.__slots__, ours.__match_args__) == (theirs.__slots__, theirs.__match_args__)
        assert not hasattr(ours(*["a"][: ours is Point], **{"name": "a"} if ours is Named else {}), "__dict__")
    with pytest.raises(TypeError, match="positional argument"):
        Named("a")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()


def test_hashing():
    assert hash(Named(name="a", code=1)) == hash(Named(name="a", code=1)) == hash(NamedDataclass(name="a", code=1))
    with pytest.raises(TypeError, match="unhashable type: 'dict'"):
        hash(Point(1))


def test_a_default_is_made_at_each_call():
    one, other = Point(1), Point(1)
    one.tags["a"] = 1
    assert (one.tags, other.tags) == ({"a": 1}, {})


@both
def test_pickles_and_copies(ours, theirs, values):
    one, other = ours(**values), theirs(**values)
    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == copy.deepcopy(one) == one
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert one.__reduce_ex__(protocol)[2] == other.__reduce_ex__(protocol)[2]


@both
def test_nothing_can_be_set(ours, theirs, values):
    for one in (ours(**values), theirs(**values)):
        name = next(iter(values))
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(one, name, 2)
        with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(one, name)
