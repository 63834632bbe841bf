"""Which option of a family a text names: "mất bằng lái" beside "còn bằng nhưng hư" and "bị mất"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from knowledge.model import Family, FamilyOption
from knowledge.retrieval.matching import telling_terms
from knowledge.retrieval.term_weights import TermWeights

_WORDS_KEPT = 500  # families whose words are kept read


class FacetReader:
    """Compares texts with the options of families; safe to call from several threads."""

    def __init__(self, weights: TermWeights) -> None:
        self._weights = weights
        self._option_terms = lru_cache(maxsize=_WORDS_KEPT)(_option_terms)
        self._matter_terms = lru_cache(maxsize=_WORDS_KEPT)(_matter_terms)

    def named(self, family: Family, telling: Sequence[str]) -> tuple[FamilyOption, float, bool]:
        """The option that a question about the family names best, and by how much.

        Args:
            telling: bare syllables of the question's matter (knowledge/retrieval/matching.py).

        Returns:
            The option and its lead 0..1 over the next one: shares of the question's weight that stand in the option's
            words and not in the family's own; 0 where no option is named more than another. And whether no other option
            shares a word with the question.
        """
        said = _with_pairs(telling)
        return self._best(family.options, said - self._matter_terms(family), said)

    def answered(self, options: Sequence[FamilyOption], telling: Sequence[str]) -> tuple[FamilyOption, float, bool]:
        """The same for an answer to the family's question, which leaves the matter out: by words that stand in one option
        alone; and whether no other option has such a word of the answer."""
        said, options = _with_pairs(telling), tuple(options)
        total = sum(map(self._weight, said))
        held = [said & terms for terms in self._option_terms(options)]
        own = [sum(self._weight(t) for t in terms if sum(t in h for h in held) == 1) for terms in held]
        return _leading(options, [weight / total if total else 0.0 for weight in own])

    def shares(self, options: Sequence[FamilyOption], telling: Sequence[str]) -> list[float]:
        """For each option 0..1: the share of an answer's weight that stands in its words."""
        said = _with_pairs(telling)
        return self._shares(tuple(options), said, said)

    def _best(
        self, options: tuple[FamilyOption, ...], facet: set[str], said: set[str]
    ) -> tuple[FamilyOption, float, bool]:
        return _leading(options, self._shares(options, facet, said))

    def _shares(self, options: tuple[FamilyOption, ...], facet: set[str], said: set[str]) -> list[float]:
        """A word that several options hold counts for each in part."""
        total = sum(map(self._weight, said))
        held = [facet & terms for terms in self._option_terms(options)]
        return [sum(self._weight(t) / sum(t in h for h in held) for t in own) / total if total else 0.0 for own in held]

    def _weight(self, term: str) -> float:
        """A pair of syllables says what neither does alone ("lần đầu" beside "lần nữa")."""
        return sum(map(self._weights.weight, term.split("_")))


def _leading(options: Sequence[FamilyOption], shares: Sequence[float]) -> tuple[FamilyOption, float, bool]:
    """The option with the largest share, its lead over the next, and whether no other has any."""
    order = sorted(range(len(shares)), key=lambda i: -shares[i])
    second = shares[order[1]] if len(order) > 1 else 0.0
    return options[order[0]], shares[order[0]] - second, second == 0.0


def _option_terms(options: tuple[FamilyOption, ...]) -> tuple[frozenset[str], ...]:
    return tuple(_terms((option.label, *option.words)) for option in options)


def _matter_terms(family: Family) -> frozenset[str]:
    return _terms((family.matter, *family.names))


def _terms(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(term for text in texts for term in _with_pairs(telling_terms(text)))


def _with_pairs(words: Sequence[str]) -> set[str]:
    return {*words, *(f"{a}_{b}" for a, b in pairwise(words))}
