"""The README and the pages of docs: their commands are there, their examples print what they show, their links lead."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
if not README.exists():
    pytest.skip("no source tree here", allow_module_level=True)
PAGES = [README, *sorted(ROOT.glob("[A-Z]*.md")), *sorted((ROOT / "docs").glob("*.md"))]
PAGES = list(dict.fromkeys(PAGES))

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def blocks(page):
    """The fenced blocks of a page as (language, text)."""
    return BLOCK.findall(page.read_text("utf-8"))


def examples(page):
    """The Python blocks of a page, each with the text block that follows it, or None."""
    found = blocks(page)
    for number, (language, text) in enumerate(found):
        if language == "python":
            following = found[number + 1] if number + 1 < len(found) else ("", "")
            yield text, following[1] if following[0] == "text" else None


@pytest.mark.parametrize(
    ("heading", "commands"),
    [
        ("Run it", "python -m pip install .\npython -m dhcpfo.simulator\n"),
        ("Test it", 'python -m pip install ".[test]"\npython -m pytest\n'),
    ],
)
def test_a_command_block_stands_alone_under_its_heading(heading, commands):
    section = re.split(r"^## ", README.read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [part.removeprefix(heading) for part in section if part.startswith(f"{heading}\n")]
    assert BLOCK.findall(text) == [("sh", commands)]
    assert text.lstrip("\n").startswith("```sh\n")


@pytest.mark.abi
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_print_what_the_page_shows(page, capsys):
    shared = {"__name__": "example"}  # the examples of a page follow on each other
    for program, output in examples(page):
        tree = compile(program, page.name, "exec")
        if output is None:
            continue  # needs a Windows server; that it compiles is all that can be said here
        exec(tree, shared)
        assert capsys.readouterr().out == output


def test_the_readme_has_examples_that_run():
    assert len([output for _, output in examples(README) if output]) >= 3


LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = BLOCK.sub("", page.read_text("utf-8"))
    assert not [link for link in LINK.findall(text) if not (page.parent / link).exists()]


def test_the_table_names_every_call():
    from dhcpfo import Server
    from dhcpfo.api import FUNCTIONS

    rows = re.findall(r"^\| `(DhcpV4Failover\w+)` \| `(\w+)\(", README.read_text("utf-8"), re.MULTILINE)
    assert [function for function, _ in rows] == [function.name for function in FUNCTIONS.values()]
    assert not [method for _, method in rows if not hasattr(Server, method)]
