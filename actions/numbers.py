"""What is said of a number in a question that leads to no record."""

from __future__ import annotations

import re
from datetime import date

from actions.phrases import say
from actions.time_notes import ended_notes
from knowledge.validity.documents import full_number
from nlu.diacritics import bare

_AROUND = frozenset(["nghi", "dinh", "thong", "tu", "quyet", "luat", "lien", "tich", "van", "ban", "phap", "so", "nd", "tt", "qd", "nq", "la", "gi", "cua", "ve", "thi", "co", "nhu", "the", "nao", "quy", "noi", "a", "cho", "hoi", "em", "minh", "toi", "xem"])
_KINDS = r"nghi dinh|thong tu lien tich|thong tu|quyet dinh|nghi quyet|luat|phap lenh|nd|tt|qd|nq"


def said_of_unknown(kind: str, value: str, today: date, question: str = "") -> str:
    """That a code, document or form is not held; of a document that has ended also what stands in its place.

    Args:
        question: as typed; the kind before a number typed in part ("nđ 61/2018") tells which document it is.
    """
    if kind == "document_number":
        value = full_number(value, _kind_before(question, value))
    ended = ended_notes(value, today) if kind == "document_number" else ()
    if ended:
        return "\n\n".join([say("ended_unknown", value=value), *ended])
    return say("unknown_code", kind=say(f"unknown_kinds.{kind}"), value=value)


def _kind_before(question: str, value: str) -> str:
    found = re.search(rf"\b({_KINDS})\s+(?:so\s*:?\s*)?0*{re.escape(value.lstrip('0'))}", bare(question).lower())
    return found.group(1) if found else ""


def is_only_number(question: str, value: str) -> bool:
    """Whether a question holds a document's number and no matter ("Nghị định 123/2015/NĐ-CP quy định gì?")."""
    rest = set(re.findall(r"[a-z0-9]+", bare(question).lower())) - set(re.findall(r"[a-z0-9]+", bare(value).lower()))
    return rest <= _AROUND
