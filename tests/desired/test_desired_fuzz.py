"""Files that are broken at random never end in a traceback, and every mistake has its line and its key."""

import contextlib
import random

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds_desired import lab_of, pair_of

from dhcpfo.fleet.desired import Desired, FileError, read_fleet
from dhcpfo.pair import PairFailure

GOOD = """\
version: 1
defaults: {relationship: {mode: hot-standby, reserve: 5, mclt: 1h, switch: never}, limits: {delete: 10%, from: 10}}
profiles: {store: {scope: {lease: 8h, options: {dns-servers: [10.0.0.53, 10.0.1.53]}}, policies-enforced: yes}}
pairs:
  hq:
    profile: store
    servers: [dhcp1, dhcp2]
    classes: {Phones: {type: vendor, data: IP Phone}, Guests: {type: user, hex: 67-00}}
    definitions: {"66 [Phones]": {name: TFTP server, type: string}}
    options: {routers: 10.0.0.1, "6 [user:Guests]": 192.0.2.53}
    conflict-detection: 2
    policies:
      Desks: {when: vendor-class is Phones, options: {"66 [Phones]": tftp1}, description: desks}
      Others: {when: {any: [mac-address begins-with 00-15, {all: [fqdn is-not x.example]}]}, enabled: no}
    filters: {enabled: {deny: yes}, allow: {only: true, list: {00-1C-25-*: x}}, deny: {aabbccddeeff: stolen}}
    absent: {relationships: [old], keep: dhcp1, filters: [00-11-*], policies: [Old], options: [44]}
    relationships:
      hq-branch: {secret: {env: HQ}, scopes: {only: true, list: [10.0.1.0]}}
    scopes:
      10.0.1.0/24:
        {name: Branch, range: 10.0.1.1-10.0.1.254, range-type: both, max-bootp: 9,
         options: {routers: 10.0.1.1, "66 [Phones]": tftp1},
         policies: {P: {when: user-class is Guests, ranges: [10.0.1.9-10.0.1.20], dns-suffix: g.example}},
         policies-enforced: no,
         reservations: {10.0.1.50: {client: 00-15-5d-01-02-03, name: printer}}, absent: {reservations: [10.0.1.51]}}
"""
PIECES = (
    *"{}[]:,-&*!|>'\"#%@`~\n\t ",
    "\x00",
    "\ufeff",
    "\xff",
    "é",
    "😀",
    "<<: ",
    "? ",
    "---\n",
    "!!int ",
    "*a",
    "&a ",
)


def attempt(data, path):
    """Read a file, and plan what is in it: every problem has the file, a line, its key and a text."""
    path.write_bytes(data)
    found = ()
    try:
        for wanted in read_fleet(path).values():
            plan(wanted)
    except FileError as error:
        found = error.problems or (None,)
    for problem in found:
        assert problem.mark.line >= 1
        assert problem.text
        assert problem.path or not is_yaml(data) or problem.text == "keys must be text", problem
        keys = f"{problem.path}: " if problem.path.isprintable() and problem.path else ""
        assert str(problem).startswith(f"{problem.mark.file}:{problem.mark.line}:{problem.mark.column}: {keys}")
        assert str(problem).isprintable()


def plan(wanted):
    """Plan a pair on servers with nothing on them; only the file, or what is on them, may be against it."""
    names = ("dhcp1", "dhcp2")
    with contextlib.suppress(PairFailure):
        Desired(wanted).plan(pair_of(lab_of(names), names))


