"""Questions about a plan itself: who signed and issued it, when, until when it holds, what it rests on and replaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from actions.phrases import say
from actions.plan_answers import name_of
from actions.reply import Citation
from actions.time_notes import vietnamese_day
from knowledge.model import LegalBasis, Plan
from nlu.diacritics import bare

_MAX_GROUNDS = 6
_TEXT = r"(?:ke hoach|quyet dinh|huong dan|chuong trinh|van ban)"
_WHEN = r"(?:ngay nao|khi nao|luc nao|bao gio|nam nao|hoi nao)"
_OF_LAW = re.compile(r"\b(?:luat|nghi dinh|thong tu|chi thi|nghi quyet)\b[a-z0-9 ]*\b(?:hieu luc|ban hanh|thay the)\b")
_HELD = rf"(?:con|co|het) hieu luc|hieu luc (?:den|toi|tu|khi|bao|the)|(?:thoi gian thuc hien|giai doan) cua {_TEXT}|da het han chua|con ap dung"


def head_of(question: str, plan: Plan, today: date, newer: Plan | None) -> str:
    """What the plan's head says to the question, "" where the question asks for something else.

    Args:
        newer: the plan that took its place by today, if any.
    """
    text = " ".join(re.findall(r"[a-z0-9]+", bare(question).lower()))
    if _OF_LAW.search(text):
        return ""
    tell = next((tell for pattern, tell in _ASKED if re.search(rf"\b(?:{pattern})\b", text)), None)
    return tell(plan, today, newer) if tell else ""


def cite_head(plan: Plan, today: date, newer: Plan | None) -> Citation:
    """The plan as a whole, cited for its head."""
    source = plan.source
    is_over = newer is not None or plan.is_expired(today)
    return Citation("plan", source.id, plan.title, plan.number, say("plan_head_section"), "", source.url, source.read_on, is_over)


def _signer(plan: Plan, today: date, newer: Plan | None) -> str:
    if not plan.signer:
        return say("plan_silent", plan=name_of(plan), what="người ký")
    return say("plan_signed", plan=name_of(plan), signer=f"{plan.signer_role} {plan.signer}".strip())


def _issued(plan: Plan, today: date, newer: Plan | None) -> str:
    if not plan.issued_on or not plan.authority:
        return say("plan_silent", plan=name_of(plan), what="nơi hoặc ngày ban hành")
    return say("plan_issued", number=f"{plan.kind} {plan.number}".strip(), authority=plan.authority, day=vietnamese_day(plan.issued_on))


def _period(plan: Plan, today: date, newer: Plan | None) -> str:
    if newer:
        return say("plan_now", plan=name_of(plan), newer=name_of(newer))
    if not plan.period_to:
        return say("plan_silent", plan=name_of(plan), what="ngày kết thúc")
    since = vietnamese_day(plan.period_from) if plan.period_from else ""
    key = "plan_period_over" if plan.is_expired(today) else "plan_period"
    return say(key, plan=name_of(plan), period=" – ".join(filter(None, [since, vietnamese_day(plan.period_to)])), today=vietnamese_day(today))


def _replaces(plan: Plan, today: date, newer: Plan | None) -> str:
    parts = [say("plan_now", plan=name_of(plan), newer=name_of(newer))] if newer else []
    if plan.replaces:
        parts.append(say("plan_replaces", plan=name_of(plan), texts=_listed(plan.replaces)))
    return "\n".join(parts) or say("plan_replaces_none", plan=name_of(plan))


def _grounds(plan: Plan, today: date, newer: Plan | None) -> str:
    if not plan.legal_grounds:
        return say("plan_silent", plan=name_of(plan), what="căn cứ")
    return say("plan_grounds", plan=name_of(plan), texts=_listed(plan.legal_grounds))


def _listed(texts: tuple[LegalBasis, ...]) -> str:
    lines = [f"\n- {text.title or text.number}" for text in texts[:_MAX_GROUNDS]]
    return "".join(lines) + (f"\n… và {len(texts) - _MAX_GROUNDS} văn bản khác" if len(texts) > _MAX_GROUNDS else "")


_ASKED: tuple[tuple[str, Callable[[Plan, date, Plan | None], str]], ...] = (
    (rf"(?:ai|nguoi nao) (?:la nguoi )?(?:da )?k[yi](?: ban hanh)?(?: {_TEXT}|$)|nguoi k[yi] {_TEXT}|k[yi] boi ai$|do ai k[yi]$", _signer),
    (rf"(?:bi|duoc|da) (?:thay the|bai bo)|(?:thay the|bai bo) (?:cho )?{_TEXT}", _replaces),
    (_HELD, _period),
    (rf"(?:ai|(?:co quan|don vi|noi|tinh) nao) (?:da )?ban hanh {_TEXT}|do (?:ai|co quan nao) ban hanh|{_TEXT}(?: \w+){{0,4}} (?:duoc )?(?:ban hanh|k[yi]) {_WHEN}|cua (?:tinh|co quan|noi|ai) nao$", _issued),
    (r"can cu (?:phap ly|vao dau|vao gi|gi|nao|van ban nao|vao van ban nao)|dua tren (?:van ban|can cu) nao", _grounds),
)  # fmt: skip
