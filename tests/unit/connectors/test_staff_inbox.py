"""Staff pages of the message path, and webhooks through the whole gateway."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from connectors.channel_path import ChannelParts, ConnectedChannel, PathSettings
from connectors.channels.base import ChannelLimits, ChannelPayload
from connectors.gateway import create_gateway
from connectors.inbox import letters
from connectors.inbox.chats import open_chat
from connectors.inbox.database import InboxDatabase
from connectors.inbox.outbox import add_outgoing
from connectors.inbox.receiving import MaskedMessage, receive
from connectors.inbox.tables import Chat, InboxMessage
from connectors.inbox.tickets import add_entry, open_ticket
from connectors.staff.inbox_pages import window_of
from connectors.store.accounts import StaffAccounts
from connectors.store.contacts import StoreContacts
from connectors.store.database import Store
from connectors.widget.ports import ContactRequest
from tests.channel_path_fakes import SECRET, FakeChannel, event
from tests.unit.connectors.fakes import dependencies

HOUR = 3_600.0
ZALO = ChannelLimits(text_chars=2_000, reply_window_s=48 * HOUR, send_window_s=168 * HOUR)


class Staff:
    """A signed-in member of staff, and the path's database."""

    def __init__(self, client: TestClient, database: InboxDatabase, channel: FakeChannel, store: Store) -> None:
        self.client, self.database, self.channel, self.store = client, database, channel, store

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert found
        return found.group(1)

    def do(self, address: str, page: str, **form: str) -> int:
        return self.client.post(address, data={"csrf_token": self.token(page), **form}, follow_redirects=False).status_code

    def ask_for_a_person(self, words: str = "cho tôi gặp cán bộ <b>") -> None:
        def work(tx: object) -> None:
            chat = open_chat(tx, "fake", "c1", "c1")
            open_ticket(tx, chat)
            add_entry(tx, chat, "citizen", words)

        self.database.run(work)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    url = f"sqlite:///{tmp_path / 'm.db'}"
    store, database, channel = Store(url), InboxDatabase(url), FakeChannel(limits=ZALO)
    parts = ChannelParts(database, [ConnectedChannel(channel)], PathSettings(n_answering=0))
    StaffAccounts(store).add("lan", "mat-khau-dai")
    app = create_gateway(dependencies(store=store, channels=parts))
    with TestClient(app, base_url="http://testserver") as client:
        sign_in(client)
        yield Staff(client, database, channel, store)


def sign_in(client: TestClient) -> None:
    login = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/login").text)
    assert login
    client.post("/staff/login", data={"name": "lan", "password": "mat-khau-dai", "csrf_token": login.group(1)})


def leave(store: Store, reach: str, matter: str) -> str:
    return StoreContacts(store).leave(ContactRequest(reach, matter, "Bà Sáu", "1.001193", "s-1"))


def test_the_inbox_lists_who_waits_with_the_channels_window(staff: Staff) -> None:
    staff.ask_for_a_person()
    page = staff.client.get("/staff/inbox").text
    assert "cho tôi gặp cán bộ &lt;b&gt;" in page and "Đang chờ" in page
    assert "Còn 47 giờ nhắn miễn phí." in page


def test_staff_answer_and_close(staff: Staff) -> None:
    staff.ask_for_a_person()
    assert staff.do("/staff/inbox/1/answer", "/staff/inbox/1", text="Chào bác, mời bác ra quầy 3") == 303
    page = staff.client.get("/staff/inbox/1").text
    assert "Cán bộ lan" in page and "đang chờ gửi" in page and "Cán bộ đang trả lời" in page
    assert staff.do("/staff/inbox/1/close", "/staff/inbox/1") == 303
    assert "Không có yêu cầu nào" in staff.client.get("/staff/inbox").text
    assert "Đã đóng" in staff.client.get("/staff/inbox?state=closed").text


def test_the_inbox_shows_both_who_wrote_on_a_channel_and_who_left_a_number_on_the_web(staff: Staff) -> None:
    staff.ask_for_a_person()
    number = leave(staff.store, "0912 345 678", "Hỏi về <khai sinh>")
    page = staff.client.get("/staff/inbox").text
    assert "Đang mở (2)" in page and "1 yêu cầu đang mở" in page and "1 người chờ gọi lại" in page
    assert "cho tôi gặp cán bộ" in page and "0912 345 678" in page and "Hỏi về &lt;khai sinh&gt;" in page
    assert staff.do(f"/staff/contacts/{number}", "/staff/inbox") == 303
    assert staff.do(f"/staff/contacts/{number}", "/staff/inbox/1") == 404
    page = staff.client.get("/staff/inbox").text
    assert "0912 345 678" not in page and "Đang mở (1)" in page and "Không có ai chờ gọi lại" in page


