"""Lists of plans: all of one province or authority, of a year, still running or not, and those that speak of something.

Only questions whose every word is accounted for are taken (knowledge/plan_list_questions.py); the rest goes on to the search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from actions.listing import MAX_QUOTE, clip, paged_reply, said_over, vietnamese
from actions.phrases import say
from actions.plan_owners import PlanOwners
from actions.reply import Button, Citation, Context, Listing, Reply, ReplyMessage
from actions.time_notes import text_notes
from knowledge.model import Plan
from knowledge.plan_catalogue import PlanCatalogue, PlanFilter
from knowledge.plan_issuers import Issuer, bare_words
from knowledge.plan_list_questions import PlanListQuestion, names_plans, read_plan_list
from knowledge.plan_questions import read_mention_question
from knowledge.plan_tasks import Mention, find_mentions, plain_key
from nlu.diacritics import bare
from nlu.normalizer import has_diacritics
from nlu.payloads import write_payload

MAX_PLANS = 5  # each takes three lines
MAX_ITEMS = 8  # mentions in one bubble
_KEPT = 60  # plans of one owner that a conversation carries on; more are seen in the console
_MAX_TITLE = 170
_MAX_SECTION = 60
_AROUND = 110  # characters shown either side of a phrase that a plan mentions
_LONG_PHRASE = 5  # syllables from which a phrase is seldom written word for word: the search answers instead
_PLAN_INTENT = "ask_plan_"
_DETAIL = re.compile(
    r"^(?:con|the|vay|va|the con|vay con)? ?\|+ ?(?:thi sao|thi the nao|the nao|sao|thi|a|nhi)*$"
)


class PlanLists:
    """Answers questions for lists of plans.

    Args:
        owners: reads whose plans are asked for.
    """

    def __init__(self, owners: PlanOwners) -> None:
        self._owners = owners

    def answer(
        self, question: str, intent: str, catalogue: PlanCatalogue, restore: Callable[[str], str]
    ) -> Reply | None:
        """The list that a question asks for; None where it asks for something else.

        Args:
            intent: what the message was taken for; decides where its words leave it open.
            restore: gives a question its diacritics.
        """
        if not names_plans(question):
            return None
        return self._listed(question, catalogue, restore) or self._mentioned(question, intent, catalogue)

    def changed(
        self, question: str, context: Context, catalogue: PlanCatalogue, restore: Callable[[str], str]
    ) -> Reply | None:
        """ "Còn Nghệ An?": the last list of plans, of another province or authority."""
        if context.listing is None or context.listing.kind == "tasks" or len(question.split()) > 8:
            return None
        issuer, text = self._issuer(question, catalogue, restore)
        left = bare_words(text)
        for words in issuer.typed if issuer else ():
            left = left.replace(words, "|", 1)
        if issuer is None or not _DETAIL.match(left):
            return None
        if not issuer.plan_ids:
            return self._owners.none_of(issuer, catalogue)
        return self.shown(
            catalogue, replace(context.listing, shown=0, agency=issuer.said, plan_ids=_ids(issuer, catalogue))
        )

    def shown(self, catalogue: PlanCatalogue, listing: Listing) -> Reply:
        """The next page of a list of plans or of what they mention."""
        return (
            mention_reply(catalogue, listing)
            if listing.kind == "mentions"
            else plans_reply(catalogue, listing)
        )

    def _listed(self, question: str, catalogue: PlanCatalogue, restore: Callable[[str], str]) -> Reply | None:
        issuer, text = self._issuer(question, catalogue, restore)
        asked = read_plan_list(text, issuer.typed if issuer else (), catalogue.today.year)
        if asked is None:
            return None
        if issuer and not issuer.plan_ids:
            return self._owners.none_of(issuer, catalogue) if asked.is_plan else None
        listing = _listing(asked, issuer, catalogue)
        if not asked.phrase:
            return self.shown(catalogue, listing)
        if _mentions(catalogue, listing):
            return self.shown(catalogue, listing)
        is_short = asked.is_sure and len(asked.phrase.split()) < _LONG_PHRASE
        return _no_mention(_as_printed(text, asked.phrase), catalogue, listing) if is_short else None

    def _issuer(
        self, question: str, catalogue: PlanCatalogue, restore: Callable[[str], str]
    ) -> tuple[Issuer | None, str]:
        """(who is named, the text it was read in)."""
        text = question if has_diacritics(question) else restore(question)
        return self._owners.named(question, text, catalogue) or _authority(text, catalogue), text

    def _mentioned(self, question: str, intent: str, catalogue: PlanCatalogue) -> Reply | None:
        asked = read_mention_question(question)
        if asked is None or not (asked.is_sure or intent.startswith(_PLAN_INTENT)):
            return None
        listing = Listing("mentions", words=asked.phrase)
        if not _mentions(catalogue, listing):
            is_long = len(asked.phrase.split()) >= _LONG_PHRASE
            return None if is_long else _no_mention(_as_printed(question, asked.phrase), catalogue, listing)
        return self.shown(catalogue, listing)


def _authority(text: str, catalogue: PlanCatalogue) -> Issuer | None:
    """An authority that bears plans and no place in its name ("Thủ tướng Chính phủ"), named in full."""
    plain = f" {bare_words(text)} "
    named = [name for name in catalogue.authorities if f" {bare_words(name)} " in plain]
    if not named:
        return None
    said = max(named, key=len)
    ids = frozenset(plan.id for plan in catalogue.plans if plan.authority == said)
    return Issuer(said, ids, frozenset(), (plain_key(said),), is_owner=True, typed=(bare_words(said),))


def _listing(asked: PlanListQuestion, issuer: Issuer | None, catalogue: PlanCatalogue) -> Listing:
    validity = {True: "over", False: "running", None: ""}[asked.is_over]
    return Listing(
        "mentions" if asked.phrase else "plans", agency=issuer.said if issuer else "", words=asked.phrase,
        plan_ids=_ids(issuer, catalogue) if issuer else (), year=asked.year or 0, validity=validity, document=asked.kind,
    )  # fmt: skip


def _ids(issuer: Issuer, catalogue: PlanCatalogue) -> tuple[str, ...]:
    """Its plans, the latest first."""
    return tuple(plan.id for plan in catalogue.list(PlanFilter(ids=issuer.plan_ids)))[:_KEPT]


def _found(catalogue: PlanCatalogue, listing: Listing) -> list[Plan]:
    """Plans that fit a listing: those that run for certain, then those that name no time, then those that are over."""
    plans = catalogue.list(
        PlanFilter(
            listing.document, year=listing.year or None, is_over={"over": True, "running": False}.get(listing.validity),
            ids=frozenset(listing.plan_ids) if listing.plan_ids else None,
        )
    )  # fmt: skip
    return sorted(plans, key=lambda plan: (catalogue.is_over(plan), plan.period_to is None))


def plans_reply(catalogue: PlanCatalogue, listing: Listing) -> Reply:
    """One page of plans, each with number, name, day, period and whether it has passed."""
    plans = _found(catalogue, listing)
    if not plans:
        return _no_plan(catalogue, listing)
    shown = plans[listing.shown : listing.shown + MAX_PLANS]
    if not shown:
        last = tuple(_cite_whole(catalogue, plan) for plan in plans[-MAX_PLANS:])
        return paged_reply("answered_plans", say("lists.end"), last, listing, 0, 0)
    lines = (
        []
        if listing.shown
        else [
            say(
                "lists.plans", n=len(plans), noun=listing.document.lower() or "văn bản", which=_which(listing)
            )
        ]
    )
    lines += [f"{n}. {_plan_line(catalogue, plan)}" for n, plan in enumerate(shown, listing.shown + 1)]
    n_rest = len(plans) - listing.shown - len(shown)
    if n_rest:
        lines.append(say("lists.rest_mentions", n=n_rest))
    if listing.validity == "running" and not listing.shown and any(plan.period_to is None for plan in plans):
        lines.append(say("lists.running_unknown"))
    citations = tuple(_cite_whole(catalogue, plan) for plan in shown)
    return paged_reply("answered_plans", "\n\n".join(lines), citations, listing, len(shown), n_rest)


def _which(listing: Listing) -> str:
    """The conditions in words, to stand after "văn bản"."""
    parts = [f" của {listing.agency}" if listing.agency else ""]
    parts.append(say("lists.of_year", year=listing.year) if listing.year else "")
    parts.append(say(f"lists.{listing.validity}") if listing.validity else "")
    return "".join(parts)


def _plan_line(catalogue: PlanCatalogue, plan: Plan) -> str:
    head = " ".join(filter(None, [plan.kind or "Văn bản", plan.number]))
    day = f" ngày {vietnamese(plan.issued_on)}" if plan.issued_on else ""
    who = f" của {plan.authority}" if plan.authority else ""
    return f"{head}{day}{who}\n   {clip(plan.title, _MAX_TITLE)}\n   {_said_period(catalogue, plan)}"


def _said_period(catalogue: PlanCatalogue, plan: Plan) -> str:
    newer = _newer_number(catalogue, plan)
    days = " – ".join(filter(None, [vietnamese(plan.period_from), vietnamese(plan.period_to)]))
    if newer:
        return say("lists.period_replaced", newer=newer)
    if not plan.period_to:
        return say("lists.period_none")
    return say("lists.period_over" if plan.is_expired(catalogue.today) else "lists.period_runs", days=days)


def _cite_whole(catalogue: PlanCatalogue, plan: Plan) -> Citation:
    source = plan.source
    return Citation(
        "plan",
        source.id,
        plan.title,
        plan.number,
        "",
        "",
        source.url,
        source.read_on,
        catalogue.is_over(plan),
    )


def _no_plan(catalogue: PlanCatalogue, listing: Listing) -> Reply:
    """Says that no plan meets every condition, how many there are without year and validity, and offers those."""
    wider = replace(listing, year=0, validity="", document="", shown=0)
    others = _found(catalogue, wider)
    text = say(
        "lists.none_plans", n=len(others), owner=_which(wider), which=_which(replace(listing, agency=""))
    )
    button = (Button(say("lists.show_plans"), write_payload(command="more")),) if others else ()
    person = Button(say("ask_person"), write_payload(command="handoff"))
    context = Context(last_status="unanswerable_no_plan", listing=wider if others else None)
    return Reply(
        "unanswerable_no_plan", (ReplyMessage(text, (*button, person)),), confidence=1.0, context=context
    )


def _mentions(catalogue: PlanCatalogue, listing: Listing) -> tuple[Mention, ...]:
    return find_mentions(_found(catalogue, listing), listing.words)


def mention_reply(catalogue: PlanCatalogue, listing: Listing) -> Reply:
    """One page of the plans that speak of something, each with the section and the words around it."""
    mentions = _newest_first(catalogue, _mentions(catalogue, listing))
    shown = mentions[listing.shown : listing.shown + MAX_ITEMS]
    if not shown:
        last = mentions[-MAX_ITEMS:]
        return paged_reply(
            "answered_mentions",
            say("lists.end"),
            tuple(_cite_mention(catalogue, m) for m in last),
            listing,
            0,
            0,
        )
    said = _as_printed(shown[0].quote, listing.words)
    lines = (
        [] if listing.shown else [say("lists.mentions", n=len(mentions), words=said, which=_which(listing))]
    )
    lines += [
        f"{n}. {_mention_line(catalogue, mention, listing.words)}"
        for n, mention in enumerate(shown, listing.shown + 1)
    ]
    n_rest = len(mentions) - listing.shown - len(shown)
    if n_rest:
        lines.append(say("lists.rest_mentions", n=n_rest))
    lines += text_notes("\n".join(lines), catalogue.today)
    citations = tuple(_cite_mention(catalogue, mention) for mention in shown)
    return paged_reply("answered_mentions", "\n\n".join(lines), citations, listing, len(shown), n_rest)


def _newest_first(catalogue: PlanCatalogue, mentions: Sequence[Mention]) -> list[Mention]:
    def key(mention: Mention) -> tuple[bool, int]:
        plan = catalogue.get(mention.plan_id)
        issued = plan.issued_on if plan and plan.issued_on else date.min
        return plan is not None and catalogue.is_over(plan), -issued.toordinal()

    return sorted(mentions, key=key)


def _mention_line(catalogue: PlanCatalogue, mention: Mention, words: str) -> str:
    plan = catalogue.get(mention.plan_id)
    head = " ".join(filter(None, [plan.kind, mention.number])) if plan and mention.number else mention.title
    who = f" của {plan.authority}" if plan and plan.authority else ""
    newer = _newer_number(catalogue, plan)
    over = "; " + said_over(newer) if plan and catalogue.is_over(plan) else ""
    section = f", mục {clip(mention.section, _MAX_SECTION)}" if mention.section else ""
    return f"{head}{who}{section}{over}:\n   “{_around(mention.quote, words)}”"


def _cite_mention(catalogue: PlanCatalogue, mention: Mention) -> Citation:
    plan = catalogue.get(mention.plan_id)
    return Citation(
        kind="plan", source=plan.source.id if plan else mention.plan_id, title=mention.title, number=mention.number,
        section=mention.section, quote=clip(mention.quote, MAX_QUOTE), url=plan.source.url if plan else "",
        as_of=plan.source.read_on if plan else "", expired=plan is not None and catalogue.is_over(plan),
    )  # fmt: skip


def _newer_number(catalogue: PlanCatalogue, plan: Plan | None) -> str:
    """Number of what took a plan's place, "" where nothing did."""
    return next((newer.number or newer.title for newer in catalogue.replaced_by(plan)), "") if plan else ""


