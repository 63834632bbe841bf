"""Search, top to bottom: normalise, restore, encode, score, fuse, rank, judge, cut."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Protocol

import numpy as np

from knowledge.index.store import SearchIndex
from knowledge.index.terms import bare_terms, bare_words, marked_terms
from knowledge.model import (
    FamilyOption,
    Hit,
    Kind,
    Passage,
    Procedure,
    ProcedureHit,
    QueryForms,
    SearchResult,
    Verdict,
)
from knowledge.retrieval.config import SearchConfig
from knowledge.retrieval.dense_cosines import DenseLookup
from knowledge.retrieval.exact import ExactMatch, ExactNumbers
from knowledge.retrieval.fusion import scaled_cosine
from knowledge.retrieval.judge import JudgeWeights, features_of, judge, load_judge
from knowledge.retrieval.matching import telling_terms
from knowledge.retrieval.plans import PlanRanker
from knowledge.retrieval.ranker import ProcedureRanker
from knowledge.retrieval.signs import SignFinder, Signs
from knowledge.retrieval.term_weights import HeldWords, TermWeights, compare_held
from knowledge.retrieval.types import Query
from nlu.courtesies import without_courtesies
from nlu.denials import without_denied
from nlu.entities import extract_entities
from nlu.frames import matter_of, telling_words
from nlu.normalizer import expand_abbreviations, has_diacritics, normalise
from nlu.reading import Reader
from nlu.tokenizer import syllables

_RANKED = 50  # procedures that are looked at closely
_PLANS_RANKED = 20  # plan passages, unless more are asked for
_MAX_QUESTION = 2000  # characters; what is longer adds nothing to a search


class QueryEncoder(Protocol):
    """What search needs of an encoder (nlu/encoder.py)."""

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...


class Searcher:
    """Searches one loaded index. Stateless between calls; safe to call from several threads."""

    def __init__(
        self,
        index: SearchIndex,
        encoder: QueryEncoder,
        config: SearchConfig,
        judge_weights: JudgeWeights | None = None,
    ) -> None:
        """``judge_weights`` are those of judge.yml unless given."""
        self.index = index
        self.config = config
        self._encoder = encoder
        self._reader = Reader(index.restorer)
        self._plans = PlanRanker(index, config)
        self._dense = DenseLookup(index, config.candidates, self._plans.finder)
        self._exact = ExactNumbers(index.procedures, index.plans, config.candidates.legal_and_form)
        self._row_of = {p.code: row for row, p in enumerate(index.procedures)}
        self._rows_of = _rows_by_record(index.passages[: index.manifest.n_passages])
        words = [
            _words_of([index.passages[row] for row in self._rows_of.get(p.code, ())], p.aliases)
            for p in index.procedures
        ]
        self._held = HeldWords(words)
        self._held_by_plans = HeldWords(_words(f"{p.title} {p.section} {p.text}") for p in self._plans.passages)
        self._weights = TermWeights.of(self._held, self._held_by_plans)
        self.ranker = ProcedureRanker(index, config, self._weights)
        self.signs = SignFinder(index, self._weights)
        self._judge = judge_weights or load_judge()

    def search(
        self, question: str, top_k: int = 10, kinds: Iterable[Kind] | None = None, as_of: date | None = None
    ) -> SearchResult:
        """Find passages and procedures for a question.

        Args:
            question: as typed; any Unicode form, at most 2,000 characters are read.
            top_k: most hits returned.
            kinds: only these kinds of record; None for all.
            as_of: plans whose period had ended before that day are left out; None keeps them.

        Returns:
            Hits at or above ``thresholds.hit`` and the next ``near_misses`` below it; with nothing found
            both are empty.
        """
        stages: dict[str, float] = {}
        wanted = set(kinds) if kinds is not None else {"procedure", "plan", "faq"}
        with _timed(stages, "normalise"):
            forms = self.query_forms(question[:_MAX_QUESTION])
            exact = self._exact.find(extract_entities(forms.normalised))
        if not bare_terms(forms.restored):
            return SearchResult(forms, (), (), (), False, 0.0, stages)
        with _timed(stages, "encode"):
            query = self._prepare(forms)
        with _timed(stages, "rank"):
            # Plans first: most of their work is on words, and titles take the longest to be looked up.
            n_plans = max(_PLANS_RANKED, top_k + self.config.near_misses)
            plan_hits = self._rank_plans(query, exact, as_of, n_plans) if "plan" in wanted else []
            procedures = self._rank_procedures(query, exact) if "procedure" in wanted else []
        with _timed(stages, "judge"):
            signs = self.signs.find(query) if procedures else Signs()
            verdict = self._verdict(query, procedures, exact, signs)
            hits, near = self._cut(query, procedures, plan_hits, top_k)
        return SearchResult(
            query=forms,
            hits=hits,
            near_misses=near,
            procedures=tuple(procedures),
            exact=bool(exact.rows),
            confidence=verdict.answer if verdict else 0.0,
            stages_ms=stages,
            plan_hits=tuple(plan_hits),
            family=signs.family,
            outside=signs.outside,
            event=signs.event,
            verdict=verdict,
        )

    def query_forms(self, question: str) -> QueryForms:
        """The question normalised with abbreviations written out, its opening and closing ("em chào anh chị …, em cảm
        ơn") left away, and as it is most likely to be read: slips mended, diacritics restored, regional words in their standard form, what is denied left away;
        a doubtful one in a second reading too."""
        normalised = without_courtesies(expand_abbreviations(normalise(question)))
        first, *others = self._reader.readings(normalised, n=2)
        is_doubtful = bool(others) and first.probability < self.config.reading.doubtful_below
        second = without_denied(others[0].search_text) if is_doubtful else ""
        return QueryForms(question, normalised, without_denied(first.search_text), second)

    def resolve_exact(self, question: str) -> ExactMatch:
        """What the codes, document numbers and forms in a question point to."""
        return self._exact.find(extract_entities(normalise(question)))

    def coverage(self, question: str, text: str) -> float:
        """Share 0..1 of a question's weight whose syllables stand in ``text``; diacritics do not count."""
        return self._weights.coverage(_words(question), _words(text))

    def option_meant(self, answer: str, options: Sequence[FamilyOption]) -> tuple[int, float, bool]:
        """Position of the option that an answer names best, its lead 0..1 in weight of words over the next, and
        whether no other option has a word of the answer to itself."""
        option, lead, is_only = self.signs.facets.answered(options, telling_terms(answer))
        return list(options).index(option), lead, is_only

    def option_shares(self, answer: str, options: Sequence[FamilyOption]) -> list[float]:
        """For each option 0..1: the answer's weight of words that stands in its own."""
        return self.signs.facets.shares(options, telling_terms(answer))

    def procedure(self, code: str) -> Procedure | None:
        """The procedure with this code, None when the index has none."""
        row = self._row_of.get(code)
        return None if row is None else self.index.procedures[row]

    def record_coverage(self, words: Sequence[str], code: str) -> float:
        """Share 0..1 of the words' weight that stands in one procedure's record; 0 for an unknown code."""
        row = self._row_of.get(code)
        if row is None:
            return 0.0
        coverage, _ = self._held.compare(self._weights.weigh(_words(" ".join(words))), [row])
        return float(coverage[0])

    def texts_of(self, code: str) -> tuple[str, ...]:
        """Names and passages of one procedure; () for an unknown code."""
        procedure = self.procedure(code)
        if procedure is None:
            return ()
        passages = (self.index.passages[row] for row in self._rows_of.get(code, ()))
        return (procedure.name, *procedure.aliases, *(f"{p.title} {p.section} {p.text}" for p in passages))

    def is_spelled_in(self, question: str, texts: Iterable[str]) -> bool:
        """Whether every word of the question's matter stands in ``texts`` as it was typed: "giả" is no "gia"."""
        held = {word for text in texts for word in syllables(text.lower())}
        return held.issuperset(telling_words(matter_of(self.query_forms(question).normalised)))

    def share_of_vietnamese_words(self, question: str) -> float:
        """Part 0..1 of the question's words that are Vietnamese syllables; 1 where too few words could tell."""
        if has_diacritics(question):
            return 1.0
        words = [w for w in bare_words(expand_abbreviations(normalise(question))) if w.isalpha()]
        return sum(self.index.restorer.is_vietnamese(w) for w in words) / len(words) if len(words) >= 4 else 1.0

    def prepare(self, question: str) -> Query:
        """A question ready for scoring; for tuning, which looks at the signals one by one."""
        return self._prepare(self.query_forms(question))

    def rank_procedures(self, query: Query) -> list[ProcedureHit]:
        """Procedures ranked for a prepared query, exact numbers left aside."""
        return self._rank_procedures(query, ExactMatch())

    def rank_all(self, query: Query) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Fused score (n_procedures,) of every procedure and the raw scores of each signal: those of the likeliest
        reading; procedures that a doubtful question's second reading names better keep that reading's."""
        fused, raw = self.ranker.rank(query)
        if not query.forms.second:
            return fused, raw
        second = self._prepare(replace(query.forms, restored=query.forms.second))
        its_fused, its_raw = self.ranker.rank(replace(second, hidden_titles=query.hidden_titles))
        is_better = its_fused > fused
        raw = {name: np.where(is_better, its_raw[name], scores) for name, scores in raw.items()}
        return np.where(is_better, its_fused, fused), raw

    def best_passage(self, passage_scores: np.ndarray, code: str) -> Passage:
        """A procedure's passage with the highest of ``passage_scores``: (n_passages,) or longer, by row of the index."""
        rows = self._rows_of[code]
        return self.index.passages[rows.start + int(passage_scores[rows.start : rows.stop].argmax())]

    def _prepare(self, forms: QueryForms) -> Query:
        matter = matter_of(forms.restored)
        vectors = self._encoder.encode_queries([forms.restored, matter])
        return Query(
            forms=forms,
            matter=matter,
            vectors=vectors,
            dense=self._dense.start(vectors),
            bare=tuple(bare_terms(forms.restored)),
            marked=tuple(marked_terms(forms.restored)),
            matter_bare=tuple(bare_terms(matter)),
            telling=tuple(telling_terms(matter)),
        )

    def _rank_procedures(self, query: Query, exact: ExactMatch) -> list[ProcedureHit]:
        if not self.index.procedures:
            return []
        fused, raw = self.rank_all(query)
        order = np.argsort(-fused, kind="stable")[:_RANKED].tolist()
        if exact.rows:
            first = sorted(exact.rows, key=lambda row: -fused[row])
            order = (first + [row for row in order if row not in exact.rows])[:_RANKED]
        holders = self.ranker.title_words.holders(query)
        overlap, missing = self._held.compare(self._weights.weigh(query.telling), order)
        pairs, no_pair = compare_held(self._weights.weigh_pairs(query.telling), order, partial(self._holders_of_pair, query))
        hits = []
        for n, row in enumerate(order):
            signals = {name: float(scores[row]) for name, scores in raw.items()}
            signals["fused"] = float(fused[row])
            signals["overlap"], signals["rarest_missing"] = float(overlap[n]), float(missing[n])
            signals["pairs_held"], signals["rarest_pair_missing"] = float(pairs[n]), float(no_pair[n])
            signals["exact"] = float(row in exact.rows)
            signals["holds_matter"] = float(row in holders)
            hits.append(ProcedureHit(self.index.procedures[row], absolute_score(signals), signals))
        return hits

    def _holders_of_pair(self, query: Query, pair: str) -> np.ndarray:
        """Rows of the procedures whose names or records hold a pair of syllables: int32, ascending."""
        return np.union1d(self.index.bm25_bodies.holders(pair), self.ranker.title_words.holders_of_pair(query, pair))

    def _rank_plans(self, query: Query, exact: ExactMatch, as_of: date | None, n: int) -> list[Hit]:
        ranked = self._plans.rank(query, exact.plan_ids)
        order = np.argsort(-ranked.fused, kind="stable")
        if as_of:
            is_expired = np.array([plan.is_expired(as_of) for plan in self.index.plans], dtype=bool)
            order = order[~is_expired[self._plans.plan_of(ranked.rows[order])]]
        order = order[:n]
        overlap, _ = self._held_by_plans.compare(self._weights.weigh(_unigrams(query.bare)), ranked.rows[order])
        hits = []
        for i, held in zip(order.tolist(), overlap.tolist(), strict=True):
            passage = self._plans.passages[int(ranked.rows[i])]
            signals = {
                "fused": float(ranked.fused[i]),
                "title_dense": float(ranked.cosines[i]),
                "overlap": held,
                "exact": float(passage.record_id in exact.plan_ids),
            }
            hits.append(Hit(passage, absolute_score(signals), signals))
        return hits

    def _verdict(
        self,
        query: Query,
        procedures: Sequence[ProcedureHit],
        exact: ExactMatch,
        signs: Signs,
    ) -> Verdict | None:
        if exact.rows:
            return Verdict(1.0, 0.0, 0.0)
        if not procedures:
            return None
        return judge(features_of(query, procedures, signs.family, signs.outside), self._judge)

    def _cut(
        self,
        query: Query,
        procedures: Sequence[ProcedureHit],
        plan_hits: Sequence[Hit],
        top_k: int,
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """One list of passages: each procedure's best passage and the plan passages, order within a kind kept."""
        merged = _merge_by_score(procedures, plan_hits)
        n_kept = min(sum(hit.score >= self.config.thresholds.hit for hit in merged), top_k)
        merged.sort(key=lambda hit: hit.score < self.config.thresholds.hit)  # stable: order within kept and rest
        passage_scores = self.index.bm25_passages.scores(query.bare)  # all at once costs less than each record's few
        shown = [self._as_passage(passage_scores, hit) for hit in merged[: n_kept + self.config.near_misses]]
        return tuple(shown[:n_kept]), tuple(shown[n_kept:])

    def _as_passage(self, passage_scores: np.ndarray, hit: ProcedureHit | Hit) -> Hit:
        """A procedure's passage that holds most of the question; a plan's hit as it is."""
        if isinstance(hit, Hit):
            return hit
        return Hit(self.best_passage(passage_scores, hit.procedure.code), hit.score, hit.signals)


def absolute_score(signals: dict[str, float]) -> float:
    """0..1, comparable between queries and kinds: half cosine (scaled from the range e5 uses), half words held."""
    if signals.get("exact"):
        return 1.0
    return 0.5 * float(scaled_cosine(signals["title_dense"], most=1.0)) + 0.5 * signals["overlap"]


def _merge_by_score(
    first: Sequence[ProcedureHit], second: Sequence[Hit]
) -> list[ProcedureHit | Hit]:
    """Merge two ranked lists: at each step the head with the higher score, so neither list is reordered."""
    merged, i, j = [], 0, 0
    while i < len(first) or j < len(second):
        if j >= len(second) or (i < len(first) and first[i].score >= second[j].score):
            merged.append(first[i])
            i += 1
        else:
            merged.append(second[j])
            j += 1
    return merged


def _rows_by_record(passages: Sequence[Passage]) -> dict[str, range]:
    """Where each record's passages lie; they are neighbours in an index."""
    rows: dict[str, range] = {}
    for row, passage in enumerate(passages):
        start = rows[passage.record_id].start if passage.record_id in rows else row
        rows[passage.record_id] = range(start, row + 1)
    return rows


def _words_of(passages: Sequence[Passage], aliases: Sequence[str]) -> frozenset[str]:
    title = passages[0].title if passages else ""
    return _words(" ".join([title, *aliases, *(f"{p.section} {p.text}" for p in passages)]))


def _unigrams(terms: Iterable[str]) -> frozenset[str]:
    return frozenset(t for t in terms if "_" not in t)


def _words(text: str) -> frozenset[str]:
    return frozenset(bare_words(text))


@contextmanager
def _timed(stages: dict[str, float], name: str):
    start = time.perf_counter()
    yield
    stages[name] = round((time.perf_counter() - start) * 1000, 2)
