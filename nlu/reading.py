"""How a typed question may be read: misspelt words, missing spaces and missing marks resolved together.

One model does it all. Every typed word opens arcs in a lattice, from itself to what it may have been meant to
be (``nlu/spelling.py``), each with what the slip costs; the pairs of syllables of the restorer say how well
words follow each other. The best paths through the lattice are the readings. A word that exists and goes with a
neighbour is never questioned, and codes, numbers, forms, addresses and names in capitals are not looked at.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nlu.abbreviations import is_protected
from nlu.diacritics import START, Restorer, bare, share_of_marked_syllables
from nlu.entities import extract_entities
from nlu.regional import is_regional, standard_wording
from nlu.spelling import Speller, load_slips
from nlu.syllables import decode_keys, is_syllable

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.;:!?\n]")
_TYPED_WITHOUT_MARKS = 0.45  # share of marked syllables up to which a text counts as typed without diacritics
_SURE_SLIP = 0.8  # probability from which a text that is well typed is changed all the same
_WELL_MARKED = 0.6  # share of marked syllables from which a text is taken to have all its marks
_MORE_MARKS = 2.0  # by how much a missing mark costs more in a text with all its marks than in one with half
_FAR_MORE = 50.0
_BEAM = 16  # states kept at each place of the lattice
_HOPELESS = 9.0  # a reading this many nats behind the best is not looked for
_MAX_STEPS = 3000
_COMPARED = 8  # readings that share the probability
_MAX_PART = 7  # letters of the longest syllable, "nghiêng"
_MAX_GLUED = 60  # letters of the longest word in which missing spaces are looked for


@dataclass(frozen=True)
class Reading:
    """One way to read a question.

    Attributes:
        text: the question spelt out; may be shown.
        search_text: the same with regional words in standard Vietnamese: for searching, never shown.
        probability: 0..1 among the readings looked at; measured to be honest (docs/decisions/0008-normalising.md).
    """

    text: str
    search_text: str
    probability: float


class _Arc(NamedTuple):
    start: int
    end: int
    word: str
    cost: float
    stop: int  # where the characters that it replaces end; ``end`` is where the next word begins


class Reader:
    """Reads questions by the words of one restorer. Stateless between calls; safe in several threads."""

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer
        self._speller = Speller(restorer)
        self._costs = load_slips().costs

    def readings(self, text: str, n: int = 3) -> list[Reading]:
        """The likeliest readings of a question, best first.

        Args:
            text: normalised, abbreviations written out.
            n: most readings returned; fewer where there is no doubt.

        Returns:
            At least one; with nothing to correct, the text itself with probability 1.
        """
        text = _quietened(text)
        lattice = _Lattice(text, self._restorer, self._speller, self._costs)
        if not lattice.words:
            return [Reading(text, text, 1.0)]
        paths = lattice.best_paths(max(n, _COMPARED))
        weights = [math.exp(score - paths[0][0]) for score, _ in paths]
        found = [
            Reading(spelt, standard_wording(spelt), weight / sum(weights))
            for (_, spelt), weight in zip(paths[:n], weights, strict=False)
        ]
        if found[0].text != text and found[0].probability < _SURE_SLIP and _is_well_typed(text):
            return [Reading(text, standard_wording(text), 1 - found[0].probability), *found[: n - 1]]
        return found

    def read(self, text: str) -> Reading:
        """The likeliest reading."""
        return self.readings(text, 1)[0]


def _is_well_typed(text: str) -> bool:
    """Whether a text has its marks and nothing but syllables of Vietnamese: only a reading that is nearly certain
    changes it, since words which the knowledge has not seen are as frequent as slips that make another word."""
    words = [w for w in _WORD.findall(text.lower()) if w.isalpha()]
    return share_of_marked_syllables(text) >= _WELL_MARKED and all(is_syllable(w) for w in words)


class _Lattice:
    """The arcs over one text and the search for its best paths."""

    def __init__(self, text: str, restorer: Restorer, speller: Speller, costs: dict[str, float]) -> None:
        self._text = text
        self._restorer = restorer
        self._speller = speller
        self._costs = costs
        self.words = list(_WORD.finditer(text))
        self._lower = [match.group().lower() for match in self.words]
        share = share_of_marked_syllables(text)
        self._is_bare_text = share <= _TYPED_WITHOUT_MARKS
        self._bare_scale = 1.0 + _MORE_MARKS * min(max((share - _TYPED_WITHOUT_MARKS) / 0.35, 0.0), 1.0)
        self._starts = [match.start() for match in self.words] + [len(text)]
        self._breaks = {
            b.start() for a, b in zip(self.words, self.words[1:], strict=False) if _BREAK.search(text[a.end() : b.start()])
        } | set(self._starts[:1])
        self._protected = self._find_protected()
        self._into: dict[int, dict[str, list[_Arc]]] = defaultdict(dict)
        for index in range(len(self.words)):
            for arc in self._arcs(index):
                self._into[arc.end].setdefault(arc.word, []).append(arc)

    # Arcs.

    def _find_protected(self) -> frozenset[int]:
        spans = _named_spans(self._text)
        titled = sum(not match.group()[0].islower() for match in self.words)
        has_names = not self._is_bare_text and titled < len(self.words)
        found = set()
        for index, match in enumerate(self.words):
            word = match.group()
            if (
                _overlaps(spans, match)
                or is_protected(self._text, match)
                or (len(word) > 1 and word.isupper())
                or (has_names and word[0].isupper() and match.start() not in self._breaks)
                or (any(c.isdigit() for c in word) and not self._is_vni(index))
            ):
                found.add(index)
        return frozenset(found)

    def _is_vni(self, index: int) -> bool:
        return self.words[index].group().islower() and decode_keys(self._lower[index]) is not None

    def _arcs(self, index: int) -> Iterator[_Arc]:
        start, end, stop = self._starts[index], self._starts[index + 1], self.words[index].end()
        word = self._lower[index]
        if index in self._protected or self._speller.is_settled(word):
            yield _Arc(start, end, word, 0.0, stop)
            if len(word) == 1 and index not in self._protected:
                yield from self._joined(index)
            return
        known = self._speller.is_known(word)
        for meant, cost in self._words_for(index, word, known).items():
            yield _Arc(start, end, meant, cost, stop)
        if not known:
            yield from self._parts(index, word)
        yield from self._joined(index)

    def _words_for(self, index: int, word: str, known: bool) -> dict[str, float]:
        """Every word that the one typed may stand for, itself first, with what each costs."""
        is_bare = bare(word) == word
        found = {word: 0.0 if known else self._costs["unknown"]}
        if is_bare and self._is_bare_text:
            found.update(dict.fromkeys(self._speller.same_letters(word), 0.0))
            if len(found) > 1 or known:
                return found
        if not known:
            return _cheapest(found, self._speller.misspelt(word))
        is_certain = len(word) > 1 and is_regional(word)
        if self._goes_with_a_neighbour(index) or (is_certain and not is_bare):
            return found
        if is_bare:
            marked = {other: self._bare_scale * self._speller.marks(word, other) for other in self._speller.same_letters(word)}
            found = _cheapest(found, marked)
        return found if is_certain else _cheapest(found, self._speller.confused(word))

    def _goes_with_a_neighbour(self, index: int) -> bool:
        """Whether a known word was seen beside the word before or after it, and no other word of the same letters
        was seen there far more often."""
        word = self._lower[index]
        others = self._speller.same_letters(word)
        count = self._restorer.pair_count
        if index > 0 and self._starts[index] not in self._breaks:
            before = self._lower[index - 1]
            if count(before, word) * _FAR_MORE > max((count(before, other) for other in others), default=0.0):
                return True
        if index + 1 < len(self.words) and self._starts[index + 1] not in self._breaks:
            after = self._lower[index + 1]
            return count(word, after) * _FAR_MORE > max((count(other, after) for other in others), default=0.0)
        return False

    def _parts(self, index: int, word: str) -> Iterator[_Arc]:
        """The syllables of a word in which spaces are missing; only those that lie on a whole division."""
        if not 4 <= len(word) <= _MAX_GLUED or any(char.isdigit() for char in word):
            return
        spans = self._divisions(word)
        start, end, stop = self._starts[index], self._starts[index + 1], self.words[index].end()
        all_bare = bare(word) == word
        for first, last in spans:
            part = word[first:last]
            cost = self._costs["split"] * (first > 0) + self._costs["split_one_letter"] * (last - first == 1)
            close = last == len(word)
            for meant in self._speller.same_letters(part):
                marks = 0.0 if all_bare else self._speller.marks(part, meant)
                if marks < self._costs["mark_removed"]:
                    here = start + last
                    yield _Arc(start + first, end if close else here, meant, cost + marks, stop if close else here)

    def _divisions(self, word: str) -> list[tuple[int, int]]:
        size = len(word)
        spans = [
            (first, last)
            for first in range(size)
            for last in range(first + 1, min(first + _MAX_PART, size) + 1)
            if last - first < size and self._speller.same_letters(word[first:last])
        ]
        reached = {0}
        for first, last in spans:
            if first in reached:
                reached.add(last)
        leads = {size}
        for first, last in reversed(spans):
            if last in leads:
                leads.add(first)
        return [(first, last) for first, last in spans if first in reached and last in leads]

    def _joined(self, index: int) -> Iterator[_Arc]:
        """Two pieces of one syllable, typed with a space too many ("gi ấy", "th ủ tục")."""
        if index + 1 >= len(self.words) or index + 1 in self._protected:
            return
        if self._text[self.words[index].end() : self._starts[index + 1]] != " ":
            return
        first, second = self._lower[index], self._lower[index + 1]
        if self._restorer.pair_count(first, second):
            return
        for meant in self._speller.same_letters(first + second):
            marks = 0.0 if self._is_bare_text else self._speller.marks(first + second, meant)
            if marks < self._costs["mark_removed"]:
                cost, stop = self._costs["joined"] + marks, self.words[index + 1].end()
                yield _Arc(self._starts[index], self._starts[index + 2], meant, cost, stop)

    # Paths.

    def best_paths(self, n: int) -> list[tuple[float, str]]:
        """At most n best paths: (score, text), best first, no text twice, none hopelessly behind the best.

        Forward, the best score of every state; then backward from the end, best first, with those scores as
        an exact estimate of what is still to come.
        """
        states = self._forward()
        origin, final = self._starts[0], self._starts[-1]
        queue: list[tuple[float, int, float, int, str, tuple]] = [
            (-score, number, 0.0, final, word, ()) for number, (word, score) in enumerate(states[final].items())
        ]
        heapq.heapify(queue)
        number = len(queue)
        floor = -min(queue)[0] - _HOPELESS
        found: dict[str, float] = {}
        while queue and len(found) < n and (number < _MAX_STEPS or not found):
            estimate, _, suffix, place, word, chain = heapq.heappop(queue)
            if place == origin:
                found.setdefault(self._write(chain), -estimate)
                continue
            for arc in self._into[place][word]:
                step_of = self._steps(arc)
                for previous, score in states.get(arc.start, {}).items():
                    step = step_of(previous) + suffix - arc.cost
                    if score + step > floor:
                        number += 1
                        heapq.heappush(queue, (-score - step, number, step, arc.start, previous, (arc, chain)))
        return sorted(((score, text) for text, score in found.items()), reverse=True)

    def _forward(self) -> dict[int, dict[str, float]]:
        states: dict[int, dict[str, float]] = {self._starts[0]: {START: 0.0}}
        for place in sorted(self._into):
            scores: dict[str, float] = {}
            for word, arcs in self._into[place].items():
                for arc in arcs:
                    before = states.get(arc.start)
                    if before:
                        step_of = self._steps(arc)
                        best = max([score + step_of(previous) for previous, score in before.items()]) - arc.cost
                        if best > scores.get(word, -math.inf):
                            scores[word] = best
            states[place] = dict(heapq.nlargest(_BEAM, scores.items(), key=_by_score)) if len(scores) > _BEAM else scores
        return states

    def _steps(self, arc: _Arc) -> Callable[[str], float]:
        """Score of the word of an arc, by the word before it."""
        follows = self._restorer.scorer(arc.word)
        if arc.start in self._breaks:
            opening = follows(START)
            return lambda previous: opening
        return follows

    def _write(self, chain: tuple) -> str:
        pieces: list[str] = []
        end = 0
        while chain:
            arc, chain = chain
            gap = self._text[end : arc.start]
            typed = self._text[arc.start : arc.stop]
            pieces += [gap or (" " if pieces else ""), typed if typed.lower() == arc.word else arc.word]
            end = arc.stop
        return "".join(pieces) + self._text[end:]


def _quietened(text: str) -> str:
    """A text shouted in capitals in small letters; codes and words with digits keep theirs."""
    words = list(_WORD.finditer(text))
    if len(words) < 3 or not text.isupper():
        return text
    spans = _named_spans(text)
    for match in words:
        word = match.group()
        if word.isalpha() and not _overlaps(spans, match):
            text = text[: match.start()] + word.lower() + text[match.end() :]
    return text


def _named_spans(text: str) -> list[tuple[int, int]]:
    """Where codes, document numbers and forms stand."""
    return [(entity.start, entity.end) for entity in extract_entities(text) if entity.kind != "ordinal"]


def _overlaps(spans: Sequence[tuple[int, int]], match: re.Match[str]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _by_score(state: tuple[str, float]) -> float:
    return state[1]


def _cheapest(found: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    for word, cost in more.items():
        if cost < found.get(word, math.inf):
            found[word] = cost
    return found


def readings(text: str, restorer: Restorer, n: int = 3) -> Sequence[Reading]:
    """The likeliest readings of one text; whoever reads many keeps a :class:`Reader`."""
    return Reader(restorer).readings(text, n)
