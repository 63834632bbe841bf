"""Recorded, anonymised payloads of every channel, and what is read from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.reading import Tally
from connectors.channels.telegram_updates import UpdateReader
from connectors.channels.zalo_bot_events import EventReader as BotReader
from connectors.channels.zalo_oa_events import EventReader as OaReader

DATA = Path(__file__).parents[2] / "data"
SENT_AT = datetime.fromtimestamp(1_790_000_000, UTC)

TELEGRAM: dict[str, dict[str, Any] | None] = {
    "text": {
        "kind": "text", "text": "Làm khai sinh cho con cần giấy tờ gì?", "sender_id": "5550001", "chat_id": "5550001",
        "origin_id": "11", "language": "vi", "sent_at": SENT_AT,
    },
    "edit": {"kind": "edit", "text": "Làm khai sinh cho con ở đâu?", "origin_id": "11"},
    "button": {"kind": "button", "text": "#tt 1.001193 fee", "ack_ref": "4382000000000000001", "origin_id": "12"},
    "button_old_message": {"kind": "button", "text": "#nguoi", "chat_id": "5550001", "ack_ref": "4382000000000000002"},
    "button_game": None,
    "sticker": {"kind": "sticker", "text": "", "media": {"id": "CAAC-1", "size": 20112}},
    "photo_with_caption": {"kind": "photo", "text": "Giấy này có đúng không?", "media": {"id": "AgAC-l", "size": 150200}},
    "voice": {"kind": "voice", "media": {"id": "AwAC-1", "size": 8700, "mime": "audio/ogg"}},
    "document": {"kind": "file", "media": {"id": "BQAC-1", "size": 43000, "mime": "application/pdf"}},
    "location": {"kind": "location", "media": {"latitude": 10.5, "longitude": 106.25}},
    "contact": {"kind": "contact", "text": "", "media": {}},
    "poll": {"kind": "unsupported", "text": ""},
    "command_start_with_code": {"kind": "command", "command": "start", "text": "K7M2QX"},
    "command_help": {"kind": "command", "command": "help", "text": ""},
    "command_of_another_bot": None,
    "group_command": {"kind": "command", "command": "nguoi", "text": "giúp với", "chat_id": "-1005550009", "is_group": True},
    "group_chatter": None,
    "group_mention": {"kind": "text", "text": "lệ phí kết hôn bao nhiêu?", "chat_id": "-1005550009", "sender_id": "5550001", "is_group": True},
    "group_mention_of_another": None,
    "group_reply_to_us": {"kind": "text", "text": "còn thời hạn thì sao", "reply_to_id": "12", "is_group": True},
    "group_topic_mention": {"kind": "text", "text": "làm căn cước", "chat_id": "-1005550009#42", "is_group": True},
    "group_someone_joined": None,
    "another_bot_writes": None,
    "channel_post": None,
    "blocked": {"kind": "unfollow", "chat_id": "5550001", "is_group": False},
    "unblocked": {"kind": "follow", "chat_id": "5550001"},
    "put_out_of_group": {"kind": "unfollow", "chat_id": "-1005550009", "is_group": True},
    "added_to_group": None,
    "message_without_chat": None,
    "of_a_kind_to_come": None,
}  # fmt: skip

PERSON = "4572947693969771653"
ZALO: dict[str, dict[str, Any] | None] = {
    "text": {
        "kind": "text", "text": "Làm khai sinh cho con cần giấy tờ gì?", "sender_id": PERSON, "chat_id": PERSON,
        "message_id": "96d3cdf3af150460909", "order": 1_790_000_000_000, "sent_at": SENT_AT,
    },
    "text_quoting": {"kind": "text", "reply_to_id": "96d3cdf3af150460900"},
    "button": {"kind": "button", "text": "#tt 1.001193 fee"},
    "command": {"kind": "command", "command": "xoadulieu", "text": ""},
    "image": {"kind": "photo", "text": "giấy này đúng chưa", "media": {}},
    "sticker": {"kind": "sticker", "media": {"id": "47000"}},
    "audio": {"kind": "voice"},
    "file": {"kind": "file", "media": {"size": "30417", "type": "docx"}},
    "location": {"kind": "location", "media": {"latitude": "10.5", "longitude": "106.25"}},
    "link": {"kind": "unsupported"},
    "business_card": {"kind": "contact", "media": {}},
    "follow": {"kind": "follow", "chat_id": PERSON, "message_id": f"follow:{PERSON}:1790000000000"},
    "unfollow": {"kind": "unfollow", "chat_id": PERSON},
    "submit_info": {"kind": "contact", "text": "", "media": {}},
    "staff_wrote": {"kind": "staff", "chat_id": PERSON, "text": ""},
    "echo_of_api": None,
    "seen": None,
    "without_sender": None,
    "click_chatnow": None,
    "feedback": None,
    "text_ids_as_numbers": {"kind": "text", "sender_id": PERSON, "message_id": "77001", "order": 1_790_000_000_000},
}  # fmt: skip

ZALO_BOT: dict[str, dict[str, Any] | None] = {
    "text": {
        "kind": "text", "text": "Làm khai sinh cho con cần giấy tờ gì?", "sender_id": "6ede9afa66b88fe6d6a9",
        "chat_id": "6ede9afa66b88fe6d6a9", "message_id": "2d758cb5e222177a4e35", "sent_at": SENT_AT,
    },
    "text_bare": {"kind": "text", "text": "xin hỏi"},
    "button": {"kind": "button", "text": "#tt 1.001193 fee"},
    "command": {"kind": "command", "command": "nguoi"},
    "image": {"kind": "photo", "text": "giấy này đúng chưa"},
    "sticker": {"kind": "sticker"},
    "voice": {"kind": "voice"},
    "unsupported": {"kind": "unsupported"},
    "of_a_kind_to_come": None,
    "group_chatter": None,
    "group_mention": {"kind": "text", "text": "lệ phí kết hôn?", "chat_id": "g1", "is_group": True},
    "without_chat": None,
}  # fmt: skip

TABLES = {"telegram": TELEGRAM, "zalo": ZALO, "zalo-bot": ZALO_BOT}


def read(channel: str, name: str, tally: Tally | None = None) -> list[Any]:
    tally = tally or Tally()
    readers = {
        "telegram": UpdateReader(123456789, "hoi_mot_cua_bot", tally),
        "zalo": OaReader(staff_needs_admin_id=True, ignored=tally),
        "zalo-bot": BotReader("Bot Hỏi Một Cửa", tally),
    }
    return list(readers[channel].read_body((DATA / channel / f"{name}.json").read_bytes()))


@pytest.mark.parametrize(("channel", "name"), [(c, n) for c, table in TABLES.items() for n in table])
def test_a_recorded_payload_is_read_as_expected(channel: str, name: str) -> None:
    expected, tally = TABLES[channel][name], Tally()
    found = read(channel, name, tally)
    if expected is None:
        assert (found, sum(tally.counts.values())) == ([], 1)
    else:
        (message,) = found
        assert message.channel == channel
        assert {key: getattr(message, key) for key in expected} == expected


@pytest.mark.parametrize("channel", TABLES)
def test_every_recorded_payload_is_looked_at(channel: str) -> None:
    assert {path.stem for path in (DATA / channel).glob("*.json")} == set(TABLES[channel])


@pytest.mark.parametrize(("channel", "name"), [("telegram", "contact"), ("zalo", "submit_info"), ("zalo", "business_card"), ("telegram", "document")])
def test_no_telephone_number_address_or_file_name_is_carried_on(channel: str, name: str) -> None:
    (message,) = read(channel, name)
    carried = json.dumps(message.to_json(), ensure_ascii=False)
    assert not [word for word in ("84900000001", "Hoa Mơ", "Trần Thị An", "don-cua-toi", "example.vn") if word in carried]


def test_an_echo_of_our_own_message_is_no_person_even_with_an_admin_id() -> None:
    reader = OaReader(staff_needs_admin_id=True, ignored=Tally())
    reader.remember_ours("96d3cdf3af150460950")
    assert reader.read_body((DATA / "zalo" / "staff_wrote.json").read_bytes()) == ()


def test_an_oa_that_names_no_admin_can_be_told_so_by_setting() -> None:
    (message,) = OaReader(staff_needs_admin_id=False, ignored=Tally()).read_body((DATA / "zalo" / "echo_of_api.json").read_bytes())
    assert message.kind == "staff"


def test_names_of_unknown_events_cannot_fill_the_figures() -> None:
    tally = Tally()
    for n in range(500):
        tally.add(f"event_{n}")
    tally.add("x" * 500)
    tally.add({"a": 1})
    assert len(tally.counts) <= 62
    assert sum(tally.counts.values()) == 502
