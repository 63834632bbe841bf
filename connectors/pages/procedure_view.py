"""A procedure as its page shows it: what is known in tables, what the source leaves open by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.pages.addresses import checklist_path, procedure_path, safe_url
from connectors.pages.prose import Block, to_blocks
from knowledge.model import Procedure, RequiredDocument, Submission

CHANNELS = {"desk": "Nộp trực tiếp", "online": "Trực tuyến", "post": "Qua bưu chính", "other": "Cách khác"}
_FREE = re.compile(r"miễn (?:phí|lệ phí)|không (?:thu|mất) (?:phí|lệ phí)", re.IGNORECASE)
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:đồng|đ\b|vnđ|%|nghìn|triệu)", re.IGNORECASE)


@dataclass(frozen=True)
class DocumentGroup:
    """Papers of one case; ``case`` is "" for those that everybody brings."""

    case: str
    documents: tuple[RequiredDocument, ...]


@dataclass(frozen=True)
class Way:
    """One way to hand in, with what has to be said beside it."""

    channel: str
    submission: Submission
    is_fee_contradictory: bool


@dataclass(frozen=True)
class ProcedureView:
    """What the template reads; ``unknown`` names in Vietnamese what the source does not say.

    Attributes:
        one_time, one_fee: the words that hold for every way of handing in; "" where they differ or are not printed.
    """

    record: Procedure
    path: str
    checklist: str
    groups: tuple[DocumentGroup, ...]
    ways: tuple[Way, ...]
    one_time: str
    one_fee: str
    steps: tuple[Block, ...]
    conditions: tuple[Block, ...]
    source_url: str
    unknown: tuple[str, ...]

    @property
    def n_documents(self) -> int:
        return len(self.record.documents)

    @property
    def has_online(self) -> bool:
        return bool(self.record.online_level) or any(way.submission.channel == "online" for way in self.ways)


def view_procedure(procedure: Procedure) -> ProcedureView:
    ways = tuple(
        Way(CHANNELS.get(given.channel, CHANNELS["other"]), given, _is_contradictory(given.fees))
        for given in procedure.submissions
    )
    return ProcedureView(
        record=procedure,
        path=procedure_path(procedure.code, procedure.name),
        checklist=checklist_path(procedure.code),
        groups=group_documents(procedure.documents),
        ways=ways,
        one_time=_shared([_time_words(way.submission) for way in ways]),
        one_fee=_shared(["; ".join(way.submission.fees) for way in ways]),
        steps=to_blocks(procedure.steps),
        conditions=to_blocks(procedure.conditions),
        source_url=safe_url(procedure.source.url),
        unknown=_unknown(procedure),
    )


def group_documents(documents: tuple[RequiredDocument, ...]) -> tuple[DocumentGroup, ...]:
    """By case, in order of first appearance; those without a case first."""
    groups: dict[str, list[RequiredDocument]] = {}
    for document in documents:
        groups.setdefault(document.case.strip(), []).append(document)
    cases = sorted(groups, key=lambda case: case != "")
    return tuple(DocumentGroup(case, tuple(groups[case])) for case in cases)


def _time_words(given: Submission) -> str:
    if given.time and not given.is_time_certain:
        return f"{given.time} (nguồn không ghi đơn vị)"
    return given.time


def _shared(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


def _is_contradictory(fees: tuple[str, ...]) -> bool:
    """The source prints "free" beside an amount."""
    return any(_FREE.search(fee) for fee in fees) and any(_AMOUNT.search(fee) for fee in fees)


def _unknown(procedure: Procedure) -> tuple[str, ...]:
    known = {
        "giấy tờ phải nộp": procedure.documents,
        "thời gian giải quyết": any(given.time for given in procedure.submissions),
        "phí, lệ phí": any(given.fees for given in procedure.submissions),
        "nơi nộp hồ sơ": procedure.place or procedure.agency,
        "mức độ trực tuyến": procedure.online_level,
        "các bước": procedure.steps,
        "điều kiện": procedure.conditions,
        "kết quả nhận được": procedure.result,
        "ai được làm": procedure.applicants,
        "căn cứ pháp lý": procedure.legal_basis,
    }
    return tuple(name for name, value in known.items() if not value)
