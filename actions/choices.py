"""Asking back: which procedure is meant, and reading the answer to that question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actions.phrases import say
from actions.reply import Button, Choice, ReplyMessage
from knowledge.model import Family, FamilyOption, Procedure, ProcedureHit
from knowledge.retrieval.search import Searcher
from nlu.payloads import write_payload
from nlu.types import Entity

MAX_CHOICES = 6
_NEAR = 3  # ranks within which a choice counts as found by its words
_MIN_LEAD = 0.5  # fused score before the next choice
_ONLY_SAID = 0.12  # the same where no other choice shares a word with the answer
_LEAST_SAID = 0.4  # share of a free answer's weight that must stand in one choice's words more than in any other's


def ask_which(procedures: Sequence[Procedure]) -> tuple[ReplyMessage, tuple[Choice, ...]]:
    """Ask which procedure is meant: buttons, and numbers for channels and people without them."""
    choices = choices_of(procedures[:MAX_CHOICES])
    lines = [f"{n}. {choice.name}" for n, choice in enumerate(choices, 1)]
    text = "\n".join([say("choose"), *lines, say("choose_hint")])
    return ReplyMessage(text, buttons_of(choices)), choices


def ask_family(family: Family) -> tuple[ReplyMessage, tuple[Choice, ...]]:
    """Ask a family's own question: what the options differ in, not their official names."""
    choices = tuple(
        Choice(option.codes[0], option.label, ", ".join((option.label, *option.words)))
        for option in family.options[:MAX_CHOICES]
    )
    lines = [f"{n}. {choice.name}" for n, choice in enumerate(choices, 1)]
    text = "\n".join([family.ask, *lines, say("choose_hint")])
    return ReplyMessage(text, buttons_of(choices)), choices


def choices_of(procedures: Iterable[Procedure]) -> tuple[Choice, ...]:
    """Choices with the facet that sets each apart: the words of its name that the others lack."""
    procedures = tuple(procedures)
    names = [p.name.split() for p in procedures]
    common = set.intersection(*(set(map(str.lower, n)) for n in names)) if len(names) > 1 else set()
    return tuple(
        Choice(p.code, p.name, " ".join(w for w in n if w.lower() not in common) or p.name)
        for p, n in zip(procedures, names, strict=True)
    )


def buttons_of(choices: Iterable[Choice]) -> tuple[Button, ...]:
    return tuple(
        Button(f"{n}. {choice.name}", write_payload(procedure_code=choice.code))
        for n, choice in enumerate(choices, 1)
    )


def plain_buttons_of(choices: Iterable[Choice]) -> tuple[Button, ...]:
    """Buttons without numbers, for choices that no question lists."""
    return tuple(Button(choice.name, write_payload(procedure_code=choice.code)) for choice in choices)


def numbered_choice(entities: Sequence[Entity], choices: Sequence[Choice]) -> Choice | None:
    """The choice a reader made by number or ordinal; None when there is none or it is out of range."""
    for entity in entities:
        if entity.kind == "ordinal":
            n = int(entity.value)
            if n == -1:
                return choices[-1]
            if 1 <= n <= len(choices):
                return choices[n - 1]
    return None


def worded_choice(searcher: Searcher, text: str, choices: Sequence[Choice], least: float = _LEAST_SAID) -> Choice | None:
    """The choice whose own words make up most of a free answer; None when none is clearly meant.

    Args:
        text: restored text of the message.
        least: share of the answer's weight of words by which it has to lead.
    """
    options = [FamilyOption(choice.name, (choice.code,), (choice.facet,)) for choice in choices]
    i, lead, is_only = searcher.option_meant(text, options)
    return choices[i] if lead >= (min(least, _ONLY_SAID) if is_only and least <= _LEAST_SAID else least) else None


def nearest_choice(ranked: Sequence[ProcedureHit], choices: Sequence[Choice]) -> Choice | None:
    """The choice that a search for the answer's words finds first, and clearly before the other choices."""
    by_code = {choice.code: choice for choice in choices}
    found = [h for h in ranked if h.procedure.code in by_code]
    if not found or found[0] not in ranked[:_NEAR]:
        return None
    lead = found[0].signals["fused"] - found[1].signals["fused"] if len(found) > 1 else _MIN_LEAD
    return by_code[found[0].procedure.code] if lead >= _MIN_LEAD else None
