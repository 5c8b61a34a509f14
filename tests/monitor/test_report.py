"""The HTML report: self-contained, escaped, without secrets, with everything on it that a reader asks for."""

import html.parser
import re
from datetime import UTC, datetime, timedelta

import pytest

from dhcpfo.fleet.monitor.report import report
from dhcpfo.fleet.reading import read_pairs
from dhcpfo.pair import Side
from dhcpfo.simulator import Lab, Rights

SECRET = "marker-of-the-secret"
ODD = "<script>alert('x')</script>&\"`{{7*7}}\x07\n"
VOID = {"meta", "br", "link", "img", "hr", "input", "rect", "line", "path", "circle"}


class Page(html.parser.HTMLParser):
    """Reads a page: its text, its tags, its attributes; each tag must be closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text))


def safe(text):
    """Check that a page runs nothing, loads nothing and shows no secret, and return it as read."""
    page = Page(text)
    assert not {"script", "iframe", "object", "embed", "link", "img", "form", "base"} & set(page.tags)
    for name, value in page.attributes:
        assert not name.startswith("on"), name
        assert name not in ("src", "href", "action", "srcset") or (value or "").startswith("#")
    assert "url(" not in text
    assert "@import" not in text
    assert SECRET not in text
    return page


def page_of(lab, pairs, *, odd="", **options):
    looks = read_pairs(
        {name: lab.connect_pair(*servers, direct=True) for name, servers in pairs.items()},
        statistics=True,
        rights=True,
        findings=True,
        **options,
    )
    lines = {(look.name, one.name): lab.timeline(one.name) for look in looks for one in look.relationships}
    return report(looks, time=lab.now, reader=f"reader{odd}", title=f"Fleet{odd}", timelines=lines, version="1" + odd)


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_pair("hq-branch", scopes=["10.0.1.0/24", "10.0.2.0/24"], shared_secret=SECRET, direct=True)
        for number in range(10):
            lab.lease("10.0.1.0", f"00-00-00-00-00-{number:02x}")
        lab.advance(timedelta(minutes=1))
        yield lab


def test_a_fleet(lab):
    lab.add_pair("lab", primary="dhcp3", secondary="dhcp4", scopes=["10.9.0.0/24"], direct=True)
    lab.add_pair("dead", primary="dhcp5", secondary="dhcp6", scopes=["10.8.0.0/24"], direct=True)
    lab.connect("dhcp4", direct=True).set_relationship("lab", mclt=timedelta(minutes=30))
    lab.power_off("dhcp5")
    lab.power_off("dhcp6")
    pairs = {"head office": ("dhcp1", "dhcp2"), "laboratory": ("dhcp3", "dhcp4"), "dead": ("dhcp5", "dhcp6")}
    page = safe(page_of(lab, pairs))
    words = page.words
    assert "by reader. " in words
    assert "dhcp1: may change it" in words
    assert "1 need attention 1 not read completely 1 as they should be" in words
    assert "mclt-differs" in words
    assert "maximum client lead time 1h dhcp3 30m dhcp4" in words
    assert "load balance 50 / 50 · MCLT 1h · switches never · secret: yes · 2 scopes" in words
    assert "10 used" in words
    assert words.index("Findings") < words.index("Pairs") < words.index("What could not be read")
    assert words.count("[RPC_S_SERVER_UNAVAILABLE 1722]") == 2
    assert words.index("laboratory", words.index("Pairs")) < words.index("head office", words.index("Pairs"))
    assert page.tags.count("svg") == 2
    assert f"{lab.now:%Y-%m-%d %H:%M:%S}" in words


def test_addresses_by_owner(lab):
    page = safe(page_of(lab, {"pair": ("dhcp1", "dhcp2")}, scopes=True))
    assert re.search(r"\d+ used by dhcp1", page.words)
    assert re.search(r"\d+ free on dhcp2", page.words)
    widths = [float(style[7:-1]) for name, style in page.attributes if name == "style"]
    assert sum(widths) == pytest.approx(300, abs=1)  # a bar for all and one for each scope


def test_every_field_is_escaped():
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        lab.add_server("dhcp2", "192.0.2.2")
        lab.rename_server("dhcp1", "<b>one</b>")
        lab.add_pair(ODD, primary="<b>one</b>", secondary="dhcp2", direct=True, shared_secret=SECRET)
        lab.connect("dhcp2", direct=True).set_relationship(ODD, percentage=70)
        text = page_of(lab, {ODD: ("<b>one</b>", "dhcp2")}, odd=ODD)
        safe(text)
        lab.power_off("dhcp2")
        page = safe(page_of(lab, {ODD: ("<b>one</b>", "dhcp2")}, odd=ODD))
    assert "<script" not in text
    assert "<b>one</b>" not in text
    assert "&lt;script&gt;" in text
    assert "\x07" not in text
    assert "<script>alert('x')</script>&\"`{{7*7}}\\x07\\x0a" in page.words


def test_a_half_of_a_utf_16_pair_can_be_written(lab):
    looks = read_pairs({"half \ud800": lab.connect_pair("dhcp1", "dhcp2", direct=True)}, findings=True)
    text = report(looks, time=datetime.now(UTC), reader="r", title="\udfff")
    assert "half \\xd800" in text
    text.encode("utf-8")


def test_the_rights_of_the_reader(lab):
    servers = [
        lab.connect(name, direct=True, rights=rights)
        for name, rights in (("dhcp1", Rights.USER), ("dhcp2", Rights.NONE))
    ]
    from dhcpfo.pair import FailoverPair

    looks = read_pairs({"p": FailoverPair(*servers)}, rights=True, findings=True, statistics=True)
    page = safe(report(looks, time=lab.now, reader="somebody"))
    assert "dhcp1: may only read it" in page.words
    assert "access denied" in page.words
    assert looks[0].servers[Side.SECONDARY].error is not None


def test_the_state_of_the_server_that_answers_is_a_finding(lab):
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=10))
    words = safe(page_of(lab, {"p": ("dhcp1", "dhcp2")})).words
    assert "not-normal dhcp1: COMMUNICATION_INTERRUPTED" in words[words.index("Findings") : words.index("Pairs")]
    assert "everything" in words[words.index("What could not be read") :]


def test_nothing_at_all_could_be_read(lab):
    lab.power_off("dhcp1")
    lab.power_off("dhcp2")
    page = safe(page_of(lab, {"p": ("dhcp1", "dhcp2")}))
    assert "Nothing is known: no server could be read" in page.words
    assert "Nothing was found in what could be read." in page.words


def test_styles_for_phones_paper_and_the_dark(lab):
    text = page_of(lab, {"p": ("dhcp1", "dhcp2")})
    assert '<meta name="viewport" content="width=device-width' in text
    for query in ("@media print", "@media (prefers-color-scheme: dark)"):
        assert query in text
    assert "default-src 'none'" in text


def test_the_command(tmp_path, capsys):
    from dhcpfo.cli import main

    path, file = tmp_path / "a.lab", tmp_path / "fleet.html"
    with Lab.open(path) as lab:
        lab.add_pair("hq-branch", shared_secret=SECRET)
        assert main(["report", "--html", str(file), "--lab", str(path), "--depth", "full", "--scopes"]) == 0
        out, err = capsys.readouterr()
        assert (out, err) == (f"{file}: 1 pair\n", "")
        page = safe(file.read_text("utf-8"))
        assert page.tags.count("svg") == 1
        lab.power_off("dhcp2")
        assert main(["report", "--html", str(file), "--lab", str(path), "--pair", "dhcp1,dhcp2"]) == 6
        assert "1 could not be read completely" in capsys.readouterr().out
        assert "could not be read" in safe(file.read_text("utf-8")).words
    assert sorted(one.name for one in tmp_path.glob("*html*")) == ["fleet.html"]
    assert main(["report", "--html", str(file), "--lab", str(path), "--depth", "deep"]) == 3
    assert main(["report", "--html", str(tmp_path / "none" / "x.html"), "--lab", str(path)]) == 3
    assert "Traceback" not in capsys.readouterr().err
