"""What people can do on a channel beside asking: commands, a person, codes, deletion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, text

from connectors import channel_texts as say
from connectors.errors import (
    ChannelDown,
)
from connectors.inbox import letters, tickets
from connectors.inbox.tables import InboxMessage
from connectors.message_flow import MOST_SHOWN, _plain, command_of
from tests.channel_path_fakes import event
from tests.running_path import SCHEDULE, Running

Start = Callable[..., Awaitable[Running]]


# Commands


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("/nguoi", "nguoi"), ("/Người", "nguoi"), ("/xoadulieu@motcua_bot ngay", "xoadulieu"), ("nguoi", ""), ("/ nguoi", "")],
)
def test_commands_are_read_from_words_too(typed: str, expected: str) -> None:
    assert command_of(event("1", typed))[0] == expected


def test_commands_are_compared_without_diacritics() -> None:
    assert _plain("Đường") == "duong"


async def test_start_greets_newcomers_and_old_acquaintances(start: Start) -> None:
    path = await start()
    assert await path.write("", kind="command", command="start") == [say.WELCOME]
    assert await path.write("", kind="command", command="start") == [say.WELCOME_BACK]


async def test_what_is_kept_is_told_as_it_is_on_channels(start: Start) -> None:
    path = await start(keep_days=9)
    path.flow.statuses = ["chitchat_privacy"]
    await path.write("bạn lưu gì về tôi")
    assert "giữ 9 ngày" in path.channel.texts()[-1]


async def test_an_unknown_command_is_answered_and_a_typed_slash_is_a_question(start: Start) -> None:
    path = await start()
    assert await path.write("", kind="command", command="xyz") == [say.UNKNOWN_COMMAND]
    assert await path.write("/2026/NĐ-CP là gì") == ["re: /2026/NĐ-CP là gì"]


async def test_help_names_the_commands(start: Start) -> None:
    path = await start()
    assert await path.write("/trogiup") == ["re: Bạn giúp được gì?", say.HELP_COMMANDS]


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "location", "contact", "unsupported", "video", "file"])
async def test_what_is_no_text_gets_a_kind_answer_and_an_album_gets_one(start: Start, kind: str) -> None:
    path = await start()
    assert await path.write("", kind=kind) == [say.MEDIA[kind]]
    assert await path.write("", kind=kind) == []


async def test_a_caption_is_answered(start: Start) -> None:
    path = await start()
    assert await path.write("giấy này là gì", kind="photo") == [say.CAPTION_ONLY, "re: giấy này là gì"]


# A person


async def test_a_person_can_be_asked_for_answers_and_hands_back(start: Start) -> None:
    path = await start()
    assert await path.write("/nguoi") == ["Tổng đài 1800 1096", say.HANDED_OVER]
    assert await path.write("tôi hỏi thêm") == ["re: tôi hỏi thêm"]  # nobody has answered yet: the machine helps on
    (head,), _ = await path.path.database.arun(tickets.list_tickets, False, 0, 10)
    _, lines = await path.path.database.arun(tickets.read_ticket, head.id)
    assert [(line.who, line.text) for line in lines][:1] == [("citizen", "/nguoi")]
    assert ("citizen", "tôi hỏi thêm") in [(line.who, line.text) for line in lines]
    await path.path.database.arun(tickets.answer_ticket, head.id, "lan", "Chào bác", [], 3_600)
    assert await path.write("vâng") == []
    assert await path.write("#may") == [say.MACHINE_AGAIN]
    assert await path.write("hỏi máy") == ["re: hỏi máy"]


@pytest.mark.parametrize("wish", ["/nguoi", "#nguoi"])
@pytest.mark.parametrize(("status", "said"), [("error_internal", []), ("unanswerable_paused", ["re: #nguoi"])])
async def test_a_person_is_reached_while_the_machine_is_broken_or_paused(start: Start, wish: str, status: str, said: list[str]) -> None:
    path = await start()
    path.flow.statuses = [status]
    assert await path.write(wish) == [*said, say.HANDED_OVER]
    (head,), n_open = await path.path.database.arun(tickets.list_tickets, False, 0, 10)
    assert (n_open, head.last_text) == (1, say.HANDED_OVER)
    assert await path.path.database.arun(letters.list_letters) == [], "no dead letter"


async def test_asking_for_a_person_twice_opens_one_ticket(start: Start) -> None:
    path = await start()
    await path.write("/nguoi")
    assert await path.write("#nguoi") == [say.ALREADY_HANDED_OVER]
    assert (await path.path.database.arun(tickets.list_tickets, False, 0, 10))[1] == 1


async def test_somebody_writing_from_the_channels_own_console_quiets_the_machine(start: Start) -> None:
    path = await start()
    await path.write("hỏi")
    await path.post(event("s1", "", kind="staff", sender_id="admin-1"))
    await path.settle()
    assert await path.write("vâng ạ") == []
    assert await path.write("#may") == [say.MACHINE_AGAIN]


async def test_the_echo_of_what_we_sent_ourselves_quiets_nobody(start: Start) -> None:
    """It may come to another process than the one that sent it, which remembers nothing of it."""
    path = await start()
    await path.write("hỏi")
    await path.post(event(f"r{len(path.channel.sent)}", "", kind="staff"))
    await path.settle()
    assert await path.write("vâng ạ") == ["re: vâng ạ"]


async def test_whoever_left_gets_nothing_more(start: Start) -> None:
    path = await start()
    await path.write("hỏi")
    path.channel.faults = [ChannelDown("503")] * 500  # away until the person has left
    await path.post(event("a", "đang hỏi"), event("b", "", kind="unfollow"))
    await path.settle()
    path.channel.faults = []
    assert "re: đang hỏi" not in path.channel.texts()
    states = await path.rows(text("SELECT state FROM outbox_message ORDER BY id DESC LIMIT 1"))
    assert states[0][0] == "dropped"
    rows = await path.rows(text("SELECT is_gone FROM chat"))
    assert [bool(row[0]) for row in rows] == [True]
    assert await path.write("quay lại") == ["re: quay lại"]


# Carry on elsewhere


async def test_a_code_moves_the_conversation_once(start: Start) -> None:
    path = await start()
    await path.write("khai sinh", chat="a")
    (given,) = await path.write("/ma", chat="a")
    code = given.split("\n")[0].removeprefix("Mã của bạn: ")
    assert await path.write(code.lower(), chat="b") == [say.CODE_TAKEN.format(origin="kênh kia")]
    await path.write("lệ phí", chat="b")
    assert path.flow.asked[-1][2]["procedure_code"] == "hai sinh"
    assert await path.write(f"/start {code}", chat="c") == [say.CODE_WRONG]


async def test_guessing_codes_ends_after_a_few(start: Start) -> None:
    path = await start()
    said = [(await path.write("AAAA-CCC3"))[0] for _ in range(SCHEDULE.carry_wrong_codes + 1)]
    assert said == [say.CODE_WRONG] * SCHEDULE.carry_wrong_codes + [say.CODE_LOCKED]


@pytest.mark.parametrize("words", ["cảm ơn bạn", "12345678", "KHAI SINH", "XE MÁY", "nhap hang", "DANG NHAN"])
async def test_words_are_not_taken_for_codes(start: Start, words: str) -> None:
    path = await start()
    assert await path.write(words) == [f"re: {words}"]


# Deletion


async def test_everything_of_a_person_is_shown_and_deleted_after_they_confirm(start: Start) -> None:
    path = await start()
    await path.write("chuyện riêng", chat="p-77")
    tables = ("inbox_message", "outbox_message", "chat", "ticket", "ticket_entry")
    assert "chuyện riêng" in await path.dump(*tables)
    shown, asked = await path.write("/xoadulieu", chat="p-77")
    assert "2 tin bạn gửi ngày" in shown and "“chuyện riêng”" in shown and "“/xoadulieu”" in shown
    assert "- 2 tin mình trả lời" in shown and "đang hỏi dở: ện riêng" in shown
    assert [p for _, p in path.channel.payloads[-1].body["buttons"]] == ["#xoahet", "#giunguyen"] and "không lấy lại được" in asked
    assert "đang giữ về bạn" not in await path.dump("outbox_message"), "what was shown is not kept a second time"
    session = path.flow.asked[0][1]
    assert await path.write("#xoahet", chat="p-77") == [say.ERASED]
    assert path.flow.forgotten == [session], "the dialogue engine forgets too"
    assert "riêng" not in await path.dump(*tables)
    assert "p-77" not in await path.dump("lane", *tables)
    before = len(path.channel.texts("p-77"))
    await path.write("hỏi lại", chat="p-77")
    assert "Mình là máy trả lời tự động" in path.channel.texts("p-77")[before]  # nobody remembers them


async def test_what_is_kept_is_shown_as_it_is_stored_the_latest_last(start: Start) -> None:
    path = await start()
    await path.write("sdt 0912345678")
    await path.write("", kind="photo")
    await path.write("mã otp của tôi là 482913 nhé")
    for number in range(MOST_SHOWN):
        await path.write(f"câu {number}")
    await path.write("/nguoi")
    shown, _ = await path.write("/xoadulieu")
    assert "0912345678" not in shown and "1 yêu cầu gặp cán bộ từ" in shown
    lines = shown.split("đúng như đang lưu:\n")[1].split("\n")
    assert lines[0] == "- và 5 tin cũ hơn" and len(lines) == MOST_SHOWN + 1
    assert lines[1].endswith("“câu 2”") and lines[-1].endswith("“/xoadulieu”")


async def test_kinds_without_words_are_named_and_masked_words_stay_masked(start: Start) -> None:
    path = await start()
    await path.write("sdt 0912345678")
    await path.write("", kind="photo")
    await path.write("mã otp của tôi là 482913 nhé")
    shown, _ = await path.write("/xoadulieu")
    ends = ("“sdt [số điện thoại]”", "ảnh (không lưu)", "(không lưu chữ nào)", "“/xoadulieu”")
    lines = shown.split("đúng như đang lưu:\n")[1].split("\n")
    assert [line.endswith(end) for line, end in zip(lines, ends, strict=True)] == [True] * 4


async def test_in_a_group_nothing_private_is_shown_or_deleted(start: Start) -> None:
    path = await start()
    await path.write("chuyện nhà tôi", chat="lan")
    await path.write("chuyện chung", chat="group", sender_id="lan", is_group=True)
    await path.write("chuyện của minh", chat="group", sender_id="minh", is_group=True)
    (asked,) = await path.write("/xoadulieu", chat="group", sender_id="lan", is_group=True)
    assert "2 tin bạn gửi" in asked and "trò chuyện riêng" in asked
    assert "chuyện chung" not in asked and "chuyện nhà tôi" not in asked
    assert await path.write("#xoahet", chat="group", sender_id="minh", is_group=True) == [say.ERASE_LATE], "only who asked may confirm"
    (_, of_private, _), (_, of_group, _), _ = path.flow.asked
    assert await path.write("#xoahet", chat="group", sender_id="lan", is_group=True) == [say.ERASED_IN_GROUP]
    assert path.flow.forgotten == [of_group] and of_group != of_private
    stored = await path.dump("inbox_message", "outbox_message")
    assert "chuyện chung" not in stored and "chuyện nhà tôi" in stored and "chuyện của minh" in stored
    shown, _ = await path.write("/xoadulieu", chat="lan")
    assert "“chuyện nhà tôi”" in shown and "của minh" not in shown


async def test_nothing_is_deleted_without_confirmation(start: Start) -> None:
    path = await start()
    await path.write("hỏi")
    assert await path.write("#xoahet") == [say.ERASE_LATE]
    await path.write("/xoadulieu")
    assert await path.write("#giunguyen") == [say.ERASE_KEPT]
    assert await path.write("#xoahet") == [say.ERASE_LATE]
    assert len(await path.rows(select(InboxMessage.id).where(InboxMessage.kind == "text"))) == 5
