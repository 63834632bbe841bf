"""Figures of the widget, measured in Chromium: sizes, what it costs the product's front page, and the way from click to field.

    python -m bench.widget [--runs 20]

Pages and gateway run on loopback; the gateway's answers are scripted, so nothing but the widget is measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import re
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Locator, Page, Route, sync_playwright

from bench.undriven import click_to_ready
from connectors.settings import GatewaySettings
from connectors.widget.pages import STATIC
from tests.browser.conftest import CHROMIUM, Portal, Served, new_store

LABEL, FIELD = "Hỏi Lam Giang", "Câu hỏi của bạn"
OBSERVE = """
window.seen = { lcp: 0, cls: 0, tbt: 0 };
const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
watch('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
watch('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
watch('longtask', (entry) => (seen.tbt += Math.max(0, entry.duration - 50)));
"""
FIELD_TIMES = """
document.addEventListener('focusin', (event) => {
  if (event.target.id !== 'chat-input' || window.fieldFocused) return;
  const now = () => performance.timeOrigin + performance.now();
  window.fieldFocused = now();
  requestAnimationFrame(() => setTimeout(() => { window.fieldPainted = now(); }));
}, true);
"""
CLICK_TIMES = """() => document.querySelector('hoi-mot-cua').shadowRoot.querySelector('.launcher').addEventListener('click', () => {
  window.clicked = performance.timeOrigin + performance.now();
}, { capture: true, once: true })"""
REOPEN = """() => new Promise((done) => {
  const began = performance.timeOrigin + performance.now();
  HoiMotCua.open();
  requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now() - began)));
})"""
HOVER_MS = 150  # from reaching the button to pressing it, a quick hand
TAP_MS = 80  # a finger on the glass
SETTLE_MS = 800  # a locator puts 300 KB of script into the frame: asked earlier, it delays the very paint that is measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    portal = Portal()
    served = Served(new_store(Path(tempfile.mkdtemp())), GatewaySettings(embed_origins=(portal.url, portal.same_site)))
    portal.assistant = served.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        report = {
            "gzip_bytes": sizes(served.url),
            "front_page": front_page(browser, f"{served.url}/", runs),
            "frame_alone": load(browser, f"{served.url}/embed", runs),
            "click_to_field_ms": {
                "two_sites": opening(browser, f"{portal.url}/modern.html", runs),
                "one_site": opening(browser, f"{portal.same_site}/modern.html", runs),
            },
            "click_to_ready_undriven_ms": {
                "two_sites": spread(click_to_ready(CHROMIUM, f"{portal.url}/modern.html", runs)),
                "one_site": spread(click_to_ready(CHROMIUM, f"{portal.same_site}/modern.html", runs)),
            },
            "load_average": os.getloadavg(),
            "runs": runs, "chromium": browser.version,
        }  # fmt: skip
        browser.close()
    portal.stop()
    served.stop()
    print(json.dumps(report, indent=2, ensure_ascii=False))


def sizes(base: str) -> dict[str, int]:
    """Bytes of the loader, the frame (which holds chat.js and chat.css), and both together."""
    loader = len(gzip.compress((STATIC / "widget.js").read_bytes(), 9))
    frame = len(gzip.compress(urlopen(f"{base}/embed").read(), 9))
    return {"widget.js": loader, "embed": frame, "all": loader + frame}


def front_page(browser: Browser, home: str, runs: int) -> dict[str, dict[str, dict[str, float]]]:
    """The product's own demonstration page three ways, on a desk and on a slow telephone."""
    ways = {
        "chat_in_the_page": lambda html: html,  # as it is served
        "embedded": lambda html: replaced(html, '<script src="/widget.js" defer></script>'),
        "without": lambda html: replaced(html, ""),
    }
    return {
        device: {way: load(browser, home, runs, edit, device == "telephone") for way, edit in ways.items()}
        for device in ("desk", "telephone")
    }


def replaced(html: str, line: str) -> str:
    """The page with the chat's own files and data taken out, and a line of script put in."""
    without_style = re.sub(r'<link rel="stylesheet" href="/static/widget/chat.css[^>]*>', "", html)
    changed = re.sub(r'<script src="/static/widget/chat.js[^>]*></script>', line, without_style)
    assert changed != without_style != html, "the page holds the chat's files"
    return changed


