"""Ranking of plan passages: which document is meant, which passage of it, and whether one line there holds the fact.

Words that every passage of a plan shares (its place, its subject) say which plan is meant but nothing about the
passage, so a word weighs by how few passages *of that plan* hold it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from math import log

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.index.terms import bare_terms, bare_words
from knowledge.model import Passage, Plan
from knowledge.retrieval.config import SearchConfig
from knowledge.retrieval.fusion import fuse, min_max
from knowledge.retrieval.passages import PassageFinder
from knowledge.retrieval.plan_cues import (
    CUES,
    asked_for,
    clearness,
    cues_in,
    defined_in,
    is_definition,
    plan_terms,
)
from knowledge.retrieval.term_weights import is_among
from knowledge.retrieval.types import Query

# Parts of the four weighted signals; search.yml weighs the signals. All of them lie on a plateau: half or double of
# any one moves at most two of 100 questions.
_DENSE = 1.4
_BM25, _WORDS = 0.5, 1.5
_MARKS, _SUBJECT = 0.6, 1.0
_HEADING, _CUES = 1.0, 0.6
_LINE, _LINE_CUES, _LOOKED_AT = 1.0, 0.6, 8
_CANDIDATES = 500  # nearest and best by words each, where there are too many passages to compare all
_KEPT_LINES = 500  # passages whose lines are kept read: some hundred bytes a line
_RARENESS = 1.5  # power of a word's weight: rare words count for more than many common ones
_IN_TITLE = 0.5  # of a word's weight where it stands in the plan's own title
_LEAST = 0.05  # weight of a heading's word that every passage of the plan holds
_AS_WELL = 0.2  # fused score below the best at which a passage answers as well
_PREAMBLE = -0.15  # legal grounds name everything and answer little

_NUMBERING = re.compile(r"^(?:Phụ lục [\w.]+|Điều [\w.]+|[IVX\d][\w.]*|[A-E])\. ")
_AGENCY = re.compile(
    r"(?:Đề nghị |Các |Giao )*(?:Sở|Phòng|Ban|Văn phòng|UBND|[ỦU]ỷ? ?ban|Ủy ban|Công an|Bộ|Trung tâm|Đài|Báo|Trường|Cục|"
    r"Chi cục|Hội|Liên|Đoàn|Thành đoàn|Mặt trận|Thanh tra|Kho bạc|Ngân hàng|Thuế|Tòa án|Viện)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RankedPassages:
    """Plan passages that were looked at, rows ascending, with fused score and cosine (float32, all of one length)."""

    rows: np.ndarray
    fused: np.ndarray
    cosines: np.ndarray


@dataclass(frozen=True)
class _Term:
    """A word or pair of the question: passages that hold it, and its weight in each plan."""

    rows: np.ndarray
    weights: np.ndarray


class PlanRanker:
    """Scores the plan passages of an index: all of them, or of very many those that the first stage finds."""

    def __init__(self, index: SearchIndex, config: SearchConfig) -> None:
        self._index = index
        self._weights = config.plan_weights.model_dump()
        self.passages = index.passages[index.manifest.n_passages :]
        n_candidates = config.candidates.plan_passages if len(self.passages) <= config.candidates.plan_passages else _CANDIDATES
        self.finder = PassageFinder(index.dense_plans, index.bm25_plans, n_candidates)
        plan_rows = {plan.id: i for i, plan in enumerate(index.plans)}
        self._plan_of_passage = np.array([plan_rows[p.record_id] for p in self.passages], dtype=np.int32)
        self._rows_of_plan = _ranges(self._plan_of_passage, len(index.plans))
        self._sizes = np.bincount(self._plan_of_passage, minlength=len(index.plans)).astype(np.float32)
        self._headings = _Headings(self.passages)
        self._cues = np.array([cues_in(p.text) for p in self.passages], dtype=np.float32).reshape(-1, len(CUES))
        self._defined = [defined_in(p.text) for p in self.passages]
        self._prior = np.array([_PREAMBLE * p.text.startswith("Căn cứ ") for p in self.passages], dtype=np.float32)
        self._issued = [plan.issued_on or date.min for plan in index.plans]
        self._marks = [_marks_of(plan) for plan in index.plans]
        self._titled = _rows_by_term(bare_terms(plan.title) for plan in index.plans)
        self._lines_of = lru_cache(maxsize=_KEPT_LINES)(self._read_lines)

    def rank(self, query: Query, named: tuple[str, ...]) -> RankedPassages:
        """Score the passages that may be meant.

        Args:
            named: ids of plans whose number stands in the question; their passages are among those scored.
        """
        if not len(self.passages):
            return RankedPassages(np.zeros(0, dtype=np.int64), *np.zeros((2, 0), dtype=np.float32))
        terms = self._terms(query)
        asked = asked_for(query.forms.restored)
        also = [rows for plan, rows in zip(self._index.plans, self._rows_of_plan, strict=True) if plan.id in named]
        of_documents, of_headings = self._document_match(query, named), self._heading_match(query)
        found = self.finder.candidates(query.vectors[0], query.bare, query.dense.plans, also)
        rows = found.rows
        fused = fuse(
            {
                "dense": _DENSE * min_max(found.cosines),
                "bm25": _BM25 * min_max(found.bm25) + _WORDS * self._words_held(terms, rows),
                "document": of_documents[self.plan_of(rows)],
                "section": _HEADING * of_headings[rows] + _CUES * self._cues_held(query, asked, rows),
            },
            self._weights,
        )
        fused = self._with_best_lines(rows, fused + self._prior[rows], terms, asked)
        if is_definition(query.forms.restored) and not named:
            fused = self._newest_first(rows, fused)
        return RankedPassages(rows, fused, found.cosines)

    def plan_of(self, rows: np.ndarray) -> np.ndarray:
        """Position of each passage's plan in the index, by its row among plan passages."""
        return self._plan_of_passage[rows]

    def _terms(self, query: Query) -> dict[str, _Term]:
        """The question's telling terms that any passage holds.

        In a plan that lacks a term it weighs as in the whole collection and so counts against all its passages.
        """
        n, found = len(self.passages), {}
        for term in plan_terms(query.forms.restored, query.bare):
            rows = self._index.bm25_plans.holders(term)
            if not len(rows):
                continue
            holders = np.bincount(self._plan_of_passage[rows], minlength=len(self._sizes))
            within = np.log((self._sizes + 1) / (holders + 0.5))
            weights = np.where(holders > 0, within, log((n + 1) / (len(rows) + 0.5))) ** _RARENESS
            weights[self._titled.get(term, [])] *= _IN_TITLE
            found[term] = _Term(rows, weights.astype(np.float32))
        return found

    def _words_held(self, terms: Mapping[str, _Term], rows: np.ndarray) -> np.ndarray:
        """For each of ``rows`` 0..1: weight of the terms it holds beside the weight of all."""
        held = np.zeros(len(rows), dtype=np.float32)
        possible = np.full(len(self._sizes), 1e-6, dtype=np.float32)
        plans = self.plan_of(rows)
        wanted = rows.astype(np.int32)  # as the terms' own rows are
        for term in terms.values():
            possible += term.weights
            held += np.where(is_among(wanted, term.rows), term.weights[plans], np.float32(0))
        return held / possible[plans]

    def _heading_match(self, query: Query) -> np.ndarray:
        """Per passage 0..1: how far its heading, or one agency in it, stands in the question ("V.7. Sở Tài chính").

        Words weigh as within the plan, so "thực hiện" says little; the share counts squared, for every heading has a
        word or two in common with a question.
        """
        words = plan_terms(query.forms.restored, query.bare, keep_asking=True)
        return self._headings.best_shares(words) ** 2

    def _cues_held(self, query: Query, asked: Set[str], rows: np.ndarray) -> np.ndarray:
        """For each of ``rows``: how clearly it shows what is asked for, 0..1; and 1 where it writes out what is to be defined."""
        columns = [CUES.index(name) for name in asked]
        shown = self._cues[rows][:, columns].mean(axis=1) if columns else np.zeros(len(rows), dtype=np.float32)
        if is_definition(query.forms.restored):
            words = frozenset(bare_words(query.forms.original))  # a short form is easily mended away
            shown = shown + np.array([bool(words & self._defined[row]) for row in rows.tolist()], dtype=np.float32)
        return shown

    def _with_best_lines(self, rows: np.ndarray, fused: np.ndarray, terms: Mapping[str, _Term], asked: Set[str]) -> np.ndarray:
        """Scores with what the best line of each leading passage holds, under its heading, added.

        A fact stands in one line; a passage whose words are spread over many lines only seems to hold it.
        """
        out = fused.copy()
        for i in np.argsort(-fused, kind="stable")[:_LOOKED_AT].tolist():
            row = int(rows[i])
            plan = self._plan_of_passage[row]
            weights = {name: float(term.weights[plan]) for name, term in terms.items()}
            out[i] += _LINE * _best_line(self._lines_of(row), weights, asked)
        return out

    def _newest_first(self, rows: np.ndarray, fused: np.ndarray) -> np.ndarray:
        """Scores with the passage of the newest plan in front of those that answer as well: what a term means ("chỉ số
        PAPI là gì") several plans write out."""
        if not len(rows):
            return fused
        equals = np.flatnonzero(fused >= fused.max() - _AS_WELL)
        newest = max(equals.tolist(), key=lambda i: (self._issued[self._plan_of_passage[rows[i]]], float(fused[i])))
        out = fused.copy()
        out[newest] = max(out[newest], fused.max() + 1e-3)
        return out

    def _read_lines(self, row: int) -> tuple[tuple[str, frozenset[str]], ...]:
        """A passage's lines, each with its terms and those of the heading above it."""
        passage = self.passages[row]
        heading = set(bare_terms(passage.section))
        return tuple((line, frozenset(heading.union(bare_terms(line)))) for line in passage.text.split("\n"))

    def _document_match(self, query: Query, named: tuple[str, ...]) -> np.ndarray:
        """Per plan: the most that can be when named by number, else how far place, year and title stand in the question."""
        terms = frozenset(query.bare)
        subject = self._title_share(plan_terms(query.forms.restored, query.bare))
        out = np.zeros(len(self._index.plans), dtype=np.float32)
        for i, (plan, marks) in enumerate(zip(self._index.plans, self._marks, strict=True)):
            if plan.id in named:
                out[i] = _MARKS + _SUBJECT
            else:
                out[i] = _MARKS * sum(mark in terms for mark in marks) / max(len(marks), 1) + _SUBJECT * subject[i]
        return out

    def _title_share(self, terms: Sequence[str]) -> np.ndarray:
        """Per plan 0..1: weight of the terms in its title beside the weight of those that stand in any title."""
        n, total = len(self._index.plans), 0.0
        share = np.zeros(n, dtype=np.float32)
        for term in terms:
            rows = self._titled.get(term, [])
            if rows:
                weight = log((n + 1) / (len(rows) + 0.5))
                share[rows] += weight
                total += weight
        return share / total if total else share


