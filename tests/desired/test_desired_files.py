"""Files that say how pairs should be: what they mean, and what is said about those that are wrong."""

import contextlib
import json
import pickle
from pathlib import Path

import pytest

from dhcpfo.fleet.desired import FileError, read_fleet
from dhcpfo.fleet.desired.nodes import DEEPEST

HEAD = "version: 1\npairs:\n  hq:\n    servers: [dhcp1, dhcp2]\n"
SECRET = "marker-of-the-secret"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a file in the current directory and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="fleet.yaml"):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return write


def problems(name):
    with pytest.raises(FileError) as caught:
        read_fleet(name)
    return str(caught.value).splitlines()


def test_all_problems_come_at_once_with_their_places(write):
    text = (
        "version: 1\npairs:\n  hq:\n    servers: [dhcp1, dhcp2]\n    relationships:\n"
        "      hq-branch:\n        mode: load-balanced\n        mclt: 1:00:00\n        scops: [10.0.1.0]\n"
        "        percent: 130\n      hq-branch: {mode: hot-standby}\n    limts: {}\n"
        "  lab: {servers: [a]}\n"
    )
    at = "pairs.hq.relationships.hq-branch"
    assert problems(write(text)) == [
        f"fleet.yaml:7:15: {at}.mode: 'load-balanced' is not one of load-balance, hot-standby",
        f"fleet.yaml:8:15: {at}.mclt: must be a duration such as 45m or 1h30m, got '1:00:00'",
        f"fleet.yaml:9:9: {at}.scops: unknown; did you mean scopes?",
        f"fleet.yaml:10:18: {at}.percent: must be a percentage between 0 and 100, got '130'",
        f"fleet.yaml:11:7: {at}: given twice, first on line 6",
        "fleet.yaml:12:5: pairs.hq.limts: unknown; did you mean limits?",
        "fleet.yaml:13:8: pairs.lab: servers must have two servers, got 1",
    ]


