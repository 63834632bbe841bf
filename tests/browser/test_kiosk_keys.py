"""The keys of the kiosk's screen: large enough, in sight, and right for a screen of any shape."""

# ruff: noqa: F811 - parameters of tests have the names of the fixtures above
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Served, shoot
from tests.browser.lobby import lobby, notice_file, served, type_by_touch  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser

LETTERS = set("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
KEYS = """() => [...document.querySelectorAll('#k-keys button')].map((node) => {
  const box = node.getBoundingClientRect();
  return { name: node.getAttribute('aria-label') || node.textContent, left: box.left, top: box.top, right: box.right, bottom: box.bottom };
})"""


@pytest.mark.parametrize("is_larger", [False, True])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 740), (561, 800), (768, 1024), (1080, 1920)])
def test_every_key_is_large_enough_apart_from_its_neighbours_and_in_sight(
    new_context: Callable[..., BrowserContext], served: Served, width: int, height: int, is_larger: bool
) -> None:
    page = new_context(viewport={"width": width, "height": height}, has_touch=True).new_page()
    page.goto(served.url + "/kiosk")
    if is_larger:
        page.get_by_role("button", name="Chữ to").tap()
    page.get_by_role("button", name="Gõ câu hỏi").tap()
    for layer in ("letters", "numbers"):
        keys = page.evaluate(KEYS)
        names = {key["name"] for key in keys}
        wanted = LETTERS | {"Số và dấu câu"} if layer == "letters" else {*"1234567890/-.,:?()", "Chữ"}
        assert wanted | {"Dấu cách", "Gửi câu hỏi", "Xóa một chữ", "Dấu sắc", "Dấu nặng", "Bỏ dấu thanh"} <= names
        small = [key for key in keys if key["right"] - key["left"] < 44 or key["bottom"] - key["top"] < 44]
        assert small == [], layer
        assert [key for key in keys if key["left"] < 0 or key["right"] > width] == [], layer
        over = [(a["name"], b["name"]) for a in keys for b in keys if a is not b and a["left"] < b["right"] and b["left"] < a["right"] and a["top"] < b["bottom"] and b["top"] < a["bottom"]]
        assert over == [], layer
        shoot(page, f"kiosk-{layer}-{width}{'-larger' if is_larger else ''}")
        if not is_larger:
            assert max(key["bottom"] for key in keys) <= height, "no scrolling to a key"
            assert page.get_by_label("Câu hỏi", exact=True).bounding_box()["y"] >= 0
            assert page.get_by_role("log").bounding_box()["height"] >= 40
        page.get_by_role("button", name="Số và dấu câu").tap() if layer == "letters" else None


def test_a_screen_that_is_turned_gets_the_keys_that_fit_and_keeps_the_words(new_context: Callable[..., BrowserContext], served: Served) -> None:
    page = new_context(viewport={"width": 320, "height": 640}, has_touch=True).new_page()
    page.goto(served.url + "/kiosk")
    page.get_by_role("button", name="Gõ câu hỏi").tap()
    type_by_touch(page, *"giâ", "Dấu sắc", "y")
    assert page.locator("#k-keys .k-row").nth(1).inner_text().split() == [*"aăâbcd"]
    page.set_viewport_size({"width": 800, "height": 360})
    expect(page.locator("#k-keys .k-row").nth(2)).to_have_text("qwertyuiop")
    type_by_touch(page, "Dấu cách", "t", "ơ", "Dấu huyền")
    expect(page.get_by_label("Câu hỏi", exact=True)).to_have_value("giấy tờ")
