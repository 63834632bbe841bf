"""The durable inbox and outbox on SQLite and on PostgreSQL: once, in order, alone, and what a crash leaves behind."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from connectors.channels.base import ChannelPayload
from connectors.errors import StoreError
from connectors.inbox import carry, letters, tickets
from connectors.inbox.chats import ChatChange
from connectors.inbox.database import InboxDatabase
from connectors.inbox.lanes import LeaseLost, free_leases_of_the_dead, give_back, is_dead, owner_name
from connectors.inbox.outbox import Fate, Sending, claim_sendings, settle, settle_late
from connectors.inbox.receiving import Answered, Job, MaskedMessage, claim_jobs, finish, postpone, receive
from connectors.inbox.retention import erase_person, kept_of, purge
from connectors.inbox.schedule import load_schedule
from connectors.inbox.tables import Chat, InboxMessage, Lane, OutboxMessage
from connectors.messages import IncomingMessage
from connectors.store.tables import utc_now
from tests.channel_path_fakes import event

pytestmark = pytest.mark.integration
SCHEDULE = load_schedule()
FAKE = ["fake"]


class Hands:
    """A worker's moves, one transaction each."""

    def __init__(self, database: InboxDatabase, owner: str = "w1") -> None:
        self.database, self.owner = database, owner

    def store(self, *messages: IncomingMessage) -> list[bool]:
        return self.database.run(receive, [MaskedMessage(each) for each in messages], 0.0)

    def claim(self, n: int = 10) -> list[Job]:
        return self.database.run(claim_jobs, self.owner, n, SCHEDULE, FAKE)[0]

    def answer(self, job: Job, *said: str, **more: Any) -> Job | None:
        outgoing = tuple(("reply", ChannelPayload("send", {"text": each}, job.message.chat_id)) for each in said)
        return self.database.run(finish, job, Answered("done", outgoing, **more), SCHEDULE)

    def claim_out(self, n: int = 10) -> list[Sending]:
        return self.database.run(claim_sendings, self.owner, n, SCHEDULE, FAKE, [], _apology)[0]

    def settle(self, sending: Sending, state: str = "sent", **more: Any) -> Sending | None:
        return self.database.run(settle, sending, Fate(state, **more), SCHEDULE, _apology)

    def send_all(self, *begun: Sending | None) -> list[str]:
        sent = []
        for sending in begun or self.claim_out(100):
            following: Sending | None = sending
            while following is not None:
                sent.append(following.payload.body["text"])
                following = self.settle(following)
        return sent

    def scalar(self, statement: Any) -> Any:
        return self.database.run(lambda tx: tx.execute(statement).scalar())

    def column(self, statement: Any) -> list[Any]:
        return self.database.run(lambda tx: tx.execute(statement).scalars().all())

    def expire_leases(self) -> None:
        self.database.run(lambda tx: tx.execute(update(Lane).values(lease_until=tx.now - timedelta(seconds=1))))


def _apology(channel: str, chat_id: str) -> list[ChannelPayload]:
    return [ChannelPayload("send", {"text": "missing?"}, chat_id)]


@pytest.fixture
def hands(any_database_url: str) -> Iterator[Hands]:
    database = InboxDatabase(any_database_url)
    yield Hands(database)
    database.close()


# Once and in order


def test_a_message_is_stored_once_however_often_it_comes(hands: Hands) -> None:
    assert hands.store(event("1"), event("1"), event("2")) == [True, False, True]
    assert hands.store(event("2"), event("3")) == [False, True]


def test_the_same_id_on_another_channel_is_another_message(hands: Hands) -> None:
    assert hands.store(event("1"), IncomingMessage("other", "1", "a", "a", "text")) == [True, True]


