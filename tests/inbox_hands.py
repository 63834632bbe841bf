"""A worker's moves on the inbox and outbox, one transaction each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text, update

from connectors.channels.base import ChannelPayload
from connectors.inbox.database import InboxDatabase
from connectors.inbox.outbox import Fate, Sending, claim_sendings, settle
from connectors.inbox.receiving import Answered, Job, MaskedMessage, claim_jobs, finish, receive
from connectors.inbox.schedule import load_schedule
from connectors.inbox.tables import Lane
from connectors.messages import IncomingMessage
from connectors.store.tables import Base

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
        return self.database.run(finish, job, Answered("done", outgoing, **more), SCHEDULE, apology)

    def claim_out(self, n: int = 10) -> list[Sending]:
        return self.database.run(claim_sendings, self.owner, n, SCHEDULE, FAKE, [], apology)[0]

    def settle(self, sending: Sending, state: str = "sent", **more: Any) -> Sending | None:
        return self.database.run(settle, sending, Fate(state, **more), SCHEDULE, apology)

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


def apology(channel: str, chat_id: str) -> list[ChannelPayload]:
    return [ChannelPayload("send", {"text": "missing?"}, chat_id)]


def words_in(hands: Hands, word: str) -> list[str]:
    """Tables in which a word occurs anywhere, of all that the product has."""
    found = []
    for table in (each.name for each in Base.metadata.sorted_tables):
        rows = hands.database.run(lambda tx, name=table: [tuple(row) for row in tx.execute(text(f"SELECT * FROM {name}"))])
        shown = str(rows).replace("\\\\", "\\").encode("latin-1", "backslashreplace").decode("unicode_escape")
        if word in shown:
            found.append(table)
    return found
