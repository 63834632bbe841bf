"""Staff pages on a real SQLite file: login, CSRF, lock-out, lookup, record, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from connectors.gateway import create_gateway
from connectors.settings import GatewaySettings
from connectors.staff.guard import LoginThrottle
from connectors.store.accounts import AccountError, StaffAccounts
from connectors.store.database import Store
from tests.unit.connectors.fakes import BIRTH, TRADEMARK, FakeDialogue, FakeSearcher, dependencies, reply

PASSWORD = "mat-khau-dai-1"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'motcua.db'}")
    StaffAccounts(store, CHEAP).add("lan", PASSWORD)
    yield store
    store.close()


@pytest.fixture
def searcher() -> FakeSearcher:
    return FakeSearcher()


@pytest.fixture
def client(store: Store, searcher: FakeSearcher) -> TestClient:
    silent = reply("unanswerable_not_found", choices=[{"code": "1.000894", "name": "Kết hôn", "facet": ""}])
    deps = dependencies(store=store, searcher=searcher, dialogue=FakeDialogue(silent))
    settings = GatewaySettings(login_failures=3)
    return TestClient(create_gateway(deps, settings), follow_redirects=False, headers={"Accept": "text/html"})


def csrf_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def sign_in(client: TestClient, password: str = PASSWORD, name: str = "lan", token: str | None = None):
    token = csrf_of(client.get("/staff/login").text) if token is None else token
    return client.post("/staff/login", data={"name": name, "password": password, "csrf_token": token})


@pytest.mark.parametrize("path", ["/staff", "/staff/questions", "/staff/procedures/1.001193"])
def test_pages_send_strangers_to_the_login(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["location"]) == (303, "/staff/login")


def test_login_sets_a_strict_cookie_and_opens_the_lookup(client: TestClient) -> None:
    response = sign_in(client)
    cookie = next(value for value in response.headers.get_list("set-cookie") if value.startswith("motcua_staff="))
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert client.get("/staff").status_code == 200


def test_cookie_is_secure_over_https(store: Store) -> None:
    app = create_gateway(dependencies(store=store), GatewaySettings())
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert "Secure" in sign_in(client).headers.get_list("set-cookie")[-1]


def test_wrong_password_and_unknown_name_get_the_same_answer(client: TestClient) -> None:
    wrong, unknown = sign_in(client, "sai-mat-khau"), sign_in(client, PASSWORD, "khong-co")
    assert wrong.status_code == unknown.status_code == 401
    assert "chưa đúng" in wrong.text and "chưa đúng" in unknown.text


def test_login_without_the_forms_token_is_refused(client: TestClient) -> None:
    client.get("/staff/login")
    assert sign_in(client, token="").status_code == 403
    assert sign_in(client, token="forged").status_code == 403


def test_name_is_locked_out_after_failures_even_with_the_right_password(client: TestClient) -> None:
    assert [sign_in(client, "sai").status_code for _ in range(3)] == [401, 401, 401]
    locked = sign_in(client)
    assert locked.status_code == 429 and "chờ" in locked.text


def test_lock_out_ends_after_its_time() -> None:
    now = [0.0]
    throttle = LoginThrottle(2, 300.0, clock=lambda: now[0])
    throttle.failed("Lan ")
    assert not throttle.is_locked("lan")
    throttle.failed("lan")
    assert throttle.is_locked("lan")
    now[0] = 300.1
    assert not throttle.is_locked("lan")


def test_logout_needs_the_token_and_ends_the_session(client: TestClient) -> None:
    sign_in(client)
    token = csrf_of(client.get("/staff").text)
    assert client.post("/staff/logout", data={"csrf_token": "forged"}).status_code == 403
    cookie = client.cookies["motcua_staff"]
    assert client.post("/staff/logout", data={"csrf_token": token}).status_code == 303
    client.cookies.set("motcua_staff", cookie, path="/staff")
    assert client.get("/staff").status_code == 303


def test_lookup_shows_hits_near_misses_signals_threshold_and_stages(client: TestClient) -> None:
    sign_in(client)
    page = client.get("/staff", params={"q": "le phi khai sinh"}).text
    for shown in (BIRTH.name, "Dưới ngưỡng (1)", "0.830", "dense 0.710", "threshold", "0.55", "lệ phí khai sinh", "8.2"):
        assert shown in page, shown


def test_lookup_escapes_what_records_hold(client: TestClient) -> None:
    sign_in(client)
    page = client.get("/staff", params={"q": '"><script>x</script>'}).text
    assert "<script>alert(1)" not in page and "<script>x" not in page
    assert TRADEMARK.name.replace("<", "&lt;").replace(">", "&gt;") in page


def test_lookup_filters_by_level_field_kind_and_day(client: TestClient, searcher: FakeSearcher) -> None:
    sign_in(client)
    query = {"q": "phí", "level": "Cấp xã", "field": "Hộ tịch", "kind": "procedure", "as_of": "2026-07-31"}
    page = client.get("/staff", params=query).text
    assert "Giữ lại (2)" in page and TRADEMARK.code not in page
    assert searcher.asked[0][2] == ["procedure"] and str(searcher.asked[0][3]) == "2026-07-31"
    assert "Ngày cần dạng" in client.get("/staff", params={"q": "phí", "as_of": "mai"}).text


def test_a_filter_that_only_procedures_bear_finds_no_plan(client: TestClient) -> None:
    sign_in(client)
    assert "Giữ lại (0)" in client.get("/staff", params={"q": "phí", "level": "Cấp xã", "kind": "plan"}).text


def test_record_page_says_what_the_source_does_not(client: TestClient) -> None:
    sign_in(client)
    page = client.get(f"/staff/procedures/{BIRTH.code}").text
    assert "60/2014/QH13" in page and "Nguồn không ghi." in page and "nguồn không ghi đơn vị" in page
    assert client.get("/staff/procedures/9.999999").status_code == 404


def test_unanswered_question_is_stored_masked_listed_counted_and_closed(client: TestClient) -> None:
    sign_in(client)
    for question in ("cấp phép bay, gọi tôi 0912345678", "Cấp phép bay,  gọi tôi 0912345678"):
        client.post("/api/v1/ask", json={"question": question})
    page = client.get("/staff/questions").text
    assert "[số điện thoại]" in page and "0912345678" not in page
    assert re.search(r'<td class="num">2</td>', page) and "1.000894" in page
    path = re.search(r'action="(/staff/questions/\d+)"', page)[1]
    assert client.post(path, data={"state": "closed", "csrf_token": "forged"}).status_code == 403
    assert client.post(path, data={"state": "closed", "csrf_token": csrf_of(page)}).status_code == 303
    assert "Không có câu nào" in client.get("/staff/questions").text
    assert "[số điện thoại]" in client.get("/staff/questions", params={"state": "closed"}).text


def test_closing_an_unknown_question_is_404(client: TestClient) -> None:
    sign_in(client)
    token = csrf_of(client.get("/staff/questions").text)
    assert client.post("/staff/questions/999", data={"state": "closed", "csrf_token": token}).status_code == 404


def test_accounts_refuse_short_passwords_odd_names_and_doubles(store: Store) -> None:
    accounts = StaffAccounts(store, CHEAP)
    with pytest.raises(AccountError, match="at least 10 characters, got 5"):
        accounts.add("binh", "short")
    with pytest.raises(AccountError, match="expected 2 to 64"):
        accounts.add("Bình Nguyễn", PASSWORD)
    with pytest.raises(AccountError, match="exists already"):
        accounts.add("LAN", PASSWORD)
    with pytest.raises(AccountError, match="no account"):
        accounts.set_password("binh", PASSWORD)


def test_new_password_ends_open_sessions(store: Store) -> None:
    accounts = StaffAccounts(store, CHEAP)
    token = accounts.sign_in("lan", PASSWORD, 60)
    assert accounts.user_of(token).name == "lan"
    accounts.set_password("lan", "mot-mat-khau-khac")
    assert accounts.user_of(token) is None
    assert accounts.sign_in("lan", PASSWORD, 60) is None


def test_session_ends_with_its_time(store: Store) -> None:
    accounts = StaffAccounts(store, CHEAP)
    assert accounts.user_of(accounts.sign_in("lan", PASSWORD, -1)) is None
