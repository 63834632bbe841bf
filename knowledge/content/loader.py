"""Loads the bundled knowledge: YAML files that pass the schema become procedures and plans."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from knowledge.content.schema import PlanFile, ProcedureFile
from knowledge.errors import ContentError
from knowledge.model import (
    LegalBasis,
    Plan,
    PlanSection,
    PlanTask,
    Procedure,
    RequiredDocument,
    Source,
    Submission,
)
from knowledge.sources.report import ReadReport
from knowledge.sources.text import digest_of

FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml: a second less at every start
_Shape = TypeVar("_Shape", bound=BaseModel)


def load_bundled(folder: Path | None = None) -> ReadReport:
    """Read ``procedures/*.yml`` and ``plans/*.yml`` of the folder (the product's own by default).

    Raises:
        ContentError: a file is no YAML, breaks the schema, or is named otherwise than its code or id.
    """
    folder = folder or FOLDER
    procedures = tuple(_procedure(path) for path in sorted((folder / "procedures").glob("*.yml")))
    plans = tuple(_plan(path) for path in sorted((folder / "plans").glob("*.yml")))
    return ReadReport(records=procedures, plans=plans)


def read_procedure_file(path: Path) -> ProcedureFile:
    """One procedure file, checked; ``differs`` is kept here and not in the model."""
    shape = _read(path, ProcedureFile)
    if shape.code != path.stem:
        raise ContentError(path, "code", f"{path.stem!r} as the file's name says", repr(shape.code))
    return shape


def read_plan_file(path: Path) -> PlanFile:
    """One plan digest, checked."""
    shape = _read(path, PlanFile)
    if shape.id != path.stem:
        raise ContentError(path, "id", f"{path.stem!r} as the file's name says", repr(shape.id))
    return shape


def _read(path: Path, shape: type[_Shape]) -> _Shape:
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise ContentError(path, "(whole file)", "readable YAML in UTF-8", type(exc).__name__) from exc
    if not isinstance(value, dict):
        raise ContentError(path, "(whole file)", "a mapping of keys", type(value).__name__)
    try:
        return shape.model_validate(value)
    except ValidationError as exc:
        raise _content_error(path, exc) from exc


def _content_error(path: Path, exc: ValidationError) -> ContentError:
    """The first fault, and how many more there are."""
    faults = exc.errors()
    first, more = faults[0], len(faults) - 1
    came = "nothing" if first["type"] == "missing" else repr(first["input"])[:120]
    where = ".".join(str(part) for part in first["loc"]) or "(whole file)"
    return ContentError(path, where, first["msg"], came + (f" (and {more} more faults)" if more else ""))


def _source(path: Path, title: str, url: str, read_on: str) -> Source:
    return Source(path.name, title, url, read_on, digest_of(path.read_bytes()), "bundled")


def _procedure(path: Path) -> Procedure:
    shape = read_procedure_file(path)
    return Procedure(
        code=shape.code,
        name=shape.name,
        source=_source(path, shape.source.title, shape.source.url, shape.source.read_on),
        aliases=shape.aliases,
        levels=shape.levels,
        field=shape.field,
        agency=shape.agency,
        place=shape.place,
        ministry=shape.ministry,
        applicants=shape.applicants,
        submissions=tuple(
            Submission(row.channel, row.time, not re.fullmatch(r"\d+", row.time), row.fees, row.note)
            for row in shape.submissions
        ),
        documents=tuple(RequiredDocument(row.name, row.quantity, row.form, row.case) for row in shape.documents),
        steps="\n".join(f"{number}. {step}" for number, step in enumerate(shape.steps, 1)),
        conditions="\n".join(shape.conditions),
        legal_basis=tuple(LegalBasis(row.title, row.number) for row in shape.legal_basis),
        result=shape.result,
        forms=shape.forms,
        online_level=shape.online_level,
        decision_number=shape.decision_number,
        notes=shape.notes + ((shape.valid_hint,) if shape.valid_hint else ()),
    )


def _plan(path: Path) -> Plan:
    shape = read_plan_file(path)
    summary = PlanSection("", "Tóm tắt", (), (shape.summary,))
    return Plan(
        id=shape.id,
        title=shape.title,
        source=_source(path, shape.source.title, shape.source.url, shape.source.read_on),
        number=shape.number,
        kind=shape.kind,
        authority=shape.authority,
        place=shape.place,
        issued_on=shape.issued_on,
        period_from=shape.period.from_ if shape.period else None,
        period_to=shape.period.to if shape.period else None,
        sections=(summary, *(_section(row.number, row.title, row.text) for row in shape.sections)),
        tasks=tuple(
            PlanTask(row.what, row.lead, row.co_agencies, row.product, row.deadline, row.section)
            for row in shape.tasks
        ),
    )


def _section(number: str, title: str, text: str) -> PlanSection:
    heading = ". ".join(part for part in (number, title) if part)
    paragraphs = tuple(line.strip() for line in text.split("\n") if line.strip())
    return PlanSection(number, title, (heading,) if heading else (), paragraphs)
