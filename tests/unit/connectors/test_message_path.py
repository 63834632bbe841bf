"""The message path with a channel in memory: webhook, masking, answers, faults on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors import channel_texts as say
from connectors.channels.base import ChannelLimits, ChannelPayload
from connectors.errors import (
    ChannelDown,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnsure,
    ChatThrottled,
    StoreError,
)
from connectors.inbox import letters
from connectors.inbox.chats import NEVER
from connectors.inbox.outbox import add_outgoing
from connectors.inbox.retention import Keep, purge
from connectors.inbox.tables import Chat, InboxMessage
from connectors.messages import now_utc
from tests.channel_path_fakes import SECRET, FakeChannel, event
from tests.running_path import SCHEDULE, Running

Start = Callable[..., Awaitable[Running]]


# Webhook


async def test_a_message_is_acknowledged_stored_answered_and_shown_as_being_worked_on(start: Start) -> None:
    path = await start()
    assert await path.write("khai sinh cần gì") == ["re: khai sinh cần gì"]
    assert path.channel.shown == ["c1"]
    assert path.figure('motcua_channel_in_total{channel="fake",outcome="stored"}') == 1
    assert path.figure('motcua_channel_out_total{channel="fake",code="",outcome="sent"}') == 2
    assert path.figure('motcua_channel_answer_seconds_count{channel="fake"}') == 2


async def test_a_message_that_comes_again_is_acknowledged_and_not_answered_again(start: Start) -> None:
    path = await start()
    for _ in range(3):
        assert await path.post(event("1", "hỏi")) == 200
    await path.settle()
    assert path.channel.texts().count("re: hỏi") == 1
    assert path.figure('motcua_channel_in_total{channel="fake",outcome="duplicate"}') == 2


async def test_a_wrong_secret_is_refused_and_nothing_stored(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    path = await start()
    assert await path.post(event("1", "chuyện riêng"), secret="wrong") == 403
    assert await path.rows(select(InboxMessage.id)) == []
    assert "riêng" not in caplog.text


async def test_a_body_that_cannot_be_read_is_refused(start: Start) -> None:
    path = await start()
    response = await path.client.post("/webhooks/fake", content=b"{nonsense", headers={"X-Secret": SECRET})
    assert response.status_code == 400
    assert path.figure('motcua_channel_in_total{channel="fake",outcome="unreadable"}') == 1


async def test_five_megabytes_are_refused(start: Start) -> None:
    path = await start()
    response = await path.client.post("/webhooks/fake", content=b"x" * 5_000_000, headers={"X-Secret": SECRET})
    assert response.status_code == 413


async def test_what_could_not_be_stored_is_not_acknowledged(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await start()

    async def broken(*_: Any) -> None:
        raise StoreError("database fault OperationalError: database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(path.path.database, "arun_first", broken)
        assert await path.post(event("1", "hỏi")) == 503
    assert await path.post(event("1", "hỏi")) == 200
    await path.settle()
    assert "re: hỏi" in path.channel.texts()


async def test_events_nobody_handles_are_acknowledged(start: Start) -> None:
    path = await start()
    assert await path.post() == 200


async def test_messages_of_a_chat_are_answered_in_the_channels_order(start: Start) -> None:
    path = await start()
    await path.post(event("3", "ba", order=3), event("1", "một", order=1), event("2", "hai", order=2))
    await path.settle()
    assert [each for each in path.channel.texts() if each.startswith("re:")] == ["re: một", "re: hai", "re: ba"]


# Personal data


async def test_personal_data_and_dossier_codes_are_out_before_anything_is_stored_or_logged(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = await start()
    secrets = ["0912345678", "001099012345", "a.b@gmail.com", "000.00.16.H29-240101-0001"]
    said = await path.write(f"sdt {secrets[0]} cccd {secrets[1]} mail {secrets[2]} hồ sơ {secrets[3]}")
    stored = await path.dump("inbox_message")
    assert [secret for secret in secrets if secret in stored + caplog.text + str(path.flow.asked)] == []
    assert "[số điện thoại]" in stored and "[mã hồ sơ]" in stored
    assert any("đã che" in each for each in said)


async def test_a_masked_dossier_code_is_still_seen_as_one_by_the_dialogue(start: Start) -> None:
    path = await start()
    await path.write("hồ sơ 000.00.16.H29-240101-0001 xong chưa")
    assert path.flow.asked[0][0] == "hồ sơ H00.00.00-000000-0000 xong chưa"


async def test_a_one_time_code_is_not_stored_at_all_and_answered_with_a_warning(start: Start) -> None:
    path = await start()
    (said,) = await path.write("mã otp của tôi là 482913 nhé")
    assert "đừng gửi mã OTP" in said
    assert path.flow.asked == []
    assert "nhé" not in await path.dump("inbox_message")


async def test_attachments_leave_no_facts_behind(start: Start) -> None:
    path = await start()
    await path.write("", kind="location", media={"latitude": 21.03, "longitude": 105.85})
    assert "21.03" not in await path.dump("inbox_message")


async def test_logs_hold_ids_and_no_words(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    path = await start()
    await path.write("chuyện riêng tư", chat="citizen-77")
    assert "riêng" not in caplog.text and "citizen-77" not in caplog.text
    assert "inbox=1" in caplog.text and "fate=sent" in caplog.text


# What is said around an answer


async def test_the_first_contact_says_that_this_is_a_machine_and_what_is_kept_once(start: Start) -> None:
    path = await start(keep_days=14)
    await path.write("hỏi")
    await path.write("hỏi nữa")
    notices = [each for each in path.channel.texts() if "Mình là máy trả lời tự động" in each]
    assert len(notices) == 1 and "14 ngày" in notices[0] and path.channel.texts()[0] == notices[0]


async def test_an_answer_can_be_rated_and_names_its_source(start: Start) -> None:
    path = await start()
    path.flow.statuses = ["answered_aspect"]
    await path.write("hỏi")
    buttons = [payload for _, payload in path.channel.payloads[-1].body["buttons"]]
    assert buttons == ["#nguoi", "#tot", "#chuatot"]


@pytest.mark.parametrize(("room", "is_shown"), [(3, True), (2, False)])
async def test_where_buttons_have_no_room_an_answer_is_rated_by_words(start: Start, room: int, is_shown: bool) -> None:
    path = await start(FakeChannel(limits=ChannelLimits(text_chars=2_000, buttons=room, payload_bytes=64)))
    path.flow.statuses = ["answered_aspect"]
    (said,) = await path.write("hỏi")
    buttons = [payload for _, payload in path.channel.payloads[-1].body["buttons"]]
    assert buttons == (["#nguoi", "#tot", "#chuatot"] if is_shown else ["#nguoi"])
    assert (say.RATE_BY_WORD in said) != is_shown


async def test_without_buttons_an_answer_is_rated_by_number(start: Start) -> None:
    path = await start(without_buttons())
    path.flow.statuses = ["answered_aspect"]
    await path.write("hỏi")
    assert await path.write("3") == ["re: #chuatot"]


async def test_where_there_are_no_buttons_a_number_presses_one_until_the_next_answer(start: Start) -> None:
    path = await start(FakeChannel(limits=ChannelLimits(text_chars=2_000)))
    await path.write("hỏi")
    assert (await path.write("1"))[0] == "Tổng đài 1800 1096"
    assert await path.write("1") == ["re: 1"]


def without_buttons() -> FakeChannel:
    return FakeChannel(limits=ChannelLimits(text_chars=2_000))


async def test_after_an_apology_a_number_presses_no_older_option(start: Start) -> None:
    path = await start(without_buttons())
    await path.write("hỏi")  # "1" would reach a person now
    path.flow.statuses = ["error_internal"] * (len(SCHEDULE.answer_retries_s) + 1)
    assert await path.write("hỏi hỏng") == [say.APOLOGY]
    assert await path.write("1") == ["re: 1"]


async def test_after_an_answer_of_unknown_fate_a_number_asks_for_it_again(start: Start) -> None:
    path = await start(without_buttons())
    await path.write("hỏi")
    path.channel.faults = [ChannelUnsure("timeout")]
    assert await path.write("hỏi nữa") == [say.UNSURE]
    assert await path.write("1") == [say.SENT_AGAIN, "re: hỏi nữa"]
    assert (await path.write("1"))[0] == "Tổng đài 1800 1096", "the numbers of the answer that was sent again"


async def test_a_reminder_that_something_may_be_missing_takes_the_numbers_over(start: Start) -> None:
    path = await start(without_buttons())
    await path.write("hỏi")
    path.channel.faults = [ChannelUnsure("timeout"), ChannelUnsure("timeout")]  # the answer, and the line about it
    assert await path.write("hỏi nữa") == []
    assert await path.write("còn đó không") == ["re: còn đó không", say.UNSURE]
    assert await path.write("1") == [say.SENT_AGAIN, "re: hỏi nữa"]


async def test_numbers_hold_to_the_end_of_the_turn_that_shows_them(start: Start) -> None:
    path = await start(without_buttons())
    assert len(await path.write("/trogiup")) == 2  # the commands are named below an answer that has an option
    assert (await path.write("1"))[0] == "Tổng đài 1800 1096"


async def test_the_conversation_goes_on_after_a_restart(start: Start) -> None:
    path = await start()
    await path.write("khai sinh")
    await path.write("lệ phí")
    (_, first, before), (_, second, after) = path.flow.asked
    assert first == second and before == {} and after == {"procedure_code": "hai sinh", "last_status": "chitchat_smalltalk"}


# Faults on the way


async def test_a_fault_in_answering_is_tried_again_and_then_apologised_for(start: Start) -> None:
    path = await start()
    path.flow.statuses = [RuntimeError("x"), "error_internal"]
    assert await path.write("hỏi") == ["re: hỏi"]
    path.flow.statuses = ["error_internal"] * (len(SCHEDULE.answer_retries_s) + 1)
    assert await path.write("hỏi hỏng") == [say.APOLOGY]
    (letter,) = await path.path.database.arun(letters.list_letters)
    assert (letter.direction, letter.text) == ("in", "hỏi hỏng")
    assert path.figure('motcua_channel_dead_total{channel="fake",direction="in"}') == 1
    assert path.figure('motcua_channel_retries_total{channel="fake",direction="in"}') == 4
    assert await path.write("hỏi tiếp") == ["re: hỏi tiếp"]


async def test_a_channel_that_is_away_or_slow_gets_its_answers_later_in_order(start: Start) -> None:
    path = await start()
    await path.write("chào")
    path.channel.faults = [ChannelDown("connection"), ChannelThrottled("429", 0.02), ChannelDown("503"), ChannelDown("503")]
    await path.post(event("1", "một"), event("2", "hai"))
    await path.settle()
    assert path.channel.texts()[-2:] == ["re: một", "re: hai"]
    assert path.figure('motcua_channel_retries_total{channel="fake",direction="out"}') == 4


async def test_a_group_that_has_to_wait_holds_up_nobody_else(start: Start) -> None:
    path = await start()
    await path.write("chào", chat="group")
    await path.write("chào", chat="person")
    path.channel.faults = [ChatThrottled("429", 60.0)]
    await path.post(event("1", "một", "group"))
    for _ in range(200):
        if not path.channel.faults:
            break
        await asyncio.sleep(0.01)
    await path.post(event("2", "hai", "person"))
    for _ in range(200):
        if path.channel.texts("person")[-1] == "re: hai":
            break
        await asyncio.sleep(0.01)
    assert path.channel.texts("person")[-1] == "re: hai"
    assert "re: một" not in path.channel.texts("group")


async def test_an_answer_of_unknown_fate_is_not_repeated_but_offered(start: Start) -> None:
    path = await start()
    await path.write("chào")
    path.channel.faults = [ChannelUnsure("timeout")]
    assert await path.write("hỏi") == [say.UNSURE]
    assert await path.write("#guilai") == [say.SENT_AGAIN, "re: hỏi"]
    assert await path.write("#guilai") == [say.NOTHING_TO_SEND]
    assert path.channel.texts().count("re: hỏi") == 1


async def test_a_fault_of_ours_in_the_middle_of_sending_counts_as_unknown_fate(start: Start) -> None:
    path = await start()
    await path.write("chào")
    path.channel.faults = [KeyError("bug")]  # type: ignore[list-item]
    assert await path.write("hỏi") == [say.UNSURE]


async def test_a_refusal_is_final_and_told_to_staff(start: Start) -> None:
    path = await start()
    await path.write("chào")
    path.channel.faults = [ChannelRefused("400", "too long")]
    assert await path.write("hỏi") == []
    assert [letter.state for letter in await path.path.database.arun(letters.list_letters)] == ["refused"]


async def test_an_alarm_about_tokens_stays_while_messages_still_go_out_and_is_counted(start: Start) -> None:
    path = await start()
    await path.path.database.arun(letters.raise_alarm, "fake", "token", "refresh token dead")
    assert await path.write("hỏi") == ["re: hỏi"]
    await path.path.workers._measure()
    assert path.figure("motcua_channel_alarms") == 1


async def test_the_path_waits_for_a_database_that_is_away(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await start()
    monkeypatch.setattr("connectors.workers.FAULT_S", 0.01)
    real, n = path.path.database.arun, {"left": 6}

    async def shaky(work: Any, *args: Any, **kwargs: Any) -> Any:
        if work.__name__ in ("finish", "settle") and n["left"]:
            n["left"] -= 1
            raise StoreError("database fault OperationalError: database is locked")
        return await real(work, *args, **kwargs)

    monkeypatch.setattr(path.path.database, "arun", shaky)
    assert await path.write("hỏi") == ["re: hỏi"]
    assert n["left"] == 0


# The time a channel gives for writing


HOUR = 3_600.0
ZALO = ChannelLimits(text_chars=2_000, buttons=5, payload_bytes=64, reply_window_s=48 * HOUR, send_window_s=168 * HOUR)


async def wrote_hours_ago(path: Running, hours: float) -> None:
    at = now_utc().replace(tzinfo=None) - timedelta(hours=hours)
    await path.path.database.arun(lambda tx: tx.execute(update(Chat).values(last_message_at=at)))


@pytest.mark.parametrize(
    ("kind", "hours", "is_sent"),
    [("reply", 47.9, True), ("reply", 48.1, False), ("doubt", 48.1, False), ("staff", 48.1, True), ("staff", 168.1, False)],
)
async def test_what_comes_too_late_for_the_channels_window_is_not_sent_but_told_to_staff(
    start: Start, kind: str, hours: float, is_sent: bool
) -> None:
    path = await start(FakeChannel(limits=ZALO))
    await path.write("hỏi")
    await wrote_hours_ago(path, hours)
    payload = ChannelPayload("send", {"text": "tin muộn"}, "c1")
    await path.path.database.arun(add_outgoing, "fake", "c1", [(kind, payload)])
    await path.settle()
    assert ("tin muộn" in path.channel.texts()) == is_sent
    lost = [(letter.state, letter.error) for letter in await path.path.database.arun(letters.list_letters)]
    assert lost == ([] if is_sent else [("refused", "window")])


async def test_a_message_answered_late_does_not_shorten_the_window(start: Start) -> None:
    path = await start(FakeChannel(limits=ZALO))
    await path.write("vừa nhắn")
    await path.write("nhắn từ ba ngày trước, nay mới trả lời", received_at=now_utc() - timedelta(days=3))
    (row,) = await path.rows(select(Chat.last_message_at))
    assert now_utc().replace(tzinfo=None) - row[0] < timedelta(hours=1)


async def test_staff_who_write_first_open_no_window_of_the_citizens(start: Start) -> None:
    path = await start(FakeChannel(limits=ZALO))
    await path.post(event("s1", "", kind="staff", sender_id="admin-1"))
    await path.settle()
    assert [row[0] for row in await path.rows(select(Chat.last_message_at))] == [NEVER]
    await path.path.database.arun(purge, Keep(30))
    assert await path.write("hỏi") == [], "and the assistant keeps quiet for them, whatever was purged meanwhile"
