"""A server with a kiosk for the tests of the kiosk and of the helper's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from tests.browser.conftest import Served, new_store

IDLE_S, WARNING_S = 90, 20


@pytest.fixture(scope="module")
def notice_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notice") / "notice.json"


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory, notice_file: Path) -> Iterator[Served]:
    pages = PagesSettings(
        public_url="https://hoi.lamgiang.gov.vn", kiosk_idle_s=IDLE_S, kiosk_warning_s=WARNING_S, helper_idle_s=300, notice_file=notice_file
    )
    served = Served(new_store(tmp_path_factory.mktemp("kiosk")), GatewaySettings(pages=pages))
    yield served
    served.stop()


@pytest.fixture
def served(lobby: Served) -> Served:
    lobby.dialogue.reset()
    return lobby


def type_by_touch(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator("#k-keys").get_by_role("button", name=key, exact=True).tap()
