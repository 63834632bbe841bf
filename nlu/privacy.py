"""Take personal data out of a text before anything keeps it.

What is masked: identity numbers, passports, social and health insurance numbers, personal tax codes,
telephone numbers, e-mail addresses, card and account numbers, one-time codes and passwords, and any other
number long enough to name somebody (nlu/number_runs.py). What stays: dossier codes, procedure codes, document
numbers, forms, dates, amounts, plates, hotlines. Where a number could be either, it is masked: the assistant
needs none of them to answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from nlu.entities import extract_entities
from nlu.normalizer import fold_with_offsets
from nlu.number_runs import find_number_runs

LABELS = {
    "email": "[thư điện tử]",
    "otp": "[mã OTP]",
    "password": "[mật khẩu]",
    "card_number": "[số thẻ]",
    "card_code": "[mã bảo mật thẻ]",
    "bank_account": "[số tài khoản]",
    "insurance_number": "[số bảo hiểm]",
    "tax_code": "[mã số thuế]",
    "passport": "[số hộ chiếu]",
    "identity_number": "[số định danh]",
    "phone": "[số điện thoại]",
    "long_number": "[dãy số]",
    "dossier_code": "[mã hồ sơ]",
}

#: Kinds that must be kept secret from anybody, the assistant included.
SECRET_KINDS = frozenset({"otp", "password", "card_number", "card_code"})


@dataclass(frozen=True)
class MaskedText:
    """A text without personal data, and which kinds were taken out (reading order, each once)."""

    text: str
    kinds: tuple[str, ...] = ()


class _Span(NamedTuple):
    kind: str
    start: int
    end: int


def mask_personal_data(text: str) -> MaskedText:
    """Replace personal data by labels such as "[số định danh]"; dossier codes stay (see below)."""
    folded, offsets = fold_with_offsets(text)
    kept = [(entity.start, entity.end) for entity in extract_entities(text) if entity.kind != "ordinal"]
    spans: list[_Span] = []
    for find in _FINDERS:
        for span in find(folded):
            span = _Span(span.kind, offsets[span.start], offsets[span.end])
            if not _overlaps(span, kept) and not _overlaps(span, [other[1:] for other in spans]):
                spans.append(span)
    spans += _other_numbers(folded, offsets, [*kept, *(span[1:] for span in spans)])
    return _replace(text, sorted(spans, key=lambda span: span.start))


def mask_dossier_codes(text: str) -> MaskedText:
    """Replace dossier codes: for texts that are stored, since a code opens its owner's file."""
    entities = extract_entities(text)
    return _replace(
        text, [_Span(entity.kind, entity.start, entity.end) for entity in entities if entity.kind == "dossier_code"]
    )


def _other_numbers(folded: str, offsets: list[int], known: list[tuple[int, int]]) -> list[_Span]:
    """Long numbers in what is left beside ``known`` (offsets in the text as given)."""
    hidden = [any(start <= offset < end for start, end in known) for offset in offsets[:-1]]
    rest = "".join("x" if is_hidden else char for char, is_hidden in zip(folded, hidden, strict=True))
    return [_Span("long_number", offsets[start], offsets[end]) for start, end in find_number_runs(rest)]


def _replace(text: str, spans: list[_Span]) -> MaskedText:
    pieces: list[str] = []
    end = 0
    for span in spans:
        pieces += [text[end : span.start], LABELS[span.kind]]
        end = span.end
    kinds = tuple(dict.fromkeys(span.kind for span in spans))
    return MaskedText("".join(pieces) + text[end:], kinds)


def _overlaps(span: _Span, others: list[tuple[int, int]]) -> bool:
    return any(span.start < end and start < span.end for start, end in others)


def _by(kind: str, pattern: re.Pattern[str], group: int = 0) -> Callable[[str], Iterator[_Span]]:
    def find(folded: str) -> Iterator[_Span]:
        for match in pattern.finditer(folded):
            yield _Span(kind, *match.span(group))

    return find


# Between a cue and its number: a few little words, a colon, no other number and no question.
_BANK = r"(?:vcb|acb|bidv|mb|mbbank|vpbank|tpbank|vib|ocb|shb|sacombank|vietcombank|agribank|techcombank|vietinbank|momo|zalopay)"
_LINK = (
    r"(?:\s*(?:cua|toi|em|e|minh|mk|tui|con|chau|anh|chi|ban|la|so|moi|cu|nay|do|day|nhan|duoc|vua|gui|ve|ngan hang|nh"
    r"|ne|nha|thi|the|" + _BANK + r"|:|=|-))*\s*"
)
_NO_MORE = r"(?![\w]|[.,/-]\d)"
_NOT_INSIDE = r"(?<![\w.,/-])"
_NO_MONEY = r"(?!\s*(?:dong|d\b|vnd|trieu|ty\b|nghin|ngan|usd))"

