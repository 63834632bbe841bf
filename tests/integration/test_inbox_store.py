"""The durable inbox on SQLite and on PostgreSQL: once, in order, alone, and what a crash leaves behind."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from connectors.errors import StoreError
from connectors.inbox import letters
from connectors.inbox.database import InboxDatabase, Transaction
from connectors.inbox.lanes import LeaseLost, free_leases_of_the_dead, give_back, is_dead, owner_name
from connectors.inbox.receiving import Job, MaskedMessage, postpone, receive
from connectors.inbox.tables import InboxMessage, OutboxMessage
from connectors.messages import IncomingMessage
from connectors.store.records import QuestionRecord, RatingRecord
from connectors.store.tables import Feedback, OpenQuestion, utc_now
from tests.channel_path_fakes import event
from tests.inbox_hands import SCHEDULE, Hands

pytestmark = pytest.mark.integration


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


def test_what_staff_should_see_is_stored_with_the_answer_and_with_none_that_is_thrown_away(hands: Hands) -> None:
    question, rating = QuestionRecord("lệ phí bay?", "unanswerable_not_found", ("1.001193",)), RatingRecord(-1, "1.001193", "fee")
    hands.store(event("1"), event("2", chat="c2"), event("3", chat="c3"))
    slow, *others = hands.claim()
    for job in others:
        hands.answer(job, "chưa có", record=question)
    hands.expire_leases()
    (again,) = Hands(hands.database, "w2").claim()
    hands.answer(again, "cảm ơn", record=rating)
    with pytest.raises(LeaseLost):
        hands.answer(slow, "cảm ơn", record=rating)
    rows = hands.database.run(lambda tx: tx.execute(select(OpenQuestion.text, OpenQuestion.count, OpenQuestion.state, OpenQuestion.nearest)).all())
    assert [tuple(row) for row in rows] == [("lệ phí bay?", 2, "open", "1.001193")]
    assert hands.column(select(Feedback.rating)) == [-1]


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


async def test_all_who_wait_for_a_locked_database_hear_of_it_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.inbox.database.SQLITE_PATIENCE_MS", 300)
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}")
    await database.arun(receive, [], 0.0)
    other = sqlite3.connect(tmp_path / "m.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    work = [database.arun_first(receive, [MaskedMessage(event(str(n)))], 0.0) for n in range(12)]
    results = await asyncio.gather(*work, return_exceptions=True)
    took_s = time.monotonic() - began
    other.execute("ROLLBACK")
    other.close()
    database.close()
    assert all(isinstance(each, StoreError) for each in results)
    assert took_s < 2.0, "not 0.3 s each, one after the other"


async def test_a_webhook_goes_before_work_that_waits_and_a_group_ends_soon(tmp_path: Path) -> None:
    database = InboxDatabase(f"sqlite:///{tmp_path / 'm.db'}")
    await database.arun(receive, [], 0.0)  # the schema is there
    done: list[str] = []

    def slow(tx: Transaction, name: str) -> None:
        time.sleep(0.03)

    async def run(first: bool, name: str) -> None:
        await (database.arun_first if first else database.arun)(slow, name)
        done.append(name)

    work = [asyncio.create_task(run(False, f"later {n}")) for n in range(20)]
    await asyncio.sleep(0.05)
    await run(True, "webhook")
    n_before = done.index("webhook")
    await asyncio.gather(*work)
    database.close()
    assert n_before <= 4, f"the webhook waited for {n_before} others"
    assert [each for each in done if each != "webhook"] == [f"later {n}" for n in range(20)], "of equal rank, who came first"
