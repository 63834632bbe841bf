"""Search and lists of the pages: what is found, in pages, and something usable where search itself failed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.ask_flow import log_fault
from connectors.ports import Catalogue, Masker, Searcher
from knowledge.chunking import ASPECT_HEADINGS
from knowledge.model import Procedure
from nlu.diacritics import bare
from nlu.privacy import SECRET_KINDS

log = logging.getLogger(__name__)
LEVELS = ("Cấp xã", "Cấp tỉnh", "Cấp bộ", "Cấp huyện", "Cơ quan khác")
PAGE_SIZE = 15
LAW = ASPECT_HEADINGS["legal_basis"]
TOP_K, N_PROCEDURES, N_PLANS = 50, 30, 6
QUESTION_LIMIT = 300


@dataclass(frozen=True)
class Pager:
    """One page of a list, 1-based; a page beyond the end is the last one."""

    page: int
    n_pages: int
    total: int
    size: int

    @classmethod
    def of(cls, page: int, total: int, size: int = PAGE_SIZE) -> Pager:
        n_pages = max(1, -(-total // size))
        return cls(min(max(1, page), n_pages), n_pages, total, size)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def cut(self, items: Sequence[Any]) -> Sequence[Any]:
        return items[self.offset : self.offset + self.size]


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        asked: the words searched for, masked and cut to ``QUESTION_LIMIT``.
        read_as: how search read them, "" when the same.
        hidden: personal data was masked; ``secret``: a code or password, nothing was searched.
        is_rough: search failed; names were compared letter by letter instead.
    """

    asked: str
    procedures: tuple[tuple[Procedure, str, str], ...] = ()
    plans: tuple[dict[str, Any], ...] = ()
    read_as: str = ""
    is_hidden: bool = False
    is_secret: bool = False
    is_cut: bool = False
    is_rough: bool = False


def find(q: str, searcher: Searcher, catalogue: Catalogue, mask: Masker, level: str = "", field: str = "") -> Found:
    """Search procedures and plans; each procedure once, with the passage that brought it up."""
    asked = " ".join(q.split())[:QUESTION_LIMIT]
    is_cut = len(" ".join(q.split())) > QUESTION_LIMIT
    masked = mask(asked)
    if SECRET_KINDS.intersection(masked.kinds):
        return Found("", is_secret=True)
    asked, is_hidden = masked.text, bool(masked.kinds)
    if not any(character.isalnum() for character in asked):
        return Found(asked, is_hidden=is_hidden)
    try:
        found = searcher.search(asked, TOP_K, None, None)
    except Exception as exc:  # the page must stay usable: names alone, and said so
        log_fault(exc)
        return Found(asked, _by_name(asked, catalogue, level, field), is_hidden=is_hidden, is_cut=is_cut, is_rough=True)
    restored = found["query"]["restored"]
    plans = [] if level or field else [hit for hit in found["hits"] if hit["kind"] == "plan"]
    return Found(
        asked,
        _procedures(found["hits"], catalogue, level, field, shows_law=any(character.isdigit() for character in asked)),
        tuple(_first_of_each(plans, "title")[:N_PLANS]),
        restored if restored.lower() != asked.lower() else "",
        is_hidden,
        is_cut=is_cut,
    )


def fits(procedure: Procedure, level: str, field: str) -> bool:
    return (not level or level in procedure.levels) and (not field or procedure.field == field)


def fields_by_letter(procedures: Sequence[Procedure]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every field with its number of procedures, in Vietnamese order, under its first letter."""
    counts: dict[str, int] = {}
    for procedure in procedures:
        if procedure.field:
            counts[procedure.field] = counts.get(procedure.field, 0) + 1
    letters: dict[str, list[tuple[str, int]]] = {}
    for field in sorted(counts, key=lambda name: (_letter_rank(name), bare(name), name)):
        letters.setdefault(field[0].upper(), []).append((field, counts[field]))
    return list(letters.items())


def _letter_rank(name: str) -> int:
    return "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY".find(name[0].upper())


def _procedures(
    hits: Sequence[dict[str, Any]], catalogue: Catalogue, level: str, field: str, shows_law: bool
) -> tuple[tuple[Procedure, str, str], ...]:
    """``shows_law``: a list of laws explains a find only to those who asked for a number."""
    telling = _first_of_each([hit for hit in hits if shows_law or hit["section"] != LAW], "code")
    passage = {hit["code"]: (hit["section"], hit["text"]) for hit in telling}
    rows = []
    for hit in _first_of_each(hits, "code"):
        procedure = catalogue.get(hit["code"]) if hit["code"] else None
        if procedure is not None and fits(procedure, level, field):
            rows.append((procedure, *passage.get(hit["code"], ("", ""))))
    return tuple(rows[:N_PROCEDURES])


def _first_of_each(hits: Sequence[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    firsts: dict[str, dict[str, Any]] = {}
    for hit in hits:
        firsts.setdefault(hit[key], hit)
    return list(firsts.values())


def _by_name(asked: str, catalogue: Catalogue, level: str, field: str) -> tuple[tuple[Procedure, str, str], ...]:
    return tuple((procedure, "", "") for procedure in catalogue.list(asked, field, level, 0, N_PROCEDURES).items)