def _no_mention(phrase: str, catalogue: PlanCatalogue, listing: Listing) -> Reply:
    text = say(
        "lists.none_mentions", plans=len(_found(catalogue, listing)), words=phrase, which=_which(listing)
    )
    person = Button(say("ask_person"), write_payload(command="handoff"))
    return Reply(
        "unanswerable_no_task",
        (ReplyMessage(text, (person,)),),
        confidence=1.0,
        context=Context(last_status="unanswerable_no_task"),
    )


def _around(text: str, phrase: str) -> str:
    """The part of a paragraph that holds a phrase, cut at words."""
    found = _find(text, phrase)
    if found is None or len(text) <= 2 * _AROUND + len(phrase):
        return clip(text, 3 * _AROUND)
    start, end = max(0, found[0] - _AROUND), min(len(text), found[1] + _AROUND)
    start = 0 if start == 0 else text.find(" ", start) + 1
    end = len(text) if end == len(text) else text.rfind(" ", 0, end)
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def _as_printed(text: str, phrase: str) -> str:
    found = _find(text, phrase)
    return text[found[0] : found[1]] if found else phrase


def _find(text: str, phrase: str) -> tuple[int, int] | None:
    """Where a phrase without diacritics stands in a text; None where short forms hide it."""
    plain = bare(text).lower()
    if len(plain) != len(text):
        return None
    found = re.search(r"\W+".join(map(re.escape, phrase.split())), plain)
    return found.span() if found else None
