"""What time adds to an answer: rules of the day, notes whose time has come or gone, bodies that are no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from actions.phrases import say
from knowledge.model import Procedure
from knowledge.validity.dated import DatedRule, note_phase, rules_for
from knowledge.validity.districts import speaks_of_districts, successor_of
from knowledge.validity.documents import ended_in

TO_COME_WITHIN_DAYS = 180
_SENTENCES = re.compile(r"(?<=\.) (?=[A-ZĐ])")


def standing_notes(procedure: Procedure, today: date) -> tuple[str, ...]:
    """The record's notes without those whose own period has passed."""
    return tuple(note for note in procedure.notes if note_phase(note, today) != "over")


def without_ended(procedure: Procedure, today: date) -> Procedure:
    """The procedure without those sentences beside its fees and times whose own period has passed."""
    rows = tuple(replace(row, note=_standing(row.note, today)) for row in procedure.submissions)
    return replace(procedure, submissions=rows)


def _standing(note: str, today: date) -> str:
    return " ".join(sentence for sentence in _SENTENCES.split(note) if note_phase(sentence, today) != "over")


def rule_notes(procedure: Procedure, aspects: Sequence[str], today: date) -> tuple[str, ...]:
    """Rules in force, or soon to be, that stand in no record."""
    return tuple(rule_note(rule, today) for rule in rules_for(procedure, aspects, today, TO_COME_WITHIN_DAYS))


def rule_note(rule: DatedRule, today: date) -> str:
    """One rule in a sentence, with its days, its source and how sure it is."""
    days = say("rule_until", until=vietnamese_day(rule.until)) if rule.until else ""
    key = "rule_over" if rule.phase(today) == "over" else "rule"
    text = say(key, since=vietnamese_day(rule.since), until=days, says=rule.says, source=rule.source)
    return text + ("" if rule.sure == "high" else say("rule_unsure"))


def district_note(procedure: Procedure, text: str, today: date) -> str:
    """Which body is competent now where the text or the record still speaks of the district level; "" where neither
    does."""
    is_level = "Cấp huyện" in procedure.levels
    if not is_level and not speaks_of_districts(text):
        return ""
    now = successor_of(text if speaks_of_districts(text) else f"cấp huyện {procedure.agency}", today)
    if now is None:
        return ""  # a day when the district level still was
    if not now.now:
        return say("district")
    return say("district_now", was=now.was, now=now.now, sure=say(f"sure.{now.sure}"), source=now.source)


def text_notes(text: str, today: date) -> tuple[str, ...]:
    """What has ended of that which a plan's text speaks of: its grounds, and the bodies of the district level."""
    successor = successor_of(text, today)
    if successor is None:
        return ended_notes(text, today)
    sure = say(f"sure.{successor.sure}")
    now = say("district_in_text_now", now=successor.now, sure=sure, source=successor.source) if successor.now else say("district_in_text_open")
    return (*ended_notes(text, today), say("district_in_text", was=successor.was, now=now))


def ended_notes(text: str, today: date) -> tuple[str, ...]:
    """Which of the documents named in a text have ended, and what stands in their place."""
    return tuple(
        say("document_ended", name=d.name, ended=vietnamese_day(d.ended), by=d.by, sure=say(f"sure.{d.sure}"), source=d.source)
        for d in ended_in(text, today)
    )


def vietnamese_day(day: date | None) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}" if day else ""
