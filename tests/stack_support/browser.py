"""A headless Chromium for tests, spoken to over the pipe of its DevTools protocol: no driver and no web socket.

Seen without JavaScript of our own: what the page asked for, what it looks like, and what it complained about.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NOT_FOUND = "no Chromium on PATH: install it (Debian: apt install chromium), or set CHROME_PATH to its program"
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--no-default-browser-check", "--no-proxy-server",
)  # fmt: skip
# Chromium reads commands from descriptor 3 and writes answers to descriptor 4.
ON_DESCRIPTORS = (
    "import os,sys; os.dup2(int(sys.argv[1]),3); os.dup2(int(sys.argv[2]),4); os.execvp(sys.argv[3],sys.argv[3:])"
)
ANSWER_SECONDS = 20.0


def chromium() -> str | None:
    """The program, from CHROME_PATH or PATH."""
    return os.environ.get("CHROME_PATH") or next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Screen:
    width: int
    height: int
    dark: bool = False
    scale: int = 2


@dataclass(slots=True)
class Browser:
    """One tab. `events` is everything the browser told since it was last cleared."""

    process: subprocess.Popen[bytes]
    commands: int
    answers: int
    session: str = ""
    last: int = 0
    rest: bytes = b""
    events: list[dict[str, Any]] = field(default_factory=list)

    def open_tab(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def show(self, url: str, screen: Screen) -> None:
        """Load a page on a screen, until nothing is being loaded any more."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width, height=screen.height, deviceScaleFactor=screen.scale, mobile=screen.width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if screen.dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def screenshot(self, *, whole: bool = False) -> bytes:
        return base64.b64decode(
            self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, optimizeForSpeed=True)[
                "data"
            ]
        )

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page; the page itself needs no script for that."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def requested(self) -> list[str]:
        sent = self.told("Network.requestWillBeSent")
        return [event["request"]["url"] for event in sent]

    def complaints(self) -> list[str]:
        """What stands in the console: blocked by policy, not found, not understood."""
        return [event["entry"]["text"] for event in self.told("Log.entryAdded")]

    def told(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") == method]

    def wait_for(self, method: str) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self.told(method):
            self._read(deadline)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.last += 1
        message: dict[str, Any] = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            for event in self._read(deadline):
                if event.get("id") == self.last:
                    assert "error" not in event, f"{method}: {event['error']}"
                    result: dict[str, Any] = event["result"]
                    return result

    def _read(self, deadline: float) -> list[dict[str, Any]]:
        ready, _, _ = select.select([self.answers], [], [], max(0.0, deadline - time.monotonic()))
        data = os.read(self.answers, 1 << 20) if ready else b""
        if not data:
            raise AssertionError("Chromium did not answer: it ended or hangs")
        *whole, self.rest = (self.rest + data).split(b"\0")
        messages = [json.loads(one) for one in whole]
        self.events += [one for one in messages if "method" in one]
        return messages


@contextmanager
def browser(program: str, folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in the folder; it ends with the block, by its own process id."""
    theirs_in, ours_out = _pipe()
    ours_in, theirs_out = _pipe()
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [program, *FLAGS, *root, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", ON_DESCRIPTORS, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=os.environ | {"HOME": str(folder)},
        )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    tab = Browser(process, ours_out, ours_in)
    try:
        tab.open_tab()
        yield tab
    finally:
        _end(tab)


def _pipe() -> tuple[int, int]:
    """Both ends above the descriptors that Chromium's own will be laid over."""
    ends = os.pipe()
    above = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return above[0], above[1]


def _end(tab: Browser) -> None:
    tab.session = ""
    with contextlib.suppress(AssertionError, OSError):
        tab.call("Browser.close")
    os.close(tab.commands)
    os.close(tab.answers)
    try:
        tab.process.wait(5)
    except subprocess.TimeoutExpired:
        tab.process.kill()
        tab.process.wait(5)
