"""Cut records into passages: one per aspect of a procedure, one per section (or part of one) of a plan.

Passage texts are the record's own words under a fixed heading; nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.model import Passage, Plan, PlanSection, Procedure, Submission
from knowledge.sources.plan_lines import KINDS

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
MAX_PLAN_PASSAGE = 850  # characters; a sentence is never split, so one may be longer
_SENTENCE_END = re.compile(r"(?<=[.;])\s+(?=[^\W\d_]|[-+•“(])")
_MAX_QUOTED_TITLE = 160
_ATTACHED_PART = re.compile(rf"(?:{KINDS})(?::|$)", re.IGNORECASE)  # the plan's own title once more


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
    """A section each, with what stands beneath it: small sections whole, larger ones by their numbered parts.

    Items without a heading of their own are joined under the heading above them, up to MAX_PLAN_PASSAGE; each keeps
    its label ("a. …"). A line that announces others ("… như sau:") goes with them.
    """
    n = 0
    for heading, texts in _plan_pieces(_plan_tree(plan.sections)):
        for text in _grouped(texts):
            yield Passage(
                id=f"{plan.id}#{n}",
                kind="plan",
                record_id=plan.id,
                number=plan.number,
                title=plan.title,
                section=heading or "Phần mở đầu",
                text=text,
                source=plan.source.id,
                url=plan.source.url,
            )
            n += 1


def plan_passage_context(plan: Plan, section_path: Sequence[str]) -> str:
    """Words that a plan passage stands under: kind, number, place, year, headings from the top.

    Args:
        section_path: headings from the top; for a passage's ``section`` alone those above it are taken from the plan.
    """
    if len(section_path) == 1:
        section_path = plan_headings(plan).get(section_path[0], tuple(section_path))
    year = str(plan.issued_on.year) if plan.issued_on else ""
    numbered = [h for h in section_path if not _ATTACHED_PART.match(h)]
    headings = " – ".join(h[:_MAX_QUOTED_TITLE] for h in numbered)
    return " ".join(filter(None, [plan.kind, plan.number, plan.place, year, headings]))


def plan_headings(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Each heading as passages name it ("V.7. Sở Tài chính"), with the headings from the top down to it."""
    return {_heading(section): section.path for section in plan.sections if section.title}


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


@dataclass
class _PlanNode:
    """A section with the sections beneath it; ``label`` is the last part of its number."""

    section: PlanSection | None
    children: list[_PlanNode] = field(default_factory=list)

    @property
    def is_item(self) -> bool:
        """Reads as a line of the section above it: no heading, or a heading with nothing beneath."""
        return self.section is not None and (not self.section.title or not (self.section.paragraphs or self.children))

    @property
    def is_first_article(self) -> bool:
        return self.section is not None and self.section.number == "Điều 1"

    def lines(self) -> list[str]:
        """Everything in reading order; the sections beneath begin with their label."""
        own = list(self.section.paragraphs) if self.section else []
        return own + [line for child in self.children for line in child.labelled()]

    def labelled(self) -> list[str]:
        label = self.section.number.rsplit(".", 1)[-1] if self.section else ""
        first = [self.section.title] if self.section and self.section.title else []
        lines = first + self.lines()
        return [f"{label}. {lines[0]}" if label else lines[0], *lines[1:]] if lines else []


def _plan_tree(sections: Sequence[PlanSection]) -> _PlanNode:
    """Sections hung below the last one whose path they continue; the root holds the top ones."""
    root = _PlanNode(None)
    open_nodes: dict[tuple[str, ...], _PlanNode] = {(): root}
    for section in sections:
        above = section.path[:-1] if section.title else section.path
        while above not in open_nodes:
            above = above[:-1]
        node = _PlanNode(section)
        open_nodes[above].children.append(node)
        if section.title:
            open_nodes[section.path] = node
    return root


def _plan_pieces(node: _PlanNode, depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """(heading, lines) in reading order: a section below the top whole where it is small, else taken apart."""
    heading = _heading(node.section) if node.section else ""
    lines = node.lines()
    has_parts = any(not child.is_item for child in node.children)
    if node.section and (not has_parts or (depth > 1 and sum(map(len, lines)) <= MAX_PLAN_PASSAGE)):
        if lines:
            yield heading, lines
        return
    waiting = list(node.section.paragraphs) if node.section else []
    for child in node.children:
        if child.is_item:
            if waiting and child.is_first_article:
                yield heading, waiting
                heading, waiting = child.section.number, []
            waiting += child.labelled()
            continue
        if waiting:
            yield heading, waiting
            waiting = []
        yield from _plan_pieces(child, depth + 1)
    if waiting:
        yield heading, waiting


def _heading(section: PlanSection) -> str:
    return ". ".join(filter(None, [section.number, section.title]))


def _grouped(lines: Sequence[str]) -> Iterator[str]:
    """Lines joined up to MAX_PLAN_PASSAGE; a line that is longer is cut at the ends of its sentences."""
    group: list[str] = []
    for line in (part for whole in lines for part in _cut(whole)):
        if group and sum(map(len, group)) + len(line) > MAX_PLAN_PASSAGE:
            is_lead_in = len(group) > 1 and group[-1].endswith(":")
            kept = group[:-1] if is_lead_in else group
            yield "\n".join(kept)
            group = group[len(kept) :]
        group.append(line)
    if group:
        yield "\n".join(group)


def _cut(line: str) -> Iterator[str]:
    current = ""
    for sentence in _SENTENCE_END.split(line) if len(line) > MAX_PLAN_PASSAGE else [line]:
        if current and len(current) + len(sentence) > MAX_PLAN_PASSAGE:
            yield current
            current = ""
        current = f"{current} {sentence}" if current else sentence
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
