"""Reads a plan or decision from its plain text (.txt) or Markdown (.md), as web pages and OCR give it.

The flow: paragraphs (plan_lines), head (plan_head), signer and grounds (plan_marks), sections and tables
(plan_sections), tasks (plan_tasks).
"""

from __future__ import annotations

from pathlib import Path

from knowledge.errors import SourceError
from knowledge.model import Plan, Source
from knowledge.sources.plan_head import read_head
from knowledge.sources.plan_lines import read_paragraphs
from knowledge.sources.plan_marks import read_legal_grounds, read_replaced, read_signer
from knowledge.sources.plan_sections import build_sections
from knowledge.sources.plan_tasks import find_tasks
from knowledge.sources.text import digest_of, read_on_of


def read_plan(path: Path) -> Plan:
    """One plan; its id is the file's stem.

    Raises:
        SourceError: the file cannot be read as text in UTF-8, or holds no words.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise SourceError(path, "a text file in UTF-8", type(exc).__name__, "save it as UTF-8 and read it again") from exc
    paragraphs = read_paragraphs(text)
    if not paragraphs:
        raise SourceError(path, "the text of a plan", "an empty file", "fetch the file again")
    head = read_head(paragraphs)
    sections, tables = build_sections(head.body)
    signer, signer_role = read_signer(paragraphs)
    return Plan(
        id=path.stem,
        title=head.title,
        source=Source(path.name, head.title, "", read_on_of(path), digest_of(raw)),
        number=head.number,
        kind=head.kind,
        authority=head.authority,
        place=head.place,
        issued_on=head.issued_on,
        period_from=head.period_from,
        period_to=head.period_to,
        sections=sections,
        tasks=find_tasks(sections, tables),
        signer=signer,
        signer_role=signer_role,
        legal_grounds=read_legal_grounds(head.body),
        replaces=read_replaced(paragraphs),
    )
