"""What is forgotten, on SQLite and on PostgreSQL: a person who asks for it, and whatever is too old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.channels.base import ChannelPayload
from connectors.inbox import letters, tickets
from connectors.inbox.database import Transaction
from connectors.inbox.receiving import Answered, Job, finish
from connectors.inbox.retention import Keep, Person, erase_person, kept_of, purge, sessions_of
from connectors.inbox.tables import Chat, InboxMessage, OutboxMessage
from connectors.store.contacts import KEPT
from connectors.store.tables import ContactNote, Feedback, OpenQuestion
from tests.channel_path_fakes import event
from tests.inbox_hands import SCHEDULE, Hands, words_in

pytestmark = pytest.mark.integration


# What is forgotten


def test_erasing_leaves_no_word_of_the_person_but_still_knows_the_message(hands: Hands) -> None:
    hands.store(event("1", "chuyện riêng", chat="p-77"), event("x", "khác", chat="p-88"))
    for job in hands.claim():
        hands.answer(job, f"đáp {job.message.text}", ticket=True, entries=(("citizen", job.message.text),))
    hands.send_all()
    kept = hands.database.run(kept_of, Person("fake", "p-77", "p-77"), 5)
    assert (kept.n_received, kept.n_sent, kept.n_tickets) == (1, 1, 1)
    assert [(each.kind, each.text) for each in kept.latest] == [("text", "chuyện riêng")]
    assert set(words_in(hands, "riêng")) == {"inbox_message", "outbox_message", "ticket_entry"}
    hands.database.run(erase_person, Person("fake", "p-77", "p-77"))
    assert words_in(hands, "riêng") == []
    assert words_in(hands, "p-77") == ["lane"], "of which the end of the farewell takes care"
    assert set(words_in(hands, "p-88")) >= {"inbox_message", "outbox_message", "chat", "ticket"}
    assert hands.store(event("1", chat="p-77")) == [False]


def erase(hands: Hands, job: Job) -> None:
    farewell = ChannelPayload("send", {"text": "all gone"}, job.message.chat_id)
    hands.database.run(finish, job, Answered("erased", (("erased", farewell),), erase=True), SCHEDULE)


@pytest.mark.parametrize("fate", ["sent", "refused", "unsure"])
def test_after_the_farewell_nothing_names_the_person_whatever_came_of_it(hands: Hands, fate: str) -> None:
    hands.store(event("1", chat="p-77"))
    erase(hands, hands.claim()[0])
    (farewell,) = hands.claim_out()
    assert farewell.payload.body["text"] == "all gone"
    assert hands.settle(farewell, fate) is None
    assert words_in(hands, "p-77") == [] and words_in(hands, "all gone") == []
    assert hands.store(event("1", chat="p-77"), event("2", chat="p-77")) == [False, True], "who writes again is a stranger"
    assert hands.claim()[0].chat.is_first_contact


def test_a_farewell_that_has_to_wait_is_still_sent(hands: Hands) -> None:
    hands.store(event("1", chat="p-77"))
    erase(hands, hands.claim()[0])
    hands.settle(hands.claim_out()[0], "again", wait_s=0.0)
    assert hands.send_all() == ["all gone"]
    assert words_in(hands, "p-77") == []


def test_a_worker_that_died_over_the_farewell_leaves_no_words(hands: Hands) -> None:
    hands.store(event("1", chat="p-77"))
    erase(hands, hands.claim()[0])
    hands.claim_out()
    hands.expire_leases()
    assert Hands(hands.database, "w2").claim_out() == []
    assert words_in(hands, "all gone") == []


def test_a_message_that_comes_while_everything_is_deleted_is_answered(hands: Hands) -> None:
    hands.store(event("1", chat="p-77"))
    (job,) = hands.claim()
    erase(hands, job)
    hands.store(event("2", "còn đây", chat="p-77"))
    assert hands.send_all() == ["all gone"]
    assert [each.message.text for each in hands.claim()] == ["còn đây"]


def write_in(hands: Hands, number: str, chat: str, sender: str, is_group: bool, words: str) -> Job:
    hands.store(event(number, words, chat=chat, sender_id=sender, is_group=is_group))
    (job,) = hands.claim()
    return job


def test_in_a_group_only_what_belongs_to_the_group_is_shown_and_deleted(hands: Hands) -> None:
    for number, chat, sender in (("1", "group", "lan"), ("2", "group", "minh"), ("3", "lan", "lan")):
        job = write_in(hands, number, chat, sender, chat == "group", f"hỏi {number}")
        hands.answer(job, f"đáp {number}", ticket=True, entries=(("citizen", f"lời {number}"),))
    hands.send_all()
    here = Person("fake", "group", "lan", is_group=True)
    kept = hands.database.run(kept_of, here, 5)
    assert (kept.n_received, kept.n_sent, kept.n_tickets, [each.text for each in kept.latest]) == (1, 1, 1, ["hỏi 1"])
    hands.database.run(erase_person, here)
    assert [words_in(hands, f"{word} 1") for word in ("hỏi", "đáp", "lời")] == [[], [], []]
    for left in ("2", "3"):
        assert words_in(hands, f"hỏi {left}") and words_in(hands, f"đáp {left}") and words_in(hands, f"lời {left}")


@pytest.mark.parametrize("where", ["group", "private"])
def test_what_was_sent_again_in_a_group_and_what_staff_said_there_goes_with_the_person(hands: Hands, where: str) -> None:
    for number, sender in (("1", "lan"), ("2", "minh")):
        job = write_in(hands, number, "group", sender, True, f"hỏi {number}")
        hands.answer(job, f"đáp {number}", ticket=True, entries=(("citizen", f"lời {number}"),))
        doubt = hands.settle(hands.claim_out()[0], "unsure")
        hands.send_all(doubt)
        (letter,) = hands.database.run(letters.list_letters)
        assert hands.database.run(letters.replay_letter, "out", letter.id)
        assert hands.send_all() == [f"đáp {number}"]
    heads, _ = hands.database.run(tickets.list_tickets, False, 0, 5)
    for head, number in zip(heads, ("1", "2"), strict=True):
        pieces = [ChannelPayload("send", {"text": f"cán bộ {number} {piece}"}, "group") for piece in ("trước", "sau")]
        assert hands.database.run(tickets.answer_ticket, head.id, "lan", "…", pieces, 60)
    pieces_sent = hands.send_all()
    assert len(pieces_sent) == 4
    chat = "group" if where == "group" else "lan"
    hands.database.run(erase_person, Person("fake", chat, "lan", is_group=where == "group"))
    assert [words_in(hands, each) for each in ("hỏi 1", "đáp 1", "lời 1", "cán bộ 1")] == [[], [], [], []]
    assert all(words_in(hands, each) for each in ("hỏi 2", "đáp 2", "lời 2", "cán bộ 2"))


def test_in_a_private_chat_what_was_written_in_groups_goes_too(hands: Hands) -> None:
    for number, chat, sender in (("1", "group", "lan"), ("2", "group", "minh"), ("3", "lan", "lan")):
        hands.answer(write_in(hands, number, chat, sender, chat == "group", f"hỏi {number}"), f"đáp {number}")
    hands.send_all()
    me = Person("fake", "lan", "lan")
    assert len(hands.database.run(sessions_of, me)) == 2
    kept = hands.database.run(kept_of, me, 1)
    assert (kept.n_received, kept.n_sent, [each.text for each in kept.latest]) == (2, 2, ["hỏi 3"])
    hands.database.run(erase_person, me)
    assert [words_in(hands, each) for each in ("hỏi 1", "đáp 1", "hỏi 3", "đáp 3")] == [[], [], [], []]
    assert words_in(hands, "hỏi 2") and words_in(hands, "đáp 2")


def test_what_is_left_of_erased_messages_goes_after_the_deduplication_time(hands: Hands) -> None:
    hands.store(event("1"), event("2", chat="c2"))
    for job in hands.claim():
        hands.answer(job)
    hands.database.run(erase_person, Person("fake", "c1", "c1"))
    hands.database.run(lambda tx: tx.execute(update(InboxMessage).values(received_at=tx.now - timedelta(hours=49))))
    hands.database.run(purge, Keep(30))
    assert hands.column(select(InboxMessage.sender_id)) == ["c2"]


def test_purge_forgets_after_the_days_set_but_not_what_still_waits(hands: Hands) -> None:
    hands.store(event("1", "old"), event("2", "waiting", chat="c2"))
    (first, _) = hands.claim()
    hands.answer(first, "old answer", ticket=True, entries=(("citizen", "old"),))
    hands.send_all()
    long_ago = timedelta(days=31)
    back = {
        InboxMessage: "received_at", OutboxMessage: "created_at", Chat: "last_message_at", tickets.Ticket: "changed_at",
    }  # fmt: skip
    for table, column in back.items():
        hands.database.run(lambda tx, t=table, c=column: tx.execute(update(t).values({c: tx.now - long_ago})))
    gone = hands.database.run(purge, Keep(30))
    assert {name: n for name, n in gone.items() if n} == {
        "ticket_entry": 1, "ticket": 1, "outbox": 1, "inbox": 1, "chat": 2, "lane": 2,
    }  # fmt: skip
    assert hands.column(select(InboxMessage.state)) == ["new"]


def test_questions_ratings_and_requests_to_be_called_back_are_forgotten_in_their_time(hands: Hands) -> None:
    def fill(tx: Transaction) -> None:
        for days in (179, 181):
            at = tx.now - timedelta(days=days)
            tx.execute(tx.insert(OpenQuestion).values(digest=str(days), text="hỏi", status="x", nearest="", count=1, first_seen=at, last_seen=at, state="open"))
            tx.execute(tx.insert(Feedback).values(rating=1, procedure_code="", aspect="", at=at, reason="", comment="", status=""))
        for days in (KEPT.days - 1, KEPT.days + 1):
            at = tx.now - timedelta(days=days)
            tx.execute(tx.insert(ContactNote).values(number=str(days), session_digest="", name="", reach="0900", matter="x", procedure_code="", at=at))

    hands.database.run(fill)
    gone = hands.database.run(purge, Keep(30, 180))
    assert (gone["question"], gone["rating"], gone["contact"]) == (1, 1, 1)
    assert hands.column(select(OpenQuestion.digest)) == ["179"]
    assert hands.column(select(ContactNote.number)) == [str(KEPT.days - 1)]


def test_deduplication_outlives_the_shortest_retention(hands: Hands) -> None:
    hands.store(event("1"))
    hands.answer(hands.claim()[0])
    hands.database.run(lambda tx: tx.execute(update(InboxMessage).values(received_at=tx.now - timedelta(hours=30))))
    hands.database.run(purge, Keep(1))
    assert hands.store(event("1")) == [False]
