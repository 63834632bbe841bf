"""Questions about time: "có gì thay đổi về …", "trước đây … thì sao", "tính đến ngày …"; answered from versions.

:func:`read_time_question` takes the words about time out of a question; what is left is searched for as ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Protocol

from actions.answers import answer_aspects, card_of, cite, next_buttons, short_name
from actions.phrases import say
from actions.reply import Button, Context, Reply, ReplyMessage
from actions.time_notes import rule_note, standing_notes, vietnamese_day
from knowledge.errors import KnowledgeError
from knowledge.history.differences import Difference
from knowledge.history.timeline import Step, as_of, timeline
from knowledge.model import ASPECTS, Procedure
from knowledge.store.history import Version
from knowledge.validity.dated import period_of, rules_for
from nlu.normalizer import fold_with_offsets
from nlu.payloads import write_payload

_OF_ANOTHER_DAY = ("answered_earlier", "unanswerable_no_version")
_LINES = 6  # shown of one part
_LINE = 220  # characters of one line
_RECENT_DAYS = 400  # how long ago a dated rule began to be still news
_PART_ASPECT = {"documents": "documents", "fee": "fee", "time": "time", "place": "place", "online": "online"}

_CHANGES = re.compile(
    r"\b(?:(?:gan day |moi day |hien nay |bay gio |nam nay )?(?:co|da) (?:gi |nhung gi |diem gi |cho nao )?(?:thay doi|doi moi|moi|khac)"
    r"(?: gi| nao)?(?= (?:khong|ko|k|hong|chua|so voi|ve|doi voi|trong|cua|o|voi)\b|[?.! ]*$)"
    r"|(?:thay doi|khac) (?:gi|nhung gi|the nao|ra sao|cho nao)(?: khong| ko| chua)?(?: so voi| voi)?(?: truoc day| truoc| hoi truoc| nam ngoai| ban cu| quy dinh cu)?(?=[?.! ]*$)"
    r"|(?:khac|thay doi)(?: gi)? so voi (?:truoc day|truoc|hoi truoc|nam ngoai|ban cu|quy dinh cu))"
)
_CHANGES_TAIL = re.compile(r"\b(?:khong|ko|k|hong|chua|so voi truoc day|so voi truoc|so voi hoi truoc|so voi nam ngoai|gan day|moi day)\b")
_CHANGES_HEAD = re.compile(r"^\W*(?:ve|doi voi|trong|cua|o|voi)\b(?: thu tuc| viec| quy dinh)?")
_SPEAKER = r"(?:toi|minh|em|con|chau|anh|chi|ong|ba|bac|co|chu|bo|me|vo|chong|nha|gia dinh|tui|tao|da|co)"
_EARLIER = re.compile(rf"\b(?:truoc day|truoc kia|hoi truoc|ngay truoc|nam ngoai|quy dinh cu|ban cu)\b(?! {_SPEAKER}\b)")
_DID = re.compile(rf"\b(?:truoc day|truoc kia|hoi truoc|nam ngoai) (?:goi la|duoc|bi|da|e)\b|\b{_SPEAKER} (?:da|dang|co|bi|duoc|lam|mua|mat)\b")
_NOW = re.compile(r"\b(?:bay gio|hien nay|hien gio|nay|gio|da mat|da lam|da co)\b")
_DAY = r"(?:ngay )?(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>20\d{2})"
_MONTH = r"(?:thang )(?P<mm>\d{1,2})(?: ?[/.-] ?| nam )(?P<my>20\d{2})"
_ON = re.compile(rf"\b(?:tinh den|tai thoi diem|vao thoi diem|o thoi diem|theo quy dinh (?:luc|hoi|cua|ngay|vao))\s+(?:{_DAY}|{_MONTH})")


@dataclass(frozen=True)
class TimeQuestion:
    """What a question asks of time, and its words without that; ``day`` is None for "before now"."""

    kind: Literal["changes", "earlier"]
    matter: str
    day: date | None = None


class History(Protocol):
    """Versions of procedures."""

    def versions(self, code: str) -> Sequence[Version]:
        """All that were ever live, oldest first. Raises KnowledgeError while they cannot be reached."""
        ...


def read_time_question(question: str) -> TimeQuestion | None:
    """What is asked of time; None for any other question, also one that merely tells of the past ("trước đây tôi …")."""
    folded, offsets = fold_with_offsets(question)
    if found := _ON.search(folded):
        day = _day_of(found)
        return TimeQuestion("earlier", _without(question, offsets, found.span()), day) if day else None
    if found := _CHANGES.search(folded):
        rest = _without(question, offsets, found.span())
        return TimeQuestion("changes", _trimmed(rest))
    found = _EARLIER.search(folded)
    if found and not _NOW.search(folded) and not _only_tells(folded, found):
        return TimeQuestion("earlier", _without(question, offsets, found.span()).lstrip(" ,"))
    return None


def _only_tells(folded: str, found: re.Match[str]) -> bool:
    """Whether the past is that of a story: of somebody who did something, or in one of several clauses ("năm ngoái em
    làm hai công ty, tự quyết toán …")."""
    head, tail = folded[: found.start()].strip(" ,"), folded[found.end() :]
    rest = head + tail if head else tail.lstrip(" ,")
    return bool(_DID.search(folded) or re.search(r"[,;.]\s*\w", rest))


def answer_over_time(
    asked: TimeQuestion, procedure: Procedure, aspects: Sequence[str], history: History, today: date, confidence: float
) -> Reply:
    """The difference between versions, or an aspect as it stood; what is live now where no history can be had."""
    try:
        versions = history.versions(procedure.code)
    except KnowledgeError:
        return _now_only(procedure, aspects, today, confidence)
    if asked.kind == "changes":
        return _reply("answered_changes", _changes(procedure, versions, today), procedure, "general", confidence)
    return _earlier(asked, procedure, aspects, versions, today, confidence)


# What changed.


def _changes(procedure: Procedure, versions: Sequence[Version], today: date) -> str:
    steps = timeline(versions)
    changed = [(steps[n - 1], step) for n, step in enumerate(steps) if n and step.differences]
    rules = _news(procedure, today)
    if changed:
        before, after = changed[-1]
        head = say("changed_head", name=short_name(procedure), before=_read(before), after=_read(after))
        lines = [head, *(line for d in after.differences for line in _told(d))]
        lines += [] if after.is_stated else ["", say("changed_when")]
    elif len({v.read_on for v in versions}) > 1 or len({v.last_read_on for v in versions} | {v.read_on for v in versions}) > 1:
        days = sorted({day for v in versions for day in (v.read_on, v.last_read_on)})
        lines = [say("changed_none", name=short_name(procedure), n=len(days), dates=", ".join(map(vietnamese_reading, days)))]
    else:
        lines = [say("changed_once", name=short_name(procedure), date=vietnamese_reading(procedure.source.read_on))]
    if rules:
        lines += ["", say("changed_rules"), *(f"- {rule}" for rule in rules)]
    return "\n".join(lines)


def _told(difference: Difference) -> list[str]:
    part = say(f"aspects.{difference.part}")
    added, removed = [_cut(t) for t in difference.added], [_cut(t) for t in difference.removed]
    if not added and not removed:
        return [f"- {say('changed_rewritten', part=part)}"]
    if len(added) == len(removed) == 1:
        return [f"- {say('changed_from_to', part=part, before=f'“{removed[0]}”', after=f'“{added[0]}”')}"]
    lines = [f"- {say('changed_added', part=part, text=f'“{text}”')}" for text in added[:_LINES]]
    lines += [f"- {say('changed_removed', part=part, text=f'“{text}”')}" for text in removed[:_LINES]]
    return lines


def _news(procedure: Procedure, today: date) -> list[str]:
    """Dated rules and notes that began not long ago or are to come."""
    rules = [rule_note(rule, today) for rule in rules_for(procedure, ASPECTS, today, _RECENT_DAYS)]
    notes = [n for n in standing_notes(procedure, today) if (p := period_of(n)) and (today - p[0]).days <= _RECENT_DAYS]
    return [*notes, *rules]


# As it was.


def _earlier(
    asked: TimeQuestion, procedure: Procedure, aspects: Sequence[str], versions: Sequence[Version], today: date, confidence: float
) -> Reply:
    steps = timeline(versions)
    step = as_of(versions, asked.day) if asked.day else (steps[-2] if len(steps) > 1 else None)
    if step is None or not isinstance(step.version.record, Procedure):
        when = vietnamese_day(asked.day) if asked.day else say("earlier_before")
        first = _read(steps[0]) if steps else vietnamese_reading(procedure.source.read_on)
        text = say("earlier_unknown", name=short_name(procedure), when=when, first=first)
        return _reply("unanswerable_no_version", text, procedure, aspects[0], confidence)
    record = step.version.record
    until = step.until or today
    message, _, _ = answer_aspects(record, aspects, today=asked.day or min(until, today - timedelta(1)))
    days = say("earlier_days", since=vietnamese_day(step.since), until=vietnamese_day(until))
    later = [d for after in steps[steps.index(step) + 1 :] for d in after.differences]
    parts = dict.fromkeys(say(f"aspects.{d.part}").lower() for d in later)
    tail = [say("earlier_now", parts=", ".join(parts))] if parts else []
    if later and not any(_PART_ASPECT.get(d.part, d.part) in aspects for d in later) and aspects != ["general"]:
        tail = [say("earlier_same")]
    text = "\n\n".join([say("earlier_head", date=_read(step), days=days), message.text, *tail])
    reply = _reply("answered_earlier", text, procedure, aspects[0], confidence)
    return replace(reply, citations=(cite(record, aspects[0]),))


def _now_only(procedure: Procedure, aspects: Sequence[str], today: date, confidence: float) -> Reply:
    message, _, is_silent = answer_aspects(procedure, aspects, today=today)
    text = f"{say('history_away')}\n\n{message.text}"
    return _reply("answered_silent" if is_silent else "answered_aspect", text, procedure, aspects[0], confidence)


def _reply(status: str, text: str, procedure: Procedure, aspect: str, confidence: float) -> Reply:
    """The answer with what can be asked next; buttons lead to what is in force now, of the aspect asked first."""
    asked = aspect if status in _OF_ANOTHER_DAY and aspect != "general" else ""
    now = (Button(say("now_button", aspect=say(f"aspects.{asked}")), write_payload(procedure_code=procedure.code, aspect=asked)),) if asked else ()
    has_now = status in ("answered_silent", "answered_aspect")  # the record of now was told
    buttons = (*now, *next_buttons(procedure, {aspect} if asked or has_now else ()))
    return Reply(
        status=status,
        messages=(ReplyMessage(text, buttons, card_of(procedure)),),
        aspect=aspect,
        procedure={"code": procedure.code, "name": procedure.name},
        citations=(cite(procedure, aspect),),
        confidence=round(confidence, 3),
        context=Context(procedure_code=procedure.code, aspect=aspect, last_status=status),
    )


def vietnamese_reading(read_on: str) -> str:
    """An ISO day or month as it is said: "10/10/2026", "tháng 7/2026"."""
    parts = read_on.split("-")
    if len(parts) == 3:
        return f"{int(parts[2])}/{int(parts[1])}/{parts[0]}"
    return f"tháng {int(parts[1])}/{parts[0]}" if len(parts) == 2 else read_on


def _read(step: Step) -> str:
    return vietnamese_reading(step.version.read_on)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LINE else flat[:_LINE].rsplit(" ", 1)[0] + " …"


def _day_of(found: re.Match[str]) -> date | None:
    """The day named; for a month its last day, which is what "as of that month" can know."""
    try:
        if found["y"]:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        year, month = int(found["my"]), int(found["mm"])
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    except ValueError:
        return None


def _without(text: str, offsets: Sequence[int], span: tuple[int, int]) -> str:
    start, end = offsets[span[0]], offsets[span[1]]
    return " ".join(f"{text[:start]} {text[end:]}".split())


def _trimmed(rest: str) -> str:
    """Without the small words that are left where the words about change stood."""
    return _cut_all(_cut_all(rest, _CHANGES_TAIL), _CHANGES_HEAD).strip(" ,;?.!")


def _cut_all(text: str, pattern: re.Pattern[str]) -> str:
    folded, offsets = fold_with_offsets(text)
    for found in reversed(list(pattern.finditer(folded))):
        text = text[: offsets[found.start()]] + text[offsets[found.end()] :]
    return " ".join(text.split())
