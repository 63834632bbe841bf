"""A process that runs the message path and kills itself at a given point: ``python -m tests.channel_path_victim``.

Arguments: database address, file that sent texts are appended to, point of death ("" for none), text written.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import text

import connectors.workers as workers
from connectors.channel_path import ChannelParts, ChannelPath, ConnectedChannel
from connectors.channels.base import ChannelPayload, SendReceipt
from connectors.inbox.database import InboxDatabase
from nlu.privacy import mask_personal_data
from tests.channel_path_fakes import EchoFlow, FakeChannel, event

#: In the order in which a message passes them.
POINTS = ("stored", "claimed", "answering", "before_done", "done", "before_call", "after_call", "settled")
WAITING = (
    "SELECT (SELECT count(*) FROM inbox_message WHERE state = 'new') "
    "+ (SELECT count(*) FROM outbox_message WHERE state IN ('ready', 'sending'))"
)
PATIENCE_S = 60.0
#: What is written → how its turn ends; staff want to see both.
ENDINGS = {"chưa biết": "unanswerable_not_found", "#tot": "feedback_positive"}


class FileChannel(FakeChannel):
    """What is sent stands in a file, which outlives the process."""

    def __init__(self, path: str, point: str) -> None:
        super().__init__()
        self._path, self._point = path, point

    async def send(self, payload: ChannelPayload) -> SendReceipt:
        words = payload.body["text"]
        is_answer = words.startswith("re: ")
        if is_answer:
            die_at("before_call", self._point)
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(words.split("\n")[0] + "\n")
        if is_answer:
            die_at("after_call", self._point)
        return SendReceipt("r")


def die_at(here: str, point: str) -> None:
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, path: str, point: str, words: str) -> None:
    database = InboxDatabase(url)
    flow = EchoFlow()
    real_ask, real_run = flow.ask, database.arun

    async def ask(*args: Any, **kwargs: Any) -> Any:
        die_at("answering", point)
        flow.statuses = [ENDINGS[args[0]]] if args[0] in ENDINGS else []
        return await real_ask(*args, **kwargs)

    async def arun(work: Any, *args: Any, **kwargs: Any) -> Any:
        is_answer = work is workers.settle and args[0].payload.body["text"].startswith("re: ")
        if work is workers.finish:
            die_at("before_done", point)
        value = await real_run(work, *args, **kwargs)
        if work is workers.claim_jobs and value[0]:
            die_at("claimed", point)
        if work is workers.finish:
            die_at("done", point)
        if is_answer:
            die_at("settled", point)
        return value

    flow.ask, database.arun = ask, arun  # type: ignore[method-assign]
    parts = ChannelParts(database, [ConnectedChannel(FileChannel(path, point))])
    running = ChannelPath(parts, flow, mask_personal_data, CollectorRegistry())
    await running.intake.store("fake", [event(words, words)])  # delivered anew at every start, as channels do
    die_at("stored", point)
    await running.start()
    until = time.monotonic() + PATIENCE_S
    while await real_run(lambda tx: tx.execute(text(WAITING)).scalar()):
        if time.monotonic() > until:
            sys.exit("the path did not come to rest")
        await asyncio.sleep(0.05)
    await running.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
