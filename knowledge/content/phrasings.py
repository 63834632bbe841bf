"""Citizens' words for procedures: everyday names and whole questions, kept as content by code.

``phrasings/*.yml`` maps a procedure code to ``phrasings`` (names, indexed with the procedure like aliases) and
``questions`` (by aspect; they train and measure). They are ours; records stay untouched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from knowledge.errors import ContentError
from knowledge.library import Library
from knowledge.model import ASPECTS
from nlu.diacritics import bare

FOLDER = Path(__file__).parent / "phrasings"
PAPER_NAMES = Path(__file__).parent / "paper-names.yml"
# libyaml reads the thousands of lines ten times as fast as PyYAML's own reader, at every start of the program.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CODE = re.compile(r"\d\.\d{6}")


@dataclass(frozen=True)
class Phrasings:
    """Citizens' words for one procedure. ``questions``: aspect → whole questions."""

    names: tuple[str, ...]
    questions: Mapping[str, tuple[str, ...]]


def load_phrasings(folder: Path = FOLDER) -> dict[str, Phrasings]:
    """Read every file of the folder.

    Raises:
        ContentError: names file, place, what was expected and what came.
    """
    found: dict[str, Phrasings] = {}
    for path in sorted(folder.glob("*.yml")):
        for code, entry in _read(path).items():
            if code in found:
                raise ContentError(path, code, "each code once", "a code that another entry has")
            found[code] = _entry(path, code, entry)
    return found


def with_official_paper(name: str) -> str:
    """A way to say a procedure with its papers' official names; "" where it names none by an everyday one."""
    official, pattern = _paper_names()
    changed = pattern.sub(lambda match: official[match.group().lower()], name)
    return changed if changed != name else ""


@lru_cache(maxsize=1)
def _paper_names() -> tuple[dict[str, str], re.Pattern[str]]:
    """Everyday name to official one, and what finds the longest of them."""
    official = yaml.load(PAPER_NAMES.read_text(encoding="utf-8"), _LOADER)
    longest_first = sorted(official, key=len, reverse=True)
    return official, re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)


def add_phrasings(library: Library, phrasings: Mapping[str, Phrasings]) -> Library:
    """The library with names added to the aliases of the procedures it holds, and those with a paper's everyday name once more
    with its official one; other codes are left out."""
    procedures = dict(library.procedures)
    for code, words in phrasings.items():
        if code in procedures:
            aliases = dict.fromkeys([*procedures[code].aliases, *words.names, *filter(None, map(with_official_paper, words.names))])
            procedures[code] = replace(procedures[code], aliases=tuple(aliases))
    return replace(library, procedures=MappingProxyType(procedures))


def shared_names(phrasings: Mapping[str, Phrasings], library: Library | None = None) -> dict[str, tuple[str, ...]]:
    """Names (without diacritics) that more than one procedure has → their codes."""
    owners: dict[str, set[str]] = {}
    for code, words in phrasings.items():
        for name in words.names:
            owners.setdefault(_key(name), set()).add(code)
    for code, procedure in (library.procedures if library else {}).items():
        for alias in procedure.aliases:
            owners.setdefault(_key(alias), set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in owners.items() if len(codes) > 1}


def _read(path: Path) -> dict[object, object]:
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ContentError(path, "(file)", "YAML in UTF-8", type(exc).__name__) from exc
    if not isinstance(entries, dict):
        raise ContentError(path, "(file)", "procedure codes with their words", type(entries).__name__)
    return entries


def _entry(path: Path, code: object, entry: object) -> Phrasings:
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ContentError(path, str(code), "a quoted procedure code", repr(code))
    if not isinstance(entry, dict) or set(entry) - {"phrasings", "questions"}:
        raise ContentError(path, code, "phrasings and questions", repr(entry)[:60])
    names = entry.get("phrasings") or []
    questions = entry.get("questions") or {}
    if not isinstance(questions, dict):
        raise ContentError(path, f"{code}.questions", "aspects with their questions", repr(questions)[:60])
    for aspect, lines in questions.items():
        if aspect not in ASPECTS:
            raise ContentError(path, f"{code}.questions", f"one of {', '.join(ASPECTS)}", repr(aspect))
        _check_lines(path, f"{code}.questions.{aspect}", lines)
    _check_lines(path, f"{code}.phrasings", names)
    return Phrasings(tuple(names), MappingProxyType({a: tuple(q) for a, q in questions.items()}))


def _check_lines(path: Path, place: str, lines: object) -> None:
    if not isinstance(lines, list) or any(not isinstance(line, str) or not line.strip() for line in lines):
        raise ContentError(path, place, "a list of texts", repr(lines)[:60])


def _key(name: str) -> str:
    return " ".join(bare(name).split())