class _Headings:
    """Words of each passage's heading, and of each agency named in it, weighed within the plan."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Passages of one plan are neighbours."""
        self._n_passages = len(passages)
        rows: list[int] = []
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        row = 0
        for _, group in groupby(passages, key=lambda p: p.record_id):
            of_plan = list(group)
            weights = _weights_within(of_plan)
            for passage in of_plan:
                for words in _heading_parts(passage.section):
                    total = sum(weights[word] for word in set(words))
                    for word in set(words):
                        postings[word].append((len(rows), weights[word] / total))
                    rows.append(row)
                row += 1
        self._passage_of_part = np.array(rows, dtype=np.int64)
        self._parts_with = {
            word: (np.array([part for part, _ in found]), np.array([share for _, share in found], dtype=np.float32))
            for word, found in postings.items()
        }

    def best_shares(self, words: Iterable[str]) -> np.ndarray:
        """float32 (n_passages,) 0..1: the best part's share of weight that stands among the words."""
        shares = np.zeros(len(self._passage_of_part), dtype=np.float32)
        for word in words:
            if word in self._parts_with:
                parts, of_word = self._parts_with[word]
                shares[parts] += of_word
        best = np.zeros(self._n_passages, dtype=np.float32)
        np.maximum.at(best, self._passage_of_part, shares)
        return np.minimum(best, 1.0)