def test_threads_that_store_the_same_at_once_store_it_once(hands: Hands) -> None:
    stored: list[bool] = []
    threads = [threading.Thread(target=lambda: stored.extend(hands.store(*(event(str(n)) for n in range(20))))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(stored), sum(stored)) == (80, 20)
    assert hands.scalar(select(text("count(*)")).select_from(InboxMessage)) == 20


def test_messages_of_a_chat_come_out_one_at_a_time_in_the_channels_order(hands: Hands) -> None:
    hands.store(event("b", "hai", order=20), event("c", "ba", order=30), event("a", "một", order=10))
    (job,) = hands.claim()
    assert hands.claim() == []  # the chat is taken
    seen = [job.message.text]
    while (job := hands.answer(job, job.message.text)) is not None:
        seen.append(job.message.text)
    assert seen == ["một", "hai", "ba"]
    assert hands.send_all() == seen


def test_chats_are_worked_on_side_by_side_by_several_workers(hands: Hands) -> None:
    hands.store(*(event(str(n), chat=f"c{n}") for n in range(6)))
    other = Hands(hands.database, "w2")
    mine, theirs = hands.claim(3), other.claim(10)
    assert len(mine) == len(theirs) == 3
    assert {job.claim.lane_id for job in mine}.isdisjoint(job.claim.lane_id for job in theirs)


def test_a_straggler_that_arrives_while_its_chat_is_worked_on_waits(hands: Hands) -> None:
    hands.store(event("2", order=20))
    (job,) = hands.claim()
    hands.store(event("1", "late", order=10))
    assert Hands(hands.database, "w2").claim() == []
    following = hands.answer(job, "x")
    assert following is not None and following.message.text == "late"


def test_work_that_arrives_at_the_moment_of_release_is_not_forgotten(hands: Hands) -> None:
    hands.store(event("1"))
    (job,) = hands.claim()
    hands.answer(job)
    hands.store(event("2"))
    assert len(hands.claim()) == 1


def test_many_workers_answer_everything_once_and_in_order(any_database_url: str) -> None:
    n_chats, n_each = 12, 8
    database = InboxDatabase(any_database_url)
    feeder = Hands(database)
    answered: dict[str, list[int]] = {}
    guard = threading.Lock()

    def work(name: str) -> None:
        own = InboxDatabase(any_database_url)
        hands = Hands(own, name)
        for _ in range(200):
            jobs = hands.claim(2)
            for job in jobs:
                following: Job | None = job
                while following is not None:
                    with guard:
                        answered.setdefault(following.message.chat_id, []).append(following.message.order)
                    following = hands.answer(following, "ok")
            if not jobs and hands.scalar(select(InboxMessage.id).where(InboxMessage.state == "new").limit(1)) is None:
                break
        own.close()

    for order in range(1, n_each + 1):
        feeder.store(*(event(f"{chat}-{order}", chat=f"c{chat}", order=order) for chat in range(n_chats)))
    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    assert answered == {f"c{chat}": list(range(1, n_each + 1)) for chat in range(n_chats)}


# Crashes and fences


def test_a_worker_that_dies_while_answering_leaves_the_message_and_nothing_said(hands: Hands) -> None:
    hands.store(event("1"))
    hands.claim()
    assert Hands(hands.database, "w2").claim() == []
    hands.expire_leases()
    (again,) = Hands(hands.database, "w2").claim()
    assert (again.message.message_id, again.n_tries) == ("1", 2)
    assert hands.column(select(OutboxMessage.id)) == []


def test_an_answer_that_comes_after_the_lease_was_lost_is_thrown_away(hands: Hands) -> None:
    hands.store(event("1"))
    (slow,) = hands.claim()
    hands.expire_leases()
    quick = Hands(hands.database, "w2")
    (job,) = quick.claim()
    quick.answer(job, "from w2")
    with pytest.raises(LeaseLost):
        hands.answer(slow, "from w1")
    assert hands.send_all() == ["from w2"]


def test_a_clock_that_jumps_ten_minutes_answers_once(tmp_path: Path) -> None:
    ahead = timedelta()
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}", clock=lambda: utc_now() + ahead)
    first, second = Hands(database, "w1"), Hands(database, "w2")
    first.store(event("1"))
    (job,) = first.claim()
    ahead = timedelta(minutes=10)
    (taken,) = second.claim()
    ahead = timedelta()
    second.answer(taken, "answer")
    with pytest.raises(LeaseLost):
        first.answer(job, "answer")
    assert second.send_all() == ["answer"]
    database.close()


def test_a_clock_that_jumps_back_ten_minutes_loses_nothing(tmp_path: Path) -> None:
    ahead = timedelta(minutes=10)
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}", clock=lambda: utc_now() + ahead)
    hands = Hands(database)
    hands.store(event("1"))
    ahead = timedelta()
    assert hands.claim() == []  # due in ten minutes by this clock: late, not lost
    ahead = timedelta(minutes=11)
    assert len(hands.claim()) == 1
    database.close()


def test_on_postgresql_leases_go_by_the_servers_clock(fresh_postgres_url: str) -> None:
    wrong = InboxDatabase(fresh_postgres_url, clock=lambda: utc_now() + timedelta(hours=5))
    hands = Hands(wrong)
    hands.store(event("1"))
    (job,) = hands.claim()
    right = InboxDatabase(fresh_postgres_url)
    assert Hands(right, "w2").claim() == []
    hands.answer(job, "x")
    wrong.close()
    right.close()


