"""Asking back which procedure is meant; the answer is read in choosing.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actions.phrases import say
from actions.reply import Button, Choice, ReplyMessage
from knowledge.model import Family, Procedure
from knowledge.retrieval.matching import telling_terms, without_brackets
from nlu.payloads import write_payload

MAX_CHOICES = 6


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


def is_plain_case(procedures: Sequence[Procedure]) -> bool:
    """Whether the first procedure's name is wholly contained in each of the others' ("đăng ký khai sinh" beside "đăng ký
    khai sinh có yếu tố nước ngoài", "… lưu động"): who means a special case says so."""
    first, *others = ({*telling_terms(without_brackets(p.name))} for p in procedures)
    return bool(others) and all(first < other for other in others)


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
