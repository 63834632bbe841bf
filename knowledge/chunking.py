"""Cut records into passages: one per aspect of a procedure, one per paragraph group of a plan.

Passage texts are the record's own words under a fixed heading; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.model import Passage, Plan, Procedure, Submission

ASPECT_HEADINGS = {
    "general": "Thông tin chung",
    "documents": "Thành phần hồ sơ",
    "fee": "Phí, lệ phí",
    "time": "Thời hạn giải quyết",
    "place": "Nơi nộp hồ sơ",
    "online": "Cách thức nộp, dịch vụ công trực tuyến",
    "steps": "Trình tự thực hiện",
    "conditions": "Yêu cầu, điều kiện",
    "legal_basis": "Căn cứ pháp lý",
    "result": "Kết quả",
    "form": "Mẫu đơn, tờ khai",
    "who": "Đối tượng thực hiện",
}
CHANNEL_NAMES = {
    "online": "Trực tuyến",
    "post": "Qua bưu chính",
    "desk": "Trực tiếp",
    "other": "Cách khác",
}
MAX_PLAN_PASSAGE = 700  # characters; a paragraph is never split, so one may be longer
_MAX_QUOTED_TITLE = 160


def passages_of_procedure(procedure: Procedure) -> Iterator[Passage]:
    """Passages in the order of ASPECT_HEADINGS; aspects on which the record is silent give none."""
    for aspect, heading in ASPECT_HEADINGS.items():
        text = aspect_text(procedure, aspect)
        if text:
            yield Passage(
                id=f"{procedure.code}#{aspect}",
                kind="procedure",
                record_id=procedure.code,
                number=procedure.code,
                title=procedure.name,
                section=heading,
                text=text,
                aspect=aspect,
                source=procedure.source.id,
                url=procedure.source.url,
            )


def aspect_text(procedure: Procedure, aspect: str) -> str:
    """The record's words on one aspect, "" when it is silent."""
    if aspect == "documents":
        return "\n".join(f"- {d.name}" + (f" ({d.quantity})" if d.quantity else "") for d in procedure.documents)
    if aspect == "fee":
        return "\n".join(filter(None, (_fee_line(s) for s in procedure.submissions)))
    if aspect == "time":
        return "\n".join(filter(None, (_time_line(s) for s in procedure.submissions)))
    if aspect == "place":
        return "\n".join(_unique([procedure.agency, procedure.place]))
    if aspect == "online":
        channels = ", ".join(_unique([CHANNEL_NAMES[s.channel] for s in procedure.submissions]))
        level = f"Dịch vụ công trực tuyến {procedure.online_level}" if procedure.online_level else ""
        return "\n".join(filter(None, [channels, level]))
    if aspect == "legal_basis":
        return "\n".join(f"- {b.title} {b.number}".rstrip() for b in procedure.legal_basis)
    if aspect == "form":
        return "\n".join(f"- {form}" for form in procedure.forms)
    if aspect == "who":
        return ", ".join(procedure.applicants)
    if aspect == "general":
        parts = [procedure.name, procedure.field, ", ".join(procedure.levels), procedure.ministry]
        return "\n".join(filter(None, parts))
    return {"steps": procedure.steps, "conditions": procedure.conditions, "result": procedure.result}[aspect]


def passages_of_plan(plan: Plan) -> Iterator[Passage]:
    """Paragraphs of each section in order, short neighbours of one section joined up to MAX_PLAN_PASSAGE."""
    for n_section, section in enumerate(plan.sections):
        heading = ". ".join(filter(None, [section.number, section.title])) or "Phần mở đầu"
        for n, text in enumerate(_group(section.paragraphs)):
            yield Passage(
                id=f"{plan.id}#{n_section}.{n}",
                kind="plan",
                record_id=plan.id,
                number=plan.number,
                title=plan.title,
                section=heading,
                text=text,
                source=plan.source.id,
                url=plan.source.url,
            )


def plan_passage_context(plan: Plan, section_path: Sequence[str]) -> str:
    """Words that a plan passage stands under: authority, year, headings from the top."""
    year = str(plan.issued_on.year) if plan.issued_on else ""
    headings = " – ".join(h[:_MAX_QUOTED_TITLE] for h in section_path)
    return " ".join(filter(None, [plan.kind, plan.number, plan.place, year, headings]))


def digest_of_procedure(procedure: Procedure) -> str:
    """A short text for the encoder: what it is, for whom, what comes out, what is handed in."""
    documents = "; ".join(d.name[:120] for d in procedure.documents[:4])
    parts = [
        procedure.name[:220],
        procedure.field,
        ", ".join(procedure.applicants[:3]),
        procedure.result[:120],
        documents,
    ]
    return ". ".join(filter(None, parts))[:420]


def _group(paragraphs: Sequence[str]) -> Iterator[str]:
    current = ""
    for paragraph in paragraphs:
        if current and len(current) + len(paragraph) > MAX_PLAN_PASSAGE:
            yield current
            current = ""
        current = f"{current}\n{paragraph}" if current else paragraph
    if current:
        yield current


def _fee_line(submission: Submission) -> str:
    if not submission.fees:
        return ""
    return f"{CHANNEL_NAMES[submission.channel]}: " + "; ".join(submission.fees)


def _time_line(submission: Submission) -> str:
    if not submission.time:
        return ""
    unit = "" if submission.is_time_certain else " (nguồn không ghi đơn vị)"
    return f"{CHANNEL_NAMES[submission.channel]}: {submission.time}{unit}"


def _unique(items: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(i for i in items if i))
