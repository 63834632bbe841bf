"""Figures of the widget, measured in Chromium: sizes, what it adds to a page's load, and the way from click to field.

    python -m bench.widget [--runs 7]

Pages and gateway run on loopback; the gateway's answers are scripted, so nothing but the widget is measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

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
CLICK = """(button) => new Promise((done) => {
  const began = performance.now();
  HoiMotCua.on('ready', () => done(performance.now() - began));
  button.click();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    portal = Portal()
    served = Served(new_store(Path(tempfile.mkdtemp())), GatewaySettings(embed_origins=(portal.url, portal.same_site)))
    portal.assistant = served.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        report = {
            "gzip_bytes": sizes(),
            "page_without": load(browser, f"{portal.url}/modern.html", runs, is_blocked=True),
            "page_with": load(browser, f"{portal.url}/modern.html", runs),
            "chat_page_alone": load(browser, f"{served.url}/embed", runs),
            "click_to_usable_field_ms": opening(browser, f"{portal.url}/modern.html", runs),
            "runs": runs, "chromium": browser.version,
        }  # fmt: skip
        browser.close()
    portal.stop()
    served.stop()
    print(json.dumps(report, indent=2, ensure_ascii=False))


def sizes() -> dict[str, int]:
    parts = {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ("widget.js", "chat.js", "chat.css")}
    return parts | {"all": sum(parts.values())}


def load(browser: Browser, address: str, runs: int, is_blocked: bool = False) -> dict[str, float]:
    """Medians of largest paint (ms), layout shift and blocking time (long tasks beyond 50 ms each), fresh cache each."""
    found: dict[str, list[float]] = {"lcp": [], "cls": [], "tbt": []}
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.add_init_script(OBSERVE)
        if is_blocked:
            page.route("**/widget.js", lambda route: route.fulfill(content_type="text/javascript", body="window.HoiMotCua = { on() {} };"))
        page.goto(address)
        page.wait_for_timeout(800)
        for name, value in page.evaluate("({ ...seen })").items():
            found[name].append(value)
        context.close()
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


def opening(browser: Browser, address: str, runs: int) -> dict[str, float]:
    """From the press of the launcher to the field that has the focus: first opening, cold and warm cache; opening again."""
    cold, warm, again = [], [], []
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        for found in (cold, warm):
            page.goto(address)
            page.wait_for_load_state("networkidle")
            button = page.get_by_role("button", name=LABEL)
            found.append(button.evaluate(CLICK))
            field = page.frame_locator("hoi-mot-cua iframe").get_by_label(FIELD, exact=True)
            field.wait_for()
            assert field.evaluate("node => node === document.activeElement"), "the field can be typed into"
        page.evaluate("HoiMotCua.close()")
        again.append(page.evaluate("() => { const began = performance.now(); HoiMotCua.open(); return performance.now() - began; }"))
        context.close()
    return {
        name: {"median": round(statistics.median(values), 1), "worst": round(max(values), 1)}
        for name, values in {"first_cold": cold, "first_warm": warm, "again": again}.items()
    }


if __name__ == "__main__":
    main()
