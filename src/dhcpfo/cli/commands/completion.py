"""``dhcpfo completion``: completion of commands and options in a shell."""

import sys
from typing import Annotated

from typer import Argument

from ..command import add, group
from ..problems import Problem
from ..run import Run
from ..values import words

app = group("completion", "Print what makes your shell complete commands and options.")

VARIABLE = "_DHCPFO_COMPLETE"
"""The environment variable in which a shell asks; `table.COMPLETE`, which a command cannot import."""

SHELLS = ("bash", "zsh", "fish", "powershell")


@add(
    app,
    servers=False,
    examples=(
        'eval "$(dhcpfo completion bash)"                 # in ~/.bashrc',
        'eval "$(dhcpfo completion zsh)"                  # in ~/.zshrc, after compinit',
        "dhcpfo completion fish | source                  # in ~/.config/fish/config.fish",
        "dhcpfo completion powershell | Out-String | Invoke-Expression    # in $PROFILE",
    ),
)
def completion(
    run: Run, shell: Annotated[str, Argument(help=", ".join(SHELLS), metavar="SHELL", autocompletion=words(SHELLS))]
) -> None:
    """Print what makes a shell complete commands and options of dhcpfo. Nothing is installed."""
    if shell not in SHELLS:
        raise Problem(f"SHELL must be one of {', '.join(SHELLS)}, got {shell}")
    text = script(shell)
    run.result({"shell": shell, "script": text})
    if run.out.for_people:
        sys.stdout.write(f"{text}\n")


def script(shell: str) -> str:
    """Return what a shell has to run once."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    text = str(get_completion_script(prog_name="dhcpfo", complete_var=VARIABLE, shell=shell))
    if shell == "powershell":  # leave the Tab key of other programs alone, and no empty variables behind
        lines = [line for line in text.splitlines() if "PSReadLine" not in line]
        text = "\n".join(lines).replace(' = ""', " = $null").strip()
    return text
