"""What lists over all plans share: pages that can be gone on with, and how days and long texts are told in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from actions.phrases import say
from actions.reply import Button, Citation, Context, Listing, Reply, ReplyMessage
from nlu.payloads import write_payload

MAX_QUOTE = 600


def paged_reply(
    status: str, text: str, citations: tuple[Citation, ...], listing: Listing, n_shown: int, n_rest: int
) -> Reply:
    """One page of a list; ``n_rest`` items are left for the button that goes on."""
    more = (Button(say("lists.more"), write_payload(command="more")),) if n_rest else ()
    person = Button(say("ask_person"), write_payload(command="handoff"))
    return Reply(
        status=status,
        messages=(ReplyMessage(text, (*more, person)),),
        citations=citations,
        confidence=1.0,
        context=Context(last_status=status, listing=replace(listing, shown=listing.shown + n_shown)),
    )


def said_over(newer: str) -> str:
    """That a plan's time has passed, or the number of what took its place."""
    return say("lists.replaced", newer=newer) if newer else say("lists.is_over")


def clip(text: str, limit: int) -> str:
    """One line of at most about ``limit`` characters, cut at a word."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def day_of(text: str) -> date | None:
    """The day of an ISO date, None for ""."""
    return date.fromisoformat(text) if text else None


def vietnamese(day: date | None) -> str:
    """31/12/2026, "" for none."""
    return day.strftime("%d/%m/%Y") if day else ""
