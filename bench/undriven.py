"""From the launcher's click to the field in a Chromium whose frame no test driver has entered.

Playwright puts script worlds of its own into every frame before the frame's document runs: 10 to 20 ms of the way that is
measured, which no citizen's browser goes. Here DevTools' protocol speaks to the portal's page alone. The page hears "ready"
from the frame after the field has the focus and the chat is whole, so the figure is the field's time or a little more.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench.errors import BenchError

START_S = 20.0
SETTLE_S = 0.7
CLICK = """new Promise((done) => {
  let clicked;
  addEventListener('message', (event) => {
    if (!event.data || event.data.type !== 'ready') return;
    const ms = performance.now() - clicked;
    setTimeout(() => done(JSON.stringify([ms, document.activeElement.localName])));
  });
  const launcher = document.querySelector('hoi-mot-cua').shadowRoot.querySelector('.launcher');
  setTimeout(() => { clicked = performance.now(); launcher.click(); });
})"""


def click_to_ready(chromium: str, address: str, runs: int) -> list[float]:
    """Milliseconds of each run, in a fresh browser context each."""
    with browser(chromium) as session:
        return [one_click(session, address) for _ in range(runs)]


def one_click(session: Session, address: str) -> float:
    context = session.send("Target.createBrowserContext")["browserContextId"]
    target = session.send("Target.createTarget", url=address, browserContextId=context, width=1280, height=800)["targetId"]
    page = session.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    time.sleep(SETTLE_S)
    given = session.send("Runtime.evaluate", page, expression=CLICK, awaitPromise=True, returnByValue=True)
    ms, focused = json.loads(given["result"]["value"])
    if focused != "hoi-mot-cua":
        raise BenchError(f"the focus should be in the chat, it is in <{focused}>")
    session.send("Target.disposeBrowserContext", browserContextId=context)
    return float(ms)


class Session:
    """Calls of DevTools' protocol, one after another; events are passed over."""

    def __init__(self, line: ClientConnection) -> None:
        self._line, self._ids = line, itertools.count(1)

    def send(self, method: str, session_id: str = "", **params: Any) -> dict[str, Any]:
        """The call's result; raises BenchError with the browser's own words where it refuses."""
        number = next(self._ids)
        self._line.send(json.dumps({"id": number, "method": method, "params": params} | ({"sessionId": session_id} if session_id else {})))
        while True:
            heard = json.loads(self._line.recv(timeout=START_S))
            if heard.get("id") != number:
                continue
            if "error" in heard:
                raise BenchError(f"{method}: {heard['error']['message']}")
            return heard["result"]


@contextmanager
def browser(chromium: str) -> Iterator[Session]:
    """A headless Chromium with a profile of its own, ended afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, "--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            with connect(_address_of(process), max_size=None) as line:
                yield Session(line)
        finally:
            process.terminate()
            process.wait(START_S)


def _address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"listening on (ws://\S+)", line):
            return found[1]
    raise BenchError(f"Chromium ended before it listened (code {process.poll()})")
