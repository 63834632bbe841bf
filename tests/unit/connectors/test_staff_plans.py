"""Staff pages on plans and tasks, their calendar, and the addresses under which calendar programs fetch it."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from connectors.gateway import create_gateway
from connectors.settings import GatewaySettings
from connectors.staff.calendar import task_calendar
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store
from knowledge.model import Plan, PlanTask, Source
from knowledge.plan_tasks import planned_tasks
from tests.unit.connectors.fakes import dependencies
from tests.unit.connectors.plan_fakes import shelf
from tests.unit.connectors.test_staff import CHEAP, PASSWORD, sign_in, store

__all__ = ["store"]
NOW = datetime(2031, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def client(store: Store) -> TestClient:
    app = create_gateway(dependencies(store=store, plan_catalogue=shelf), GatewaySettings(calendar_secret="k" * 32))
    return TestClient(app, follow_redirects=False, headers={"Accept": "text/html"})


@pytest.fixture
def staff(client: TestClient) -> TestClient:
    sign_in(client)
    return client


def events(data: bytes) -> dict[str, dict]:
    """Events by UID: summary, first day, description."""
    return {str(e["uid"]): {"summary": str(e["summary"]), "day": e["dtstart"].dt, "end": e["dtend"].dt, "about": str(e["description"])} for e in Calendar.from_ical(data).walk("VEVENT")}


def feed_of(page: str) -> str:
    return html.unescape(re.search(r'readonly value="([^"]+)"', page)[1])


@pytest.mark.parametrize("path", ["/staff/plans", "/staff/plans/gio-2031", "/staff/tasks", "/staff/tasks.ics"])
def test_strangers_are_sent_to_the_login(client: TestClient, path: str):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/login")


def test_the_list_filters_and_says_what_is_not_known(staff: TestClient):
    page = staff.get("/staff/plans").text
    assert "3 văn bản" in page and "đã hết" in page and "không nói rõ" in page
    assert "1 văn bản" in staff.get("/staff/plans", params={"text": "bưu chính công ích"}).text
    assert "Năm cần bốn chữ số" in staff.get("/staff/plans", params={"year": "nay"}).text


def test_a_plans_page_shows_head_tree_and_tasks_and_escapes_them(staff: TestClient):
    page = staff.get("/staff/plans/gio-2031").text
    assert "hết hiệu lực từ 01/07/2025, nay là Nghị định số 118/2025/NĐ-CP" in page
    for shown in ("Phó Chủ tịch Trần Văn Gió", "9/NQ-CP", "II.1. Đo", "3 việc", "Sở Gió", "Chưa chắc: Hạn không ghi năm", "&lt;script&gt;"):
        assert shown in page, shown
    assert "<script>alert" not in page
    assert "nói thay thế văn bản này" in staff.get("/staff/plans/gio-2029").text
    assert staff.get("/staff/plans/khong-co").status_code == 404


def test_tasks_are_filtered_and_overdue_ones_are_told_apart(staff: TestClient):
    page = staff.get("/staff/tasks").text
    assert "4 việc" in page and "Đã qua hạn (2)" in page and "30/09/2031 (cuối quý)" in page
    late = staff.get("/staff/tasks", params={"overdue": "true"}).text
    assert "2 việc" in late and "không cho biết việc đã xong" in late
    form = {"agency": "Sở Gió", "role": "co", "quarter": "", "due_after": "", "due_before": "", "text": "", "plan": ""}
    assert "1 việc" in staff.get("/staff/tasks", params=form).text  # empty fields of the form are no conditions


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"due_after": "mai"}, "Hạn từ: cần ngày dạng"),
        ({"due_after": "2031-02-01", "due_before": "2031-01-01"}, "due_after không sau due_before"),
        ({"plan": "99/KH-UBND"}, "Không có văn bản"),
        ({"page": "abc"}, "4 việc"),
        ({"role": "lead"}, "4 việc"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_told_on_the_page(staff: TestClient, query: dict, said: str):
    answer = staff.get("/staff/tasks", params=query)
    assert answer.status_code == 200 and said in answer.text


def test_the_calendar_holds_the_filtered_tasks_that_have_a_day(staff: TestClient):
    answer = staff.get("/staff/tasks.ics", params={"plan": "gio-2031"})
    assert answer.headers["content-type"].startswith("text/calendar")
    found = sorted(events(answer.content).values(), key=lambda e: e["day"])
    assert [(e["day"], e["end"]) for e in found] == [(date(2031, 4, 30), date(2031, 5, 1)), (date(2031, 9, 30), date(2031, 10, 1))]
    assert found[1]["summary"].startswith("Hạn (Quý III)") and "ngày cuối quý" in found[1]["about"] and "ngày cuối" not in found[0]["about"]
    assert "Chủ trì: Sở Gió" in found[1]["about"] and "mục II.1. Đo" in found[1]["about"]
    assert staff.get("/staff/tasks.ics", params={"due_after": "mai"}).status_code == 422


def test_uids_stay_from_one_export_to_the_next():
    tasks = shelf().tasks
    first, again = (events(task_calendar(tasks, "Việc", "/p/{}", now)) for now in (NOW, NOW.replace(year=2032)))
    assert first.keys() == again.keys() and len(first) == 3


def test_any_text_gives_a_calendar_that_every_program_reads():
    what = "Đo gió; ghi sổ, gửi\\nộp\x0c\x00 đúng\rhạn\r\ntừng\x0b ngày " + "rất dài " * 40
    task = PlanTask(what, "Sở\x1f Gió", ("UBND các xã; phường",), "Sổ\tgió", "Quý III", "II")
    plan = Plan("kế hoạch gió?", "Gió", Source("gio.txt", "Gió"), "3/KH-UBND", "Kế hoạch", issued_on=date(2031, 1, 2), tasks=(task, task))
    raw = task_calendar(planned_tasks((plan,), date(2031, 5, 1)), "Việc, của; Sở\nGió", "https://example.invalid/p/{}", NOW)
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"\r\n") and max(map(len, lines)) <= 75
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw) and raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    calendar = Calendar.from_ical(raw)
    found = calendar.walk("VEVENT")
    assert calendar.errors == [] and all(event.errors == [] for event in found)
    assert b"X-WR-CALNAME:Vi\xe1\xbb\x87c\\, c\xe1\xbb\xa7a\\; S\xe1\xbb\x9f Gi\xc3\xb3" in raw.replace(b"\r\n ", b"")
    assert found[0]["summary"].startswith("Hạn (Quý III): Đo gió; ghi sổ, gửi\\nộp đúng hạn từng ngày rất dài")
    assert "Chủ trì: Sở Gió\nPhối hợp: UBND các xã; phường" in found[0]["description"]
    assert len({str(event["uid"]) for event in found}) == 2 and all(event["dtstamp"].dt == NOW for event in found)
    assert found[0]["url"] == "https://example.invalid/p/k%E1%BA%BF%20ho%E1%BA%A1ch%20gi%C3%B3%3F"


def test_a_tokened_address_needs_no_login_and_opens_its_own_filter_only(staff: TestClient, client: TestClient):
    address = feed_of(staff.get("/staff/tasks", params={"agency": "Sở Tài chính"}).text)
    client.cookies.clear()
    assert len(events(client.get(address).content)) == 1
    for forged in (address.replace("agency=", "text="), address.replace("T%C3%A0i", "N%E1%BB%99i"), address[:-1] + "0x"[address[-1] == "0"], address.replace("who=lan", "who=ai")):
        assert client.get(forged).status_code == 404, forged
    assert client.get("/calendar/tasks.ics").status_code == 404


def test_a_new_password_or_a_removed_account_ends_the_address(staff: TestClient, store: Store):
    accounts = StaffAccounts(store, CHEAP)
    address = feed_of(staff.get("/staff/tasks").text)
    assert staff.get(address).status_code == 200
    accounts.set_password("lan", PASSWORD + "-moi")
    assert staff.get(address).status_code == 404
    sign_in(staff, PASSWORD + "-moi")
    address = feed_of(staff.get("/staff/tasks").text)
    accounts.remove("lan")
    assert staff.get(address).status_code == 404


def test_without_a_secret_there_are_no_tokened_addresses(store: Store):
    app = create_gateway(dependencies(store=store, plan_catalogue=shelf), GatewaySettings())
    client = TestClient(app, follow_redirects=False, headers={"Accept": "text/html"})
    sign_in(client)
    page = client.get("/staff/tasks").text
    assert "Tải lịch" in page and "/calendar/tasks.ics" not in page
    assert client.get("/calendar/tasks.ics?who=lan&key=").status_code == 404
