"""The list of procedures that one number names: a document that many rest on, a form that several use."""

from __future__ import annotations

from collections.abc import Sequence

from actions.answers import cite
from actions.asked import Turn
from actions.choices import ask_which
from actions.phrases import say
from actions.reply import Context, Reply, ReplyMessage
from knowledge.model import ProcedureHit

_TOLD = 1.0  # fused score by which the words beside a number tell one of its procedures from the next


def is_told(hits: Sequence[ProcedureHit]) -> bool:
    """Whether the first of several procedures of one number is named far more nearly than the others."""
    return hits[0].signals["fused"] - hits[1].signals["fused"] >= _TOLD


def list_for_number(hits: Sequence[ProcedureHit], turn: Turn, recent: tuple[str, ...]) -> Reply:
    """The procedures to choose from, with how many there are in all.

    Args:
        hits: all procedures of the number, best first; at least one.
        recent: codes of earlier turns to keep.
    """
    entity = turn.entity("document_number") or turn.entity("form")
    kind, value = (entity.kind, entity.value) if entity else ("document_number", "")
    message, choices = ask_which([h.procedure for h in hits])
    n_rest = len(hits) - len(choices)
    lines = [say("lookup", kind=say(f"lookup_kinds.{kind}"), value=value, n=len(hits))]
    lines += [f"{n}. {c.name} (mã {c.code})" for n, c in enumerate(choices, 1)]
    lines += [say("lookup_rest", n=n_rest)] * bool(n_rest) + [say("lookup_choose")]
    first, aspect = hits[0].procedure, "form" if kind == "form" else "legal_basis"
    return Reply(
        status="answered_lookup",
        messages=(ReplyMessage("\n".join(lines), message.buttons),),
        aspect=turn.aspect or aspect,
        procedure={"code": first.code, "name": first.name},
        choices=choices,
        citations=tuple(cite(h.procedure, aspect) for h in hits[: len(choices)]),
        confidence=1.0,
        context=Context(choices=choices, pending_aspect=turn.aspect, last_status="answered_lookup", recent=recent),
    )
