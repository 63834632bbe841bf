"""Answers about one procedure: one template an aspect, filled with the record's own words, with its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from actions.phrases import phrases, say
from actions.quotes import filing_place, shorten, stage_times
from actions.reply import Button, Citation, ReplyMessage
from actions.time_notes import district_note, ended_notes, rule_notes, standing_notes, without_ended
from knowledge.chunking import ASPECT_HEADINGS, aspect_text
from knowledge.model import Procedure, RequiredDocument, Submission
from nlu.payloads import write_payload

MAX_DOCUMENTS = 20  # more do not fit a chat; the rest is counted and the source named
MAX_DOCUMENT_NAME = 320  # characters shown of one paper's name
MAX_FORMS = 8
MAX_NAME = 130  # characters of a name in a heading; the card and the source hold it whole
MAX_NOTES = 2
MAX_PROSE = 1100  # characters shown of steps and conditions
_NEXT_ASPECTS = ("documents", "fee", "time", "place", "online")
_QUOTE = 280
_NARROWED = " nơi "  # which of many offices of a kind: "Sở Tài chính nơi đặt trụ sở"
_NO_QUANTITY = ("0 bản chính", "bản chính: 0 - bản sao: 0")  # the portal's mark on rows that are remarks
_MONEY = re.compile(r"phí|đồng|tiền|miễn|thu |usd|%", re.I)
_FILLED_IN = re.compile(r"^\W*(?:\d+[.)]\s*)?(?:Đơn|Tờ khai|Bản khai|Phiếu|(?:Giấy|Văn bản|Công văn) đề nghị|Đề nghị)\b|\b[Mm]ẫu\b")
_DURATION = re.compile(r"(ngày|giờ|tháng|tuần|phút)(?! \d+/)|thời hạn|thời gian|ngay", re.I)  # not a date
_AMOUNT = re.compile(r"[1-9][\d.,]*\s*(đồng|việt nam đồng|vnđ|usd)")


def answer_aspects(
    procedure: Procedure, aspects: Sequence[str], extra_quote: str = "", today: date | None = None, lead: str = ""
) -> tuple[ReplyMessage, tuple[Citation, ...], bool]:
    """Compose the answer to one or more aspects.

    Args:
        aspects: at least one key of knowledge.model.ASPECTS.
        extra_quote: a passage of the same record that holds the question's words, shown when the aspect
            itself does not contain it.
        today: the day whose rules are told; the real one when None.
        lead: told before everything else.

    Returns:
        (message, citations one an aspect, is_silent: the record says nothing on any of them).
    """
    blocks, is_silent = [lead] if lead else [], True
    standing = without_ended(procedure, today or date.today())
    for aspect in aspects:
        body = aspect_body(standing, aspect)
        told = _told_in_steps(standing, aspect, body)
        if body:
            head = say(f"heads.{aspect}", name=short_name(procedure))
            blocks.append(f"{head}\n{body}" if aspect != "general" else body)
        elif told:
            blocks.append(say("field_empty", name=short_name(procedure), aspect=say(f"aspects.{aspect}")))
        else:
            blocks.append(say("silent", name=short_name(procedure), aspect=say(f"aspects.{aspect}")))
        blocks += [told] if told else []
        is_silent = is_silent and not (body or told)
    if is_silent and list(aspects) == ["conditions"]:  # "… được không?": what is known helps more than nothing
        blocks.append(_overview(standing))
    text = "\n\n".join(blocks)
    if extra_quote and extra_quote[:80] not in text:
        text += "\n\n" + say("also_in_record", quote=extra_quote)
    text += _caveats(procedure, aspects, text, today or date.today())
    citations = tuple(cite(procedure, aspect) for aspect in aspects)
    return ReplyMessage(text, next_buttons(procedure, aspects), card_of(procedure)), citations, is_silent


def _told_in_steps(procedure: Procedure, aspect: str, body: str) -> str:
    """What the steps say beside a field: where exactly to hand the file in, how long each step takes; "" for nothing."""
    if aspect == "place":
        line = filing_place(procedure)
        is_news = not body or (_NARROWED in line and _NARROWED not in body)
        return say("filing_place", quote=line) if line and is_news else ""
    stages = stage_times(procedure) if aspect == "time" and not body else ()
    return say("stage_times", lines="\n".join(f"- “{line}”" for line in stages)) if stages else ""


def aspect_body(procedure: Procedure, aspect: str) -> str:
    """The record's words on an aspect, laid out for reading; "" when it is silent."""
    if aspect == "documents":
        return _documents(procedure.documents)
    if aspect == "fee":
        return _fees(procedure.submissions)
    if aspect == "time":
        return _times(procedure.submissions)
    if aspect == "online":
        return _channels(procedure)
    if aspect == "form":
        return _forms(procedure)
    if aspect == "general":
        return _overview(procedure)
    if aspect in ("steps", "conditions", "result", "place"):
        return shorten(aspect_text(procedure, aspect), MAX_PROSE)
    return aspect_text(procedure, aspect)


