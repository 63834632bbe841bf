"""Telegram's own habits, over real HTTP against a server that refuses what the Bot API refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.channels.base import ChannelPayload
from connectors.channels.telegram import TelegramChannel
from connectors.channels.telegram_commands import COMMANDS
from connectors.errors import ChannelDown, ChannelRefused, ChannelThrottled, ChatThrottled
from connectors.messages import Button, OutgoingMessage
from tests.channel_servers.harness import TelegramHarness, connected
from tests.channel_servers.telegram import TOKEN

pytestmark = pytest.mark.integration
PERSON, GROUP = 5550001, -1005550009
FEE = Button("Lệ phí", "#tt 9.100002 fee")


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    with connected("telegram", tmp_path) as harness:
        yield harness
        await harness.channel.aclose()


async def show(on: TelegramHarness, text: str, *buttons: Button, chat: str = "", reply_to: str = "") -> None:
    for payload in on.channel.render(OutgoingMessage("telegram", chat or str(PERSON), text, buttons, reply_to)):
        await on.channel.send(payload)


async def call(on: TelegramHarness, method: str, **given: Any) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{on.server.url}/bot{TOKEN}/{method}", json=given)


async def test_headings_are_bold_and_lists_have_dots(on: TelegramHarness) -> None:
    on.meet()
    await show(on, "Giấy tờ <cần có>:\n- Tờ khai & bản sao\n- Căn cước")
    (sent,) = on.server.calls_of("sendMessage")
    assert sent["parameters"]["text"] == "<b>Giấy tờ &lt;cần có&gt;:</b>\n• Tờ khai &amp; bản sao\n• Căn cước"
    assert on.shown() == ["Giấy tờ <cần có>:\n• Tờ khai & bản sao\n• Căn cước"]


async def test_a_hundred_headings_are_no_more_than_telegram_takes(on: TelegramHarness) -> None:
    on.meet()
    await show(on, "\n".join(f"Mục {n}:" for n in range(150)))
    assert on.shown()[0].count("Mục") == 150


async def test_markup_that_telegram_refuses_is_sent_again_without(on: TelegramHarness) -> None:
    on.meet()
    on.server.faults.add("error", "sendMessage", code=400, detail={"description": "Bad Request: can't parse entities: byte 4"})
    await show(on, "Giấy tờ:\n- a < b & c")
    assert on.shown() == ["Giấy tờ:\n• a < b & c"]


async def test_a_press_is_acknowledged_and_typing_shown_and_an_old_press_harms_nothing(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.meet()
    await show(on, "Bạn hỏi gì?", FEE)
    on.press("Lệ phí")
    pressed = on.messages(2)[1]
    await on.channel.show_working(pressed)
    await on.channel.show_working(pressed)  # by now the query is too old
    assert [call["outcome"] for call in on.server.calls_of("answerCallbackQuery")][0] == "ok"
    assert len(on.server.calls_of("answerCallbackQuery")) == 2
    assert {call["parameters"]["action"] for call in on.server.calls_of("sendChatAction")} == {"typing"}


async def test_a_typing_notice_to_a_channel_that_is_away_harms_nothing(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.meet()
    (message,) = on.messages()
    on.server.stop()
    await on.channel.show_working(message)


async def test_in_a_group_only_what_addresses_the_bot_comes_in_and_the_answer_quotes_it(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.server.say_in_group(PERSON, GROUP, "Tối nay họp nhé")
    on.server.say_in_group(PERSON, GROUP, "lệ phí kết hôn?", mentions=True)
    (asked,) = on.messages()
    assert (asked.text, asked.chat_id, asked.is_group) == ("lệ phí kết hôn?", str(GROUP), True)
    await show(on, "Miễn phí.", chat=asked.chat_id, reply_to=asked.origin_id)
    sent = on.server.sent[-1]
    assert (sent["chat"], sent["reply_to"]) == (str(GROUP), asked.origin_id)
    on.server.say_in_group(PERSON, GROUP, "còn thời hạn?", reply_to=sent["message_id"])
    assert on.messages(2)[1].text == "còn thời hạn?"


async def test_an_answer_to_a_message_deleted_meanwhile_is_shown_without_quote(on: TelegramHarness) -> None:
    on.meet()
    await show(on, "Vẫn tới.", reply_to="999999")
    assert on.server.sent[-1]["reply_to"] == ""


async def test_an_answer_in_a_forum_goes_to_the_topic_it_was_asked_in(on: TelegramHarness) -> None:
    on.server.say_in_group(PERSON, GROUP, "x")
    await show(on, "Trong mục này.", chat=f"{GROUP}#42")
    (sent,) = on.server.calls_of("sendMessage")
    assert int(sent["parameters"]["message_thread_id"]) == 42


async def test_a_group_that_became_a_supergroup_is_followed(on: TelegramHarness) -> None:
    on.server.say_in_group(PERSON, GROUP, "x")
    on.server.say_in_group(PERSON, -200, "x")
    on.server.chats[-200]["migrated_to"] = GROUP
    await show(on, "Theo nhóm mới.", chat="-200")
    assert on.server.sent[-1]["chat"] == str(GROUP)


async def test_a_person_who_blocks_is_told_and_cannot_be_written_to_until_they_come_back(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.server.block(PERSON)
    with pytest.raises(ChannelRefused) as refused:
        await show(on, "x")
    assert (refused.value.code, refused.value.is_gone) == ("blocked", True)
    on.server.unblock(PERSON)
    assert [message.kind for message in on.messages(2)] == ["unfollow", "follow"]
    await show(on, "Chào bạn quay lại.")


async def test_an_edit_and_a_voice_message_come_in_as_such(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.say("làm căn cứơc")
    on.messages()
    on.server.edit(PERSON, on.server.last_message_id(PERSON), "làm căn cước")
    on.server.send(PERSON, {"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}})
    assert [(m.kind, m.text) for m in on.messages(3)[1:]] == [("edit", "làm căn cước"), ("voice", "")]


async def test_the_pause_telegram_asks_for_is_handed_on(on: TelegramHarness) -> None:
    on.meet()
    on.server.faults.add(method="sendMessage", **on.rate_error)
    with pytest.raises(ChannelThrottled) as throttled:
        await show(on, "x")
    assert throttled.value.retry_after_s == 7


async def test_a_fault_the_bot_api_itself_reports_is_surely_not_done(on: TelegramHarness) -> None:
    on.meet()
    on.server.faults.add("error", "sendMessage", code=500, detail={"description": "Internal Server Error"})
    with pytest.raises(ChannelDown):
        await show(on, "x")


async def test_sending_fast_to_a_group_is_held_back_before_telegram_refuses_it(on: TelegramHarness) -> None:
    on.server.has_rates = True
    on.server.clock_offset_s = 0.0
    on.server.say_in_group(PERSON, GROUP, "x")
    for n in range(18):
        await show(on, f"{n}", chat=str(GROUP))
        on.server.clock_offset_s += 1.1  # only the limit of twenty a minute is looked at here
    with pytest.raises(ChatThrottled) as throttled:
        await show(on, "19", chat=str(GROUP))
    assert throttled.value.code == "own_rate" and len(on.shown()) == 18
    on.meet()
    await show(on, "người khác thì không phải chờ")


async def test_one_person_gets_no_more_than_the_pace_set_and_nobody_else_waits_for_them(on: TelegramHarness) -> None:
    slow = TelegramChannel(replace(on.channel.settings, per_chat_5s=2))
    on.meet()
    on.meet(on.other)
    try:
        for text in ("một", "hai"):
            await slow.send(text_for(slow, on.person, text))
        with pytest.raises(ChatThrottled) as throttled:
            await slow.send(text_for(slow, on.person, "ba"))
        assert throttled.value.code == "own_rate" and 0 < throttled.value.retry_after_s <= 5
        await slow.send(text_for(slow, on.other, "người khác"))
    finally:
        await slow.aclose()
    assert on.shown() == ["một", "hai", "người khác"]


def text_for(channel: TelegramChannel, person: str, text: str) -> ChannelPayload:
    (payload,) = channel.render(OutgoingMessage("telegram", person, text))
    return payload


async def test_commands_are_registered_in_vietnamese_and_english(on: TelegramHarness) -> None:
    await on.channel.start()
    await asyncio.to_thread(on.server.wait_until, lambda: "en" in on.server.commands, "commands")
    for language, n in (("", 0), ("vi", 0), ("en", 1)):
        assert {c["command"]: c["description"] for c in on.server.commands[language]} == {k: says[n] for k, says in COMMANDS.items()}


async def test_two_programs_polling_with_one_token_are_told_apart_from_a_webhook(on: TelegramHarness) -> None:
    async with asyncio.TaskGroup() as both:
        first = both.create_task(on.channel.poll("", 1))
        await asyncio.sleep(0.3)
        with connected("telegram", Path()) as other, pytest.raises(ChannelDown) as down:
            other.server.faults.add("error", "getUpdates", code=409, detail={"description": "Conflict: terminated by other getUpdates request"})
            await other.channel.poll("", 0)
    assert (down.value.code, first.result().messages) == ("conflict", ())


async def test_a_poll_that_was_not_confirmed_brings_the_same_again(on: TelegramHarness) -> None:
    on.say("một")
    first, again = await on.channel.poll("", 0), await on.channel.poll("", 0)
    assert [m.message_id for m in first.messages] == [m.message_id for m in again.messages]
    assert (await on.channel.poll(first.cursor, 0)).messages == ()


async def test_an_update_that_cannot_be_read_holds_up_no_other_and_reaches_no_log(
    on: TelegramHarness, caplog: pytest.LogCaptureFixture
) -> None:
    on.say("một")
    on.server.send(PERSON, {"photo": "a newer Bot API's photo"}, caption="chuyện riêng")  # the library expects a list
    on.server._update("edited_message", {"message_id": 9, "text": "chuyện riêng khác"})  # nobody's, nowhere
    on.say("ba")
    batch = await on.channel.poll("", 0)
    assert [(m.kind, m.text) for m in batch.messages] == [("text", "một"), ("text", "chuyện riêng"), ("text", "ba")]
    assert on.channel.ignored.counts["unreadable"] == 1
    assert (await on.channel.poll(batch.cursor, 0)).messages == ()
    assert "riêng" not in caplog.text


async def test_a_place_that_moves_on_is_no_question(on: TelegramHarness) -> None:
    await on.use_webhook()
    on.server.send(PERSON, {"location": {"latitude": 21.0, "longitude": 105.7, "live_period": 600}})
    on.messages()
    on.server.move(PERSON, on.server.last_message_id(PERSON))
    on.say("xong")
    assert [(m.kind, m.text) for m in on.messages(2)] == [("location", ""), ("text", "xong")]


@pytest.mark.parametrize("written", ["{bot}\nlàm khai sinh", "{bot}, làm khai sinh", "làm khai sinh {bot}", "{BOT}   làm khai sinh"])
async def test_the_bots_name_is_no_part_of_the_question_wherever_it_stands(on: TelegramHarness, written: str) -> None:
    handle = "@" + on.server.bot["username"]
    text = written.format(bot=handle, BOT=handle.upper())
    message = on.server.written_in_group(PERSON, GROUP, text)
    message["entities"] = [{"type": "mention", "offset": text.lower().index(handle), "length": len(handle)}]
    on.server._update("message", message)
    assert [m.text for m in (await on.channel.poll("", 0)).messages] == ["làm khai sinh"]


async def test_check_tells_of_a_failing_webhook_and_of_another_address(on: TelegramHarness) -> None:
    object.__setattr__(on.channel.settings, "public_url", on.hook_url())
    assert {c.name: c.is_ok for c in await on.channel.check()}["webhook"] is False
    await on.use_webhook()
    assert {c.name: c.is_ok for c in await on.channel.check()}["webhook"] is True
    on.receiver.stop()
    on.say("x")
    await asyncio.to_thread(on.server.wait_until, lambda: len(on.server.courier.attempts) >= 1, "an attempt")
    failing = {c.name: c for c in await on.channel.check()}["webhook"]
    assert not failing.is_ok and "Connection refused" in failing.found and "TLS" in failing.mend
    await on.channel.set_webhook("")
    assert on.server.webhook == {}


# The server itself is as strict as the Bot API.


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("sendMessage", {"chat_id": PERSON, "text": "a" * 4_097}, "too long"),
        ("sendMessage", {"chat_id": PERSON, "text": "🏠" * 2_049}, "too long"),
        ("sendMessage", {"chat_id": PERSON, "text": " "}, "empty"),
        ("sendMessage", {"chat_id": 1, "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": PERSON, "text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": PERSON, "text": "a < b", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": PERSON, "text": "<p>x</p>", "parse_mode": "HTML"}, "Unsupported start tag"),
        ("sendMessage", {"chat_id": PERSON, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b" * 65}]]}}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"chat_id": PERSON, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "b"}]]}}, "button"),
        ("setWebhook", {"url": "http://hoi.example.vn/"}, "HTTPS"),
        ("setWebhook", {"url": "https://hoi.example.vn:8000/"}, "ports"),
        ("setWebhook", {"url": "https://hoi.example.vn/", "secret_token": "có dấu"}, "unallowed"),
        ("setMyCommands", {"commands": [{"command": "Người", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, "too old"),
    ],
)  # fmt: skip
async def test_the_server_refuses_what_the_bot_api_refuses(on: TelegramHarness, method: str, given: dict[str, Any], words: str) -> None:
    on.meet()
    answer = await call(on, method, **given)
    assert answer.status_code == 400 and words in answer.json()["description"]


async def test_the_server_takes_what_stands_just_inside_the_limits(on: TelegramHarness) -> None:
    on.meet()
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b" * 64}]]}
    assert (await call(on, "sendMessage", chat_id=PERSON, text="a" * 4_096, reply_markup=keyboard)).status_code == 200
    assert (await call(on, "sendMessage", chat_id=PERSON, text="<b>" + "&lt;" * 4_096 + "</b>", parse_mode="HTML")).status_code == 200
