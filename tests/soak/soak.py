"""The soak: many people on three channels, and everything that can go wrong while they talk.

Each person asks for the fee of one procedure after another (``#tt <code> fee``), every code once, so that the source
named in an answer says which question it answers: answered once, in order, or not at all can be read off what the
channel showed. Where an answer's fate is unknown the person presses "Gửi lại", as they were told they could.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from connectors.channel_texts import UNSURE
from connectors.errors import StoreError
from connectors.inbox.database import InboxDatabase, Transaction
from connectors.inbox.schedule import load_schedule
from connectors.inbox.tables import InboxMessage, OutboxMessage
from tests.soak.incidents import Incident, Incidents
from tests.soak.memory import Trend, trend_of
from tests.soak.stage import Actor, Product

SOURCE = re.compile(r"Nguồn:[^\n]*?(\d\.\d{6})")
CODE = re.compile(r"\d\.\d{6}")
SETTLE_S = load_schedule().settle_s
LOOK_S = 2.0
LOOKS_A_LINE = 5
ROUNDS = 4  # of people asking for what they miss
CHANNELS = ("telegram", "zalo", "zalo-bot")
WAITING = (
    "SELECT (SELECT count(*) FROM inbox_message WHERE state = 'new') "
    "+ (SELECT count(*) FROM outbox_message WHERE state IN ('ready', 'sending'))"
)
ANSWERS = (
    "SELECT i.received_at, min(o.sent_at) FROM inbox_message i JOIN outbox_message o ON o.inbox_id = i.id "
    "WHERE o.state = 'sent' GROUP BY i.id, i.received_at"
)


@dataclass(frozen=True)
class Person:
    channel: str
    number: str
    codes: tuple[str, ...]


@dataclass
class Result:
    """What came of a soak.

    ``order``: neighbours among a person's answers in the wrong order. Not counted: ``late``, where the channel brought
    the earlier question only after the later one was due (it was being repeated while the product was down), and
    ``asked_again``, where the person had one of the two sent again. ``lost_how``: what the outbox says of lost ones.
    """

    asked: int = 0
    answered_once: int = 0
    answered_twice: int = 0
    lost: int = 0
    order: int = 0
    late: int = 0
    asked_again: int = 0
    unsure_notices: int = 0
    sent_again: int = 0
    letters: int = 0
    deliveries: int = 0
    repeated_deliveries: int = 0
    kills: int = 0
    rasa_kills: int = 0
    rasa_back_s: float = 0.0
    starts_failed: int = 0
    turns_through_rasa: int = 0
    turns_direct: int = 0
    written_per_s: float = 0.0
    took_s: float = 0.0
    ack_p50_ms: float = 0.0
    ack_p99_ms: float = 0.0
    answer_p50_s: float = 0.0
    answer_p95_s: float = 0.0
    ack_max_ms: float = 0.0
    memory_gateway: Trend | None = None
    memory_rasa: Trend | None = None
    events: list[str] = field(default_factory=list)
    lost_how: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Why this soak failed, one line each; empty for one that passed."""
        wrong = {"lost": self.lost, "answered twice": self.answered_twice, "in the wrong order": self.order}
        found = [f"{n} answers {what}" for what, n in wrong.items() if n]
        for name, trend in (("the gateway", self.memory_gateway), ("Rasa", self.memory_rasa)):
            if trend is not None and trend.is_growing:
                found.append(f"memory of {name} grows: {trend}")
        return found

    def rows(self) -> list[tuple[str, str]]:
        return [
            (field.name, f"{value:.1f}" if isinstance(value := getattr(self, field.name), float) else str(value))
            for field in fields(self)
        ]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def make_people(n_people: int, n_messages: int, codes: list[str], seed: int = 11) -> list[Person]:
    """People spread over the channels, each with an order of codes of their own."""
    chance = random.Random(seed)
    each = n_messages // n_people
    if each > len(codes):
        raise ValueError(f"codes: expected at least {each}, got {len(codes)}")
    return [Person(CHANNELS[n % 3], str(6_000_000 + n), tuple(chance.sample(codes, each))) for n in range(n_people)]