def test_closed_requests_name_how_many_are_open_and_hide_telephone_numbers(staff: Staff) -> None:
    staff.ask_for_a_person()
    leave(staff.store, "0912 345 678", "việc")
    page = staff.client.get("/staff/inbox?state=closed").text
    assert "Đang mở (2)" in page and "0 yêu cầu đã đóng" in page and "0912 345 678" not in page


def test_the_old_address_of_contacts_leads_to_the_inbox(staff: Staff) -> None:
    assert staff.client.get("/staff/contacts", follow_redirects=False).headers["location"] == "/staff/inbox#goi-lai"
    assert 'id="goi-lai"' in staff.client.get("/staff/contacts").text


def test_without_channels_the_inbox_still_holds_who_left_a_number(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'm.db'}")
    StaffAccounts(store).add("lan", "mat-khau-dai")
    leave(store, "lan@example.vn", "việc")
    with TestClient(create_gateway(dependencies(store=store)), base_url="http://testserver") as client:
        sign_in(client)
        page = client.get("/staff/inbox").text
    assert "lan@example.vn" in page and "Đang mở (1)" in page and "Chưa nối kênh nào" in page


def test_empty_words_are_not_sent_and_unknown_tickets_are_404(staff: Staff) -> None:
    staff.ask_for_a_person()
    assert staff.do("/staff/inbox/1/answer", "/staff/inbox/1", text="  ") == 303
    assert staff.database.run(letters.lane_figures) == []
    assert staff.client.get("/staff/inbox/99").status_code == 404
    assert staff.do("/staff/inbox/99/answer", "/staff/inbox/1", text="x") == 404


def test_forms_need_their_token_and_pages_a_login(staff: Staff) -> None:
    staff.ask_for_a_person()
    assert staff.client.post("/staff/inbox/1/answer", data={"text": "x"}).status_code == 403
    staff.client.cookies.clear()
    for page in ("/staff/inbox", "/staff/inbox/1", "/staff/contacts", "/staff/letters"):
        assert staff.client.get(page, follow_redirects=False).headers["location"] == "/staff/login"


def test_letters_and_alarms_are_shown_replayed_and_put_aside(staff: Staff) -> None:
    def lose(tx: object) -> None:
        receive(tx, [MaskedMessage(event("1", "câu hỏng")), MaskedMessage(event("2", "câu hỏng nữa"))], 0.0)
        tx.connection.exec_driver_sql("UPDATE inbox_message SET state = 'dead', error = 'no_answer'")

    staff.database.run(lose)
    staff.database.run(letters.raise_alarm, "zalo", "token", "Zalo không nhận mã làm mới")
    page = staff.client.get("/staff/letters").text
    assert "câu hỏng nữa" in page and "bỏ cuộc sau nhiều lần thử" in page and "Zalo không nhận mã làm mới" in page
    assert staff.do("/staff/letters/in/1", "/staff/letters", action="replay") == 303
    assert staff.do("/staff/letters/in/2", "/staff/letters", action="drop") == 303
    assert staff.do("/staff/letters/in/2", "/staff/letters", action="drop") == 404
    assert "Không có tin nào" in staff.client.get("/staff/letters").text
    assert [each.n_waiting for each in staff.database.run(letters.lane_figures)] == [1]


def wrote_hours_ago(staff: Staff, hours: float) -> None:
    at = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=hours)
    staff.database.run(lambda tx: tx.execute(update(Chat).values(last_message_at=at)))


def test_an_answer_is_refused_and_kept_when_the_channels_window_is_closed(staff: Staff) -> None:
    staff.ask_for_a_person()
    form = {"csrf_token": staff.token("/staff/inbox/1"), "text": "Mời bác ra quầy <3>"}
    wrote_hours_ago(staff, 168.1)
    response = staff.client.post("/staff/inbox/1/answer", data=form)
    assert response.status_code == 409
    assert "Chưa gửi." in response.text and "Kênh không cho nhắn nữa" in response.text
    assert "Mời bác ra quầy &lt;3&gt;</textarea>" in response.text
    assert staff.database.run(letters.lane_figures) == [], "nothing waits to be sent"
    assert "Đang chờ" in staff.client.get("/staff/inbox/1").text, "and the assistant goes on answering"


