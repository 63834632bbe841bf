"""Families of procedures that need a question back, life events, and matters outside the knowledge: content beside the
records.

``families/*.yml`` hold lists of families, ``events/*.yml`` what happens to people, in the same shape, ``elsewhere/*.yml`` a
body each with the matters it is responsible for. All are ours; none ever answers a question by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import ContentError
from knowledge.library import Library
from knowledge.model import EVENT_PREFIX, Family, FamilyOption, OutsideMatter
from nlu.diacritics import bare

FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Option(_Shape):
    label: str = Field(min_length=2, max_length=90)
    codes: tuple[str, ...] = Field(min_length=1)
    words: tuple[str, ...] = ()


class _Family(_Shape):
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    matter: str = Field(min_length=2, max_length=90)
    ask: str = Field(min_length=5, max_length=160)
    names: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = ()
    options: tuple[_Option, ...] = Field(min_length=2, max_length=7)


class _Matter(_Shape):
    name: str = Field(min_length=3)
    says: tuple[str, ...] = ()
    at: str = ""
    body: str = ""


class _Body(_Shape):
    body: str = ""
    matters: tuple[_Matter, ...] = Field(min_length=1)


def load_families(folder: Path = FOLDER / "families") -> tuple[Family, ...]:
    """Read every file of the folder, in order of names.

    Raises:
        ContentError: names file, place, what was expected and what came; also for an id that stands twice.
    """
    families: dict[str, Family] = {}
    for path in sorted(folder.glob("*.yml")):
        entries = _read(path)
        if not isinstance(entries, list):
            raise ContentError(path, "(file)", "a list of families", type(entries).__name__)
        for n, entry in enumerate(entries):
            shape = _checked(path, f"[{n}]", _Family, entry)
            if shape.id in families:
                raise ContentError(path, shape.id, "each id once", "an id that another family has")
            options = tuple(FamilyOption(o.label, o.codes, o.words) for o in shape.options)
            names = tuple(dict.fromkeys((shape.matter, *shape.names, *shape.questions)))
            families[shape.id] = Family(shape.id, shape.matter, shape.ask, names, options)
    return tuple(families.values())


def load_events(folder: Path = FOLDER / "events") -> tuple[Family, ...]:
    """Life events, as families.

    Raises:
        ContentError: as :func:`load_families`; also for an id that does not begin with ``EVENT_PREFIX``.
    """
    events = load_families(folder)
    for event in events:
        if not event.id.startswith(EVENT_PREFIX):
            raise ContentError(folder, event.id, f"an id that begins with {EVENT_PREFIX}", event.id)
    return tuple(replace(event, is_event=True) for event in events)


def load_outside(folder: Path = FOLDER / "elsewhere") -> tuple[OutsideMatter, ...]:
    """Read every file of the folder.

    Raises:
        ContentError: as :func:`load_families`; also for a matter without a body.
    """
    matters = []
    for path in sorted(folder.glob("*.yml")):
        shape = _checked(path, "(file)", _Body, _read(path))
        for n, row in enumerate(shape.matters):
            body = row.body or shape.body
            if not body:
                raise ContentError(path, f"matters[{n}].body", "the body responsible", "nothing")
            matters.append(OutsideMatter(row.name, body, tuple(dict.fromkeys(row.says)), row.at))
    return tuple(matters)


def add_signposts(library: Library, families: Iterable[Family], outside: Iterable[OutsideMatter]) -> Library:
    """The library with families of procedures it holds, and with matters that none of its procedures is named as.

    An option keeps the codes that the library holds; a family left with fewer than two options is dropped.
    """
    held = library.procedures
    kept = []
    for family in families:
        options = tuple(
            replace(option, codes=codes) for option in family.options if (codes := tuple(c for c in option.codes if c in held))
        )
        if len(options) > 1:
            kept.append(replace(family, options=options))
    known = {_plain(name) for p in held.values() for name in (p.name, *p.aliases)}
    missing = tuple(m for m in outside if _plain(m.name) not in known)
    return replace(library, families=tuple(kept), outside=missing)


def _plain(name: str) -> str:
    return " ".join(bare(name).split()).removeprefix("thu tuc ")


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ContentError(path, "(file)", "YAML in UTF-8", type(exc).__name__) from exc


def _checked(path: Path, place: str, shape: type[BaseModel], value: object) -> Any:
    try:
        return shape.model_validate(value)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join([place, *(str(part) for part in first["loc"])])
        raise ContentError(path, where, first["msg"], repr(first.get("input"))[:80]) from exc
