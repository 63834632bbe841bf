"""Splitting, numbering and the small readers every connector uses."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channels.layout import PICK_HINT, shorten, split_text, utf16_units, with_numbers
from connectors.channels.pacing import Pacer
from connectors.channels.reading import at_time, id_text, split_command
from connectors.channels.settings import TelegramSettings, ZaloBotSettings, ZaloOaSettings
from connectors.channels.telegram_render import render_message
from connectors.channels.zalo_oa_signature import Signature
from connectors.errors import ChannelThrottled, SettingsError, WebhookRefused
from connectors.messages import Button, OutgoingMessage

APP, KEY, MAX_AGE_S = "1000000000000000001", "oa-secret", 3 * 3_600.0
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LETTERS = st.text(st.sampled_from("aạ🏠é\u0301 .\n-"), max_size=400)


@given(LETTERS, st.integers(4, 60))
@settings(max_examples=200, deadline=None)
def test_pieces_fit_and_hold_everything_but_white_space(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < utf16_units(piece) <= limit for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
    assert all(piece == piece.strip() for piece in pieces)


@pytest.mark.parametrize(("n", "expected"), [(2_000, 1), (2_001, 2)])
def test_a_text_is_split_just_above_the_limit(n: int, expected: int) -> None:
    assert len(split_text("a" * n, 2_000)) == expected


def test_an_emoji_counts_as_two_as_in_the_channels_own_clients() -> None:
    assert len(split_text("🏠" * 1_000, 2_000)) == 1
    assert len(split_text("🏠" * 1_000 + "a", 2_000)) == 2


def test_a_cut_prefers_paragraphs_then_lines_then_sentences() -> None:
    assert split_text("một hai ba\n\nbốn năm\nsáu", 14) == ["một hai ba", "bốn năm\nsáu"]
    assert split_text("một hai ba\nbốn năm sáu", 14) == ["một hai ba", "bốn năm sáu"]
    assert split_text("Một hai ba. Bốn năm sáu", 14) == ["Một hai ba.", "Bốn năm sáu"]


def test_a_title_is_shortened_with_a_sign() -> None:
    assert shorten("Đăng ký thường trú", 8) == "Đăng ký…"
    assert shorten("Lệ phí", 6) == "Lệ phí"


def test_numbers_stand_for_payloads_and_addresses_are_written_out() -> None:
    buttons = [Button("Lệ phí", "#tt 1.000001 fee"), Button("Cổng", url="https://c.vn/"), Button("2. Thời hạn", "#tt 1.000001 time")]
    text, numbered = with_numbers("Bạn hỏi gì?", buttons)
    assert text == f"Bạn hỏi gì?\n\n1. Lệ phí\n2. Thời hạn\n{PICK_HINT}\nCổng: https://c.vn/"
    assert numbered == ("#tt 1.000001 fee", "#tt 1.000001 time")


def test_a_payload_of_more_than_64_bytes_makes_all_buttons_numbers_on_telegram() -> None:
    long, short = Button("Dài", "ạ" * 30), Button("Ngắn", "#nguoi")
    (payload,) = render_message(OutgoingMessage("telegram", "1", "Chọn:", (long, short, Button("Web", url="https://c.vn/"))), 4_096)
    assert payload.numbered == (long.payload, short.payload)
    assert [button["text"] for row in payload.body["keyboard"] for button in row] == ["Web"]
    (fits,) = render_message(OutgoingMessage("telegram", "1", "Chọn:", (Button("Vừa", "a" * 64),)), 4_096)
    assert fits.numbered == ()


def test_a_telephone_number_is_written_out_on_telegram() -> None:
    (payload,) = render_message(OutgoingMessage("telegram", "1", "Cần gấp:", (Button("Gọi", phone="18001096"),)), 4_096)
    assert payload.body["text"].endswith("Gọi: 18001096") and "keyboard" not in payload.body


@pytest.mark.parametrize(
    ("value", "expected"), [("5", "5"), (5, "5"), (0, "0"), (" 7 ", "7"), (None, ""), (True, ""), ({"a": 1}, ""), (1.5, ""), ([], "")]
)
def test_ids_are_read_from_text_and_numbers_only(value: object, expected: str) -> None:
    assert id_text(value) == expected


@pytest.mark.parametrize("value", ["1790000000000", 1790000000000, 1790000000, "1790000000"])
def test_times_are_read_in_seconds_and_milliseconds(value: object) -> None:
    assert at_time(value) == datetime.fromtimestamp(1_790_000_000, UTC)


@pytest.mark.parametrize("value", [None, "", "soon", {}, "1e400", float("nan")])
def test_what_is_no_time_is_none(value: object) -> None:
    assert at_time(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("/nguoi", ("nguoi", "")), ("/Nguoi  xin chào", ("nguoi", "xin chào")), ("hỏi /nguoi", ("", "hỏi /nguoi")), ("/12/2025 nộp", ("", "/12/2025 nộp")), ("/", ("", "/"))],
)
def test_a_command_begins_with_a_slash(text: str, expected: tuple[str, str]) -> None:
    assert split_command(text) == expected


async def test_a_window_that_is_full_for_long_says_so_instead_of_waiting() -> None:
    pacer = Pacer()
    for _ in range(3):
        await pacer.wait(("3/minute", "-100"))
    with pytest.raises(ChannelThrottled) as throttled:
        await pacer.wait(("3/minute", "-100"))
    assert 0 < throttled.value.retry_after_s <= 60
    await pacer.wait(("3/minute", "-200"))


# Zalo's signature.


def event(at: datetime = NOW, **more: object) -> bytes:
    return json.dumps({"app_id": APP, "event_name": "x", "timestamp": str(int(at.timestamp() * 1000)), **more}).encode()


def mac(raw: bytes, key: str = KEY, app: str = APP, timestamp: str = "") -> str:
    timestamp = timestamp or str(json.loads(raw)["timestamp"])
    return hashlib.sha256(app.encode() + raw + timestamp.encode() + key.encode()).hexdigest()


def signature() -> Signature:
    return Signature(APP, {"OA secret key": KEY, "application secret": "app-secret", "unset": ""}, MAX_AGE_S)


@pytest.mark.parametrize("form", ["mac={}", "mac = {}", "MAC={}", "{}", "  mac={}  "])
def test_a_right_signature_is_taken_in_every_form_seen(form: str) -> None:
    raw = event()
    shown = form.format(mac(raw)) if not form.startswith("MAC") else "mac=" + mac(raw).upper()
    signature().check(raw, {"x-zevent-signature": shown}, NOW)


def test_the_key_that_fitted_is_named_and_an_empty_key_fits_nothing() -> None:
    raw, checker = event(), signature()
    checker.check(raw, {"x-zevent-signature": mac(raw, "app-secret")}, NOW)
    assert checker.fitted == "application secret"
    with pytest.raises(WebhookRefused):
        checker.check(raw, {"x-zevent-signature": mac(raw, "")}, NOW)


@pytest.mark.parametrize(
    ("raw", "header", "cause"),
    [
        (event(), "", "missing"), (event(), "mac=", "missing"), (event(), "mac=" + "g" * 64, "missing"),
        (event(), "mac=" + "0" * 64, "wrong"), (event(), mac(event()).replace("a", "b"), "wrong"),
        (event(), mac(event(), app="2"), "wrong"), (event() + b" ", mac(event()), "wrong"),
        (b'{"event_name":"x"}', "mac=" + "0" * 64, "missing"), (b"no json", "mac=" + "0" * 64, "missing"),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_fit_the_very_bytes_is_refused(raw: bytes, header: str, cause: str) -> None:
    with pytest.raises(WebhookRefused) as refused:
        signature().check(raw, {"x-zevent-signature": header}, NOW)
    assert refused.value.cause == cause


@pytest.mark.parametrize(("age_s", "is_taken"), [(MAX_AGE_S - 1, True), (MAX_AGE_S + 1, False), (-MAX_AGE_S + 1, True), (-MAX_AGE_S - 1, False), (600, True)])
def test_an_event_is_refused_just_beyond_three_hours_of_age(age_s: float, is_taken: bool) -> None:
    raw = event(NOW - timedelta(seconds=age_s))
    headers = {"x-zevent-signature": mac(raw)}
    if is_taken:
        signature().check(raw, headers, NOW)
    else:
        with pytest.raises(WebhookRefused) as refused:
            signature().check(raw, headers, NOW)
        assert refused.value.cause == "stale"


def test_the_time_is_taken_from_the_header_where_the_body_has_none() -> None:
    raw, timestamp = b'{"event_name":"x"}', str(int(NOW.timestamp() * 1000))
    headers = {"x-zevent-signature": mac(raw, timestamp=timestamp), "x-zevent-timestamp": timestamp}
    signature().check(raw, headers, NOW)


# Settings.


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: TelegramSettings("no-token", "s"), "telegram token"),
        (lambda: TelegramSettings("1:" + "a" * 30, "has space"), "telegram webhook_secret"),
        (lambda: TelegramSettings("1:" + "a" * 30, "s", text_chars=4_097), "telegram text_chars"),
        (lambda: ZaloOaSettings("abc", "s"), "zalo app_id"),
        (lambda: ZaloOaSettings("1", ""), "zalo app_secret"),
        (lambda: ZaloOaSettings("1", "s", template_type="list"), "zalo template_type"),
        (lambda: ZaloBotSettings("t" * 20, "short"), "zalo-bot webhook_secret"),
        (lambda: ZaloBotSettings("t" * 20, "long-enough", api_url="bot-api.example"), "zalo-bot api_url"),
    ],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_and_is_named_without_its_value(make: object, key: str) -> None:
    with pytest.raises(SettingsError, match=key) as wrong:
        make()  # type: ignore[operator]
    assert "no-token" not in str(wrong.value) and "has space" not in str(wrong.value)


def test_no_secret_stands_in_a_repr() -> None:
    shown = repr(TelegramSettings("1:" + "S3CRET" * 5, "S3CRET")) + repr(ZaloOaSettings("1", "S3CRET", "S3CRET", "S3CRET", "S3CRET"))
    assert "S3CRET" not in shown + repr(ZaloBotSettings("S3CRET" * 4, "S3CRET-S3CRET"))
