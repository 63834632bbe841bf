"""The outbox on SQLite and on PostgreSQL: fates of sends, what is forgotten, tickets, codes."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from connectors.channels.base import ChannelPayload
from connectors.inbox import carry, letters, tickets
from connectors.inbox.chats import ChatChange
from connectors.inbox.database import InboxDatabase, Transaction
from connectors.inbox.lanes import LeaseLost
from connectors.inbox.outbox import Fate, add_outgoing, claim_sendings, settle_late
from connectors.inbox.receiving import Answered, finish
from connectors.inbox.tables import Chat, OutboxMessage
from connectors.store.tables import utc_now
from tests.channel_path_fakes import event
from tests.inbox_hands import FAKE, SCHEDULE, Hands, apology, words_in

pytestmark = pytest.mark.integration


# The outbox


def queue_replies(hands: Hands, *said: str) -> None:
    hands.store(event("q"))
    hands.answer(hands.claim()[0], *said)


def states(hands: Hands) -> list[str]:
    return hands.column(select(OutboxMessage.state).order_by(OutboxMessage.id))


def test_replies_of_a_message_are_there_when_it_is_done_and_go_out_in_order(hands: Hands) -> None:
    queue_replies(hands, "a", "b", "c")
    assert hands.send_all() == ["a", "b", "c"]
    assert states(hands) == ["sent"] * 3


def test_what_was_being_sent_when_the_worker_died_is_not_sent_again_but_told(hands: Hands) -> None:
    queue_replies(hands, "a", "b")
    hands.claim_out()
    hands.expire_leases()
    assert Hands(hands.database, "w2").send_all() == ["b", "missing?"]
    assert states(hands) == ["unsure", "sent", "sent"]
    assert [letter.state for letter in hands.database.run(letters.list_letters)] == ["unsure"]


def test_a_channel_that_knows_repetitions_gets_it_again(hands: Hands) -> None:
    queue_replies(hands, "a")
    hands.claim_out()
    hands.expire_leases()
    again, _ = hands.database.run(claim_sendings, "w2", 5, SCHEDULE, FAKE, FAKE, apology)
    assert [each.payload.body["text"] for each in again] == ["a"]


def test_the_person_can_have_it_sent_again_once(hands: Hands) -> None:
    queue_replies(hands, "a")
    notice = hands.settle(hands.claim_out()[0], "unsure", code="timeout")
    assert hands.send_all(notice) == ["missing?"]
    hands.store(event("again", "#guilai"))
    hands.answer(hands.claim()[0], send_again=True)
    assert hands.send_all() == ["a"]
    hands.store(event("again2", "#guilai"))
    hands.answer(hands.claim()[0], send_again=True)
    assert hands.send_all() == []


def test_a_notice_of_unknown_fate_is_said_again_when_the_person_writes_and_once(hands: Hands) -> None:
    queue_replies(hands, "a")
    notice = hands.settle(hands.claim_out()[0], "unsure")
    assert notice is not None and notice.kind == "doubt"
    assert hands.settle(notice, "unsure") is None
    assert hands.claim_out() == []
    for n, expected in enumerate((["b", "missing?"], ["b"])):
        hands.store(event(f"alo{n}"))
        hands.answer(hands.claim()[0], "b")
        assert hands.send_all() == expected


def test_a_receipt_that_comes_after_the_lane_was_lost_is_still_believed(hands: Hands) -> None:
    queue_replies(hands, "a")
    (sending,) = hands.claim_out()
    hands.expire_leases()
    Hands(hands.database, "w2").claim_out()
    with pytest.raises(LeaseLost):
        hands.settle(sending)
    hands.database.run(settle_late, sending, Fate("sent", receipt="r1"))
    assert states(hands)[0] == "sent"


def test_a_channel_that_is_away_gets_everything_later_in_order(hands: Hands) -> None:
    queue_replies(hands, "a", "b")
    (sending,) = hands.claim_out()
    assert hands.settle(sending, "again", code="503", wait_s=0.0) is None
    assert hands.send_all() == ["a", "b"]


def test_a_message_that_waits_holds_back_those_behind_it(hands: Hands) -> None:
    queue_replies(hands, "a", "b")
    hands.settle(hands.claim_out()[0], "again", code="503", wait_s=3_600.0)
    assert hands.claim_out() == []


def test_a_channel_that_is_away_for_an_hour_loses_nothing_and_gets_it_in_order(tmp_path: Path) -> None:
    passed = timedelta()
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}", clock=lambda: utc_now() + passed)
    hands = Hands(database)
    queue_replies(hands, "a", "b", "c")
    n_tries = 0
    while passed < timedelta(hours=1):
        for sending in hands.claim_out():
            n_tries += 1
            assert hands.settle(sending, "again", code="connection") is None
        passed += timedelta(seconds=10)
    passed += timedelta(minutes=2)
    assert hands.send_all() == ["a", "b", "c"]
    assert 50 < n_tries < 70  # once a minute after the first quick tries
    database.close()


def test_after_a_day_of_trying_an_answer_becomes_a_dead_letter(hands: Hands) -> None:
    queue_replies(hands, "a")
    old = timedelta(seconds=SCHEDULE.give_up_s + 60)
    hands.database.run(lambda tx: tx.execute(update(OutboxMessage).values(created_at=tx.now - old)))
    hands.settle(hands.claim_out()[0], "again", code="503")
    assert states(hands) == ["dead"]


def test_a_person_who_blocked_us_gets_nothing_more(hands: Hands) -> None:
    queue_replies(hands, "a", "b")
    hands.settle(hands.claim_out()[0], "refused", code="blocked", is_gone=True)
    assert states(hands) == ["refused", "dropped"]
    assert hands.scalar(select(Chat.is_gone)) is True


def test_letters_can_be_replayed_and_put_aside(hands: Hands) -> None:
    queue_replies(hands, "a")
    hands.settle(hands.claim_out()[0], "refused", code="400")
    (letter,) = hands.database.run(letters.list_letters)
    assert letter.text == "a"
    assert hands.database.run(letters.replay_letter, "out", letter.id)
    assert not hands.database.run(letters.replay_letter, "out", letter.id)
    assert hands.send_all() == ["a"]


def test_of_two_who_have_a_letter_sent_again_at_once_one_gets_it(tmp_path: Path, fresh_postgres_url: str) -> None:
    """SQLite has one writer; on PostgreSQL both find the letter before either has changed it."""
    hands = Hands(InboxDatabase(fresh_postgres_url))
    queue_replies(hands, "a")
    hands.settle(hands.claim_out()[0], "refused", code="400")
    (letter,) = hands.database.run(letters.list_letters)
    other_waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    def slowly(tx: Transaction) -> bool:
        done = letters.replay_letter(tx, "out", letter.id)
        second.start()
        while not hands.scalar(text(other_waits)):
            time.sleep(0.01)
        return done

    replayed: list[bool] = []
    second = threading.Thread(target=lambda: replayed.append(hands.database.run(letters.replay_letter, "out", letter.id)))
    replayed.append(hands.database.run(slowly))
    second.join(30)
    assert sorted(replayed) == [False, True]
    assert hands.send_all() == ["a"]
    hands.database.close()


def test_words_of_staff_that_are_sent_again_show_what_became_of_them(hands: Hands) -> None:
    hands.store(event("1"))
    hands.answer(hands.claim()[0], ticket=True, entries=(("citizen", "gặp cán bộ"),))
    ((head,), _) = hands.database.run(tickets.list_tickets, False, 0, 10)
    assert hands.database.run(tickets.answer_ticket, head.id, "lan", "Chào bác", [ChannelPayload("send", {"text": "Chào bác"}, "c1")], 60)
    doubt = hands.settle(hands.claim_out()[0], "unsure")
    hands.send_all(doubt)
    (letter,) = hands.database.run(letters.list_letters)
    hands.database.run(letters.replay_letter, "out", letter.id)
    assert hands.send_all() == ["Chào bác"]
    found = hands.database.run(tickets.read_ticket, head.id)
    assert found is not None and found[1][-1].fate == "sent"


def test_an_answer_after_a_first_one_was_forgotten_has_a_place_of_its_own(hands: Hands) -> None:
    """Positions are counted from the last one there is, not from how many are left."""
    hands.store(event("1"))
    hands.answer(hands.claim()[0], "sorry", "really", is_dead=True)
    hands.send_all()
    hands.database.run(lambda tx: tx.execute(delete(OutboxMessage).where(OutboxMessage.position == 0)))
    (letter,) = hands.database.run(letters.list_letters)
    assert hands.database.run(letters.replay_letter, "in", letter.id)
    hands.answer(hands.claim()[0], "answer")
    assert hands.send_all() == ["answer"]


def test_a_dead_question_is_answered_after_replay_though_anapology_was_said(hands: Hands) -> None:
    hands.store(event("1"))
    hands.answer(hands.claim()[0], "sorry", is_dead=True)
    (letter,) = hands.database.run(letters.list_letters)
    assert hands.database.run(letters.replay_letter, "in", letter.id)
    hands.answer(hands.claim()[0], "answer")
    assert hands.send_all() == ["sorry", "answer"]
    assert hands.database.run(letters.list_letters) == []
    assert not hands.database.run(letters.drop_letter, "in", letter.id)


# Codes, tickets, chats


def test_a_carry_on_code_works_once_and_for_the_same_taker_again(hands: Hands) -> None:
    code = carry.new_code()
    hands.database.run(carry.keep_code, code, {"procedure_code": "1.001193"}, "web", 600)
    assert words_in(hands, code) == words_in(hands, code.replace("-", "")) == []
    taken = hands.database.run(carry.take_code, code, "message-1")
    assert taken == {"context": {"procedure_code": "1.001193"}, "origin": "web"}
    assert hands.database.run(carry.take_code, code.lower().replace("-", ""), "message-1") == taken
    assert hands.database.run(carry.take_code, code, "message-2") is None


def test_a_code_always_has_a_digit_for_words_have_none() -> None:
    codes = [carry.new_code() for _ in range(2_000)]  # of letters alone every seventh would be
    assert all(any(character.isdigit() for character in code) for code in codes)
    assert all(carry.read_code(f"Mã: {code.lower()}") == code for code in codes)


def test_a_carry_on_code_dies_after_its_time(hands: Hands) -> None:
    code = carry.new_code()
    hands.database.run(carry.keep_code, code, {}, "web", -1)
    assert hands.database.run(carry.take_code, code, "m") is None


def test_staff_answers_a_ticket_and_the_assistant_keeps_quiet(hands: Hands) -> None:
    hands.store(event("1", "gặp cán bộ"))
    hands.answer(hands.claim()[0], ticket=True, entries=(("citizen", "gặp cán bộ"),))
    (head,), total = hands.database.run(tickets.list_tickets, False, 0, 10)
    assert (total, head.state, head.last_text, head.n_entries) == (1, "waiting", "gặp cán bộ", 1)
    words = [ChannelPayload("send", {"text": "Cán bộ trả lời"}, "c1")]
    assert hands.database.run(tickets.answer_ticket, head.id, "lan", "Chào bác", words, 3_600)
    assert hands.send_all() == ["Cán bộ trả lời"]
    hands.store(event("2"))
    job = hands.claim()[0]
    assert (job.chat.is_muted, job.chat.ticket_state) == (True, "open")
    hands.answer(job)
    found = hands.database.run(tickets.read_ticket, head.id)
    assert found is not None and [(line.who, line.fate) for line in found[1]] == [("citizen", ""), ("staff", "sent")]
    assert hands.database.run(tickets.close_ticket, head.id, "lan", [])
    assert not hands.database.run(tickets.close_ticket, head.id, "lan", [])
    hands.store(event("3"))
    assert not hands.claim()[0].chat.is_muted


def test_what_a_chat_carries_survives(hands: Hands) -> None:
    hands.store(event("1"))
    change = ChatChange(context={"procedure_code": "1.1"}, is_noticed=True, wrong_code=True)
    hands.answer(hands.claim()[0], chat=change)
    hands.store(event("2"))
    chat = hands.claim()[0].chat
    assert (chat.context, chat.is_first_contact, chat.n_wrong_codes) == ({"procedure_code": "1.1"}, False, 1)


# Numbers


def queue_options(hands: Hands, n: int, said: str, *numbered: str, sender: str = "") -> None:
    hands.store(event(f"o{n}", order=n, **({"sender_id": sender} if sender else {})))
    job = hands.claim()[0]
    payload = ChannelPayload("send", {"text": said}, job.message.chat_id, numbered)
    hands.database.run(finish, job, Answered("done", (("reply", payload),)), SCHEDULE, apology)


def numbers_of(hands: Hands, sender: str = "c1") -> list[str]:
    return hands.scalar(select(Chat.numbered).where(Chat.sender_id == sender))


def test_numbers_stand_for_what_was_shown_last(hands: Hands) -> None:
    queue_options(hands, 1, "chọn", "#tt 1", "#tt 2")
    assert numbers_of(hands) == [], "nothing is shown yet"
    hands.send_all()
    assert numbers_of(hands) == ["#tt 1", "#tt 2"]
    queue_options(hands, 2, "không có gì để chọn")
    hands.send_all()
    assert numbers_of(hands) == []


def test_numbers_are_void_where_nobody_knows_what_is_shown(hands: Hands) -> None:
    queue_options(hands, 1, "chọn", "#tt 1")
    hands.send_all()
    queue_options(hands, 2, "chọn nữa", "#tt 2")
    doubt = hands.settle(hands.claim_out()[0], "unsure", code="timeout")
    assert numbers_of(hands) == []
    assert hands.send_all(doubt) == ["missing?"]


def test_numbers_are_void_after_a_worker_died_while_sending(hands: Hands) -> None:
    queue_options(hands, 1, "chọn", "#tt 1")
    hands.send_all()
    queue_options(hands, 2, "chọn nữa", "#tt 2")
    hands.claim_out()
    hands.expire_leases()
    Hands(hands.database, "w2").claim_out()
    assert numbers_of(hands) == []


def test_what_was_refused_leaves_the_numbers_that_are_still_shown(hands: Hands) -> None:
    queue_options(hands, 1, "chọn", "#tt 1")
    hands.send_all()
    queue_options(hands, 2, "không được nhận", "#tt 2")
    hands.settle(hands.claim_out()[0], "refused", code="400")
    assert numbers_of(hands) == ["#tt 1"]


def test_words_of_staff_void_the_numbers(hands: Hands) -> None:
    queue_options(hands, 1, "chọn", "#tt 1")
    hands.send_all()
    hands.database.run(add_outgoing, "fake", "c1", [("staff", ChannelPayload("send", {"text": "Chào bác"}, "c1"))])
    hands.send_all()
    assert numbers_of(hands) == []


def test_in_a_group_an_answer_changes_the_numbers_of_whom_it_answers(hands: Hands) -> None:
    for number, sender in enumerate(("lan", "minh")):
        queue_options(hands, number, "chọn", f"#tt {sender}", sender=sender)
        hands.send_all()
    assert (numbers_of(hands, "lan"), numbers_of(hands, "minh")) == (["#tt lan"], ["#tt minh"])
    hands.database.run(add_outgoing, "fake", "c1", [("notice", ChannelPayload("send", {"text": "Xin lỗi"}, "c1"))])
    hands.send_all()
    assert (numbers_of(hands, "lan"), numbers_of(hands, "minh")) == ([], [])


def test_alarms_count_up_and_are_cleared(hands: Hands) -> None:
    for _ in range(3):
        hands.database.run(letters.raise_alarm, "zalo", "token", "mã làm mới hỏng")
    (alarm,) = hands.database.run(letters.list_alarms)
    assert (alarm.count, alarm.detail) == (3, "mã làm mới hỏng")
    hands.database.run(letters.clear_alarm, "zalo", "token")
    assert hands.database.run(letters.list_alarms) == []
