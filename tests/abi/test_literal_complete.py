"""No function is without bytes typed by hand: each is in one of the providers, and is called over it."""

import re
from pathlib import Path

import pytest

from dhcpfo.api import FUNCTIONS
from foreign import ROOT

HERE = Path(__file__).parent
PROVIDERS = {path.stem: path.read_text("utf-8") for path in (ROOT / "tests" / "native").glob("literal*.c")}
CALLERS = {path.stem: path.read_text("utf-8") for path in HERE.glob("test_literal*.py") if path != Path(__file__)}


def providers_of(function: str) -> list[str]:
    return [name for name, text in PROVIDERS.items() if re.search(rf"\.{function} = \w", text)]


@pytest.mark.parametrize("method", FUNCTIONS)
def test_function(method: str) -> None:
    (provider,) = providers_of(FUNCTIONS[method].name)
    callers = [text for text in CALLERS.values() if re.search(rf'"{provider}"|\'{provider}\'', text)]
    called = rf'\.{method}\b|"{method}"'
    assert [text for text in callers if re.search(called, text)], f"{method} is not called over {provider}.c"


def test_typed_by_hand() -> None:
    """What the generator of the calls knows would agree with its own faults."""
    assert PROVIDERS
    for text in (PROVIDERS | CALLERS).values():
        assert not re.search(
            r"^(from|import) (tools|answers)\b|dhcpsapi_layout|offsetof\(|sizeof\(DHCP", text, re.MULTILINE
        )