_AT = r"\s?(?:@|\(at\)|\[at\]|\ba cong\b)\s?"
_EMAIL = re.compile(r"[\w.+-]+" + _AT + r"[\w-]+(?:\s?(?:\.|\bcham\b)\s?[a-z]{2,})+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_OTP_CUE = r"(?:otp|ma (?:otp|xac thuc|xac nhan|xac minh|kich hoat|bao mat|khoa|mo khoa|bi mat|dang nhap|pin)|\bpin|smart ?otp|mat ma|pass ?code)"
_OTP_AFTER = re.compile(_OTP_CUE + r"(?: vneid| the| chu ky so| token| dien thoai| may)*" + _LINK + r"((?<![\w.,/-])\d(?:[ .-]?\d){3,7})" + _NO_MORE)
_OTP_BEFORE = re.compile(_NOT_INSIDE + r"(\d{4,8})\s*(?:day\s+)?(?:la|chinh la)\s+(?:cai\s+)?" + _OTP_CUE)
_DIGIT = r"(?:khong|mot|hai|ba|bon|tu|nam|sau|bay|tam|chin)"
_OTP_SPELLED = re.compile(_OTP_CUE + _LINK + r"(\b" + _DIGIT + r"(?:[\s,-]+" + _DIGIT + r"){3,7}\b)")
# "mã họ vừa nhắn là 482913": no kind of code is named, six digits were sent to somebody's telephone.
_SENT_CODE = re.compile(
    r"(?:\b(?:doc|nhap|dien|dua|gui)\b[^\d.?!]{0,25}\b(?:ma|6 so|sau so)\b[^\d.?!]{0,15}|\b(?:ma|6 so|sau so)\b(?! (?:so|thu tuc|tthc|ho so|buu))"
    r"[^\d.?!]{0,25}\b(?:la|nhan|nhan duoc|gui|bao|tin|ve|toi|may)\b[\s:]*)" + _NOT_INSIDE + r"(\d(?:[ -]?\d){5})" + _NO_MORE + _NO_MONEY
)
_CARD_CODE = re.compile(r"\b(?:cvv2?|cvc2?|ccv|ma bao mat the)\b(?:\s+(?:the|sau lung|ba so))*" + _LINK + r"(\d{3,4})" + _NO_MORE)

_QUESTION_WORD = r"(?:gi|j|sao|cai|mot|nhung|bao|may|duoc|loi|do|the|nao|khong|ko|k|phai|can|rat|co|bi|cap|quen|nhu)\b"
_OWN = r"(?:\s+(?:vneid|dich vu cong|dvc|zalo|facebook|email|wifi|dang nhap|tai khoan|ngan hang|cua|toi|em|e|minh|mk|tui|anh|chi|con|cu|moi|nay|dat|de))*"
# What a screen or this module covered already is no password: "mật khẩu là [đã che]" (connectors/widget/src/app/words.ts,
# connectors/pages/static/kiosk-ask.js).
_COVERED = r"\[(?:" + "|".join(
    re.escape(fold_with_offsets(label)[0].strip("[]")) for label in ("[đã che]", "[số đã che]", *LABELS.values())
) + r")\]"  # fmt: skip
_PASSWORD = re.compile(
    r"\b(?:mat khau|password|passwd|pass word)" + _OWN + r"\s*(?:la\b|:|=|is\b)\s*(?!" + _QUESTION_WORD + r"|" + _COVERED + r")([^\s,;]+)"
)
_SHORT_PASSWORD = re.compile(r"\b(?:mk|pass|pwd)" + _OWN + r"\s*(?:la\b|:|=)\s*((?=[^\s]*\d)[^\s,;]{4,})")
_BARE_PASSWORD = re.compile(r"\b(?:mat khau|password|pass)" + _OWN + r"\s+((?=[^\s,;]*\d)(?=[^\s,;]*[^\W\d_]|[^\s,;]*[@#$!])[^\s,;]{5,})")

_DIGITS_12_19 = r"\d(?:[ .-]?\d){11,18}"
_CARD = re.compile(_NOT_INSIDE + _DIGITS_12_19 + _NO_MORE)
_CARD_NAMED = re.compile(
    r"\b(?:so the(?! bao hiem| bhyt| can cuoc)|the (?:atm|visa|ngan hang|tin dung|ghi no)|visa|mastercard|napas)\b(?:\s+(?:ngan hang|atm|visa))*"
    + _LINK + r"(" + _DIGITS_12_19 + r")" + _NO_MORE
)  # fmt: skip
_ACCOUNT = re.compile(r"\b(?:stk|so tai khoan|tai khoan|so tk|tk)\b" + _LINK + r"(?<![\w.,/-])(\d(?:[ .-]?\d){5,18})(?!\w|[,/]\d)" + _NO_MONEY)
_BANKED = re.compile(r"\b" + _BANK + r"\b\s*(?:so|:)?\s*(\d(?:[ .-]?\d){7,18})(?!\w|[,/]\d)" + _NO_MONEY)
_INSURANCE_CARD = re.compile(_NOT_INSIDE + r"[a-z]{2}\s?\d{13}" + _NO_MORE)
_INSURANCE = re.compile(r"\b(?:bhxh|bhyt|so bao hiem(?: xa hoi| y te)?|ma (?:so )?bao hiem(?: xa hoi| y te)?|bao hiem xa hoi so)\b" + _LINK + r"(?<![\w.,/-])(\d{10})" + _NO_MORE)
_TAX = re.compile(r"\b(?:mst|ma so thue)\b" + _LINK + r"(?<![\w.,/-])(\d{10}(?:-\d{3})?)(?![\w]|[.,/-]\d)")
_PASSPORT = re.compile(_NOT_INSIDE + r"[a-z]\d{7,8}" + _NO_MORE + r"|(?<=ho chieu )[a-z] \d{7,8}" + _NO_MORE + r"|(?<=passport )[a-z] \d{7,8}" + _NO_MORE)
_IDENTITY_CUE = r"\b(?:cccd|cmnd|cmt|can cuoc(?: cong dan)?|chung minh(?: thu| nhan dan)?|so dinh danh(?: ca nhan)?|dinh danh|giay to tuy than)\b"
_IDENTITY_NAMED = re.compile(_IDENTITY_CUE + _LINK + r"(?<![\w.,/-])(\d(?:[ .-]?\d){11}|\d(?:[ .-]?\d){8})(?!\w|[,/]\d|[.-]\d)" + _NO_MONEY)
_IDENTITY_ALONE = re.compile(
    _NOT_INSIDE + r"(?:0\d{11}|0\d{2}([ .-])\d{3}\1\d{3}\1\d{3}|0\d{3}([ .-])\d{4}\2\d{4}|[1-3]\d{8})"
    + _NO_MORE + _NO_MONEY + r"(?!\s*(?:m2|ha\b|kg|tan\b))"
)
_AMOUNT_CUE = re.compile(r"(?:gia|so tien|tong|het|phi|luong|von|tra|no|thu)\s*(?:la|:)?\s*$")
_PHONE = re.compile(
    r"(?<![\w,/])(?<!\d[.-])(?:\(?\+?84\)?|0)"
    r"(?:(?<=4)[ .-]?[35789]\d{8}|(?<=4\))[ .-]?[35789]\d{8}|[35789]\d{8}|(?<=4)[ .-]?[35789]\d{1,2}([ .-])\d{3}\1\d{3,4}"
    r"|[35789]\d{1,2}([ .-])\d{3}\2\d{3,4}|[35789]\d([ .-])\d{2}\3\d{2}\3\d{3}|[35789]\d{2}([ .-])\d{2}\4\d{2}\4\d{2}"
    r"|2\d{9}|2\d{1,2}([ .-])\d{3,4}\5?\d{3,4}|2\d{2}([ .-])\d{7})" + _NO_MORE
)


_DOMESTIC_CARD = "9704"  # the number that cards of Vietnamese banks begin with (NAPAS)


def _cards(folded: str) -> Iterator[_Span]:
    for match in _CARD.finditer(folded):
        digits = re.sub(r"\D", "", match.group())
        if digits.startswith(_DOMESTIC_CARD) and len(digits) in (16, 19) or digits[0] in "23456" and _is_luhn(digits):
            yield _Span("card_number", *match.span())


def _is_luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _identities_alone(folded: str) -> Iterator[_Span]:
    for match in _IDENTITY_ALONE.finditer(folded):
        if not _AMOUNT_CUE.search(folded[: match.start()]):
            yield _Span("identity_number", *match.span())


_FINDERS: tuple[Callable[[str], Iterator[_Span]], ...] = (
    _by("email", _EMAIL),
    _by("otp", _OTP_AFTER, 1),
    _by("otp", _OTP_BEFORE, 1),
    _by("otp", _OTP_SPELLED, 1),
    _by("card_code", _CARD_CODE, 1),
    _by("password", _PASSWORD, 1),
    _by("password", _SHORT_PASSWORD, 1),
    _by("password", _BARE_PASSWORD, 1),
    _by("card_number", _CARD_NAMED, 1),
    _by("bank_account", _ACCOUNT, 1),
    _by("bank_account", _BANKED, 1),
    _by("insurance_number", _INSURANCE_CARD),
    _by("insurance_number", _INSURANCE, 1),
    _by("tax_code", _TAX, 1),
    _by("passport", _PASSPORT),
    _by("identity_number", _IDENTITY_NAMED, 1),
    _identities_alone,
    _by("phone", _PHONE),
    _cards,
    _by("otp", _SENT_CODE, 1),
)