def short_name(procedure: Procedure) -> str:
    """The name for headings: without "Thủ tục", cut at a word where it runs over lines."""
    name = re.sub(r"^Thủ tục (?=\S)", "", procedure.name)
    name = name[:1].upper() + name[1:]
    return name if len(name) <= MAX_NAME else name[:MAX_NAME].rsplit(" ", 1)[0] + " …"


def cite(procedure: Procedure, aspect: str) -> Citation:
    """The source of one aspect of a record."""
    text = aspect_text(procedure, aspect) or procedure.name
    return Citation(
        kind="procedure",
        source=procedure.source.id,
        title=procedure.name,
        number=procedure.code,
        section=ASPECT_HEADINGS[aspect],
        quote=shorten(text, _QUOTE),
        url=procedure.source.url,
        as_of=procedure.source.read_on,
    )


def next_buttons(procedure: Procedure, asked: Iterable[str]) -> tuple[Button, ...]:
    """Aspects not asked yet and a person."""
    asked = set(asked)
    buttons = [
        Button(say(f"aspects.{aspect}"), write_payload(procedure_code=procedure.code, aspect=aspect))
        for aspect in _NEXT_ASPECTS
        if aspect not in asked
    ]
    return (*buttons, Button(say("ask_person"), write_payload(command="handoff")))


def card_of(procedure: Procedure) -> dict[str, object]:
    """What a channel that can show cards shows beside the text: name, code, agency, link."""
    rows = [{"label": "Mã thủ tục", "value": procedure.code}]
    if procedure.agency:
        rows.append({"label": "Cơ quan thực hiện", "value": shorten(procedure.agency, 160)})
    return {"title": procedure.name, "text": "", "rows": rows, "url": procedure.source.url}


def _documents(documents: Sequence[RequiredDocument]) -> str:
    lines, case = [], ""
    for document in documents[:MAX_DOCUMENTS]:
        if document.case and document.case != case:
            case = document.case
            lines.append(say("case", case=shorten(case.lstrip("*-• "), MAX_DOCUMENT_NAME)))
        quantity = "" if document.quantity.strip().lower() in _NO_QUANTITY else document.quantity
        details = "; ".join(filter(None, [quantity, document.form]))
        name = shorten(document.name, MAX_DOCUMENT_NAME)
        lines.append(f"- {name}" + (f" ({details})" if details else ""))
    if len(documents) > MAX_DOCUMENTS:
        lines.append(say("more_documents", n=len(documents) - MAX_DOCUMENTS))
    return "\n".join(lines)


def _forms(procedure: Procedure) -> str:
    """Papers that are filled in, each with its form; then the forms that no paper names."""
    papers = [d for d in procedure.documents if d.form or _FILLED_IN.search(d.name)]
    lines = list(dict.fromkeys(_paper_with_form(d) for d in papers))
    text = "\n".join(lines).lower()
    shown = [*lines[:MAX_FORMS], *(f"- {form}" for form in procedure.forms if form.lower() not in text)]
    return "\n".join(shown + ([say("more_documents", n=len(lines) - MAX_FORMS)] if len(lines) > MAX_FORMS else []))


def _paper_with_form(document: RequiredDocument) -> str:
    name = shorten(document.name.lstrip("-+*• "), MAX_DOCUMENT_NAME)
    return f"- {name}" + (f" ({document.form})" if document.form and document.form not in name else "")


