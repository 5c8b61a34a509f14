"""Make the pictures of docs/serve.md with a headless Chromium, from a lab.

The package must be installed with its ``test`` extra in the environment of this interpreter.
"""

import argparse
import sys
import threading
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT / "tests" / "serve"))

VIEWS = {
    "serve-pairs": ("", ".card .chip.ok"),
    "serve-scope": ("pair/0/scope/10.0.1.0", ".split"),
    "serve-timeline": ("pair/1/timeline", ".segment"),
}


def main() -> int:
    """Write the pictures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    from chromium import Browser, find_browser  # type: ignore[import-not-found,unused-ignore]
    from served import SERVERS, add_pairs  # type: ignore[import-not-found,unused-ignore]

    from dhcpfo.serve import Listening, serve
    from dhcpfo.simulator import Lab

    program = find_browser()
    if program is None:
        print("Chromium is not installed")
        return 1
    lab = Lab()
    add_pairs(lab)
    lab.add_pair("warehouse", primary="w1", secondary="w2", scopes=["10.9.0.0/24"])
    lab.advance(timedelta(minutes=10))
    pairs = {name: lab.connect_pair(*servers) for name, servers in [*SERVERS.items(), ("warehouse", ("w1", "w2"))]}
    ready: list[Listening] = []
    event = threading.Event()

    def note(listening: Listening) -> None:
        ready.append(listening)
        event.set()

    thread = threading.Thread(target=lambda: serve(pairs, lab=lab, port=0, ready=note))
    thread.start()
    event.wait(30)
    browser = Browser(program)
    browser.size(1000, 620)
    browser.open(ready[0].url)
    browser.wait("document.querySelector('.card .chip.ok')")
    PICTURES.mkdir(exist_ok=True)
    for name, (place, there) in VIEWS.items():
        browser.run(f"location.hash = '#/{place}'")
        browser.wait(f"document.querySelector({there!r})")
        browser.screenshot(PICTURES / f"{name}.png")
    browser.close()
    ready[0].stop()
    thread.join(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