def test_an_answer_that_costs_something_is_still_sent(staff: Staff) -> None:
    staff.ask_for_a_person()
    wrote_hours_ago(staff, 167.9)
    assert staff.do("/staff/inbox/1/answer", "/staff/inbox/1", text="Mời bác ra quầy 3") == 303
    assert [each.n_waiting for each in staff.database.run(letters.lane_figures)] == [1]


@pytest.mark.parametrize(
    ("kind", "hours", "status"),
    [("reply", 47.9, 303), ("reply", 48.1, 409), ("staff", 48.1, 303), ("staff", 168.1, 409), ("notice", 48.1, 409)],
)
def test_a_letter_is_sent_again_only_while_the_channels_window_allows_it(staff: Staff, kind: str, hours: float, status: int) -> None:
    staff.ask_for_a_person()
    wrote_hours_ago(staff, hours)

    def lose(tx: object) -> None:
        add_outgoing(tx, "fake", "c1", [(kind, ChannelPayload("send", {"text": "tin lạc"}, "c1"))])
        tx.connection.exec_driver_sql("UPDATE outbox_message SET state = 'dead'")

    staff.database.run(lose)
    assert staff.do("/staff/letters/out/1", "/staff/letters", action="replay") == status
    assert len(staff.database.run(letters.lane_figures)) == (1 if status == 303 else 0)
    assert ("tin lạc" in staff.client.get("/staff/letters").text) == (status == 409), "a refused one stays in the list"


def test_an_old_question_is_not_answered_again_once_its_window_is_over(staff: Staff) -> None:
    def lose(tx: object) -> None:
        receive(tx, [MaskedMessage(event("1", "câu hỏng"))], 0.0)
        old = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=49)
        tx.execute(update(InboxMessage).values(state="dead", received_at=old))

    staff.database.run(lose)
    form = {"csrf_token": staff.token("/staff/letters"), "action": "replay"}
    response = staff.client.post("/staff/letters/in/1", data=form)
    assert response.status_code == 409 and "có tính phí" in response.text and "câu hỏng" in response.text
    assert staff.do("/staff/letters/in/1", "/staff/letters", action="drop") == 303


@pytest.mark.parametrize(
    ("age_h", "state", "words"),
    [(46.1, "free", "Còn 1 giờ"), (47.49, "free", "Còn 30 phút"), (48.1, "paid", "có tính phí"), (167.9, "paid", "có tính phí"), (168.1, "closed", "không cho nhắn nữa")],
)
def test_the_window_on_either_side_of_each_limit(age_h: float, state: str, words: str) -> None:
    at = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=age_h)
    window = window_of(at, ZALO)
    assert window["state"] == state and words in str(window["text"])


def test_channels_without_a_window_and_channels_not_connected() -> None:
    assert window_of(None, ChannelLimits(text_chars=1))["state"] == "free"
    assert window_of(None, None)["state"] == "closed"


def test_a_channel_with_a_window_is_closed_when_nobody_knows_when_the_person_last_wrote() -> None:
    assert window_of(None, ZALO)["state"] == "closed"


def test_webhooks_through_the_gateway_store_refuse_and_limit(staff: Staff) -> None:
    body = json.dumps([event("w1", "hỏi").to_json()])
    assert staff.client.post("/webhooks/fake", content=body, headers={"X-Secret": SECRET}).status_code == 200
    assert staff.client.post("/webhooks/fake", content=body).status_code == 403
    assert staff.client.post("/webhooks/fake", content=b"x" * 5_000_000, headers={"X-Secret": SECRET}).status_code == 413
    assert staff.client.post("/webhooks/unknown", content=body).status_code == 404
    assert staff.client.get("/webhooks/fake").status_code == 405
    assert 'motcua_channel_in_total{channel="fake",outcome="stored"} 1.0' in staff.client.get("/metrics").text


def test_a_code_got_on_a_channel_goes_on_in_the_web_chat_once(staff: Staff) -> None:
    from connectors.inbox.carry import keep_code

    staff.database.run(keep_code, "K3TW-9FQA", {"procedure_code": "1.001193"}, "telegram", 600)
    wrong = staff.client.post("/api/v1/carry-on/take", json={"code": "AAAA-CCCC", "session_id": "s1"})
    taken = staff.client.post("/api/v1/carry-on/take", json={"code": "k3tw9fqa", "session_id": "s1"})
    again = staff.client.post("/api/v1/carry-on/take", json={"code": "K3TW-9FQA", "session_id": "s2"})
    assert (wrong.status_code, taken.status_code, again.status_code) == (404, 200, 404)
    assert taken.json() == {"session_id": "s1", "origin": "telegram"}