WRONG = {
    "name of a relationship": (
        HEAD + f"    relationships: {{{'n' * 127}: {{}}}}\n",
        f"fleet.yaml:5:21: pairs.hq.relationships.{'n' * 127}: name must have at most 126 UTF-16 units, got 127",
    ),
    "description of a policy": (
        HEAD + f"    policies: {{P: {{description: {'n' * 256}}}}}\n",
        "fleet.yaml:5:33: pairs.hq.policies.P.description: description must have at most 255 UTF-16 units, got 256",
    ),
    "dns suffix": (
        HEAD + f"    policies: {{P: {{dns-suffix: {'n' * 256}}}}}\n",
        "fleet.yaml:5:32: pairs.hq.policies.P.dns-suffix: dns_suffix must have at most 255 UTF-16 units, got 256",
    ),
    "client": (
        HEAD + f"    scopes: {{10.0.1.0: {{reservations: {{10.0.1.1: {{client: {'aa' * 251}}}}}}}}}\n",
        "fleet.yaml:5:59: pairs.hq.scopes.10.0.1.0.reservations.10.0.1.1.client: client_id must have 1 to 250 bytes, "
        "got 251",
    ),
    "NUL": (
        HEAD + '    scopes: {10.0.1.0: {name: "a\\0b"}}\n',
        "fleet.yaml:5:31: pairs.hq.scopes.10.0.1.0.name: must not contain NUL characters; Windows would cut it off "
        "there",
    ),
    "mclt": (
        HEAD + "    relationships: {x: {mclt: 0s}}\n",
        "fleet.yaml:5:31: pairs.hq.relationships.x.mclt: must be whole seconds, from 1s on and below 136 years, "
        "got '0s'",
    ),
    "switch": (
        HEAD + "    relationships: {x: {switch: 1500ms}}\n",
        "fleet.yaml:5:33: pairs.hq.relationships.x.switch: must be whole seconds, from 1s on and below 136 years, "
        "got '1500ms'",
    ),
    "lease": (
        HEAD + "    scopes: {10.0.1.0: {lease: 80000d}}\n",
        "fleet.yaml:5:32: pairs.hq.scopes.10.0.1.0.lease: must be whole seconds, from 1s on and below 136 years, "
        "got '80000d'",
    ),
    "delay": (
        HEAD + "    scopes: {10.0.1.0: {delay: 2s}}\n",
        "fleet.yaml:5:32: pairs.hq.scopes.10.0.1.0.delay: must be 1s at most, got '2s'",
    ),
    "empty secret": (
        HEAD + "    relationships: {x: {secret: ''}}\n",
        "fleet.yaml:5:33: pairs.hq.relationships.x.secret: must not be empty; write none to go without authentication",
    ),
    "absent in other letters": (
        HEAD + "    absent: {relationships: [X]}\n    relationships: {x: {}}\n",
        "fleet.yaml:5:30: pairs.hq.absent.relationships[0]: X is in relationships, too",
    ),
    "names that are no line": (
        'version: 1\npairs: {"h\\nq\\e[2J": {servers: [a, a]}}\n',
        "fleet.yaml:2:22: pairs.h\\nq\\x1b[2J: servers must be two different servers",
    ),
    "relationships that are exact": (
        HEAD + "    relationships:\n      only: true\n      list:\n        x: {scopes: [10.0.1.0]}\n"
        "        y: {scopes: [10.0.2.0]}\n        X: {scopes: [10.0.3.0]}\n",
        "fleet.yaml:10:9: pairs.hq.relationships.list.X: dhcp1 has a relationship of this name already, "
        "in fleet.yaml:8",
    ),
    "version is missing": ("pairs: {}\n", "fleet.yaml:1:1: version: is missing"),
    "version": ("version: 2\n", "fleet.yaml:1:10: version: '2' is not one of 1"),
    "list": ("- 1\n", "fleet.yaml:1:1: a document must be a mapping that starts with version: 1"),
    "empty value": ("version: 1\npairs:\n", "fleet.yaml:2:7: pairs: must have a value"),
    "yaml": (
        "version: 1\npairs: [\n",
        "fleet.yaml:3:1: did not find expected node content (while parsing a flow node)",
    ),
    "tag": ("version: 1\npairs: !!python/object:os.system {}\n", "fleet.yaml:2:8: pairs: tags are not supported"),
    "merge key": ("version: 1\n<<: {}\n", "fleet.yaml:2:1: <<: is not supported; use profiles"),
    "key": ("version: 1\n? [1]\n: 2\n", "fleet.yaml:2:3: keys must be text"),
    "itself": ("version: 1\npairs: &p {hq: *p}\n", "fleet.yaml:2:8: pairs.hq: refers to itself"),
    "control": ("version: 1\n\x07", "fleet.yaml:2:1: control characters are not allowed (U+0007)"),
    "alias": ("version: 1\npairs: *x\n", "fleet.yaml:2:8: found an undefined alias; quote a text that starts with *"),
    "same server": (
        "version: 1\npairs: {hq: {servers: [a, A]}}\n",
        "fleet.yaml:2:13: pairs.hq: servers must be two different servers",
    ),
    "profile": (
        "version: 1\nprofiles: {store: {}}\npairs: {a: {servers: [a, b], profile: stor}}\n",
        "fleet.yaml:3:39: pairs.a.profile: profile 'stor' is not in the file; did you mean store?",
    ),
    "include": ("version: 1\ninclude: none/*.yaml\n", "fleet.yaml:2:10: include: no file matches 'none/*.yaml'"),
    "share": (
        HEAD + "    relationships: {x: {mode: hot-standby, percent: 5}}\n",
        "fleet.yaml:5:44: pairs.hq.relationships.x.percent: is for load-balance, but mode is hot-standby",
    ),
    "scope": (
        HEAD + "    relationships: {x: {scopes: [10.0.1]}}\n",
        "fleet.yaml:5:34: pairs.hq.relationships.x.scopes[0]: '10.0.1' is not a valid IPv4 address",
    ),
    "scope twice": (
        HEAD + "    relationships: {x: {scopes: [10.0.1.0, 10.0.1.0/24]}}\n",
        "fleet.yaml:5:44: pairs.hq.relationships.x.scopes[1]: 10.0.1.0 is given twice",
    ),
    "network": (
        HEAD + "    scopes: {10.0.1.1/24: {}}\n",
        "fleet.yaml:5:14: pairs.hq.scopes.10.0.1.1/24: '10.0.1.1/24' has host bits set",
    ),
    "keep": (
        HEAD + "    absent: {relationships: [x], keep: dhcp3}\n",
        "fleet.yaml:5:40: pairs.hq.absent.keep: must be dhcp1 or dhcp2 or both, got 'dhcp3'",
    ),
    "secret": (
        HEAD + "    relationships: {x: {secret: {env: A, file: b}}}\n",
        "fleet.yaml:5:33: pairs.hq.relationships.x.secret: must have exactly one of env, file, keyring, prompt",
    ),
    "not managed": (
        HEAD + "    bindings: {lan: yes}\n",
        "fleet.yaml:5:5: pairs.hq.bindings: is not managed yet",
    ),
    "not managed of a scope": (
        HEAD + "    scopes: {10.0.1.0/24: {name: x, dns-settings: {}}}\n",
        "fleet.yaml:5:37: pairs.hq.scopes.10.0.1.0/24.dns-settings: is not managed yet",
    ),
    "elsewhere": (HEAD + "    delay: 1s\n", "fleet.yaml:5:5: pairs.hq.delay: unknown here; it is for a scope"),
    "range": (
        HEAD + "    scopes: {10.0.1.0/24: {range: 10.0.2.1-10.0.2.9}}\n",
        "fleet.yaml:5:35: pairs.hq.scopes.10.0.1.0/24.range: 10.0.2.1-10.0.2.9 is not in 10.0.1.0/24",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_problem_has_its_place(write, case):
    text, expected = WRONG[case]
    assert expected in problems(write(text))


def test_bytes_that_are_not_utf8_have_a_place(write):
    assert problems(write(b"version: 1\n# \xff\n")) == ["fleet.yaml:2:3: must be text in UTF-8"]


def test_depth_and_aliases_are_limited(write):
    deep = "version: 1\npairs: " + "{a: " * (DEEPEST + 5) + "b" + "}" * (DEEPEST + 5)
    assert f"must not be deeper than {DEEPEST} levels" in "".join(problems(write(deep)))
    assert "exceeded maximum nesting depth" in problems(write("[" * 100_000))[0]
    laughs = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    assert any("aliases must not repeat more than" in line for line in problems(write(laughs)))


def test_a_file_that_is_not_there(write):
    assert problems("none.yaml") == ["none.yaml: cannot be read: No such file or directory"]


def test_an_included_file_is_named_and_read_once(write):
    write("version: 1\npairs: {a: {servers: [a]}}\n", "stores/a.yaml")
    name = write("version: 1\ninclude: [stores/*.yaml, stores/a.yaml]\n")
    included = Path("stores/a.yaml")
    assert problems(name) == [
        f"fleet.yaml:2:26: include: {included} is read twice, first by fleet.yaml:2",
        f"{included}:2:12: pairs.a: servers must have two servers, got 1",
    ]
    write("version: 1\ninclude: ../fleet.yaml\n", "stores/a.yaml")
    assert "is read twice" in problems(name)[0]


LEVELS = """\
version: 1
include: stores/*.yaml
defaults:
  relationship: {mode: hot-standby, reserve: 5, mclt: 1h, switch: never}
  scope: {lease: 1d, options: {routers: 10.0.0.1, domain-name: example.com}}
profiles:
  store:
    relationship: {mclt: 2h}
    scope: {lease: 8h, options: {dns-servers: [10.0.0.53, 10.0.1.53]}}
pairs:
  one: {profile: store, servers: [a1, b1], relationships: {one: {scopes: [10.1.0.0], mode: load-balance}}}
---
version: 1
pairs:
  alone: {servers: [a3, b3], relationships: {alone: {scopes: [10.3.0.0]}}}
"""
STORE = """\
version: 1
pairs:
  two: {profile: store, servers: [a2, b2], relationships: {two: {scopes: [10.2.0.0]}}, scopes: {10.2.0.0: {lease: 1h}}}
"""


def test_levels_are_merged_key_by_key_and_lists_are_not(write):
    write(STORE, "stores/two.yaml")
    fleet = read_fleet(write(LEVELS))
    assert list(fleet) == ["one", "two", "alone"]
    one, two, alone = fleet.values()
    assert (one.relationships["one"].mode, one.relationships["one"].reserve) == ("load-balance", None)
    assert (two.relationships["two"].reserve, str(two.relationships["two"].mclt)) == (5, "2:00:00")
    assert alone.relationships["alone"].mode is None
    assert alone.scopes == {}
    [scope] = two.scopes.values()
    assert str(scope.contents.lease) == "1:00:00"
    assert scope.contents.options.items == {
        "routers": ("10.0.0.1",),
        "domain-name": ("example.com",),
        "dns-servers": ("10.0.0.53", "10.0.1.53"),
    }


def test_each_value_has_the_place_it_comes_from(write):
    write(STORE, "stores/two.yaml")
    two = read_fleet(write(LEVELS))["two"]
    assert str(two.place("relationships", "two", "reserve")) == "fleet.yaml:4"
    assert str(two.place("relationships", "two", "mclt")) == "fleet.yaml:8"
    assert str(two.place("scopes", "10.2.0.0", "lease")) == f"{Path('stores/two.yaml')}:3"
    assert str(two.place("scopes", "10.2.0.0", "options", "routers")) == "fleet.yaml:5"


def test_texts_stay_texts(write):
    name = write(HEAD + "    relationships: {off: {mode: load-balance, scopes: [10.0.1.0]}, 1:00: {}}\n")
    assert list(read_fleet(name)["hq"].relationships) == ["off", "1:00"]


def test_scopes_and_names_are_unique_on_a_server(write):
    text = (
        "version: 1\npairs:\n"
        "  p1: {servers: [a, hub], relationships: {x: {scopes: [10.0.1.0]}, y: {scopes: [10.0.2.0, 10.0.1.0]}}}\n"
        "  p2: {servers: [B, HUB], relationships: {X: {scopes: [10.0.2.0]}, z: {scopes: [10.0.3.0]}}}\n"
    )
    assert problems(write(text, "f.yaml")) == [
        "f.yaml:3:91: pairs.p1.relationships.y.scopes[1]: 10.0.1.0 is in relationship x of a already, in f.yaml:3",
        "f.yaml:4:43: pairs.p2.relationships.X: HUB has a relationship of this name already, in f.yaml:3",
        "f.yaml:4:56: pairs.p2.relationships.X.scopes[0]: 10.0.2.0 is in relationship y of HUB already, in f.yaml:3",
    ]


def test_a_server_has_31_relationships_at_most(write):
    pairs = [
        f"  p{n}: {{servers: [s{n}, hub], relationships: {{r{n}: {{scopes: [10.0.{n}.0]}}}}}}\n" for n in range(32)
    ]
    assert problems(write("version: 1\npairs:\n" + "".join(pairs[:31] + pairs[31:]))) == [
        "fleet.yaml:34:46: pairs.p31.relationships.r31: hub would have more than 31 relationships"
    ]
    assert len(read_fleet(write("version: 1\npairs:\n" + "".join(pairs[:31])))) == 31


INLINE = HEAD + f"    relationships: {{x: {{scopes: [10.0.1.0], secret: {SECRET}}}}}\n"


def test_a_secret_in_the_file_is_warned_of_and_never_shown(write):
    fleet = read_fleet(write(INLINE))
    assert [str(one).partition(": a secret")[0] for one in fleet.warnings] == [
        "fleet.yaml:5:53: pairs.hq.relationships.x.secret"
    ]
    wanted = fleet["hq"]
    for text in (repr(fleet), repr(wanted), str(fleet.warnings), json.dumps(wanted.to_dict())):
        assert SECRET not in text
    assert SECRET.encode() not in pickle.dumps(fleet)
    assert pickle.loads(pickle.dumps(wanted)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        f"secrt: {SECRET}",
        f"secret: [{SECRET}]",
        f"secret: {{inline: {SECRET}}}",
        f"secret: {{evn: {SECRET}}}",
        f"secret: *{SECRET}",
        f"secret: !{SECRET} x",
        f"secret: {{env: a, text: {SECRET}}}",
        f"secret: &{SECRET} x, mode: &{SECRET} y",
    ],
)
def test_no_message_shows_a_secret(write, text):
    name = write(HEAD + f"    relationships: {{x: {{{text}}}}}\n")
    with contextlib.suppress(FileError):
        fleet = read_fleet(name)
        assert SECRET not in repr(fleet)
        return
    assert not [line for line in problems(name) if SECRET in line.replace(f"text: {SECRET}", "")]
