"""axe-core on a page: every rule it knows for WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, is_forced: bool = False, is_wcag_only: bool = False) -> list[str]:
    """Rule, help and first places of each violation; [] for none.

    ``is_forced``: with forced colours the reader's own colours are painted, but Chromium still computes the page's for text:
    contrast, which axe would judge by them, is the reader's matter there. ``is_wcag_only`` leaves out the practices: galleries
    hold many pages in one.
    """
    tags = [tag for tag in TAGS if not is_wcag_only or tag.startswith("wcag")]
    rules = {"color-contrast": {"enabled": not is_forced}}
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}, "rules": rules}).response["violations"]
    return [f"{each['id']}: {each['help']} at {[node['target'] for node in each['nodes'][:3]]}" for each in found]
