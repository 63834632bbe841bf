"""Finds where a text names a place, before anything is decided about which place is meant.

A name counts when its kind stands before it (xã, p., q, tp …), or when it stands where only a place can
stand: after "ở", beside another place, as the whole answer. So "hội đồng hòa bình" names no province.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from knowledge.places.markers import (
    CITY_LETTERS,
    CUES,
    FILLER,
    FULL,
    MARKERS,
    NICKNAMES,
    OLD,
    OLD_NICKNAMES,
    PROVINCIAL,
    STREET,
)
from knowledge.places.spelling import Word, bare_key, forms, within_one_edit
from knowledge.places.units import OldDistrict, Province, Unit, Units

LONGEST_NAME = 6
SHORT_TEXT = 12  # words


class Match(IntEnum):
    """How well the typed name fits a unit's, best first."""

    EXACT = 0
    BARE = 1  # typed without diacritics
    INITIALS = 2
    MARKS = 3  # other diacritics
    TYPO = 4
    ONCE = 5  # a name from before the mergers of 2019 to 2024


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``first`` to ``last`` (exclusive) name one of ``units``, all fitting as well as ``match`` says.

    Attributes:
        marked: its kind stands before it.
        is_old: "cũ" or "trước đây" stands after it.
        sure: a place whatever stands around it.
    """

    first: int
    last: int
    units: tuple[Unit, ...]
    match: Match
    marked: bool
    is_old: bool = False
    sure: bool = False

    def of(self, *levels: type) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if isinstance(unit, levels))


def fit(typed: Sequence[Word], name: str) -> Match:
    """How the typed words fit a name whose bare key is the same."""
    parts = [forms(piece) for piece in name.replace("-", " ").replace("'", " ").split()]
    if len(parts) != len(typed):
        joined = bare_key(name) == "".join(marked for marked, _ in parts)
        has_marks = any(word.has_marks for word in typed)
        return Match.MARKS if has_marks else Match.EXACT if joined else Match.BARE
    worst = Match.EXACT
    for word, (marked, bare) in zip(typed, parts, strict=True):
        if word.marked == marked:
            continue
        worst = max(worst, Match.MARKS if word.has_marks or word.bare != bare else Match.BARE)
    return worst


def _of_kind(units: Sequence[Unit], kinds: tuple[str, ...]) -> tuple[Unit, ...]:
    """Units of the kind typed, now or earlier; all of them when none is."""
    fitting = tuple(u for u in units if u.kind in kinds or set(kinds) & set(getattr(u, "earlier_kinds", ())))
    return fitting or tuple(units)


def _marker_at(words: Sequence[Word], at: int, text: str) -> tuple[int, tuple[str, ...], tuple[type, ...], bool] | None:
    """Where the name begins, kinds, levels, and whether the marker is spelt right ("phương" for "phường" is not)."""
    for marker, (kinds, levels) in MARKERS.items():
        part = words[at : at + len(marker)]
        if tuple(w.bare for w in part) != marker:
            continue
        is_right = not any(w.has_marks and w.marked != FULL.get(w.bare) for w in part)
        if not is_right and (len(marker) > 1 or marker[0] not in ("phuong", "huyen")):
            continue
        after = words[at - 1] if at else None
        if len(marker[0]) == 1 and after is not None and after.typed.isdigit() and after.end == part[0].start:
            continue  # "8h"
        if len(marker) == 2 and len(marker[0]) == 1 and text[part[0].end : part[1].start].strip() not in ("", "."):
            continue
        return at + len(marker), kinds, levels, is_right
    return None


@dataclass(frozen=True, slots=True)
class _Span:
    """A marker at ``at`` and the words after it: names begin at ``first`` and end before ``end``."""

    at: int
    first: int
    end: int
    kinds: tuple[str, ...]
    levels: tuple[type, ...]


class MentionFinder:
    """Finds the mentions of one text; make one a text.

    Args:
        text: NFC.
        words: of that text.
    """

    def __init__(self, units: Units, text: str, words: Sequence[Word]) -> None:
        self._units = units
        self._text = text
        self._words = words
        self._is_bare = not any(w.has_marks for w in words)

    def find(self) -> tuple[Mention, ...]:
        """Mentions in reading order, none overlapping; those that only might be places are left out."""
        words = self._words
        found: list[Mention] = []
        at = 0
        while at < len(words):
            mention = self._marked(at) or self._nickname(at) or self._unmarked(at)
            if mention is None:
                at += 1
                continue
            found.append(_aged(mention, words))
            at = mention.last
        return self._certain(found)

    # With its kind before it.

    def _marked(self, at: int) -> Mention | None:
        text, words = self._text, self._words
        marker = _marker_at(words, at, text)
        if marker is None:
            return None
        first, kinds, levels, is_right = marker
        end = min(first + LONGEST_NAME, _segment_end(text, words, first))
        if named := self._longest(at, first, end, kinds, levels, is_right):
            return named
        for last in range(end, first, -1):
            key = _key(words[first:last])
            if (code := NICKNAMES.get(key) or CITY_LETTERS.get(key)) and Province in levels:
                return Mention(at, last, tuple(self._units.provinces[c] for c in code), Match.EXACT, True, sure=True)
            if (old := OLD_NICKNAMES.get(key)) and Province in levels:
                return Mention(at, last, (self._units.old_provinces[old],), Match.EXACT, True, sure=True)
        if not is_right:
            return None
        span = _Span(at, first, _segment_end(text, words, first), kinds, levels)
        return self._initials(span) or self._once(span) or self._typo(span)

    def _longest(
        self, at: int, first: int, end: int, kinds: tuple[str, ...], levels: tuple[type, ...], is_right: bool
    ) -> Mention | None:  # fmt: skip
        """The longest name that fits best and leaves the next unit whole ("Tân Thành, Đồng Tháp")."""
        found: list[Mention] = []
        for last in range(first + 1, end + 1):
            typed = self._words[first:last]
            units = [u for u in self._units.named(_key(typed)) if isinstance(u, levels)]
            if units and not self._cuts_marker(last):
                found.append(self._chosen(at, first, typed, _of_kind(units, kinds), is_right))
        if not found:
            return None
        well = [m for m in found if m.match <= Match.BARE] or found
        whole = [m for m in well if m is well[-1] or (self._is_bare and self._larger_at(m.last) and not self._larger_at(well[-1].last))]
        return whole[0] if whole else well[-1]

    def _cuts_marker(self, last: int) -> bool:
        """A name that ended here would take the first word of "thành phố" or its like."""
        return tuple(w.bare for w in self._words[last - 1 : last + 1]) in MARKERS

    def _larger_at(self, at: int) -> bool:
        """A province or district is named from here on."""
        return any(
            isinstance(u, PROVINCIAL) or _is_town(u)
            for last in range(at + 2, min(at + 5, len(self._words)) + 1)
            for u in self._units.named(_key(self._words[at:last]))
        )

    def _chosen(self, at: int, first: int, typed: Sequence[Word], units: tuple[Unit, ...], is_right: bool) -> Mention:
        best, match = self._best(typed, units)
        sure = match == Match.EXACT or (len(typed) > 1 and (match == Match.BARE or _is_written_as_name(typed)))
        return Mention(at, first + len(typed), best, match, marked=True, sure=sure and is_right)

    def _best(self, typed: Sequence[Word], units: Sequence[Unit]) -> tuple[tuple[Unit, ...], Match]:
        """Units that fit best; in a text without any diacritics "tam thanh" may be Tam Thanh or Tam Thành."""
        fits = [(fit(typed, unit.name), unit) for unit in units]
        if self._is_bare:
            fits = [(Match.BARE if found == Match.EXACT and _may_have_marks(unit) else found, unit) for found, unit in fits]
        match = min(found for found, _ in fits)
        return tuple(unit for found, unit in fits if found == match), match

    def _initials(self, span: _Span) -> Mention | None:
        if OldDistrict not in span.levels or span.first >= len(self._words):
            return None
        typed = self._words[span.first]
        units = [u for u in self._units.by_initials(typed.bare) if u.kind in span.kinds]
        is_dotted = self._text[self._words[span.first - 1].end : typed.start] == "."  # "q.lb" is no slip of the keyboard
        sure = typed.typed.isupper() or is_dotted
        return Mention(span.at, span.first + 1, tuple(units), Match.INITIALS, True, sure=sure) if units else None

    def _once(self, span: _Span) -> Mention | None:
        for last in range(min(span.first + LONGEST_NAME, span.end), span.first, -1):
            typed = self._words[span.first : last]
            units = [u for u in self._units.once_named(bare_key(span.kinds[0]) + _key(typed)) if isinstance(u, span.levels)]
            if units:
                sure = _is_written_as_name(typed) or (len(typed) == 1 and typed[0].typed.isdigit())
                return Mention(span.at, last, tuple(units), Match.ONCE, True, sure=sure)
        return None

    def _typo(self, span: _Span) -> Mention | None:
        """Looked for where the words are written as a name, or where the text is no longer than an address."""
        end = min(span.first + 4, span.end)
        for last in [n for n in (span.first + 2, span.first + 3, span.first + 4, span.first + 1) if n <= end]:
            typed = self._words[span.first : last]
            key, is_name = _key(typed), _is_written_as_name(typed)
            if len(key) < 6 or any(w.typed.isdigit() for w in typed) or not (is_name or len(self._words) <= SHORT_TEXT):
                continue
            near = sorted(name for name in self._units.near(key) if within_one_edit(name, key))
            units = [u for name in near for u in self._units.named(name) if isinstance(u, span.levels)]
            if units:
                return Mention(span.at, last, _of_kind(units, span.kinds), Match.TYPO, True, sure=is_name)
        return None

    # Without.

    def _nickname(self, at: int) -> Mention | None:
        words = self._words
        for last in range(min(at + 3, len(words)), at, -1):
            key = "".join(w.bare for w in words[at:last])
            if any(w.has_marks for w in words[at:last]) and key not in ("saigon", "thuathienhue", "baccan", "daklac", "bariavungtau"):
                continue
            if codes := NICKNAMES.get(key):
                sure = len(key) > 2 or words[at].typed.isupper() or _is_led_to(at, words, self._text)
                return Mention(at, last, tuple(self._units.provinces[c] for c in codes), Match.EXACT, True, sure=sure)
            if old := OLD_NICKNAMES.get(key):
                return Mention(at, last, (self._units.old_provinces[old],), Match.EXACT, True, sure=True)
        return None

    def _unmarked(self, at: int) -> Mention | None:
        text, words = self._text, self._words
        if words[at].typed.isdigit():
            return None
        if at and words[at - 1].bare in STREET and not _breaks(text, words, at - 1):
            return None
        is_street = _after_street(text, words, at)
        for last in range(min(at + LONGEST_NAME, _segment_end(text, words, at)), at, -1):
            typed = words[at:last]
            key = "".join(w.bare for w in typed)
            if last - at == 1 and key not in ("hue", "vinh", "pleiku", "hanoi", "danang"):
                units = [u for u in self._units.named(key) if isinstance(u, PROVINCIAL) and len(u.name.split()) > 1]
            else:
                units = list(self._units.named(key))
            units = [u for u in units if not (last - at == 1 and u.name.isdigit()) and not (is_street and not isinstance(u, PROVINCIAL))]
            if not units:
                continue
            best, match = self._best(typed, units)
            if match == Match.MARKS:
                best = tuple(u for u in best if isinstance(u, PROVINCIAL) or _is_town(u))
                if not best or last - at == 1:
                    continue
            return Mention(at, last, best, match, marked=False)
        return None

    # Which of the unmarked ones are places.

    def _certain(self, found: Sequence[Mention]) -> tuple[Mention, ...]:
        text, words = self._text, self._words
        covered = {i for m in found for i in range(m.first, m.last)}
        is_whole = all(w.bare in FILLER for i, w in enumerate(words) if i not in covered)
        sure = [m.sure or is_whole or _stands_as_place(m, words, text) for m in found]
        changed = True
        while changed:
            changed = False
            for i, mention in enumerate(found):
                if sure[i]:
                    continue
                before = i > 0 and sure[i - 1] and adjoin(found[i - 1], mention, words)
                after = i + 1 < len(found) and sure[i + 1] and adjoin(mention, found[i + 1], words)
                if before or after:
                    sure[i] = changed = True
        return tuple(m for m, is_sure in zip(found, sure, strict=True) if is_sure)


def _segment_end(text: str, words: Sequence[Word], first: int) -> int:
    """Index after the last word before a comma, full stop or line end (a dot inside "q.1" does not count)."""
    end = first + 1
    while end < len(words) and not _breaks(text, words, end - 1):
        end += 1
    return min(end, len(words))


def _after_street(text: str, words: Sequence[Word], at: int) -> bool:
    """A street, hamlet or market is being named: "đường Trần Hưng Đạo"."""
    for before in range(at - 1, max(at - 4, -1), -1):
        if _breaks(text, words, before) or words[before].marked == CUES.get(words[before].bare):
            return False
        if words[before].bare in STREET:
            return True
    return False


def _may_have_marks(unit: Unit) -> bool:
    """Names of numbers have none ("Phường 4")."""
    return not unit.name.isdigit()


def _key(typed: Sequence[Word]) -> str:
    return "".join(w.bare for w in typed)


def _is_written_as_name(typed: Sequence[Word]) -> bool:
    """Capitals at the beginning of each word, not all through."""
    return all(w.typed[0].isupper() for w in typed) and not all(w.typed.isupper() for w in typed)


def _breaks(text: str, words: Sequence[Word], before: int) -> bool:
    gap = text[words[before].end : words[before + 1].start] if before + 1 < len(words) else ""
    return any(c in ",;\n()/|?!:" for c in gap) or ". " in gap


def _aged(mention: Mention, words: Sequence[Word]) -> Mention:
    following = tuple(w.bare for w in words[mention.last : mention.last + 4])
    marks = [w.marked for w in words[mention.last : mention.last + 1]]
    is_old = any(following[: len(mark)] == mark for mark in OLD) and marks[0] in ("cu", forms("cũ")[0], forms("trước")[0], "truoc", "chua", forms("chưa")[0])
    return replace(mention, is_old=True) if is_old else mention


def _stands_as_place(mention: Mention, words: Sequence[Word], text: str) -> bool:
    """An unmarked name that is written as one, or that stands after "ở" and its like."""
    typed = words[mention.first : mention.last]
    if mention.marked:
        return False  # a marked name that is not sure needs a neighbour
    is_provincial = any(isinstance(u, PROVINCIAL) for u in mention.units)
    is_written_as_name = _is_written_as_name(typed)
    cue = _is_led_to(mention.first, words, text)
    if is_provincial:
        at_edge = mention.last == len(words) or (mention.first == 0 and mention.match == Match.EXACT)
        has_marks = any(w.has_marks for w in typed)
        return cue or is_written_as_name or (mention.match == Match.EXACT and has_marks) or (at_edge and len(typed) > 1)
    if any(_is_town(u) for u in mention.units):
        return cue or (is_written_as_name and mention.match == Match.EXACT and mention.first > 0)
    return cue and mention.match == Match.EXACT and is_written_as_name


def _is_led_to(at: int, words: Sequence[Word], text: str) -> bool:
    """Right before the word stands "ở" or its like."""
    previous = words[at - 1] if at and not _breaks(text, words, at - 1) else None
    return previous is not None and (
        previous.marked == CUES.get(previous.bare) or (not previous.has_marks and previous.bare in ("o", "tai", "thuoc", "que", "ve"))
    )


def _is_town(unit: Unit) -> bool:
    return isinstance(unit, OldDistrict) and unit.kind != "Huyện"


def adjoin(left: Mention, right: Mention, words: Sequence[Word]) -> bool:
    between = words[left.last : right.first]
    return len(between) <= 2 and all(w.bare in ("cu", "thuoc", "cua", "o", "tai", "truoc", "day", "nay", "la") for w in between)
