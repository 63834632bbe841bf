"""Keeps a question about one province's or authority's plan to the plans of that one, or says that there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actions.phrases import say
from actions.plan_answers import name_of
from actions.reply import Button, Context, Reply, ReplyMessage
from knowledge.model import Hit, Plan
from knowledge.places.units import Units
from knowledge.plan_catalogue import PlanCatalogue
from knowledge.plan_issuers import Issuer, IssuerReader
from knowledge.plan_questions import read_task_question
from knowledge.retrieval.search import Searcher
from nlu.normalizer import has_diacritics
from nlu.payloads import write_payload

_SHOWN_PLANS = 4
_SHOWN_PLACES = 12


@dataclass(frozen=True)
class Kept:
    """Passages that may answer, and a sentence to be said before them ("" for none)."""

    hits: tuple[Hit, ...]
    lead: str = ""


class PlanOwners:
    """Reads whose plan is asked for.

    Args:
        units: gives the administrative units; called at the first question about plans.
    """

    def __init__(self, units: Callable[[], Units]) -> None:
        self._units = units
        self._last: tuple[PlanCatalogue, IssuerReader] | None = None

    def named(self, question: str, restored: str, catalogue: PlanCatalogue) -> Issuer | None:
        """Who is named in a question about plans, None where nobody is."""
        if self._last is None or self._last[0] is not catalogue:
            self._last = catalogue, IssuerReader(catalogue.plans, self._units)
        return self._last[1].read(question, restored)

    def keep(self, issuer: Issuer, hits: Sequence[Hit], numbered: Sequence[str], search_all: Callable[[], Sequence[Hit]]) -> Kept:
        """Passages of the issuer's own plans; where it has none, those of others that speak of it, and so told.

        Args:
            hits: the first ranked; ``search_all`` gives all of them where none of these is the issuer's.
            numbered: ids of plans whose number the question names; several authorities use one number.
        """
        if numbered:
            own = issuer.plan_ids & set(numbered)
            if not own and not issuer.is_owner:
                return Kept(tuple(hits))
            return Kept(tuple(hit for hit in hits if hit.passage.record_id in own))
        if issuer.plan_ids:
            own_hits = _of(hits, issuer) or _of(search_all(), issuer)
            return Kept(own_hits)
        if hits and issuer.is_held_by(f"{hits[0].passage.title} {hits[0].passage.section} {hits[0].passage.text}"):
            return Kept(tuple(hits), say("plan_of_other", said=issuer.said))
        return Kept(())

    def none_of(self, issuer: Issuer, catalogue: PlanCatalogue) -> Reply:
        """Says that there is no plan of the one named, and which there are."""
        became = " " + say("no_plan_became", said=issuer.said, became=issuer.became) if issuer.became else ""
        lines = [say("no_plan_number" if issuer.plan_ids else "no_plan", said=issuer.said) + became]
        near = [plan for plan_id in issuer.plan_ids or issuer.near_ids if (plan := catalogue.get(plan_id))]
        near.sort(key=lambda plan: plan.issued_on.toordinal() if plan.issued_on else 0, reverse=True)
        if near:
            lines += [say("no_plan_near"), *(f"- {_told(plan)}" for plan in near[:_SHOWN_PLANS])]
        elif places := _places(catalogue.plans):
            lines.append(say("no_plan_held", places=", ".join(places[:_SHOWN_PLACES]) + (" …" if len(places) > _SHOWN_PLACES else "")))
        person = Button(say("ask_person"), write_payload(command="handoff"))
        return Reply(
            status="unanswerable_no_plan",
            messages=(ReplyMessage("\n".join(lines), (person,)),),
            confidence=1.0,
            context=Context(last_status="unanswerable_no_plan"),
        )


def asks_plans(question: str, restored: str, issuer: Issuer, catalogue: PlanCatalogue) -> bool:
    """Whether plans are asked for in so many words, or tasks with the issuer's name left out of the question."""
    text = question if has_diacritics(question) else restored
    without = re.sub(re.escape(issuer.said), " ", text, flags=re.IGNORECASE)
    return "kế hoạch" in restored.lower() or read_task_question(without, catalogue.tasks, catalogue.today) is not None


def all_plan_hits(searcher: Searcher, question: str) -> tuple[Hit, ...]:
    """Every passage of every plan, ranked."""
    n_passages = len(searcher.index.passages) - searcher.index.manifest.n_passages
    return searcher.search(question, top_k=n_passages, kinds=["plan"]).plan_hits


def _of(hits: Sequence[Hit], issuer: Issuer) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.passage.record_id in issuer.plan_ids)


def _told(plan: Plan) -> str:
    return f"{name_of(plan)}: {plan.title}" if plan.number and plan.authority and plan.issued_on else name_of(plan)


def _places(plans: Sequence[Plan]) -> list[str]:
    """Where the plans come from, those with most plans first."""
    counts: dict[str, int] = {}
    for plan in plans:
        if plan.authority:
            counts[plan.authority] = counts.get(plan.authority, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])
