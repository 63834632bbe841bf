"""Records as JSON for the database, and the digest that tells one wording from another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from pydantic import TypeAdapter, ValidationError

from knowledge.history.relations import numbers_replaced
from knowledge.model import Plan, Procedure, Source
from knowledge.store.errors import ContentStoreError

Record = Procedure | Plan
_KINDS: dict[str, type] = {"procedure": Procedure, "plan": Plan}
_NO_SOURCE = Source("", "")


@dataclass(frozen=True)
class Validity:
    """What a record itself says of its time: first and last day in force, and the numbers of what it replaces."""

    in_force_from: date | None
    in_force_to: date | None
    replaces: tuple[str, ...]


def kind_of(record: Record) -> str:
    return "procedure" if isinstance(record, Procedure) else "plan"


def id_of(record: Record) -> str:
    return record.code if isinstance(record, Procedure) else record.id


def title_of(record: Record) -> str:
    return record.name if isinstance(record, Procedure) else record.title


def number_of(record: Record) -> str:
    return record.code if isinstance(record, Procedure) else record.number


def digest_of_words(record: Record) -> str:
    """sha256 of everything but the source: the same words read elsewhere or later have the same digest."""
    return hashlib.sha256(to_json(replace(record, source=_NO_SOURCE)).encode()).hexdigest()


def validity_of(record: Record) -> Validity:
    """A plan states its period and what it replaces; a procedure's record states neither."""
    if isinstance(record, Procedure):
        return Validity(None, None, ())
    return Validity(record.period_from or record.issued_on, record.period_to, numbers_replaced(record))


def to_json(record: Record) -> str:
    return _adapter(type(record)).dump_json(record).decode()


def from_json(kind: str, text: str, source: Source | None = None) -> Record:
    """A record as stored; ``source`` takes the place of the stored one where given.

    Raises:
        ContentStoreError: the text is no record of this kind (a database written by another program).
    """
    try:
        record = _adapter(_KINDS[kind]).validate_json(text)
    except (ValidationError, KeyError) as exc:
        raise ContentStoreError(f"content: expected a {kind} of this version, came something else; read the files again: motcua index --force") from exc
    return replace(record, source=source) if source else record


def source_json(source: Source) -> str:
    return _adapter(Source).dump_json(source).decode()


def source_from(text: str) -> Source:
    return Source(**json.loads(text))


@cache
def _adapter(kind: type) -> TypeAdapter:
    return TypeAdapter(kind)
