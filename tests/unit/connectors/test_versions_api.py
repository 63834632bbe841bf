"""Versions and changes over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from connectors.errors import StoreError
from connectors.gateway import create_gateway
from tests.unit.connectors.fakes import dependencies

ROW = {
    "kind": "procedure", "id": "9.1", "number": "9.1", "title": "Khai sinh", "digest": "ab", "source": "a.jsonl", "source_title": "Cổng",
    "origin": "imported", "read_on": "2026-07", "last_read_on": "2026-10", "in_force_from": None, "in_force_to": None,
    "since": date(2026, 7, 1), "until": None, "is_stated": False, "replaces": [], "replaced_by": "", "status": "current",
    "went_live": datetime(2026, 11, 22), "differences": [{"part": "fee", "added": ["8.000"], "removed": []}],
}  # fmt: skip


class Versions:
    def __init__(self, is_away: bool = False) -> None:
        self.asked: list[Any] = []
        self._is_away = is_away

    def of_procedure(self, code: str) -> list[dict[str, Any]]:
        if self._is_away:
            raise StoreError("away")
        return [ROW] if code == "9.1" else []

    def since(self, *asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        return self.of_procedure("9.1")


def client(versions: Versions | None) -> TestClient:
    return TestClient(create_gateway(dependencies(versions=versions)), client=("127.0.0.1", 40_000))


def test_versions_of_a_procedure_come_with_days_and_differences() -> None:
    (row,) = client(Versions()).get("/api/v1/procedures/9.1/versions").json()["items"]
    assert (row["since"], row["until"], row["status"]) == ("2026-07-01", None, "current")
    assert row["differences"][0]["added"] == ["8.000"]
    assert row["went_live"] == "2026-11-22T00:00:00Z", "a moment without its zone is nobody's"


def test_an_unknown_code_is_404() -> None:
    assert client(Versions()).get("/api/v1/procedures/9.2/versions").status_code == 404


def test_changes_pass_day_kind_and_limit() -> None:
    versions = Versions()
    found = client(versions).get("/api/v1/changes", params={"since": "2026-11-01", "kind": "plan", "limit": 7})
    assert found.status_code == 200 and found.json()["items"]
    assert versions.asked == [(date(2026, 11, 1), "plan", 8, 0)]


class ManyVersions(Versions):
    """Five changes, newest first."""

    def since(self, day: date, kind: str | None, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        return [{**ROW, "id": f"9.{n}"} for n in range(5)][offset : offset + limit]


def test_every_change_is_on_some_page_and_the_last_page_says_so() -> None:
    api, seen, more = client(ManyVersions()), [], []
    for page in (1, 2, 3, 4):
        found = api.get("/api/v1/changes", params={"since": "2026-11-01", "limit": 2, "page": page}).json()
        seen.append([row["id"] for row in found["items"]])
        more.append((found["page"], found["has_more"]))
    assert seen == [["9.0", "9.1"], ["9.2", "9.3"], ["9.4"], []]
    assert more == [(1, True), (2, True), (3, False), (4, False)]


@pytest.mark.parametrize("bad", [{}, {"since": "1/11/2026"}, {"since": "2026-11-01", "limit": 501}, {"since": "2026-11-01", "page": 0}, {"since": "2026-11-01", "kind": "faq"}])
def test_what_is_out_of_range_is_refused(bad: dict) -> None:
    assert client(Versions()).get("/api/v1/changes", params=bad).status_code == 422


@pytest.mark.parametrize("path", ["/api/v1/procedures/9.1/versions", "/api/v1/changes?since=2026-11-01"])
def test_a_database_that_is_away_is_503(path: str) -> None:
    assert client(Versions(is_away=True)).get(path).status_code == 503


def test_without_versions_there_are_no_such_routes() -> None:
    assert client(None).get("/api/v1/changes?since=2026-11-01").status_code == 404
