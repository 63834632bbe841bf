"""Legal documents that have ended, as far as that is known: a text that rests on one is told with what stands now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from knowledge.errors import ContentError
from knowledge.validity.dated import SURE
from nlu.diacritics import bare
from nlu.entities import document_key

_FILE = Path(__file__).parent / "documents.yml"
_NUMBER = re.compile(r"(?<![\w/.])\d{1,4}/\d{4}/[A-ZĐ][\wĐđ]*(?:-[A-ZĐ][\wĐđ]*)*")
_SHORT = re.compile(r"\d{1,5}/\d{4}")
#: Kind as typed, bare → how the part after number and year begins, as document_key writes it.
_SYMBOLS = {
    "nghi dinh": "ND-", "nd": "ND-", "thong tu": "TT-", "thong tu lien tich": "TTLT-", "tt": "TT-", "quyet dinh": "QD-", "qd": "QD-",
    "nghi quyet": "NQ-", "nq": "NQ-", "luat": "QH", "phap lenh": "PL-",
}  # fmt: skip


@dataclass(frozen=True)
class EndedDocument:
    """One entry of documents.yml.

    Attributes:
        name: for people, with what it is about.
        ended: the first day on which it was in force no more.
        by: what stands in its place.
        sure: ``high``, ``medium`` or ``low``.
        source, read_on: what it rests on and when that was read.
    """

    number: str
    name: str
    ended: date
    by: str
    sure: str
    source: str
    read_on: str


def ended_in(text: str, day: date) -> tuple[EndedDocument, ...]:
    """Documents whose number stands in a text and which had ended by a day, each once, in the text's order."""
    found = (_table().get(document_key(number)) for number in _NUMBER.findall(text))
    return tuple(dict.fromkeys(d for d in found if d is not None and d.ended <= day))


def full_number(number: str, kind: str = "") -> str:
    """The whole number of the one document known to have ended whose number and year were typed without what stands
    behind them ("61/2018" is "61/2018/NĐ-CP"); the number as it came where none or several fit.

    Args:
        kind: "nghị định", "tt" and the like as typed, "" where none was.
    """
    if not _SHORT.fullmatch(number):
        return number
    symbol = _SYMBOLS.get(bare(kind).lower(), "")
    begun = f"{document_key(number)}/{symbol}"
    found = [document.number for key, document in _table().items() if key.startswith(begun)]
    return found[0] if len(found) == 1 else number


@cache
def _table() -> dict[str, EndedDocument]:
    documents = (_document(entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    return {document_key(document.number): document for document in documents}


def _document(entry: dict) -> EndedDocument:
    try:
        source = entry["source"]
        document = EndedDocument(
            entry["number"], entry["name"], entry["ended"], entry["by"], entry["sure"], source["title"], source["read_on"]
        )  # fmt: skip
    except (KeyError, TypeError) as exc:
        raise ContentError(_FILE, str(entry), "number, name, ended, by, sure, source", f"{exc} missing") from exc
    if document.sure not in SURE or not _NUMBER.fullmatch(document.number) or not isinstance(document.ended, date):
        raise ContentError(_FILE, document.number, f"a number with its year, a day, sure of {SURE}", str(entry))
    return document