def test_a_message_that_kills_every_worker_ends_as_a_dead_letter(hands: Hands) -> None:
    hands.store(event("1", "poison"), event("2", "next"))
    for _ in range(len(SCHEDULE.answer_retries_s) + 1):
        assert hands.claim()[0].message.text == "poison"
        hands.expire_leases()
    assert hands.claim()[0].message.text == "next"
    (letter,) = hands.database.run(letters.list_letters)
    assert (letter.direction, letter.text, letter.error) == ("in", "poison", "worker_died")


def test_a_postponed_message_keeps_its_place_before_later_ones(hands: Hands) -> None:
    hands.store(event("1", "một", order=1), event("2", "hai", order=2))
    (job,) = hands.claim()
    hands.database.run(postpone, job, "error", 0.0, SCHEDULE)
    assert hands.claim()[0].message.text == "một"


def test_leases_of_a_process_that_is_no_more_end_at_once(hands: Hands) -> None:
    place = owner_name().split("|")[0]
    dead = Hands(hands.database, f"{place}|999999999|1.00|")
    hands.store(event("1"), event("2", chat="c2"))
    assert len(dead.claim(1)) == 1
    alive = Hands(hands.database, owner_name())
    assert len(alive.claim(1)) == 1
    assert hands.database.run(free_leases_of_the_dead) == 1
    assert len(alive.claim()) == 1


def test_only_processes_of_this_machine_are_judged_dead() -> None:
    assert not is_dead(owner_name())
    assert not is_dead("another-host pid:[1]|1|1.00|")
    assert not is_dead("nonsense")


def test_an_orderly_end_gives_everything_back(hands: Hands) -> None:
    hands.store(event("1"))
    hands.claim()
    hands.database.run(give_back, "w1")
    assert len(Hands(hands.database, "w2").claim()) == 1


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
    again, _ = hands.database.run(claim_sendings, "w2", 5, SCHEDULE, FAKE, FAKE, _apology)
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


def test_a_notice_of_unknown_fate_brings_no_further_notice(hands: Hands) -> None:
    queue_replies(hands, "a")
    notice = hands.settle(hands.claim_out()[0], "unsure")
    assert notice is not None and notice.kind == "notice"
    assert hands.settle(notice, "unsure") is None
    assert hands.claim_out() == []


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


def test_a_dead_question_is_answered_after_replay_though_an_apology_was_said(hands: Hands) -> None:
    hands.store(event("1"))
    hands.answer(hands.claim()[0], "sorry", is_dead=True)
    (letter,) = hands.database.run(letters.list_letters)
    assert hands.database.run(letters.replay_letter, "in", letter.id)
    hands.answer(hands.claim()[0], "answer")
    assert hands.send_all() == ["sorry", "answer"]
    assert hands.database.run(letters.list_letters) == []
    assert not hands.database.run(letters.drop_letter, "in", letter.id)


# What is forgotten


def words_in(hands: Hands, word: str) -> list[str]:
    """Tables in which a word occurs anywhere."""
    tables = ("lane", "inbox_message", "outbox_message", "chat", "ticket", "ticket_entry", "carry_code")
    found = []
    for table in tables:
        rows = hands.database.run(lambda tx, name=table: [tuple(row) for row in tx.execute(text(f"SELECT * FROM {name}"))])
        if any(word in str(row) for row in rows):
            found.append(table)
    return found


def test_erasing_leaves_no_word_of_the_person_but_still_knows_the_message(hands: Hands) -> None:
    hands.store(event("1", "chuyện riêng", chat="p-77"), event("x", "khác", chat="p-88"))
    for job in hands.claim():
        hands.answer(job, f"đáp {job.message.text}", ticket=True, entries=(("citizen", job.message.text),))
    hands.send_all()
    kept = hands.database.run(kept_of, "fake", "p-77", "p-77")
    assert (kept.n_received, kept.n_sent, kept.n_tickets) == (1, 1, 1)
    hands.database.run(erase_person, "fake", "p-77", "p-77")
    assert words_in(hands, "riêng") == []
    hands.database.run(purge, 30)  # empty lanes go with it
    assert words_in(hands, "p-77") == []
    assert set(words_in(hands, "p-88")) >= {"inbox_message", "outbox_message", "chat", "ticket"}
    assert hands.store(event("1", chat="p-77")) == [False]


