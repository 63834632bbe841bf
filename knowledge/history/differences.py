"""What a procedure's record says otherwise than an earlier reading of it: documents, fee, time and the rest.

Only what a citizen would notice counts: case, blanks, punctuation and the order of lines do not. A part on which one of
the two readings is silent is no difference: silence is no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from knowledge.model import Procedure, RequiredDocument
from nlu.diacritics import bare
from nlu.entities import document_key

_SAME_DOCUMENT = 0.86  # likeness from which two names are one paper, worded otherwise
_REWRITTEN = 0.9  # likeness of long texts below which they count as rewritten
_AMOUNT = re.compile(r"\d[\d.,]*")
PARTS = ("documents", "fee", "time", "place", "online", "conditions", "steps", "legal_basis", "result")


@dataclass(frozen=True)
class Difference:
    """One part that differs.

    Attributes:
        part: one of ``PARTS``.
        added, removed: lines of the later and of the earlier reading that the other has not, as printed; both empty
            where a long text was rewritten.
    """

    part: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def differences(before: Procedure, after: Procedure) -> tuple[Difference, ...]:
    """Every part in which two readings of one procedure differ, in the order of ``PARTS``."""
    found = [
        _documents(before.documents, after.documents),
        _lines("fee", _fees(before), _fees(after)),
        _lines("time", _times(before), _times(after)),
        _lines("place", _place(before), _place(after)),
        _lines("online", _online(before), _online(after)),
        _prose("conditions", before.conditions, after.conditions),
        _prose("steps", before.steps, after.steps),
        _lines("legal_basis", _legal(before), _legal(after)),
        _prose("result", before.result, after.result),
    ]
    return tuple(difference for difference in found if difference is not None)


def _lines(part: str, before: dict[str, str], after: dict[str, str]) -> Difference | None:
    if not before or not after:
        return None
    added = tuple(dict.fromkeys(text for key, text in after.items() if key not in before))  # once for all channels
    removed = tuple(dict.fromkeys(text for key, text in before.items() if key not in after))
    return Difference(part, added, removed) if added or removed else None


def _documents(before: Sequence[RequiredDocument], after: Sequence[RequiredDocument]) -> Difference | None:
    """Papers matched by name, then by likeness; a matched one with another quantity counts on both sides."""
    if not before or not after:
        return None
    old, new = {_key(d.name): d for d in before}, {_key(d.name): d for d in after}
    pairs = {key: key for key in old.keys() & new.keys()}
    for key in new.keys() - pairs.keys():
        like = max((k for k in old if k not in pairs.values()), key=lambda k: _likeness(k, key), default="")
        if like and _likeness(like, key) >= _SAME_DOCUMENT:
            pairs[key] = like
    changed = [(old[was], new[now]) for now, was in pairs.items() if _key(old[was].quantity) != _key(new[now].quantity) and new[now].quantity]
    added = [_line(new[k]) for k in new if k not in pairs] + [_line(n) for _, n in changed]
    removed = [_line(old[k]) for k in old if k not in pairs.values()] + [_line(o) for o, _ in changed]
    return Difference("documents", tuple(added), tuple(removed)) if added or removed else None


def _fees(procedure: Procedure) -> dict[str, str]:
    """Channel and amounts → the fee as printed; words alone where it names no amount."""
    return {f"{s.channel} {_amounts(fee)}": fee for s in procedure.submissions for fee in s.fees}


def _times(procedure: Procedure) -> dict[str, str]:
    return {f"{s.channel} {_key(s.time)}": s.time for s in procedure.submissions if s.time}


def _place(procedure: Procedure) -> dict[str, str]:
    return {_key(text): text for text in (procedure.agency, procedure.place) if text}


def _online(procedure: Procedure) -> dict[str, str]:
    return {_key(procedure.online_level): procedure.online_level} if procedure.online_level else {}


def _legal(procedure: Procedure) -> dict[str, str]:
    return {document_key(law.number) if law.number else _key(law.title): law.number or law.title for law in procedure.legal_basis}


def _prose(part: str, before: str, after: str) -> Difference | None:
    if not before or not after or _key(before) == _key(after) or _likeness(_key(before)[:2000], _key(after)[:2000]) >= _REWRITTEN:
        return None
    if max(len(before), len(after)) <= 200:
        return Difference(part, (after,), (before,))
    return Difference(part)


def _line(document: RequiredDocument) -> str:
    return document.name + (f" ({document.quantity})" if document.quantity else "")


def _amounts(fee: str) -> str:
    amounts = [re.sub(r"\D", "", number) for number in _AMOUNT.findall(fee)]
    return " ".join(n for n in amounts if n) or _key(fee)


def _key(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", bare(text)))


def _likeness(one: str, other: str) -> float:
    matcher: SequenceMatcher = SequenceMatcher(None, one, other, autojunk=False)
    measure: Callable[[], float] = matcher.ratio
    return measure() if matcher.quick_ratio() >= _SAME_DOCUMENT else 0.0