def run_soak(
    actors: dict[str, Actor], product: Product, database_url: str, people: list[Person], per_second: float,
    incidents: Sequence[Incident], patience_s: float = 600.0, is_calm: bool = False, tell: Callable[[str], None] = lambda line: None,
) -> Result:  # fmt: skip
    """Let people talk while incidents strike; then wait and count.

    Args:
        patience_s: how long without any progress is too long.
        is_calm: the channels bring everything once and in time.
        tell: takes a line on how far it is, now and then.

    Raises:
        IncidentFailed: an incident could not be carried out.
        AssertionError: the path did not come to rest.
    """
    if not is_calm:
        for actor in actors.values():
            actor.post("chaos", twice=0.1, late=0.1, late_s=0.2)
    result = Result(asked=sum(len(person.codes) for person in people))
    began = time.monotonic()
    striking = Incidents(incidents)
    with _watched(actors, product, result.asked, tell) as watch:
        _talk(actors, people, per_second, striking, watch, result)
        result.written_per_s = result.asked / (time.monotonic() - began)
        striking.wait()
        database = InboxDatabase(database_url)
        _rest(database, actors, patience_s)
        for _ in range(ROUNDS):
            n = _ask_again(actors, people)
            result.sent_again += n
            _rest(database, actors, patience_s)
            if not n:
                break
    result.took_s = time.monotonic() - began
    _count_answers(actors, people, _stored(database), result)
    _measure(actors, product, database, result)
    database.close()
    return result


def _talk(
    actors: dict[str, Actor], people: list[Person], per_second: float, incidents: Incidents, watch: Watch, result: Result
) -> None:
    """Everybody writes in rounds, in a random order of people; two messages of one person follow in a heartbeat."""
    chance = random.Random(5)
    turns = [(person, code) for person in people for code in person.codes]
    cursors = {person.number: 0 for person in people}
    order = [person for person, _ in turns]
    chance.shuffle(order)
    began = time.monotonic()
    for number, person in enumerate(order):
        for name in incidents.strike_due(number / len(order)):
            result.events.append(f"{number}: {name}")
            watch.tell(f"incident: {name}")
        code = person.codes[cursors[person.number]]
        cursors[person.number] += 1
        _say(actors[person.channel], person, f"#tt {code} fee")
        watch.n_written = number + 1
        pause = began + (number + 1) / per_second - time.monotonic()
        if pause > 0:
            time.sleep(pause)


def _say(actor: Actor, person: Person, words: str) -> None:
    actor.act("say", user=int(person.number) if person.channel == "telegram" else person.number, text=words)


def _rest(database: InboxDatabase, actors: dict[str, Actor], patience_s: float) -> None:
    """Until nothing is under way: not with the channels, not in the database."""
    until, n_calm, before = time.monotonic() + patience_s, 0, {}
    while n_calm < 3:
        now = _state(database, actors)
        if now != before:
            until, before = time.monotonic() + patience_s, now
        elif time.monotonic() > until:
            raise AssertionError(f"nothing moved for {patience_s:g} s, and the path is not at rest: {now}")
        n_calm = n_calm + 1 if not any(now.values()) else 0
        time.sleep(0.3)


def _state(database: InboxDatabase, actors: dict[str, Actor]) -> dict[str, Any]:
    """How much is under way, by place. A database that is away (-1) is no rest."""
    try:
        waiting = database.run(lambda tx: tx.execute(text(WAITING)).scalar())
    except StoreError:
        waiting = -1
    return {"waiting": waiting} | {name: actor.get("state")["on_the_way"] for name, actor in actors.items()}


def _ask_again(actors: dict[str, Actor], people: list[Person]) -> int:
    """Whoever misses an answer presses "Gửi lại" where they were offered it, else writes "alo?", as people do."""
    shown = _shown(actors)
    n = 0
    for person in people:
        texts = shown.get((person.channel, person.number), [])
        if set(person.codes) - set(_sources(texts)):
            _say(actors[person.channel], person, "#guilai" if any(UNSURE[:30] in each for each in texts) else "alo?")
            n += 1
    return n


@dataclass(frozen=True)
class Question:
    """A question as the product kept it.

    Attributes:
        stored_at: when it was durable; before that nobody can put it in order.
        due_at: when it was handed out at the earliest.
        fates: states of its answer's rows in the outbox.
    """

    stored_at: datetime
    due_at: datetime
    fates: tuple[str, ...]


Questions = dict[tuple[str, str, str], Question]


def _stored(database: InboxDatabase) -> Questions:
    """(channel, person, code) → question."""

    def read(tx: Transaction) -> Questions:
        fates: dict[int, list[str]] = {}
        for inbox_id, state in tx.execute(select(OutboxMessage.inbox_id, OutboxMessage.state)):
            fates.setdefault(inbox_id, []).append(state)
        return {
            (row.channel, row.sender_id, code.group()): _question(row, tuple(fates.get(row.id, ())))
            for row in tx.execute(select(*InboxMessage.__table__.columns))
            if (code := CODE.search(row.body.get("text", "")))
        }

    return database.run(read)


def _question(row: Any, fates: tuple[str, ...]) -> Question:
    """A message is due a settling time after it was stored, unless it was put off: then only its arrival is known."""
    stored_at = row.due_at - timedelta(seconds=SETTLE_S) if row.n_tries == 1 else row.received_at
    return Question(stored_at, stored_at + timedelta(seconds=SETTLE_S), fates)


