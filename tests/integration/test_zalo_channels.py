"""Habits of Zalo's two products, over real HTTP against servers that refuse what Zalo refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa import ZaloOaChannel
from connectors.errors import ChannelDown, ChannelRefused, ChannelThrottled
from connectors.messages import Button, OutgoingMessage
from tests.channel_servers import zalo_oa
from tests.channel_servers.harness import ZaloBotHarness, ZaloOaHarness, connected

pytestmark = pytest.mark.integration
PERSON = "5550001"
FEE = Button("Lệ phí", "#tt 9.100002 fee")
HOUR_S, DAY_S = 3_600, 86_400


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[ZaloOaHarness]:
    with connected("zalo", tmp_path) as harness:
        harness.meet()
        yield harness
        await harness.channel.aclose()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ZaloBotHarness]:
    with connected("zalo-bot", tmp_path) as harness:
        harness.meet()
        yield harness
        await harness.channel.aclose()


async def show(channel: Any, text: str, *buttons: Button) -> None:
    for payload in channel.render(OutgoingMessage(channel.name, PERSON, text, buttons)):
        await channel.send(payload)


def reconnect(oa: ZaloOaHarness, **settings: Any) -> ZaloOaChannel:
    given = {"api_url": oa.server.url, "oauth_url": oa.server.url, **settings}
    return ZaloOaChannel(ZaloOaSettings(zalo_oa.APP_ID, zalo_oa.APP_SECRET, zalo_oa.OA_SECRET, **given), oa.tokens)


# Windows.


@pytest.mark.parametrize(("idle_s", "quota"), [(48 * HOUR_S - 60, "reply"), (48 * HOUR_S + 60, "purchase_quota"), (7 * DAY_S - 60, "purchase_quota")])
async def test_within_seven_days_a_message_is_shown(oa: ZaloOaHarness, idle_s: float, quota: str) -> None:
    oa.server.last_interaction[PERSON] = oa.server.now() - idle_s
    await show(oa.channel, "x")
    assert oa.server.sent[-1]["quota"] == quota


async def test_after_seven_days_the_window_is_closed(oa: ZaloOaHarness) -> None:
    oa.server.last_interaction[PERSON] = oa.server.now() - 7 * DAY_S - 60
    with pytest.raises(ChannelRefused) as refused:
        await show(oa.channel, "x")
    assert (refused.value.code, refused.value.is_gone) == ("window", False)
    oa.server.last_interaction[PERSON] = oa.server.now()
    await show(oa.channel, "x")


def test_the_windows_are_told_to_the_message_path(tmp_path: Path) -> None:
    with connected("zalo", tmp_path) as oa:
        assert (oa.channel.limits.reply_window_s, oa.channel.limits.send_window_s) == (48 * HOUR_S, 7 * DAY_S)


# Error codes.


@pytest.mark.parametrize(
    ("code", "kind", "is_gone"),
    [
        *((code, ChannelRefused, False) for code in (-100, -200, -201, -204, -205, -209, -210, -211, -217, -218, -219, -221, -223, -224)),
        *((code, ChannelRefused, False) for code in (-230, -232, -233, -234, -240, -242, -248, -9999)),
        *((code, ChannelRefused, True) for code in (-213, -227, -244)),
        (-32, ChannelThrottled, False),
    ],
)  # fmt: skip
async def test_each_error_code_means_what_the_documentation_says(oa: ZaloOaHarness, code: int, kind: type[Exception], is_gone: bool) -> None:
    oa.server.faults.add("error", "v3.0/message/cs", code=code)
    with pytest.raises(kind) as fault:
        await show(oa.channel, "x")
    assert getattr(fault.value, "is_gone", False) is is_gone
    assert oa.shown() == []


async def test_calls_beyond_the_applications_rate_are_throttled(oa: ZaloOaHarness) -> None:
    oa.server.rate_per_minute = 3
    for n in range(3):
        await show(oa.channel, f"{n}")
    with pytest.raises(ChannelThrottled):
        await show(oa.channel, "3")
    ours = reconnect(oa, per_minute=1)
    oa.server.rate_per_minute = 100
    await show(ours, "4")
    with pytest.raises(ChannelThrottled) as throttled:
        await show(ours, "5")
    assert throttled.value.code == "own_rate"
    await ours.aclose()


# Buttons.


@pytest.mark.parametrize("form", ["absent", "button"])
async def test_a_button_message_finds_the_form_this_oa_takes_and_stays_with_it(oa: ZaloOaHarness, form: str) -> None:
    oa.server.template_type = form
    await show(oa.channel, "Bạn hỏi gì?", FEE)
    await show(oa.channel, "Còn gì nữa?", FEE)
    assert [m["buttons"][0]["payload"] for m in oa.server.sent] == [FEE.payload] * 2
    refused = [c for c in oa.server.calls_of("v3.0/message/cs") if c["outcome"] != "ok"]
    assert len(refused) == (1 if form == "button" else 0)


async def test_an_oa_that_takes_no_buttons_at_all_gets_words_to_type(oa: ZaloOaHarness) -> None:
    oa.server.faults.add("error", "v3.0/message/cs", code=-201, times=2)
    await show(oa.channel, "Bạn hỏi gì?", FEE, Button("Cổng", url="https://c.example.vn/"))
    assert oa.shown() == ["Bạn hỏi gì?\n\n• Lệ phí: gõ “#tt 9.100002 fee”\n• Cổng: https://c.example.vn/"]


async def test_buttons_for_addresses_and_telephones(oa: ZaloOaHarness) -> None:
    await show(oa.channel, "Liên hệ:", Button("Cổng", url="https://c.example.vn/"), Button("Gọi", phone="0912 345 678"))
    kinds = [(b["type"], b["payload"]) for b in oa.server.sent[-1]["buttons"]]
    assert kinds == [("oa.open.url", {"url": "https://c.example.vn/"}), ("oa.open.phone", {"phone_code": "84912345678"})]
    await show(oa.channel, "Tổng đài:", Button("Gọi", phone="1800 1096"))
    assert oa.shown()[-1] == "Tổng đài:\n\nGọi: 1800 1096"


async def test_a_query_may_be_hidden_by_setting(oa: ZaloOaHarness) -> None:
    channel = reconnect(oa, button_query="oa.query.hide")
    await show(channel, "Bạn hỏi gì?", FEE)
    assert oa.server.sent[-1]["buttons"][0]["type"] == "oa.query.hide"
    await channel.aclose()


# Coming in.


async def test_a_person_writing_from_the_oa_manager_is_told_and_our_own_echo_is_not(oa: ZaloOaHarness) -> None:
    await oa.use_webhook()
    oa.server.staff_says(PERSON, "Chị chờ em chút ạ")
    (staff,) = oa.messages()
    assert (staff.kind, staff.chat_id, staff.text) == ("staff", PERSON, "")
    receipt = await oa.channel.send(oa.channel.render(OutgoingMessage("zalo", PERSON, "x"))[0])
    event = oa.server._event("oa_send_text", PERSON, message={"text": "x", "msg_id": receipt.message_id})
    oa.server.raw(event | {"sender": {"id": zalo_oa.OA_ID, "admin_id": "1"}, "recipient": {"id": PERSON}})
    oa.server.staff_says(PERSON, "tin gửi qua API của phần mềm khác", admin_id="")
    oa.server.wait_delivered()
    assert len(oa.receiver.taken) == 1


async def test_follow_unfollow_and_the_information_form_come_in_without_values(oa: ZaloOaHarness) -> None:
    await oa.use_webhook()
    oa.server.follow(PERSON)
    oa.server.submit_info(PERSON, {"name": "Trần Thị An", "phone": "84900000001", "address": "kiểu cũ", "district": "x"})
    oa.server.unfollow(PERSON)
    kinds = {message.kind: message for message in oa.messages(3)}
    assert set(kinds) == {"follow", "contact", "unfollow"}
    assert "84900000001" not in str(kinds["contact"].to_json())


async def test_a_replay_after_three_hours_is_refused(oa: ZaloOaHarness) -> None:
    await oa.use_webhook()
    oa.server.courier.retry_after_s = ()
    for skew_s in (-3 * HOUR_S - 60, -3 * HOUR_S + 60):
        oa.server.say(PERSON, f"lệch {skew_s}", skew_s=skew_s)
        oa.server.wait_delivered()
    assert oa.receiver.statuses == [403, 200]


@pytest.mark.parametrize("url", ["http://hoi.example.vn/webhooks/zalo", "https://hoi.example.vn:8443/webhooks/zalo"])
async def test_an_address_zalo_would_not_take_is_refused_with_the_reason(oa: ZaloOaHarness, url: str) -> None:
    with pytest.raises(ChannelRefused) as refused:
        await oa.channel.set_webhook(url)
    assert refused.value.code == "address"


# The Bot Platform.


async def test_polling_with_nothing_new_is_an_empty_batch(bot: ZaloBotHarness) -> None:
    assert (await bot.channel.poll("", 0)).messages == ()


async def test_a_poll_may_bring_a_list(bot: ZaloBotHarness) -> None:
    event = {"event_name": "message.text.received", "message": {
        "from": {"id": "a"}, "chat": {"id": "a", "chat_type": "PRIVATE"}, "message_id": "1", "text": "một"}}  # fmt: skip
    bot.server._waiting.append([event, event | {"message": event["message"] | {"message_id": "2"}}, "rác"])
    assert [m.message_id for m in (await bot.channel.poll("", 0)).messages] == ["1", "2"]


@pytest.mark.parametrize("wraps", [True, False])
async def test_webhooks_come_wrapped_or_bare(bot: ZaloBotHarness, wraps: bool) -> None:
    bot.server.wraps = wraps
    await bot.use_webhook()
    bot.say("xin hỏi")
    assert [m.text for m in bot.messages()] == ["xin hỏi"]


async def test_errors_are_read_from_the_body_and_from_the_status(bot: ZaloBotHarness) -> None:
    for has_status in (True, False):
        bot.server.faults.add("error", "sendMessage", code=401, detail={"as_http_status": has_status})
        with pytest.raises(ChannelDown) as down:
            await show(bot.channel, "x")
        assert down.value.code == "token"


async def test_check_tells_of_a_webhook_elsewhere_and_it_can_be_deleted(bot: ZaloBotHarness) -> None:
    await bot.channel.set_webhook("https://khac.example.vn/")
    webhook = {c.name: c for c in await bot.channel.check()}["webhook"]
    assert not webhook.is_ok and "khac.example.vn" in webhook.found
    await bot.channel.set_webhook("")
    assert {c.name: c.is_ok for c in await bot.channel.check()}["webhook"] is True


# The servers themselves are as strict as Zalo.


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"recipient": {"user_id": PERSON}, "message": {"text": "a" * 2_001}}, -210),
        ({"recipient": {"user_id": PERSON}, "message": {"text": ""}}, -201),
        ({"recipient": {"user_id": 5}, "message": {"text": "x"}}, -201),
        ({"recipient": {"user_id": "nobody"}, "message": {"text": "x"}}, -232),
        ({"recipient": {"user_id": PERSON}, "message": {"text": "x", "attachment": {"type": "template", "payload": {"buttons": [{"title": "t", "type": "oa.query.show", "payload": "p"}] * 6}}}}, -210),
        ({"recipient": {"user_id": PERSON}, "message": {"text": "x", "attachment": {"type": "template", "payload": {"buttons": [{"title": "t" * 101, "type": "oa.query.show", "payload": "p"}]}}}}, -210),
        ({"recipient": {"user_id": PERSON}, "message": {"text": "x", "attachment": {"type": "template", "payload": {"buttons": [{"title": "t", "type": "oa.unknown", "payload": "p"}]}}}}, -201),
    ],
)  # fmt: skip
async def test_the_server_refuses_what_zalo_refuses(oa: ZaloOaHarness, body: dict[str, Any], code: int) -> None:
    token = (await oa.channel.tokens.state()).access_token
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{oa.server.url}/v3.0/oa/message/cs", json=body, headers={"access_token": token})
        unknown = await client.post(f"{oa.server.url}/v3.0/oa/message/cs", json=body, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (200, code)
    assert unknown.json()["error"] == -216


@pytest.mark.parametrize(("text", "code"), [("a" * 2_001, 400), ("", 400), ("a" * 2_000, None)])
async def test_the_bot_platforms_server_knows_its_limits(bot: ZaloBotHarness, text: str, code: int | None) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{bot.server.url}/bot{bot.server.token}/sendMessage", json={"chat_id": PERSON, "text": text})
    assert answer.json().get("error_code") == code
