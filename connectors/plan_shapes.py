"""Plans and tasks as JSON: what ``/api/v1/plans`` and ``/api/v1/tasks`` send."""

from __future__ import annotations

from typing import Any

from knowledge.model import LegalBasis, Plan
from knowledge.plan_catalogue import PlanCatalogue, SectionNode
from knowledge.plan_doubts import DOUBTS
from knowledge.plan_tasks import PlannedTask
from knowledge.validity.documents import ended_in


def plan_summary(plan: Plan, catalogue: PlanCatalogue) -> dict[str, Any]:
    return {
        "id": plan.id, "number": plan.number, "kind": plan.kind, "title": plan.title, "authority": plan.authority,
        "place": plan.place, "issued_on": plan.issued_on, "period_from": plan.period_from, "period_to": plan.period_to,
        "over": catalogue.is_over(plan), "n_tasks": len(plan.tasks),
    }  # fmt: skip


def plan_detail(plan: Plan, catalogue: PlanCatalogue) -> dict[str, Any]:
    source = plan.source
    return plan_summary(plan, catalogue) | {
        "signer": plan.signer,
        "signer_role": plan.signer_role,
        "legal_grounds": [_basis(basis, catalogue) for basis in plan.legal_grounds],
        "replaces": [_basis(basis, catalogue) for basis in plan.replaces],
        "replaced_by": [{"id": p.id, "number": p.number, "title": p.title} for p in catalogue.replaced_by(plan)],
        "source": {"id": source.id, "title": source.title, "url": source.url, "read_on": source.read_on},
        "sections": [_section(node) for node in catalogue.tree(plan)],
        "tasks": [task_json(planned, catalogue) for planned in catalogue.tasks_of(plan.id)],
    }


def task_json(planned: PlannedTask, catalogue: PlanCatalogue) -> dict[str, Any]:
    task, deadline = planned.task, planned.deadline
    return {
        "id": planned.id, "what": task.what, "lead": task.lead, "co_agencies": list(task.co_agencies), "product": task.product,
        "deadline": {"text": deadline.text, "kind": deadline.kind, "starts": deadline.starts, "due": deadline.due},
        "overdue": deadline.is_overdue(catalogue.today), "section": planned.heading, "quote": planned.quote,
        "plan_id": planned.plan_id, "plan_number": planned.number, "plan_title": planned.title,
        "plan_authority": planned.authority, "plan_over": planned.is_plan_over,
        "uncertain": [{"code": code, "text": DOUBTS[code][0], "text_en": DOUBTS[code][1]} for code in planned.doubts],
    }  # fmt: skip


def _basis(basis: LegalBasis, catalogue: PlanCatalogue) -> dict[str, Any]:
    ended = next(iter(ended_in(f"{basis.number} {basis.title}", catalogue.today)), None)
    marks = {"ended_on": ended.ended, "now": ended.by} if ended else {"ended_on": None, "now": ""}
    return {"number": basis.number, "title": basis.title} | marks


def _section(node: SectionNode) -> dict[str, Any]:
    return {
        "number": node.number, "heading": node.heading, "paragraphs": list(node.paragraphs),
        "task_ids": [planned.id for planned in node.tasks], "children": [_section(child) for child in node.children],
    }  # fmt: skip
