"""A headless Chromium, driven through a pipe by the DevTools protocol: a real browser without another library."""

import base64
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
ENTER, TAB = "Enter", "Tab"
KEYS = {ENTER: ("\r", 13), TAB: ("", 9), "Space": (" ", 32)}

NAMED = {
    "button",
    "checkbox",
    "columnheader",
    "combobox",
    "image",
    "link",
    "rowheader",
    "searchbox",
    "table",
    "textbox",
}
FAINT = """(() => {
  const light = (colour) => {
    const parts = colour.map((part) => (part / 255 <= 0.03928 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const parsed = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    const whole = text.startsWith("color(") ? parts.slice(0, 3).map((part) => part * 255) : parts.slice(0, 3);
    return [...whole, parts[3] ?? 1];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!text || element instanceof SVGElement || !element.checkVisibility()) continue;
    const layers = [];
    for (let node = element; node && layers.at(-1)?.[3] !== 1; node = node.parentElement)
      layers.push(parsed(getComputedStyle(node).backgroundColor));
    const over = (below, [red, green, blue, opacity]) =>
      [red, green, blue].map((part, at) => part * opacity + below[at] * (1 - opacity));
    const behind = layers.reverse().reduce(over, [255, 255, 255]);
    const colour = parsed(getComputedStyle(element).color).slice(0, 3);
    const [one, other] = [light(colour), light(behind)].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) found.push(`${element.tagName}: ${text.slice(0, 60)}`);
  }
  return found;
})()"""


def find_browser():
    """Return the program, or None."""
    if sys.platform == "win32":
        return None
    return next(filter(None, map(shutil.which, (os.environ.get("DHCPFO_TEST_BROWSER", ""), *PROGRAMS))), None)


class Failed(AssertionError):
    """The browser or the page says no."""


class Browser:
    """One browser with one page."""

    def __init__(self, program):
        self._folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        ends = (*os.pipe(), *os.pipe())
        to_browser, self._write, self._read, from_browser = [
            fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 30) for end in ends
        ]
        for end in ends:
            os.close(end)
        self._process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$@" 3<&{to_browser} 4>&{from_browser}',
                "bash",
                program,
                "--headless",
                "--no-sandbox",  # CI is root in a container
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-proxy-server",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                f"--user-data-dir={self._folder.name}",
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": self._folder.name},
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session = None
        self.console = []
        self.requests = []
        page = self._first_page()
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _first_page(self):
        while True:
            for target in self.call("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return target["targetId"]
            time.sleep(0.05)

    def close(self):
        with contextlib.suppress(Exception):
            self._session = None
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._folder.cleanup()

    def call(self, method, **parameters):
        """Call a method of the protocol and return its result; events are noted meanwhile."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _message(self):
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 16)
            if not more:
                raise Failed("the browser ended")
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        data = json.loads(message)
        self._note(data.get("method"), data.get("params", {}))
        return data

    def _note(self, event, about):
        if event == "Runtime.exceptionThrown":
            self.console.append(about["exceptionDetails"].get("exception", {}).get("description", str(about)))
        elif event == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.console.append(about["entry"]["text"])
        elif event == "Page.javascriptDialogOpening":
            self.console.append(f"dialog: {about['message']}")
        elif event == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])

    def run(self, script):
        """Return the value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise Failed(found["exceptionDetails"].get("exception", {}).get("description", script))
        return found["result"].get("value")

    def wait(self, script, seconds=20):
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(Failed):  # the page may be on its way
                if self.run(f"!!({script})"):
                    return
            if time.monotonic() > end:
                shown = self.run("document.body.innerText")
                raise Failed(f"not in {seconds} s: {script}\nconsole: {self.console}\npage: {shown}")
            time.sleep(0.05)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def text(self):
        return self.run("document.body.innerText")

    def key(self, name):
        """Press a key: a letter, or one of `KEYS`."""
        text, code = KEYS.get(name, (name, ord(name[0].upper())))
        about = {"key": name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def size(self, width, height, *, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def scheme(self, name):
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}, still])

    def faint(self):
        """Return the texts that stand out too little from what is behind them (WCAG 2: less than 4.5 to 1)."""
        return self.run(FAINT)

    def nameless(self):
        """Return the roles of what a screen reader can only call by its kind."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        shown = [(node["role"]["value"], node.get("name", {}).get("value")) for node in nodes if not node["ignored"]]
        return [role for role, name in shown if role in NAMED and not name]

    def screenshot(self, path, *, whole=False):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(picture["data"]))