def _ranges(owners: np.ndarray, n_owners: int) -> list[range]:
    """Rows of each owner; those of one owner are neighbours."""
    return [range(start, end) for start, end in pairwise(np.searchsorted(owners, np.arange(n_owners + 1)).tolist())]


def _rows_by_term(texts: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """Which of the texts, by number and rising, hold each term."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, terms in enumerate(texts):
        for term in set(terms):
            found[term].append(row)
    return dict(found)


def _weights_within(passages: Sequence[Passage]) -> dict[str, float]:
    held = Counter(word for p in passages for word in set(bare_words(f"{p.section} {p.text}")))
    return {word: max(log((len(passages) + 1) / (n + 0.5)), _LEAST) for word, n in held.items()}


def _heading_parts(section: str) -> list[list[str]]:
    title = _NUMBERING.sub("", section)
    agencies = [part for part in re.split(r"[,;(]| và ", title) if _AGENCY.match(part.strip())]
    parts = ([w for w in bare_words(part) if w.isalpha()] for part in (title, *agencies))
    return [words for words in parts if len(words) >= 2]


def _best_line(lines: Iterable[tuple[str, Set[str]]], weights: Mapping[str, float], asked: Set[str]) -> float:
    total = sum(weights.values())
    best = 0.0
    for line, terms in lines:
        held = sum(w for term, w in weights.items() if term in terms) / total if total else 0.0
        best = max(best, held + _LINE_CUES * clearness(line, asked))
    return best


def _marks_of(plan: Plan) -> tuple[str, ...]:
    """Terms that tell this plan from others: its place as a pair of syllables, and its year."""
    place = [t for t in bare_terms(plan.place) if "_" in t][-1:]
    year = [str(plan.issued_on.year)] if plan.issued_on else []
    return tuple(place + year)