def is_yaml(data):
    """Whether a file has mappings, so that a mistake in it has a key."""
    try:
        roots = list(yaml.compose_all(data.decode("utf-8-sig"), yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return all(root is None or isinstance(root, yaml.MappingNode) for root in roots)


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    """The secret that the file names."""
    monkeypatch.setenv("HQ", "marker")


def test_the_file_is_well(tmp_path):
    attempt(GOOD.encode(), tmp_path / "f.yaml")
    assert read_fleet(tmp_path / "f.yaml")


def broken(chance):
    """Return the file with some of it broken."""
    text = GOOD
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(text)), chance.choice((0, 1, 3, 20))
        other = chance.randrange(len(GOOD))
        new = chance.choice((chance.choice(PIECES), "", GOOD[other : other + chance.randint(1, 40)]))
        text = text[:at] + new + text[at + size :]
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("seed", range(4))
def test_files_broken_at_random_have_problems_with_places(tmp_path, seed):
    chance = random.Random(seed)
    for _ in range(40):
        attempt(broken(chance), tmp_path / "f.yaml")


KEYS = (
    *("version", "pairs", "hq", "servers", "relationships", "scopes", "list", "only", "secret", "options", "absent"),
    *("policies", "when", "all", "any", "ranges", "filters", "enabled", "allow", "deny", "P", "00-1C-*", "10.0.1.0/24"),
    *(
        "policies-enforced",
        "dns-suffix",
        "description",
        "range",
        "range-type",
        "max-bootp",
        "conflict-detection",
        "3",
        "classes",
        "definitions",
        "limits",
        "type",
        "data",
        "name",
    ),
)
TEXTS = (
    *("10.0.1.0", "1h", "60", "yes", "mac-address is 00-11-22-33-44-55", "fqdn begins-with x", "user-class is Guests"),
    *("10.0.1.1-10.0.1.9", "00-1C-25-*", "aabbccddeeff", "none", "both", "", "[", "hex:00", "fqdn-single-label"),
)

VALUES = st.recursive(
    st.text(max_size=12) | st.integers() | st.none() | st.booleans() | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
WHEN = st.recursive(
    st.sampled_from(TEXTS) | st.text(max_size=12),
    lambda inner: st.dictionaries(st.sampled_from(("all", "any")), st.lists(inner, max_size=3), max_size=1),
    max_leaves=6,
)
POLICY = st.fixed_dictionaries(
    {},
    optional={
        "when": WHEN,
        "enabled": st.sampled_from(("yes", "no", "x")),
        "ranges": st.lists(st.sampled_from(("10.0.1.1-10.0.1.9", "10.0.1.5", "x")), max_size=2),
        "options": st.dictionaries(st.sampled_from(("3", "routers", "66 [V]", "6 [user:G]", "[")), st.text(max_size=8)),
        "description": st.text(max_size=8),
        "dns-suffix": st.text(max_size=8),
    },
)
OWNED = st.booleans()


def owned(values):
    """Return a strategy for a mapping in its short or its long form."""
    return values | st.builds(lambda only, found: {"only": only, "list": found}, OWNED, values)


POLICIES = owned(st.dictionaries(st.text(min_size=1, max_size=4) | st.just("P"), POLICY, max_size=3))
PATTERNS = owned(
    st.dictionaries(st.sampled_from(("00-*", "00:*", "aabbccddeeff", "* (hardware type 6)", "x")), st.text())
)
SERVER = st.fixed_dictionaries(
    {"servers": st.just(["dhcp1", "dhcp2"])},
    optional={
        "policies": POLICIES,
        "filters": st.fixed_dictionaries(
            {}, optional={"allow": PATTERNS, "deny": PATTERNS, "enabled": st.just({"allow": "yes"}) | VALUES}
        ),
        "options": owned(st.dictionaries(st.sampled_from(("3", "6 [user:G]", "nix")), st.text(max_size=8))),
        "scopes": st.fixed_dictionaries(
            {"10.0.1.0/24": st.fixed_dictionaries({"policies": POLICIES, "range": st.just("10.0.1.1-10.0.1.99")})}
        ),
        "absent": st.fixed_dictionaries(
            {}, optional={"policies": st.just(["p"]), "filters": st.just(["00-*"]), "options": st.just(["3"])}
        ),
    },
)


def dumped(value):
    return yaml.safe_dump({"version": 1, "pairs": {"hq": value}}, allow_unicode=True, sort_keys=False).encode()


FUZZ = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@FUZZ
@given(VALUES)
def test_files_of_any_shape_have_problems_with_places(tmp_path_factory, value):
    attempt(dumped(value), tmp_path_factory.getbasetemp() / "shape.yaml")


@FUZZ
@given(SERVER)
def test_policies_and_filters_of_any_shape_have_problems_with_places(tmp_path_factory, value):
    attempt(dumped(value), tmp_path_factory.getbasetemp() / "server.yaml")