def _count_answers(actors: dict[str, Actor], people: list[Person], stored: Questions, result: Result) -> None:
    shown = _shown(actors)
    result.unsure_notices = sum(UNSURE[:30] in each for texts in shown.values() for each in texts)
    for person in people:
        answers = _sources(shown.get((person.channel, person.number), []))
        for code in person.codes:
            n = answers.count(code)
            result.answered_once += n == 1
            result.answered_twice += n > 1
            result.lost += n == 0
            if n == 0:
                question = stored.get((person.channel, person.number, code))
                result.lost_how.append(f"{person.channel}: {', '.join(question.fates) if question else 'never delivered'}")
        for first, second in zip(answers, answers[1:], strict=False):
            if person.codes.index(second) < person.codes.index(first):
                _judge_inversion(person, stored, first, second, result)


def _judge_inversion(person: Person, stored: Questions, first: str, second: str, result: Result) -> None:
    """``second`` was asked before ``first`` and answered after it: whose doing was that?"""
    earlier, later = stored[person.channel, person.number, second], stored[person.channel, person.number, first]
    if "resent" in (*earlier.fates, *later.fates):
        result.asked_again += 1
    elif earlier.stored_at > later.due_at:
        result.late += 1
    else:
        result.order += 1


def _measure(actors: dict[str, Actor], product: Product, database: InboxDatabase, result: Result) -> None:
    attempts = [attempt for actor in actors.values() for attempt in actor.get("attempts")]
    acks = sorted(attempt["took_s"] for attempt in attempts if attempt["status"] == 200)
    result.deliveries = len(attempts)
    result.repeated_deliveries = len(attempts) - len({attempt["key"] for attempt in attempts})
    result.ack_p50_ms, result.ack_p99_ms = 1000 * _quantile(acks, 0.5), 1000 * _quantile(acks, 0.99)
    result.ack_max_ms = 1000 * acks[-1] if acks else 0.0
    rows = database.run(lambda tx: [tuple(row) for row in tx.execute(text(ANSWERS))])
    waits = sorted((_time(sent) - _time(received)).total_seconds() for received, sent in rows)
    result.answer_p50_s, result.answer_p95_s = _quantile(waits, 0.5), _quantile(waits, 0.95)
    lost = "SELECT count(*) FROM outbox_message WHERE state IN ('dead', 'refused', 'unsure')"
    dead = "SELECT count(*) FROM inbox_message WHERE state = 'dead'"
    result.letters = sum(database.run(lambda tx, q=query: tx.execute(text(q)).scalar()) for query in (lost, dead))
    product.note_turns()
    result.kills, result.rasa_kills, result.rasa_back_s = product.n_kills, product.n_rasa_kills, product.rasa_back_s
    result.starts_failed = product.n_starts_failed
    result.turns_through_rasa, result.turns_direct = product.turns["rasa"], product.turns["direct"]
    result.memory_gateway, result.memory_rasa = trend_of(product.samples["gateway"]), trend_of(product.samples["rasa"])


def _shown(actors: dict[str, Actor]) -> dict[tuple[str, str], list[str]]:
    shown: dict[tuple[str, str], list[str]] = {}
    for channel, actor in actors.items():
        for message in actor.get("sent?since=0"):
            shown.setdefault((channel, message["chat"]), []).append(message["text"])
    return shown


def _sources(texts: list[str]) -> list[str]:
    """The code each answer names as its source, in order."""
    return [match.group(1) for each in texts if (match := SOURCE.search(each))]


class Watch:
    """Measures memory and tells how far it is, from a thread of its own. ``fault``: what ended it before its time."""

    def __init__(self, actors: dict[str, Actor], product: Product, n_asked: int, tell: Callable[[str], None]) -> None:
        self._actors, self._product, self._n_asked = actors, product, n_asked
        self.tell, self.n_written = tell, 0
        self.fault: BaseException | None = None
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="soak-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        n_looks = 0
        try:
            while not self._over.wait(LOOK_S):
                n_sent = sum(actor.get("state")["sent"] for actor in self._actors.values())
                self._product.measure(n_sent)
                n_looks += 1
                if n_looks % LOOKS_A_LINE == 0:
                    took_s = time.monotonic() - self._began
                    self.tell(f"{took_s:5.0f} s: {self.n_written:,} of {self._n_asked:,} written, {n_sent:,} messages shown to people")
        except BaseException as exc:  # told by the run, which would otherwise have no figures
            self.fault = exc


@contextmanager
def _watched(actors: dict[str, Actor], product: Product, n_asked: int, tell: Callable[[str], None]) -> Iterator[Watch]:
    watch = Watch(actors, product, n_asked, tell)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
    if watch.fault is not None:
        raise RuntimeError("memory could not be measured") from watch.fault


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
