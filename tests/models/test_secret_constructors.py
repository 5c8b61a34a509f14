"""A secret beside a wrong argument, or itself wrong: no traceback with variables, message, pickle or YAML shows it."""

import copy
import dataclasses
import json
import pickle
import pickletools

import pytest

from dhcpfo import Relationship, Secret
from dhcpfo.models import RelationshipValues
from examples import RELATIONSHIP
from leftovers import shown

MARKER = "correct-horse-8061"
BESIDE = {"text": MARKER, "bytes": MARKER.encode(), "Secret": Secret(MARKER), "bytearray": bytearray(MARKER, "utf-8")}
UNUSABLE = {
    "not UTF-8": MARKER.encode() + b"\xff",
    "UTF-16": b"\xff\xfe" + MARKER.encode(),
    "bytearray": bytearray(MARKER.encode() + b"\xff"),
    "list": [MARKER],
    "tuple": (MARKER,),
    "dict": {MARKER: MARKER},
    "object": type("Vault", (), {"__repr__": lambda self: MARKER})(),
}


def arguments_of(value):
    return {entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value)}


MAKERS = {
    "Relationship": lambda changes: Relationship(**arguments_of(RELATIONSHIP) | changes),
    "RelationshipValues": lambda changes: RelationshipValues(**changes),
    "replace": lambda changes: RELATIONSHIP.replace(**changes),
    "dataclasses.replace": lambda changes: dataclasses.replace(RELATIONSHIP, **changes),
    "copy.replace": lambda changes: RELATIONSHIP.__replace__(**changes),
}
WRONG = [(name, entry.name) for name in MAKERS for entry in dataclasses.fields(RELATIONSHIP)]


@pytest.mark.parametrize("secret", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize(("maker", "field"), WRONG)
def test_a_wrong_argument_beside_a_secret(maker, field, secret):
    if field == "shared_secret" or (maker == "RelationshipValues" and not hasattr(RelationshipValues, field)):
        field = "mclt"
    with pytest.raises((TypeError, ValueError)) as caught:
        MAKERS[maker]({"shared_secret": secret, field: object()})
    assert shown(MARKER, caught.value) == []


@pytest.mark.parametrize("secret", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize("maker", [*MAKERS, "Secret"])
def test_an_unusable_secret(maker, secret):
    with pytest.raises((TypeError, ValueError), match=r"^shared_secret must be ") as caught:
        Secret(secret) if maker == "Secret" else MAKERS[maker]({"shared_secret": secret})
    assert shown(MARKER, caught.value) == []


@pytest.mark.parametrize("given", BESIDE.values(), ids=BESIDE)
def test_text_and_bytes_are_the_same_secret(given):
    assert Secret(given).reveal() == MARKER
    assert RELATIONSHIP.replace(shared_secret=given).shared_secret.reveal() == MARKER
    assert RelationshipValues(shared_secret=given).shared_secret.reveal() == MARKER
    assert Secret("pässwörd".encode()) == "pässwörd"


# Copies: between processes, and for people.


@pytest.mark.parametrize("value", [Secret(MARKER), RELATIONSHIP.replace(shared_secret=MARKER)], ids=["secret", "model"])
class TestCopies:
    @pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles_carry_it(self, value, protocol):
        assert pickle.loads(pickle.dumps(value, protocol)) == value

    @pytest.mark.parametrize("protocol", range(3))
    def test_older_protocols_do_not(self, value, protocol):
        """PyYAML and jsonpickle ask for protocol 2, so it cannot be told from them."""
        pickled = pickle.dumps(value, protocol)
        assert MARKER.encode() not in pickled
        assert any("_left_out" in str(argument) for _, argument, _ in pickletools.genops(pickled))
        with pytest.raises(ValueError, match="shared_secret was left out of this copy"):
            pickle.loads(pickled)

    def test_copies_in_memory_carry_it(self, value):
        assert copy.copy(value) == copy.deepcopy(value) == value

    def test_yaml_does_not_show_it(self, value):
        yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
        copies = [value, [value], {"value": value}]
        if dataclasses.is_dataclass(value):
            copies += [dataclasses.asdict(value), value.to_dict(), value.to_dict(powershell=True)]
        for one in copies:
            assert MARKER not in yaml.dump(one)
        with pytest.raises(ValueError, match="shared_secret was left out of this copy"):
            yaml.unsafe_load(yaml.dump(value))

    def test_json_does_not_show_it(self, value):
        for default in (str, repr, lambda it: getattr(it, "to_dict", it.__str__)()):
            assert MARKER not in json.dumps(value, default=default)
