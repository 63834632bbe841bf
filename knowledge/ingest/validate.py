"""Checks before anything goes live: each record, then the whole beside what is live, then the index that was built."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from knowledge.history.relations import replacements
from knowledge.ingest.report import Finding
from knowledge.library import Library
from knowledge.model import Plan, Procedure
from knowledge.sources.report import ReadReport, ReadWarning
from nlu.entities import document_key

#: A twentieth of a large portal changes in a month; a fifth at once has always been a broken export.
MAX_LOSS = 0.2
MIN_COUNTED = 20  # below this a share says nothing
MAX_EMPTIED = 0.3  # share of records that had a part and came without it
_CODE = re.compile(r"\d\.\d{6}(\.\d+)?")
_MAX_NAME = 2_000
_MAX_RECORD_CHARS = 2_000_000
_PARTS: dict[str, Callable[[Procedure], object]] = {
    "documents": lambda p: p.documents,
    "fee": lambda p: any(s.fees for s in p.submissions),
    "time": lambda p: any(s.time for s in p.submissions),
    "steps": lambda p: p.steps,
}


def sound_records(report: ReadReport, name: str) -> ReadReport:
    """The report without records that no answer could be given from, each named in a warning."""
    good, warnings = [], []
    for procedure in report.records:
        reason = _fault_of(procedure)
        if reason:
            warnings.append(ReadWarning(procedure.code[:40] or name, "", reason))
        else:
            good.append(procedure)
    plans = []
    for plan in report.plans:
        reason = _size_fault(plan.title, sum(len(p) for s in plan.sections for p in s.paragraphs))
        if reason:
            warnings.append(ReadWarning(name, "", reason))
        else:
            plans.append(plan)
    if not warnings:
        return report
    return replace(report, records=tuple(good), plans=tuple(plans), warnings=(*report.warnings, *warnings))


def compare(live: Sequence[ReadReport], candidate: Library, accept_loss: bool) -> list[Finding]:
    """The whole that is to go live beside what is live.

    Args:
        live: readings of the live release whose files are still among the roots; empty before the first release.
        accept_loss: the operator has seen the loss and wants it.
    """
    findings = []
    before = {p.code: p for report in live for p in report.records}
    plans_before = {p.id for report in live for p in report.plans}
    if not candidate.procedures and not candidate.plans:
        findings.append(Finding("empty", "Không có bản ghi nào. | empty: expected procedures or plans; came none; check the paths", True))
    for noun, was, lost in (
        ("thủ tục / procedures", len(before), len(before.keys() - candidate.procedures.keys())),
        ("kế hoạch / plans", len(plans_before), len(plans_before - candidate.plans.keys())),
    ):
        if was >= MIN_COUNTED and lost > MAX_LOSS * was:
            findings.append(Finding("loss", _LOSS.format(lost=lost, was=was, noun=noun, limit=round(100 * MAX_LOSS)), not accept_loss))
    for part, get in _PARTS.items():
        had = [code for code, p in before.items() if code in candidate.procedures and get(p)]
        emptied = [code for code in had if not get(candidate.procedures[code])]
        if len(had) >= MIN_COUNTED and len(emptied) > MAX_EMPTIED * len(had):
            message = _EMPTIED.format(n=len(emptied), was=len(had), part=part, example=emptied[0])
            findings.append(Finding("emptied", message, not accept_loss))
    return findings


_LOSS = (
    "Mất {lost} trên {was} {noun} so với bản đang dùng, quá {limit}%: chưa đưa lên. Nếu đúng ý, chạy lại với --accept-loss. "
    "| loss: expected at most {limit}% fewer; came {lost} of {was} gone; look at the files or say --accept-loss"
)
_EMPTIED = (
    "{n} trên {was} thủ tục bỗng không còn phần “{part}” (ví dụ {example}): có thể nguồn đổi cách trình bày; chưa đưa lên. Nếu "
    "đúng ý, chạy lại với --accept-loss. | emptied: expected {part} as before; came {n} of {was} without; look at the "
    "source's layout or say --accept-loss"
)


def look_over(plans: Iterable[Plan]) -> list[Finding]:
    """What a person should settle: plans that replace each other in a circle, one number with two texts."""
    plans = tuple(plans)
    findings = []
    for circle in replacements(plans).circles:
        names = ", ".join(circle)
        findings.append(Finding("circle", f"Các văn bản thay thế lẫn nhau thành vòng, nên không bản nào bị coi là hết hiệu lực: {names}. | circle: expected one to replace the other; came a circle: {names}; correct the texts"))
    for number, ids in _same_number(plans):
        names = ", ".join(ids)
        findings.append(Finding("same_number", f"Văn bản số {number} có nhiều bản khác nội dung: {names}. Bạn giữ bản đúng, bỏ bản kia. | same_number: expected one text of {number}; came {len(ids)}: {names}; remove the wrong one"))
    return findings


def _same_number(plans: Sequence[Plan]) -> list[tuple[str, list[str]]]:
    """Numbers of one authority under which texts of different words stand."""
    groups: dict[tuple[str, str], list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.number and plan.authority:
            groups[(document_key(plan.number), plan.authority.lower())].append(plan)
    return [
        (group[0].number, sorted(p.id for p in group))
        for group in groups.values()
        if len(group) > 1 and len({p.sections for p in group}) > 1
    ]


def _fault_of(procedure: Procedure) -> str:
    if not _CODE.fullmatch(procedure.code):
        return f"Mã thủ tục không đúng dạng, bản ghi không dùng. | code: expected d.dddddd; came {procedure.code[:40]!r}; record left out"
    if not any(map(str.isalpha, procedure.name)):
        return "Thủ tục không có tên, bản ghi không dùng. | name: expected words; came none; record left out"
    if not unicodedata.is_normalized("NFC", procedure.name):
        return "Tên không ở dạng Unicode dựng sẵn, bản ghi không dùng. | name: expected NFC; came another form; record left out"
    n_chars = len(procedure.steps) + len(procedure.conditions) + sum(len(d.name) for d in procedure.documents)
    return _size_fault(procedure.name, n_chars)


def _size_fault(name: str, n_chars: int) -> str:
    if len(name) > _MAX_NAME or n_chars > _MAX_RECORD_CHARS:
        return f"Bản ghi dài bất thường ({n_chars} ký tự), không dùng. | size: expected at most {_MAX_RECORD_CHARS} characters; came {n_chars}; record left out"
    return ""