def load(browser: Browser, address: str, runs: int, edit: Callable[[str], str] | None = None, is_slow: bool = False) -> dict[str, float]:
    """Medians of largest paint (ms), layout shift and blocking time (long tasks beyond 50 ms each), fresh cache each.

    ``is_slow``: Lighthouse's telephone: 360 px wide, processor four times slower, 1.6 Mbit/s, 150 ms there and back.
    """
    found: dict[str, list[float]] = {"lcp": [], "cls": [], "tbt": []}
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 360, "height": 740} if is_slow else {"width": 1280, "height": 800})
        page = context.new_page()
        page.add_init_script(OBSERVE)
        if edit:
            page.route(address, partial(answer_edited, edit))
        if is_slow:
            slow_down(page)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(800)
        for name, value in page.evaluate("({ ...seen })").items():
            found[name].append(value)
        context.close()
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


def answer_edited(edit: Callable[[str], str], route: Route) -> None:
    response = route.fetch()
    route.fulfill(response=response, body=edit(response.text()))


def slow_down(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8,
    })  # fmt: skip


def opening(browser: Browser, address: str, runs: int) -> dict[str, dict[str, float]]:
    """From the press of the launcher to the field: ``focused`` can be typed into, ``painted`` is seen with its caret.

    Each run is a fresh browser context. ``at_once``: nothing reached for the button before the press, the slowest case.
    ``after_hover``: the pointer rested on it first. ``tapped``: a finger, from its lifting, which is the click. ``idle``: with
    data-preload="idle". ``warm``: at once on a second page, files in the browser's cache.
    """
    found: dict[str, list[float]] = {}
    for _ in range(runs):
        for name, hover_ms in (("at_once", 0), ("after_hover", HOVER_MS)):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.add_init_script(FIELD_TIMES)
            page = context.new_page()
            note(found, name, press(page, address, hover_ms))
            if not hover_ms:
                note(found, "warm", press(page, address, 0))
                page.evaluate("HoiMotCua.close()")
                found.setdefault("again_painted", []).append(page.evaluate(REOPEN))
            context.close()
        note_once(found, "tapped", browser, address, TAP_MS, has_touch=True)
        note_once(found, "idle", browser, f"{address}?preload=idle", 0)
    return {name: spread(values) for name, values in found.items()}


def note_once(found: dict[str, list[float]], name: str, browser: Browser, address: str, held_ms: int, **options: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    context.add_init_script(FIELD_TIMES)
    note(found, name, press(context.new_page(), address, held_ms, is_touch="has_touch" in options))
    context.close()


def note(found: dict[str, list[float]], name: str, times: tuple[float, float]) -> None:
    for part, value in zip(("focused", "painted"), times, strict=True):
        found.setdefault(f"{name}_{part}", []).append(value)


def press(page: Page, address: str, hover_ms: int, is_touch: bool = False) -> tuple[float, float]:
    """Milliseconds from the click to the field's focus and to the frame painted after it; both clocks are the machine's."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.evaluate(CLICK_TIMES)
    button = page.get_by_role("button", name=LABEL)
    if is_touch:
        tap(page, button, hover_ms)
    elif hover_ms:
        button.hover()
        page.wait_for_timeout(hover_ms)
        page.mouse.down()
        page.mouse.up()
    else:
        button.evaluate("button => button.click()")
    page.wait_for_timeout(SETTLE_MS)
    frame = next(each for each in page.frames if each.url.partition("#")[0].endswith("/embed"))
    frame.wait_for_function("window.fieldPainted")
    page.frame_locator("hoi-mot-cua iframe").get_by_label(FIELD, exact=True).wait_for()
    clicked = page.evaluate("clicked")
    return frame.evaluate("fieldFocused") - clicked, frame.evaluate("fieldPainted") - clicked


def tap(page: Page, button: Locator, held_ms: int) -> None:
    box = button.bounding_box()
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": box["x"] + 20, "y": box["y"] + 20}]})
    page.wait_for_timeout(held_ms)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 1), "p95": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 1), "worst": round(ordered[-1], 1)}


if __name__ == "__main__":
    main()
