"""``/api/v1/plans`` and ``/api/v1/tasks``: filters, pages, structure, doubts and clear refusals."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from connectors.gateway import create_gateway
from connectors.settings import GatewaySettings
from tests.unit.connectors.fakes import dependencies
from tests.unit.connectors.plan_fakes import ORDER, shelf


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_gateway(dependencies(plan_catalogue=shelf), GatewaySettings()))


def plans(client: TestClient, **query: object) -> list[str]:
    answer = client.get("/api/v1/plans", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def tasks(client: TestClient, **query: object) -> list[str]:
    answer = client.get("/api/v1/tasks", params=query)
    assert answer.status_code == 200, answer.text
    return [item["what"] for item in answer.json()["items"]]


def test_plans_come_latest_first_with_their_number_of_tasks(client: TestClient):
    body = client.get("/api/v1/plans").json()
    assert [(p["id"], p["n_tasks"], p["over"]) for p in body["items"]] == [("lenh", 0, False), ("gio-2031", 3, False), ("gio-2029", 1, True)]
    assert (body["total"], body["page"], body["page_size"]) == (3, 1, 20)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "quyet dinh"}, ["lenh"]),
        ({"authority": "Trăng Sao"}, ["gio-2031", "gio-2029"]),
        ({"authority": "rang Sao"}, []),
        ({"year": 2029}, ["gio-2029"]),
        ({"over": "true"}, ["gio-2029"]),
        ({"over": "false"}, ["lenh", "gio-2031"]),
        ({"text": "buu chinh cong ich"}, ["gio-2031"]),
        ({"text": "7/QĐ-UBND"}, ["lenh"]),
        ({"page_size": 1, "page": 2}, ["gio-2031"]),
        ({"page": 9}, []),
    ],
)
def test_plans_are_filtered(client: TestClient, query: dict, found: list[str]):
    assert plans(client, **query) == found


def test_one_plan_shows_its_head_tree_and_tasks(client: TestClient):
    plan = client.get("/api/v1/plans/gio-2031").json()
    assert (plan["signer"], plan["signer_role"], plan["period_to"]) == ("Trần Văn Gió", "Phó Chủ tịch", "2031-12-31")
    assert plan["legal_grounds"][0]["number"] == "9/NQ-CP" and plan["replaces"][0]["number"] == "4/KH-UBND"
    assert [(s["heading"], [c["heading"] for c in s["children"]]) for s in plan["sections"]] == [
        ("", []), ("I. MỤC ĐÍCH", []), ("II. NHIỆM VỤ", ["II.1. Đo", "II.2. Mua"]),
    ]  # fmt: skip
    below = plan["sections"][2]["children"]
    assert [len(section["task_ids"]) for section in below] == [1, 2]
    assert {task["id"] for task in plan["tasks"]} == {i for section in below for i in section["task_ids"]}


def test_a_plan_that_another_replaces_names_it(client: TestClient):
    assert [p["id"] for p in client.get("/api/v1/plans/gio-2029").json()["replaced_by"]] == ["gio-2031"]
    assert client.get(f"/api/v1/plans/{ORDER.id}").json()["replaced_by"] == []


def test_a_ground_that_has_ended_says_since_when_and_what_stands_now(client: TestClient):
    grounds = client.get("/api/v1/plans/gio-2031").json()["legal_grounds"]
    assert [(g["number"], g["ended_on"], g["now"]) for g in grounds] == [
        ("9/NQ-CP", None, ""), ("61/2018/NĐ-CP", "2025-07-01", "Nghị định số 118/2025/NĐ-CP"),
    ]  # fmt: skip


def test_an_unknown_plan_is_404_in_both_languages(client: TestClient):
    for path in ("/api/v1/plans/khong-co", "/api/v1/tasks?plan=99/KH-UBND"):
        answer = client.get(path)
        assert answer.status_code == 404 and answer.json()["message"] and answer.json()["message_en"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["mua sổ", "đo gió trên đồi, ghi vào sổ", "Giữ cột gió", "Dựng cột"]),
        ({"agency": "sở gió"}, ["mua sổ", "đo gió trên đồi, ghi vào sổ", "Dựng cột"]),
        ({"agency": "so gio", "role": "lead"}, ["đo gió trên đồi, ghi vào sổ", "Dựng cột"]),
        ({"agency": "Sở Gió", "role": "co"}, ["mua sổ"]),
        ({"quarter": "2031-Q3"}, ["đo gió trên đồi, ghi vào sổ"]),
        ({"due_after": "2031-09-30"}, ["đo gió trên đồi, ghi vào sổ"]),
        ({"due_before": "2031-04-30"}, ["mua sổ", "Dựng cột"]),
        ({"due_before": "2031-04-30", "current": "true"}, ["mua sổ"]),
        ({"overdue": "true"}, ["mua sổ", "Dựng cột"]),
        ({"plan": "4/KH-UBND"}, ["Dựng cột"]),
        ({"plan": "gio-2029"}, ["Dựng cột"]),
        ({"text": "tren doi"}, ["đo gió trên đồi, ghi vào sổ"]),
        ({"quarter": "2031-Q1", "going_on": "true", "plan": "gio-2031"}, ["Giữ cột gió"]),
        ({"page": 2, "page_size": 3}, ["Dựng cột"]),
    ],
)
def test_tasks_are_filtered(client: TestClient, query: dict, found: list[str]):
    assert tasks(client, **query) == found


def test_a_task_carries_section_quotation_deadline_and_doubts(client: TestClient):
    items = {item["what"]: item for item in client.get("/api/v1/tasks").json()["items"]}
    measured = items["đo gió trên đồi, ghi vào sổ"]
    assert measured["section"] == "II.1. Đo" and measured["quote"] == "Sở Gió đo gió trên đồi, ghi vào sổ, xong trong Quý III."
    assert measured["deadline"] == {"text": "Quý III", "kind": "quarter", "starts": "2031-07-01", "due": "2031-09-30"}
    assert [doubt["code"] for doubt in measured["uncertain"]] == ["year_assumed"]
    assert all(doubt["text"] and doubt["text_en"] for item in items.values() for doubt in item["uncertain"])
    assert [doubt["code"] for doubt in items["Giữ cột gió"]["uncertain"]] == ["lead_group"]
    assert items["mua sổ"]["overdue"] and items["mua sổ"]["uncertain"] == [] and not measured["overdue"]


def test_ids_of_tasks_are_each_their_own_and_stay(client: TestClient):
    ids = [item["id"] for item in client.get("/api/v1/tasks").json()["items"]]
    assert len(set(ids)) == 4 and ids == [item["id"] for item in client.get("/api/v1/tasks").json()["items"]]


@pytest.mark.parametrize(
    ("path", "field", "said"),
    [
        ("/api/v1/tasks?quarter=3", "quarter", "20"),
        ("/api/v1/tasks?due_after=mai", "due_after", "2026-07-31"),
        ("/api/v1/tasks?due_after=2031-02-01&due_before=2031-01-01", "query", "due_after not later"),
        ("/api/v1/tasks?quarter=2031-Q1&due_after=2031-01-01", "query", "either quarter"),
        ("/api/v1/tasks?role=lead", "query", "role needs agency"),
        ("/api/v1/tasks?role=boss&agency=x", "role", "one of"),
        ("/api/v1/tasks?agancy=x", "agancy", "no such field"),
        ("/api/v1/tasks?overdue=co", "overdue", "true or false"),
        ("/api/v1/plans?year=nay", "year", "an integer"),
        ("/api/v1/plans?page=0", "page", "1 or more"),
        ("/api/v1/plans?page_size=101", "page_size", "at most 100"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_both_languages(client: TestClient, path: str, field: str, said: str):
    answer = client.get(path)
    fault = answer.json()["faults"][0]
    assert answer.status_code == 422 and field in fault["field"] and said in fault["expected"] and " / " in fault["expected"]


def test_openapi_shows_the_routes_with_their_filters(client: TestClient):
    schema = client.get("/openapi.json").json()
    for path, name in (("/api/v1/tasks", "due_before"), ("/api/v1/plans", "authority")):
        parameters = {p["name"]: p for p in schema["paths"][path]["get"]["parameters"]}
        assert parameters[name]["description"]
    assert "422" in schema["paths"]["/api/v1/tasks"]["get"]["responses"]
