"""Make the pictures of docs/serve.md with a headless Chromium, from a lab.

The package must be installed with its ``test`` extra in the environment of this interpreter.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT / "tests" / "serve"))

VIEWS = {
    "serve-pairs": ("", ".card .chip.ok"),
    "serve-scope": ("pair/0/scope/10.0.1.0", ".split"),
    "serve-plan": ("plan", ".wanted .total"),
    "serve-timeline": ("pair/1/timeline", ".segment"),
}

FILE = """\
version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships:
      hq-branch: {percent: 70, scopes: {only: true, list: [10.0.0.0, 10.0.2.0]}}
  branch:
    servers: [dhcp3, dhcp4]
    relationships: {branch: {scopes: [10.5.0.0]}}
  warehouse:
    servers: [w1, w2]
    relationships: {warehouse: {switch: 45m}}
"""
"""What the plans are made of."""


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

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # so the page shows no path
        Path("fleet.yaml").write_text(FILE, "utf-8")
        thread = threading.Thread(target=lambda: serve(pairs, lab=lab, file="fleet.yaml", port=0, ready=note))
        thread.start()
        event.wait(30)
        take(Browser(program), ready[0].url)
        ready[0].stop()
        thread.join(30)
    return 0


def take(browser: Any, url: str) -> None:
    """Take a picture of each view."""
    browser.size(1000, 620)
    browser.open(url)
    browser.wait("document.querySelector('.card .chip.ok')")
    PICTURES.mkdir(exist_ok=True)
    for name, (place, there) in VIEWS.items():
        browser.run(f"location.hash = '#/{place}'")
        browser.wait(f"document.querySelector({there!r})")
        browser.screenshot(PICTURES / f"{name}.png")
    browser.close()


if __name__ == "__main__":
    sys.exit(main())