def _fees(submissions: Sequence[Submission]) -> str:
    rows = [(s, "; ".join(s.fees)) for s in submissions]
    text = _by_channel(rows, _is_about_money)
    if not text:
        return ""
    return text + ("\n" + say("contradiction") if any(_contradicts(s.fees) for s in submissions) else "")


def _contradicts(fees: Sequence[str]) -> bool:
    """A bare "Miễn phí" beside an amount in one cell: the source says both."""
    is_free = any(fee.strip().lower() == "miễn phí" for fee in fees)
    return is_free and any(_AMOUNT.search(fee.lower()) for fee in fees)


def _times(submissions: Sequence[Submission]) -> str:
    rows = [
        (s, s.time if s.is_time_certain or not s.time else say("no_unit", time=s.time)) for s in submissions
    ]
    return _by_channel(rows, _is_about_time)


def _by_channel(rows: Sequence[tuple[Submission, str]], about: Callable[[str], bool]) -> str:
    """One line a channel; one line for all when they say the same; notes that are ``about`` it, once each."""
    rows = [(s, value) for s, value in rows if value]
    if not rows:
        return ""
    values = list(dict.fromkeys(value for _, value in rows))
    if len(values) == 1 and len(rows) > 1:
        lines = [f"- {say('same_everywhere')}: {values[0]}"]
    else:
        lines = list(dict.fromkeys(f"- {say(f'channels.{s.channel}')}: {value}" for s, value in rows))
    notes = dict.fromkeys(shorten(s.note, 400) for s, _ in rows if s.note and about(s.note))
    return "\n".join([*lines, *notes])


def _is_about_money(note: str) -> bool:
    return bool(_MONEY.search(note))


def _is_about_time(note: str) -> bool:
    """Speaks of a duration; a note on money that also names a date is not about time."""
    return bool(_DURATION.search(note)) and (not _is_about_money(note) or "ngày làm việc" in note)


def _channels(procedure: Procedure) -> str:
    if not procedure.submissions:
        return ""
    is_online = any(s.channel == "online" for s in procedure.submissions)
    lines = [say("online_yes") if is_online else say("online_no")]
    if procedure.online_level:
        lines.append(f"Mức độ: {procedure.online_level}.")
    names = dict.fromkeys(phrases()["channels"][s.channel].lower() for s in procedure.submissions)
    lines.append("Các cách nộp: " + ", ".join(names) + ".")
    return "\n".join(lines)


def _overview(procedure: Procedure) -> str:
    lines = [say("overview", name=short_name(procedure), code=procedure.code)]
    agency = procedure.agency or procedure.place
    if agency:
        lines.append(say("overview_who", agency=shorten(agency, 200)))
    for aspect in ("time", "fee"):
        body = aspect_body(procedure, aspect)
        if body and len(body) < 300:
            lines.append(f"{say(f'aspects.{aspect}')}:\n{body}")
    documents = _documents(procedure.documents[:8])
    if documents:
        lines.append(f"{say('aspects.documents')}:\n{documents}")
        if len(procedure.documents) > 8:
            lines.append(say("more_documents", n=len(procedure.documents) - 8))
    if procedure.result:
        lines.append(f"{say('aspects.result')}: {shorten(procedure.result, 220)}")
    return "\n".join(lines)


def _caveats(procedure: Procedure, aspects: Sequence[str], text: str, today: date) -> str:
    notes = [n for n in standing_notes(procedure, today) if any(_belongs(n, a) for a in aspects)][:MAX_NOTES]
    notes += [*rule_notes(procedure, aspects, today), district_note(procedure, text, today)]
    notes += ended_notes(text, today) if "legal_basis" in aspects else ()
    return "".join(f"\n\n{note}" for note in notes if note)


def _belongs(note: str, aspect: str) -> bool:
    """A note on money stands under the fee, one on a duration under the time, any under the overview."""
    if aspect == "general":
        return True
    if aspect == "fee":
        return _is_about_money(note)
    if aspect == "time":
        return _is_about_time(note)
    return not _is_about_money(note) and aspect != "legal_basis"
