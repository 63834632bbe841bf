"""Webhook in, answer out: the gateway as it is wired, its connectors, and the channels' protocols over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from connectors import channel_texts as say
from connectors.store.tables import Feedback
from tests.running_gateway import MENU, Office, office

pytestmark = pytest.mark.integration
CHANNELS = ("telegram", "zalo", "zalo-bot")
BY_CHANNEL = pytest.mark.parametrize("channel", CHANNELS)
_people = itertools.count(5_550_001)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture
def person() -> int:
    return next(_people)


def texts(shown: list[dict[str, object]]) -> list[str]:
    return [str(message["text"]) for message in shown]


# A question


@BY_CHANNEL
def test_a_question_that_comes_by_webhook_is_answered_with_its_source(here: Office, person: int, channel: str) -> None:
    first, answer = texts(here.say(channel, person, "Làm khai sinh cho con cần gì?"))
    assert first.startswith("Chào bạn! Mình là máy trả lời tự động")
    assert answer.startswith("Bạn cần Giấy chứng sinh.") and "Nguồn: Thủ tục đăng ký khai sinh, 1.001193" in answer
    assert "https://example.vn/1.001193" in answer


@BY_CHANNEL
def test_a_webhook_without_the_channels_secret_is_refused(here: Office, channel: str) -> None:
    body = b'{"update_id": 1, "event_name": "user_send_text", "timestamp": "1790000000000"}'
    assert httpx.post(f"{here.url}/webhooks/{channel}", content=body, trust_env=False).status_code == 403


@BY_CHANNEL
def test_a_pressed_button_is_answered(here: Office, person: int, channel: str) -> None:
    here.say(channel, person, "khai sinh")
    (fee,) = texts(here.press(channel, person, "Lệ phí"))
    assert fee.startswith("Lệ phí của 1.001193.")


def test_a_typed_number_presses_what_was_shown_last_where_there_are_no_buttons(here: Office, person: int) -> None:
    here.say("zalo-bot", person, "khai sinh")  # 1: fee
    here.servers["zalo-bot"].faults.add("drop_after", "sendMessage")
    notice = texts(here.say("zalo-bot", person, "cảm ơn bạn nhé"))[-1]
    assert notice.startswith(say.UNSURE) and "1. Gửi lại" in notice
    assert texts(here.say("zalo-bot", person, "1")) == [say.SENT_AGAIN, "re: cảm ơn bạn nhé"]
    assert texts(here.say("zalo-bot", person, "1")) == ["re: 1"], "what was sent again had no options"


# Rating


def rated(here: Office, channel: str, n_before: int) -> list[tuple[int, str, str]]:
    """What is stored beyond the first ``n_before``; it is recorded after the answer went out."""
    here.servers[channel].wait_until(lambda: len(ratings(here)) > n_before, "a stored rating")
    return ratings(here)[n_before:]


def ratings(here: Office) -> list[tuple[int, str, str]]:
    with here.store.session() as session:
        return [(row.rating, row.procedure_code, row.aspect) for row in session.scalars(select(Feedback).order_by(Feedback.id))]


@BY_CHANNEL
@pytest.mark.parametrize(("title", "stored"), [("Đúng ý tôi", 1), ("Chưa đúng", -1)])
def test_a_pressed_rating_is_stored_with_what_it_rates(here: Office, person: int, channel: str, title: str, stored: int) -> None:
    n_before = len(ratings(here))
    here.say(channel, person, "khai sinh")
    assert texts(here.press(channel, person, title)) == ["Cảm ơn bạn đã chấm."]
    assert rated(here, channel, n_before) == [(stored, "1.001193", "documents")]


def test_where_zalo_has_no_room_for_the_rating_words_are_typed(here: Office, person: int) -> None:
    here.dialogue.menu = [{"title": f"Bước {n}", "payload": f"#tt 1.00119{n}"} for n in range(4)]
    try:
        answer = here.say("zalo", person, "khai sinh")[-1]
        assert [button["title"] for button in answer["buttons"]] == ["Bước 0", "Bước 1", "Bước 2", "Bước 3"]
        assert answer["text"].endswith(say.RATE_BY_WORD)
        n_before = len(ratings(here))
        assert texts(here.say("zalo", person, "#chuatot")) == ["Cảm ơn bạn đã chấm."]
        assert rated(here, "zalo", n_before) == [(-1, "1.001193", "documents")]
    finally:
        here.dialogue.menu = list(MENU)


# Carrying on elsewhere


@BY_CHANNEL
def test_a_conversation_goes_from_the_web_to_a_channel_and_back(here: Office, person: int, channel: str) -> None:
    first, second = f"web-{channel}-1", f"web-{channel}-2"
    here.ask(first, "Làm khai sinh cần gì?")
    given = here.web.post("/api/v1/carry-on", json={"session_id": first}).json()
    taken = texts(here.say(channel, person, given["code"].lower()))
    assert taken[-1] == say.CODE_TAKEN.format(origin="trang web")
    assert texts(here.say(channel, person, "lệ phí bao nhiêu"))[0].startswith("Lệ phí của 1.001193.")
    (code_given,) = texts(here.say(channel, person, "/ma"))
    code = code_given.split("\n")[0].removeprefix("Mã của bạn: ")
    back = here.web.post("/api/v1/carry-on/take", json={"code": code, "session_id": second})
    assert back.json() == {"session_id": second, "origin": channel}
    assert here.ask(second, "lệ phí")["messages"][0]["text"] == "Lệ phí của 1.001193."
    assert here.web.post("/api/v1/carry-on/take", json={"code": code, "session_id": "web-other"}).status_code == 404
    assert texts(here.say(channel, next(_people), given["code"]))[-1] == say.CODE_WRONG, "each code works once"


def test_the_link_to_telegram_carries_the_conversation_by_itself(here: Office, person: int) -> None:
    here.ask("web-link", "Làm khai sinh cần gì?")
    links = {link["title"]: link["url"] for link in here.web.post("/api/v1/carry-on", json={"session_id": "web-link"}).json()["links"]}
    assert links["Telegram"].startswith("https://t.me/hoi_mot_cua_bot?start=") and links["Zalo"].startswith("https://zalo.me/")
    assert texts(here.say("telegram", person, "/start " + links["Telegram"].split("start=")[1]))[-1] == say.CODE_TAKEN.format(origin="trang web")
    assert texts(here.say("telegram", person, "lệ phí"))[0].startswith("Lệ phí của 1.001193.")


# Deletion


@BY_CHANNEL
def test_everything_is_shown_and_deleted_and_the_dialogue_forgets(here: Office, person: int, channel: str) -> None:
    here.say(channel, person, "chuyện khai sinh riêng")
    shown, asked = texts(here.say(channel, person, "/xoadulieu"))
    assert "chuyện khai sinh riêng" in shown and "Bạn muốn xóa hết không?" in asked
    n_forgotten = len(here.dialogue.forgotten)
    assert texts(here.press(channel, person, "Xóa hết")) == [say.ERASED]
    assert len(here.dialogue.forgotten) == n_forgotten + 1


# Rates


def test_a_talkative_person_gets_every_answer_in_order_and_telegram_never_says_too_fast(here: Office, person: int) -> None:
    telegram = here.servers["telegram"]
    n_refused = count_refused(here)
    for number in range(8):
        telegram.say(person, f"câu {number}")
    wanted = [f"re: câu {number}" for number in range(8)]
    telegram.wait_until(lambda: len(here.shown("telegram", person)) == 9, "eight answers and the first notice", 40.0)
    assert texts(here.shown("telegram", person))[1:] == wanted
    assert count_refused(here) == n_refused


def test_answers_that_telegram_refuses_for_their_speed_arrive_later_and_once(here: Office) -> None:
    telegram, people = here.servers["telegram"], [next(_people) for _ in range(12)]
    n_refused = count_refused(here)
    telegram.per_second = 5  # slower than we think it is
    try:
        for each in people:
            telegram.say(each, "khai sinh")
        telegram.wait_until(lambda: all(len(here.shown("telegram", each)) >= 2 for each in people), "all answers", 40.0)
    finally:
        telegram.per_second = 30
    assert count_refused(here) > n_refused, "it did refuse"
    assert [len(here.shown("telegram", each)) for each in people] == [2] * len(people)


def count_refused(here: Office) -> int:
    return sum("Too Many Requests" in str(call["outcome"]) for call in here.servers["telegram"].calls_of("sendMessage"))


def test_an_answer_over_zalos_own_rate_waits_and_arrives_once(here: Office, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.zalo_oa_api.RATE_PAUSE_S", 1.0)
    zalo = here.servers["zalo"]
    here.say("zalo", person, "xin chào")
    zalo.rate_per_minute = 0
    zalo.say(str(person), "khai sinh")
    zalo.wait_until(lambda: any(call["outcome"] == -32 for call in zalo.calls_of("v3.0/message/cs")), "a refusal for speed")
    zalo.rate_per_minute = 4_000
    zalo.wait_until(lambda: len(here.shown("zalo", person)) == 3, "the answer", 40.0)
    assert here.shown("zalo", person)[-1]["text"].startswith("Bạn cần Giấy chứng sinh.")
