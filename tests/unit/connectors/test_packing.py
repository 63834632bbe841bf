"""What is packed and what is not, whatever stands behind."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from connectors.packing import MIN_BYTES, PublicPacking


def packing_of(path: str, n_bytes: int, accepted: str = "gzip, br") -> str:
    app = Starlette(routes=[Route("/{rest:path}", lambda _: PlainTextResponse("a" * n_bytes))])
    return TestClient(PublicPacking(app)).get(path, headers={"accept-encoding": accepted}).headers.get("content-encoding", "")


@pytest.mark.parametrize("path", ["/", "/widget.js", "/static/widget/chat.js", "/thu-tuc/1.001193", "/kiosk"])
def test_what_anybody_may_read_is_packed(path: str) -> None:
    assert packing_of(path, MIN_BYTES) == "gzip"
    assert packing_of(path, MIN_BYTES, "identity") == ""


@pytest.mark.parametrize("path", ["/api/v1/ask", "/staff", "/staff/inbox", "/actions/webhook", "/webhooks/zalo", "/metrics"])
def test_answers_to_a_person_and_pages_of_clerks_are_not_packed(path: str) -> None:
    assert packing_of(path, 50 * MIN_BYTES) == ""


def test_what_is_short_is_sent_as_it_is() -> None:
    assert packing_of("/", MIN_BYTES - 1) == ""
