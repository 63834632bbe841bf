"""What every channel's connector has to do, over real HTTP against servers that speak the channels' protocols."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.base import Channel, ChannelPayload
from connectors.errors import ChannelDown, ChannelError, ChannelRefused, ChannelThrottled, ChannelUnsure
from connectors.messages import Button, IncomingMessage, OutgoingMessage
from tests.channel_servers.harness import HARNESSES, Harness, connected

pytestmark = pytest.mark.integration
MARRY = Button("Đăng ký kết hôn", "#tt 9.100002")
FEE = Button("Lệ phí", "#tt 9.100002 fee")
SITE = Button("Mở cổng dịch vụ công", url="https://dichvucong.example.vn/")
NASTY = "Lệ phí < 8.000đ & > 0? Dùng <b>, &amp; và \"ngoặc\" 'đơn' _gạch_ *sao* [móc](x) 👨‍👩‍👧"
CLOCK_SKEW_S = 600.0


@pytest.fixture(params=HARNESSES)
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    with connected(request.param, tmp_path) as harness:
        yield harness
        await harness.channel.aclose()


def answer(on: Harness, text: str, *buttons: Button, chat: str = "") -> OutgoingMessage:
    return OutgoingMessage(on.name, chat or on.person, text, buttons)


async def show(on: Harness, message: OutgoingMessage) -> list[ChannelPayload]:
    """Render, keep as JSON as the outbox does, send."""
    payloads = [ChannelPayload.from_json(json.loads(json.dumps(p.to_json()))) for p in on.channel.render(message)]
    for payload in payloads:
        await on.channel.send(payload)
    return payloads


# Coming in.


async def test_a_connector_is_a_channel(on: Harness) -> None:
    assert isinstance(on.channel, Channel)


async def test_a_text_comes_in_with_ids_as_text(on: Harness) -> None:
    await on.use_webhook()
    on.say("Làm khai sinh cho con cần gì?")
    (message,) = on.messages()
    assert (message.channel, message.sender_id, message.chat_id) == (on.name, on.person, on.person)
    assert (message.kind, message.text, message.is_group) == ("text", "Làm khai sinh cho con cần gì?", False)
    assert message.message_id and message.order > 0
    assert IncomingMessage.from_json(json.loads(json.dumps(message.to_json()))) == message


async def test_order_grows_with_the_channels_own_order(on: Harness) -> None:
    await on.use_webhook()
    on.server.courier.hold()
    for n in range(4):
        on.server.clock_offset_s += 1
        on.say(f"câu {n}")
    on.server.release("reversed")
    came = on.messages(4)
    assert [m.text for m in came] == ["câu 3", "câu 2", "câu 1", "câu 0"]
    assert [m.text for m in sorted(came, key=lambda m: m.order)] == ["câu 0", "câu 1", "câu 2", "câu 3"]


async def test_a_delivery_that_failed_comes_again_under_the_same_id(on: Harness) -> None:
    await on.use_webhook()
    on.receiver.stop()
    on.say("có ai không")
    on.server.wait_until(lambda: len(on.server.courier.attempts) >= 1, "a first attempt")
    on.receiver.start()
    (message,) = on.messages()
    again = on.channel.parse(json.dumps(on.odd_ids("x")).encode(), {})
    assert message.text == "có ai không" and again[0].message_id != message.message_id


async def test_an_event_delivered_twice_has_one_id(on: Harness) -> None:
    await on.use_webhook()
    body = json.dumps(on.odd_ids("một lần thôi")).encode()
    assert [on.signed_post(body).status_code for _ in range(2)] == [200, 200]
    first, second = on.receiver.taken
    assert first.message_id == second.message_id


async def test_ids_of_another_type_are_the_same_ids(on: Harness) -> None:
    await on.use_webhook()
    assert on.signed_post(json.dumps(on.odd_ids("xin hỏi")).encode()).status_code == 200
    (message,) = on.receiver.taken
    assert (message.sender_id, message.chat_id, message.text) == (on.person, on.person, "xin hỏi")


@pytest.mark.parametrize("is_missing", [True, False])
async def test_a_wrong_or_missing_signature_is_refused(on: Harness, is_missing: bool) -> None:
    await on.use_webhook()
    on.server.courier.retry_after_s = ()
    on.say_with_wrong_secret("đáng ngờ", is_missing)
    on.server.wait_delivered()
    on.server.wait_until(lambda: on.receiver.statuses == [403], "one refusal")
    assert on.receiver.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"{}", b"[" * 50_000, b'{"update_id": {}}'])
async def test_a_signed_body_that_is_no_event_is_answered_400(on: Harness, body: bytes) -> None:
    await on.use_webhook()
    assert on.signed_post(body).status_code == 400
    assert on.receiver.taken == []


async def test_an_unknown_event_is_acknowledged_and_counted(on: Harness) -> None:
    await on.use_webhook()
    unknown = {
        "telegram": {"update_id": 5, "poll_answer": {"poll_id": "1", "option_ids": [0]}},
        "zalo": {"event_name": "user_dances", "sender": {"id": "1"}, "timestamp": str(int(on.server.now() * 1000))},
        "zalo-bot": {"event_name": "message.dance.received", "message": {}},
    }[on.name]
    assert on.signed_post(json.dumps(unknown).encode()).status_code == 200
    assert on.receiver.taken == []
    assert sum(on.channel.ignored.counts.values()) == 1


async def test_a_typed_command_is_a_command(on: Harness) -> None:
    await on.use_webhook()
    on.say("/nguoi tôi cần gặp cán bộ")
    (message,) = on.messages()
    assert (message.kind, message.command, message.text) == ("command", "nguoi", "tôi cần gặp cán bộ")


async def test_a_clock_ten_minutes_off_changes_nothing(on: Harness) -> None:
    await on.use_webhook()
    for skew_s in (CLOCK_SKEW_S, -CLOCK_SKEW_S):
        on.server.clock_offset_s = skew_s
        on.say(f"lệch {skew_s}")
    assert len(on.messages(2)) == 2
    await show(on, answer(on, "Vẫn trả lời."))
    assert on.shown() == ["Vẫn trả lời."]


# Going out.


async def test_an_answer_is_shown_as_it_is(on: Harness) -> None:
    on.meet()
    await show(on, answer(on, NASTY))
    assert on.shown() == [NASTY]


async def test_a_long_answer_is_shown_in_pieces_in_order_and_whole(on: Harness) -> None:
    on.meet()
    paragraphs = [f"Đoạn {n}: " + "nộp tờ khai và giấy tờ <kèm theo> & chờ. " * 12 for n in range(30)]
    await show(on, answer(on, "\n\n".join(paragraphs), FEE))
    shown = on.shown()
    assert len(shown) > 2
    assert all(len(piece.encode("utf-16-le")) // 2 <= on.channel.limits.text_chars for piece in shown)
    assert " ".join("\n".join(shown).split()).startswith(" ".join("\n".join(paragraphs).split()))
    assert all(piece.startswith("Đoạn") for piece in shown)


async def test_a_text_without_any_space_is_cut_all_the_same(on: Harness) -> None:
    on.meet()
    await show(on, answer(on, "ạ" * 9_000))
    assert "".join(on.shown()) == "ạ" * 9_000


async def test_a_button_pressed_brings_its_payload(on: Harness) -> None:
    await on.use_webhook()
    on.meet()
    payloads = await show(on, answer(on, "Bạn hỏi việc nào?", FEE, MARRY, SITE))
    on.press("Đăng ký kết hôn")
    message = next(m for m in on.messages() if m.text not in ("xin chào",))
    if on.has_buttons:
        assert (message.kind, message.text, payloads[-1].numbered) == ("button", "#tt 9.100002", ())
    else:
        assert (message.kind, message.text) == ("text", "2")
        assert payloads[-1].numbered == ("#tt 9.100002 fee", "#tt 9.100002")


async def test_more_buttons_than_fit_become_numbers(on: Harness) -> None:
    on.meet()
    many = [Button(f"Việc số {n}", f"#tt 9.1000{n:02}") for n in range(1, on.channel.limits.buttons + 2)]
    if len(many) < 90:  # Telegram takes a hundred
        (payload,) = await show(on, answer(on, "Chọn một việc:", *many))
        assert payload.numbered == tuple(button.payload for button in many)
        assert [f"{n}. {b.title}" in on.shown()[0] for n, b in enumerate(many, 1)] == [True] * len(many)


async def test_numbers_that_stand_in_the_text_are_not_repeated(on: Harness) -> None:
    on.meet()
    text = "Bạn muốn hỏi việc nào?\n1. Thường trú\n2. Tạm trú\nBạn bấm chọn hoặc gõ số thứ tự nhé."
    buttons = [Button("1. Thường trú", "#tt 9.100004"), Button("2. Tạm trú", "#tt 9.100005")]
    await show(on, answer(on, text, *buttons))
    assert on.shown() == [text]


# What goes wrong.


async def test_a_person_who_left_is_told_apart(on: Harness) -> None:
    on.meet()
    on.server.faults.add(method=on.send_method, **on.gone_error)
    with pytest.raises(ChannelRefused) as refused:
        await show(on, answer(on, "x"))
    assert refused.value.is_gone


async def test_a_stranger_cannot_be_written_to(on: Harness) -> None:
    with pytest.raises(ChannelRefused):
        await show(on, answer(on, "x", chat="4040404"))
    assert on.shown() == []


async def test_too_fast_says_when_to_try_again(on: Harness) -> None:
    on.meet()
    on.server.faults.add(method=on.send_method, **on.rate_error)
    with pytest.raises(ChannelThrottled) as throttled:
        await show(on, answer(on, "x"))
    assert throttled.value.retry_after_s > 0
    assert on.shown() == []


async def test_a_channel_that_is_away_surely_showed_nothing(on: Harness) -> None:
    on.meet()
    on.server.stop()
    with pytest.raises(ChannelDown):
        await show(on, answer(on, "một"))
    on.server.start()
    await show(on, answer(on, "hai"))
    assert on.shown() == ["hai"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "code": 500}, {"kind": "status", "code": 502}, {"kind": "garbage"}, {"kind": "drop"},
        {"kind": "drop_after"}, {"kind": "slow_after", "seconds": 1.5},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('code', '')}",
)  # fmt: skip
async def test_a_send_of_unknown_fate_is_told_apart(on: Harness, fault: dict[str, Any]) -> None:
    on.meet()
    if fault["kind"] == "slow_after":
        await on.channel.aclose()
        on.connect(timeout_s=0.3)
    on.server.faults.add(method=on.send_method, **fault)
    with pytest.raises(ChannelUnsure):
        await show(on, answer(on, "x"))
    assert on.shown() == (["x"] if fault["kind"].endswith("after") else [])


async def test_a_revoked_token_keeps_answers_waiting_and_check_says_how_to_mend_it(on: Harness) -> None:
    on.meet()
    on.revoke_token()
    with pytest.raises(ChannelDown) as down:
        await show(on, answer(on, "x"))
    assert down.value.code == "token"
    first = (await on.channel.check())[0]
    assert (first.name, first.is_ok) == ("token", False)
    assert "/" in first.mend and len(first.mend) > 40


async def test_check_finds_nothing_wrong_where_nothing_is(on: Harness) -> None:
    await on.channel.start()
    if on.name == "telegram":
        await asyncio.to_thread(on.server.wait_until, lambda: "en" in on.server.commands, "commands registered")
    assert {check.name: check.is_ok for check in await on.channel.check() if not check.is_ok} == {}


async def test_check_of_a_channel_out_of_reach_names_network_and_never_raises(on: Harness) -> None:
    on.server.stop()
    checks = await on.channel.check()
    assert not all(check.is_ok for check in checks)
    assert all(check.mend for check in checks if not check.is_ok)


async def test_start_survives_a_channel_out_of_reach(on: Harness) -> None:
    on.server.stop()
    await on.channel.start()


async def test_setting_the_webhook(on: Harness) -> None:
    if on.has_webhook_call:
        await on.channel.set_webhook(on.hook_url())
        assert on.server.webhook["url"] == on.hook_url()
        with pytest.raises(ChannelError):
            await on.channel.set_webhook("http://hoi.example.vn/webhooks")
    else:
        with pytest.raises(ChannelRefused, match="developers.zalo.me"):
            await on.channel.set_webhook("https://hoi.example.vn/webhooks/zalo")


async def test_polling_brings_what_waits_once(on: Harness) -> None:
    if not on.has_polling:
        with pytest.raises(ChannelRefused):
            await on.channel.poll("", 1)
        return
    on.say("một")
    on.say("hai")
    texts, cursor = [], ""
    for _ in range(3):
        batch = await on.channel.poll(cursor, 0)
        texts += [message.text for message in batch.messages]
        cursor = batch.cursor
    assert texts == ["một", "hai"]


async def test_polling_beside_a_webhook_is_refused(on: Harness) -> None:
    if on.has_polling:
        await on.use_webhook()
        with pytest.raises(ChannelRefused) as refused:
            await on.channel.poll("", 0)
        assert refused.value.code == "webhook"


async def test_polling_a_channel_that_is_away_is_tried_again_later(on: Harness) -> None:
    if on.has_polling:
        on.server.stop()
        with pytest.raises(ChannelDown):
            await on.channel.poll("", 0)


async def test_no_secret_and_no_word_of_a_citizen_reaches_logs_or_errors(on: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    words = "Nguyễn Văn Bí Mật 0912345678"
    seen: list[str] = [repr(on.channel), repr(on.channel.settings)]
    await on.channel.start()
    await on.use_webhook()
    on.say(words)
    on.messages()
    for fault in (None, {"kind": "status", "code": 500}, {"kind": "error", "code": 400}, {"kind": "garbage"}, on.gone_error):
        if fault:
            on.server.faults.add(method=on.send_method, **fault)
        try:
            await show(on, answer(on, words))
        except ChannelError as exc:
            seen += [str(exc), repr(exc)]
    on.revoke_token()
    with pytest.raises(ChannelDown) as down:
        await show(on, answer(on, words))
    seen += [str(down.value), str([vars(check) for check in await on.channel.check()])]
    ours = [r for r in caplog.records if r.name.split(".")[0] in ("connectors", "telegram", "httpx", "httpcore")]
    seen += [record.getMessage() + str(record.exc_info) for record in ours]
    for secret in (*on.secrets, "Bí Mật", "0912345678"):
        assert [line for line in seen if secret in line] == []
