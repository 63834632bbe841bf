"""The shape of bundled YAML files, strict: unknown keys, empty texts and impossible dates are refused.

``procedures/<code>.yml`` holds one procedure, ``plans/<id>.yml`` the digest of one plan. ``loader.py`` turns them into
the shapes of ``knowledge.model``.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True)]
Level = Literal["Cấp bộ", "Cấp tỉnh", "Cấp xã", "Cơ quan khác"]
Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]
COMPARED_FIELDS = ("fee", "time", "agency", "documents")
_READ_ON = re.compile(r"\d{4}-\d{2}(-\d{2})?")


def _iso(value: Any) -> Any:
    """YAML reads an unquoted day as a date; the schema keeps it as ISO text."""
    return value.isoformat() if isinstance(value, date) else value


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(Strict):
    title: Text
    url: OptionalText = ""
    read_on: Annotated[str, BeforeValidator(_iso)]

    @field_validator("read_on")
    @classmethod
    def _is_real_day_or_month(cls, value: str) -> str:
        if not _READ_ON.fullmatch(value):
            raise ValueError("expected YYYY-MM or YYYY-MM-DD")
        date.fromisoformat(value if len(value) > 7 else f"{value}-01")
        return value

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://\S+$", value):
            raise ValueError("expected a web address or an empty text")
        return value


class SubmissionFile(Strict):
    channel: Literal["online", "post", "desk", "other"]
    time: OptionalText = ""
    fees: tuple[Text, ...] = ()
    note: OptionalText = ""


class DocumentFile(Strict):
    name: Text
    quantity: OptionalText = ""
    form: OptionalText = ""
    case: OptionalText = ""


class LegalBasisFile(Strict):
    title: Text
    number: OptionalText = ""


class DiffersFile(Strict):
    """Differences from an imported record that an editor has looked at; ``values`` as ``motcua content check`` prints
    them, so that another one of the same field is reported."""

    field: Literal["fee", "time", "agency", "documents"]
    why: Text
    values: tuple[Text, ...] = ()


class ProcedureFile(Strict):
    code: Code
    name: Text
    aliases: Annotated[tuple[Text, ...], Field(min_length=5)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    field: Text
    ministry: Text
    agency: Text
    place: OptionalText = ""
    applicants: Annotated[tuple[Text, ...], Field(min_length=1)]
    submissions: Annotated[tuple[SubmissionFile, ...], Field(min_length=1)]
    documents: tuple[DocumentFile, ...] = ()
    steps: Annotated[tuple[Text, ...], Field(min_length=1)]
    conditions: tuple[Text, ...] = ()
    legal_basis: tuple[LegalBasisFile, ...] = ()
    result: Text
    forms: tuple[Text, ...] = ()
    online_level: Literal["toàn trình", "một phần", "không", ""] = ""
    decision_number: OptionalText = ""
    notes: tuple[Text, ...] = ()
    valid_hint: OptionalText = ""
    source: SourceFile
    differs: tuple[DiffersFile, ...] = ()

    @field_validator("aliases")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lowered = [alias.lower() for alias in value]
        twice = sorted({alias for alias in lowered if lowered.count(alias) > 1})
        if twice:
            raise ValueError(f"expected each alias once; twice: {', '.join(twice)}")
        return value

    @model_validator(mode="after")
    def _has_address(self) -> ProcedureFile:
        if not self.source.url:
            raise ValueError("source.url: expected the public page of the record")
        return self


class PeriodFile(Strict):
    from_: Annotated[date, Field(alias="from")]
    to: date

    @model_validator(mode="after")
    def _is_forward(self) -> PeriodFile:
        if self.to < self.from_:
            raise ValueError("period: expected 'to' on or after 'from'")
        return self


class SectionFile(Strict):
    number: OptionalText = ""
    title: OptionalText = ""
    text: Text


class TaskFile(Strict):
    what: Text
    lead: OptionalText = ""
    co_agencies: tuple[Text, ...] = ()
    product: OptionalText = ""
    deadline: Annotated[OptionalText, BeforeValidator(_iso)] = ""
    section: OptionalText = ""


class PlanFile(Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    kind: Text
    number: OptionalText = ""
    title: Text
    authority: Text
    place: Text
    issued_on: date | None = None
    period: PeriodFile | None = None
    summary: Text
    sections: Annotated[tuple[SectionFile, ...], Field(min_length=1)]
    tasks: tuple[TaskFile, ...] = ()
    source: SourceFile
