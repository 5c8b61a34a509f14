"""``dhcpfo serve``: a web page of a fleet."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ...limits import MAX_WORD
from .. import exits
from ..command import add, group
from ..problems import Problem
from ..run import Run
from ..values import duration

if TYPE_CHECKING:
    from ...serve import Listening

app = group("serve", "Show pairs in a browser: states, differences, timelines, plan previews.")


@add(
    app,
    examples=(
        "dhcpfo serve --pair dhcp1,dhcp2",
        "dhcpfo serve -f fleet.yaml --port 8080 --open",
        "dhcpfo serve --lab demo.lab",
        "dhcpfo serve -f fleet.yaml --host 0.0.0.0 --certificate web.pem --key web.key",
    ),
)
def serve(
    run: Run,
    host: Annotated[str, Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, Option(help="The port; 0 takes a free one.", min=0, max=MAX_WORD)] = 8647,
    name: Annotated[list[str] | None, Option(help="A name by which browsers reach it; repeatable.")] = None,
    token_from: Annotated[
        str | None,
        Option(
            help="Where the token is that browsers must know: env:NAME, file:PATH, keyring:SERVICE/USER or prompt. "
            "By default one is made, unless only this machine can reach the address.",
            metavar="REFERENCE",
        ),
    ] = None,
    certificate: Annotated[str | None, Option(help="A certificate in PEM format, for TLS.", metavar="FILE")] = None,
    key: Annotated[str | None, Option(help="Its key.", metavar="FILE")] = None,
    interval: Annotated[str, Option(help="How old states may get.", metavar="TIME")] = "5s",
    open_: Annotated[bool, Option("--open", help="Open the page in this machine's browser.")] = False,
) -> None:
    """Show pairs in a browser until Ctrl-C. The page changes nothing, unless the servers are those of a lab.

    Servers are called only while a browser shows the page. See docs/serve.md for what is protected and what is not.
    """
    if importlib.util.find_spec("starlette") is None or importlib.util.find_spec("uvicorn") is None:
        raise Problem("the web page needs its extra: pip install 'dhcpfo[cli,serve]'")
    if key is not None and certificate is None:
        raise Problem("--key needs --certificate")
    from ...serve import serve as listen

    for path in (certificate, key):
        if path is not None:
            try:
                Path(path).read_bytes()
            except OSError as error:
                raise Problem(f"{path} cannot be read: {error.strerror}") from None
    every = duration("--interval", interval)
    if not every:
        raise Problem("--interval must be positive")
    token = None if token_from is None else run.secret(token_from, "token")
    pairs = {target.name: target.pair for target in run.pairs()}

    def ready(listening: "Listening") -> None:
        run.say(f"Serving {len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} on {listening.url}")
        if "#" in listening.url:
            run.say("This address logs in one browser, once. Others ask for the token.")
        if listening.token is not None:
            run.say(f"Token: {listening.token}")
        run.say("Press Ctrl-C to stop.")
        run.result({"url": listening.url.partition("#")[0], "pairs": len(pairs)})
        sys.stdout.flush()
        if open_:
            import webbrowser

            webbrowser.open(listening.url)

    try:
        unended = listen(
            pairs,
            lab=run.lab,
            file=run.options.file,
            host=host,
            port=port,
            names=name or (),
            token=token,
            certificate=certificate,
            key=key,
            interval=every,
            ready=ready,
        )
    except ValueError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        import ssl

        if isinstance(error, ssl.SSLError):
            files = certificate if key is None else f"{certificate} and {key}"
            reason = (error.reason or "not in PEM format").replace("_", " ").lower()
            raise Problem(f"{files} cannot be used as certificate and key: {reason}") from None
        raise Problem(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    if unended:  # a call to a dead server cannot be cancelled, and the interpreter would wait for it
        run.targets.close()
        sys.stdout.flush()
        os._exit(exits.DONE)