def test_the_last_words_to_somebody_who_erased_everything_are_not_kept(hands: Hands) -> None:
    hands.store(event("1", chat="p-77"))
    payload = ChannelPayload("send", {"text": "all gone"}, "p-77")
    hands.database.run(finish, hands.claim()[0], Answered("erased", (("erased", payload),), erase=True), SCHEDULE)
    assert hands.send_all() == ["all gone"]
    hands.database.run(purge, 30)
    assert "all gone" not in str(hands.column(select(OutboxMessage.payload)))


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
    gone = hands.database.run(purge, 30)
    assert {name: n for name, n in gone.items() if n} == {
        "ticket_entry": 1, "ticket": 1, "outbox": 1, "inbox": 1, "chat": 2, "lane": 2,
    }  # fmt: skip
    assert hands.column(select(InboxMessage.state)) == ["new"]


def test_deduplication_outlives_the_shortest_retention(hands: Hands) -> None:
    hands.store(event("1"))
    hands.answer(hands.claim()[0])
    hands.database.run(lambda tx: tx.execute(update(InboxMessage).values(received_at=tx.now - timedelta(hours=30))))
    hands.database.run(purge, 1)
    assert hands.store(event("1")) == [False]


# Codes, tickets, chats


def test_a_carry_on_code_works_once_and_for_the_same_taker_again(hands: Hands) -> None:
    code = carry.new_code()
    hands.database.run(carry.keep_code, code, {"procedure_code": "1.001193"}, "web", 600)
    assert code not in words_in(hands, code)
    taken = hands.database.run(carry.take_code, code, "message-1")
    assert taken == {"context": {"procedure_code": "1.001193"}, "origin": "web"}
    assert hands.database.run(carry.take_code, code.lower().replace("-", ""), "message-1") == taken
    assert hands.database.run(carry.take_code, code, "message-2") is None


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
    change = ChatChange(context={"procedure_code": "1.1"}, numbered=("#nguoi",), is_noticed=True, wrong_code=True)
    hands.answer(hands.claim()[0], chat=change)
    hands.store(event("2"))
    chat = hands.claim()[0].chat
    assert (chat.context, chat.numbered, chat.is_first_contact, chat.n_wrong_codes) == ({"procedure_code": "1.1"}, ("#nguoi",), False, 1)


def test_alarms_count_up_and_are_cleared(hands: Hands) -> None:
    for _ in range(3):
        hands.database.run(letters.raise_alarm, "zalo", "token", "mã làm mới hỏng")
    (alarm,) = hands.database.run(letters.list_alarms)
    assert (alarm.count, alarm.detail) == (3, "mã làm mới hỏng")
    hands.database.run(letters.clear_alarm, "zalo", "token")
    assert hands.database.run(letters.list_alarms) == []


# Faults of the database (SQLite can be broken on purpose; PostgreSQL's restart is in the soak)


async def test_a_locked_database_stores_nothing_says_so_and_takes_it_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.inbox.database.SQLITE_PATIENCE_MS", 50)
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}")
    database.upgrade()
    blocker = sqlite3.connect(tmp_path / "m.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await database.arun(receive, [MaskedMessage(event("1"))], 0.0)
    blocker.execute("ROLLBACK")
    assert await database.arun(receive, [MaskedMessage(event("1"))], 0.0) == [True]
    blocker.close()
    database.close()


async def test_a_full_disk_stores_nothing_says_so_and_takes_it_later(tmp_path: Path) -> None:
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}")
    database.upgrade()
    limit = {"pages": 60}
    from sqlalchemy import event as engine_event

    engine_event.listen(
        database._engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")
    )
    big = [MaskedMessage(event(str(n), "x" * 4_000)) for n in range(200)]
    with pytest.raises(StoreError, match="full"):
        await database.arun(receive, big, 0.0)
    limit["pages"] = 100_000
    assert sum(await database.arun(receive, big, 0.0)) == 200
    database.close()


async def test_one_piece_of_work_that_fails_takes_nobody_elses_with_it(tmp_path: Path) -> None:
    import asyncio

    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}")

    def broken(tx: Any) -> None:
        receive(tx, [MaskedMessage(event("gone"))], 0.0)
        raise ValueError("mine alone")

    work = [database.arun(receive, [MaskedMessage(event(str(n)))], 0.0) for n in range(10)]
    results = await asyncio.gather(*work[:5], database.arun(broken), *work[5:], return_exceptions=True)
    assert [type(each) for each in results].count(ValueError) == 1
    assert sum(each == [True] for each in results) == 10
    assert database.run(receive, [MaskedMessage(event("gone"))], 0.0) == [True]
    database.close()


def test_times_are_utc_without_zone(hands: Hands) -> None:
    hands.store(event("1"))
    at = hands.scalar(select(InboxMessage.due_at))
    assert isinstance(at, datetime) and at.tzinfo is None and abs(at - utc_now()) < timedelta(minutes=1)
