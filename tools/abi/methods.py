"""The methods of `RpcApi`: each hands its arguments to one method that carries all calls."""

from . import BY_NAME, FUNCTIONS
from .convert import names
from .kinds import Function
from .tables import WIDTH, imports, passed, result_type, signature


def method(function: Function) -> str:
    """A method as ruff formats it."""
    given = [each.replace("0xFFFFFFFF", "WHOLE") for each in passed(function)]
    result = result_type(function)
    handed = [each.partition(":")[0] for each in given[1:]]
    call = f'self._call("{function.method}", ({", ".join(handed)}{"," if len(handed) == 1 else ""}))'
    call = call if result == "None" else f"return {call}"
    if len(call) + 8 > WIDTH:
        outer, _, inner = call.partition("(")
        call = f"{outer}(\n            {inner[:-1]}\n        )"
    body = f'\n        """{function.name} ([MS-DHCPM] {function.section})."""\n        {call}\n'
    return signature(function.method, given, result, body)


def module(notice: str) -> str:
    """The module with the methods."""
    models, enums = names(BY_NAME.values(), FUNCTIONS)
    body = "\n".join(map(method, FUNCTIONS))
    indent = "\n    "
    needed = sorted(name for name in (*models, "Page") if name in body)
    return f'''# {notice}
# mypy: disable-error-code="no-any-return"
"""The functions of the API as methods that hand their arguments on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from ipaddress import IPv4Address

    {imports("..enums", [name for name in enums if name in body]).replace(chr(10), indent)}
    {imports("..models", needed).replace(chr(10), indent)}

__all__ = ["Methods"]


class Methods:
    """One method for each function of the API, as `dhcpfo.api.ManagementApi` has them."""

    def _call(self, method: str, arguments: tuple[Any, ...]) -> Any:
        """Make a call."""
        raise NotImplementedError

{body}'''
