"""The message path as a process: asking where there is no webhook, forgetting, measuring, settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from connectors.channel_path import PathSettings
from connectors.channels.base import PollBatch
from connectors.errors import (
    ChannelDown,
    SettingsError,
    StoreError,
)
from connectors.inbox.chats import open_chat
from connectors.inbox.retention import purge
from connectors.inbox.schedule import load_schedule
from connectors.inbox.tables import Chat, InboxMessage
from connectors.pace import ChannelPace
from connectors.workers import DAY_S
from tests.channel_path_fakes import FakeChannel, event
from tests.running_path import SCHEDULE, Running

Start = Callable[..., Awaitable[Running]]


# Polling, starting, settings


async def test_where_there_is_no_webhook_messages_are_asked_for_and_confirmed_after_storing(start: Start) -> None:
    channel = FakeChannel()
    channel.batches = [PollBatch((event("1", "một"),), "8"), PollBatch((event("1", "một"), event("2", "hai")), "9")]
    path = await start(channel, is_polled=True)
    for _ in range(100):
        if "9" in channel.cursors and len(channel.texts()) >= 3:
            break
        await asyncio.sleep(0.02)
    await path.settle()
    assert channel.cursors[:3] == ["", "8", "9"]
    assert [each for each in channel.texts() if each.startswith("re:")] == ["re: một", "re: hai"]


async def test_a_process_without_workers_stores_and_leaves_the_rest_to_others(start: Start) -> None:
    path = await start(n_answering=0)
    assert await path.post(event("1", "hỏi")) == 200
    await asyncio.sleep(0.05)
    assert path.channel.sent == []
    assert len(await path.rows(select(InboxMessage.id).where(InboxMessage.state == "new"))) == 1


async def test_a_process_without_workers_still_measures_forgets_and_asks(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.workers.SWEEP_S", 0.01)
    channel = FakeChannel()
    channel.batches = [PollBatch((event("1", "hỏi"),), "8")]
    path = await start(channel, is_polled=True, n_answering=0)
    await path.path.database.arun(long_ago)
    await until(lambda: path.figure('motcua_channel_waiting{channel="fake",direction="in"}') == 1)
    path.path.workers._forget_at_s = float("-inf")  # a day is over
    await until_gone(path)
    assert path.channel.sent == [], "answering is left to others"


async def test_what_is_too_old_is_forgotten_at_the_start_and_once_a_day(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.workers.SWEEP_S", 3_600.0)  # by hand below
    path = await start(keep_days=7, keep_questions_days=90)
    workers = path.path.workers
    await until(lambda: workers._forget_at_s > 0)
    began = workers._forget_at_s - DAY_S
    for at_s, is_forgotten in ((began + DAY_S - 1, False), (began + DAY_S, True), (began + DAY_S + 1, False)):
        await path.path.database.arun(long_ago, days=8)
        await workers._forget(at_s)
        assert (await path.rows(text("SELECT count(*) FROM chat")))[0][0] == (0 if is_forgotten else 1), at_s


async def test_forgetting_waits_for_a_database_that_is_away(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.workers.SWEEP_S", 0.01)
    path = await start()
    workers, real = path.path.workers, path.path.database.arun
    await until(lambda: workers._forget_at_s > 0)
    await real(long_ago)
    n = {"left": 3}

    async def shaky(work: Any, *args: Any, **kwargs: Any) -> Any:
        if work is purge and n["left"]:
            n["left"] -= 1
            raise StoreError("database fault OperationalError: database is locked")
        return await real(work, *args, **kwargs)

    monkeypatch.setattr(path.path.database, "arun", shaky)
    workers._forget_at_s = float("-inf")
    await until_gone(path)
    assert n["left"] == 0


def long_ago(tx: Any, days: int = 31) -> None:
    """A chat nobody has written in for so long."""
    open_chat(tx, "fake", "old", "old", tx.now - timedelta(days=days))


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


async def until_gone(path: Running) -> None:
    for _ in range(500):
        if not (await path.rows(select(Chat.id).where(Chat.chat_id == "old"))):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the old chat is still there")


async def test_of_two_processes_one_asks_and_the_other_takes_over_when_it_ends(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.workers.TURN_S", 0.01)
    first = await start(FakeChannel(), is_polled=True)
    await until(lambda: len(first.channel.cursors) >= 2)
    second = await start(FakeChannel(), is_polled=True)
    second.path.workers._owner += "second"  # both are this process
    await asyncio.sleep(0.2)
    assert second.channel.cursors == []
    await first.path.workers.stop()
    await until(lambda: len(second.channel.cursors) >= 2)
    n_asked = len(first.channel.cursors)
    await asyncio.sleep(0.05)
    assert len(first.channel.cursors) == n_asked


async def test_a_channel_that_cannot_be_asked_for_a_day_is_asked_again_after_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.workers.SWEEP_S", 3_600.0)
    waits: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds < 3_600.0:
            waits.append(seconds)
        await real_sleep(0)

    channel = FakeChannel()
    n = {"left": 1_100}  # 2.0 ** 1,100 is no number any more

    async def always(*_: Any) -> str:
        return "the right to ask"

    monkeypatch.setattr("connectors.workers.Workers._turn_to_ask", always)

    async def poll(cursor: str, timeout_s: float) -> PollBatch:
        n["left"] -= 1
        if n["left"] > 0:
            raise ChannelDown("connection")
        await asyncio.Event().wait()
        raise AssertionError

    channel.poll = poll  # type: ignore[method-assign]
    with monkeypatch.context() as patch:
        patch.setattr("connectors.workers.asyncio.sleep", sleep)
        await start(channel, is_polled=True)
        for _ in range(60_000):
            if n["left"] == 0:
                break
            await real_sleep(0.001)
    assert n["left"] == 0
    assert waits[:5] == [2.0, 4.0, 8.0, 16.0, SCHEDULE.lease_s / 2]
    assert max(waits) <= SCHEDULE.lease_s / 2, "or the right to ask would end meanwhile"


def test_an_outage_of_any_length_pauses_a_channel_for_no_longer_than_set() -> None:
    now = 0.0
    pace = ChannelPace(30.0, clock=lambda: now)
    for _ in range(1_100):
        now += 31.0
        wait_s = pace.was_down("telegram")
    assert wait_s == 30.0


async def test_lag_and_letters_are_measured(start: Start) -> None:
    path = await start(n_answering=0)
    await path.post(event("1", "hỏi"))
    await path.path.workers._measure()
    assert path.figure('motcua_channel_waiting{channel="fake",direction="in"}') == 1


@pytest.mark.parametrize("wrong", [{"keep_days": 0}, {"keep_questions_days": 0}, {"n_answering": -1}])
def test_wrong_settings_are_named(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        PathSettings(**wrong)


def test_the_schedule_is_sound() -> None:
    schedule = load_schedule()
    for waits in (schedule.answer_retries_s, schedule.send_retries_s):
        assert list(waits) == sorted(waits) and min(waits) > 0
    assert schedule.lease_s > 45  # longer than answering (28 s) and sending (40 s) take at most
    assert 0 < schedule.settle_s < 1
    assert 60 <= schedule.carry_s <= 3_600
