"""The README and the pages of docs: their commands exist, their examples print what they show, their links lead.

``python tests/package/test_readme.py docs/failover.md`` runs a page and writes what its examples print into it.
"""

import ast
import inspect
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
if not README.exists():
    pytest.skip("no source tree here", allow_module_level=True)
DOCS = ROOT / "docs"
PAGES = list(dict.fromkeys([README, *sorted(ROOT.glob("[A-Z]*.md")), *sorted(DOCS.glob("*.md"))]))

COMPLETE = [
    README,
    *(
        DOCS / f"{name}.md"
        for name in (
            "classes",
            "clients",
            "elements",
            "errors",
            "failover",
            "filters",
            "options",
            "pairs",
            "scope_config",
            "scopes",
            "service",
        )
    ),
]
"""Pages on which every example runs, and one without a block of output prints nothing."""

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def blocks(page):
    """The fenced blocks of a page as (language, text)."""
    return BLOCK.findall(page.read_text("utf-8"))


EXAMPLE = re.compile(r"^(```python\n(.*?)^```\n)(?:(\n```text\n)(.*?)^(```)$)?", re.MULTILINE | re.DOTALL)


def examples(page):
    """The Python blocks of a page, each with the text block that follows it, or None."""
    return [(match[2], match[4]) for match in EXAMPLE.finditer(page.read_text("utf-8"))]


def needs_windows(program):
    """Whether a program calls dhcpfo.connect, which needs Dhcpsapi.dll and a real server."""
    calls = (node.func for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call))
    return any(ast.unparse(function) == "dhcpfo.connect" for function in calls)


def run(program, page, names):
    """Run an example and return what it prints."""
    with redirect_stdout(StringIO()) as printed:
        exec(compile(program, page.name, "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize(
    ("heading", "commands"),
    [
        ("Run it", 'python -m pip install ".[cli]"\ndhcpfo demo\n'),
        ("Test it", 'python -m pip install ".[test]"\npython -m pytest\n'),
    ],
)
def test_a_command_block_stands_alone_under_its_heading(heading, commands):
    section = re.split(r"^## ", README.read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [part.removeprefix(heading) for part in section if part.startswith(f"{heading}\n")]
    assert [block for block in BLOCK.findall(text) if block[0] != "console"] == [("sh", commands)]
    assert text.lstrip("\n").startswith("```sh\n")


@pytest.mark.abi
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_print_what_the_page_shows(page):
    names = {"__name__": "example"}  # the examples of a page build on each other
    for program, output in examples(page):
        if needs_windows(program):
            assert output is None  # nothing here could check it
        elif output is not None or page in COMPLETE:
            assert run(program, page, names) == (output or "")
        else:
            compile(program, page.name, "exec")


@pytest.mark.parametrize("page", COMPLETE, ids=name_of)
def test_a_page_has_examples_that_run(page):
    assert len([output for _, output in examples(page) if output]) >= 2


LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def anchors(page):
    """The fragments under which a page's headings are linked."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = BLOCK.sub("", page.read_text("utf-8"))
    for link, fragment in LINK.findall(text):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), f"{link}#{fragment}"


def test_the_readme_is_short():
    assert len(README.read_text("utf-8").splitlines()) < 250


ROW = re.compile(r"^\| (?:…|no cmdlet|.*DhcpServer).*?\| (.*) \|$", re.MULTILINE)
METHOD = re.compile(r"`(\w+)\(")


def methods_in_table(page):
    """The methods that a page's tables of cmdlets name."""
    rows = ROW.findall(page.read_text("utf-8").replace("\\|", "/"))
    return {method for row in rows for method in METHOD.findall(row)}


def public_methods():
    """The methods of Server that call a server, and those of a pair that call both."""
    from dhcpfo import FailoverPair, Server

    members = inspect.getmembers(Server, inspect.isfunction) + inspect.getmembers(FailoverPair, inspect.isfunction)
    return {name for name, _ in members if not name.startswith("_")} - NO_CALL


NO_CALL = {"close", "address", "server", "side", "apply"}
"""Public methods that call no server, or are part of the others."""


def test_every_method_stands_in_the_table_of_cmdlets():
    assert methods_in_table(DOCS / "cmdlets.md") == public_methods()


def test_the_readme_names_the_methods_of_the_failover_family():
    from dhcpfo.api import FUNCTIONS

    named = methods_in_table(README)
    renamed = {"enum_relationships": "relationships"}
    failover = {renamed.get(name, name) for name, row in FUNCTIONS.items() if row.family == "failover"}
    assert failover <= named <= public_methods()


def test_every_error_stands_in_the_table_with_its_codes():
    from dhcpfo import errors

    rows = re.findall(r"^\| (?:· )?`(\w+Error)` \| (.*?) \|", (DOCS / "errors.md").read_text("utf-8"), re.MULTILINE)
    classes = {name for name in errors.__all__ if isinstance(getattr(errors, name), type(Exception))} - {"ErrorCode"}
    assert sorted(name for name, _ in rows) == sorted(classes - {"DhcpsapiMissingError"})
    for name, reason in rows:
        for codes in re.findall(r"\(([\d, ]+)\)", reason):
            for code in map(int, codes.split(",")):
                function = (
                    "DhcpV4FailoverGetClientInfo" if name == "ClientNotFoundError" else "DhcpV4FailoverGetRelationship"
                )
                assert type(errors.from_code(code, function, None)).__name__ == name, code


def write_outputs(page):
    """Run the examples of a page and write what they print into it."""
    names = {"__name__": "example"}

    def with_output(match):
        if needs_windows(match[2]) or (match[4] is None and page not in COMPLETE):
            return match[0]
        printed = run(match[2], page, names)
        return match[0] if match[4] is None else f"{match[1]}{match[3]}{printed}{match[5]}"

    page.write_text(EXAMPLE.sub(with_output, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    for page in sys.argv[1:]:
        write_outputs(Path(page).resolve())
