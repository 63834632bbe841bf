"""Takes the portal's glued "cách thức thực hiện" table apart.

The table has four cells a row (how, time, fee, description) and the export drops the borders:
``Trực tuyến7 Ngày làm việc10,000 Việt Nam Đồng(…)noteTrực tiếp…``. A row starts where a channel's name is
followed at once by a time cell.
"""

from __future__ import annotations

import re
from typing import Literal

from knowledge.model import Submission
from knowledge.sources.text import LOWER, NO_INFORMATION, UPPER, clean, is_none_word

HEAD = "Hình thức nộpThời gianPhí, lệ phíMô tả"
Channel = Literal["online", "post", "desk", "other"]
CHANNELS: dict[str, Channel] = {
    "Trực tuyến": "online",
    "Dịch vụ bưu chính": "post",
    "Trực tiếp": "desk",
    "Khác": "other",
}

_UNITS = r"(?:Ngày làm việc|Ngày|Giờ làm việc|Giờ|Tháng|Tuần|Năm|Phút)"
_CURRENCY = r"(?:Việt Nam Đồng|VNĐ|VND|USD|EUR|Đô la Mỹ|Euro|Đồng|đồng)"
_AMOUNT = rf"\d[\d,.]*\s?{_CURRENCY}"
_FEE = re.compile(rf"{_AMOUNT}|Miễn phí|{NO_INFORMATION}")
_ROW = re.compile(rf"(Trực tuyến|Dịch vụ bưu chính|Trực tiếp|(?<![{LOWER}{UPPER}\s])Khác)(?=\d|{NO_INFORMATION}|[{UPPER}][{LOWER}])")
_SURE = re.compile(rf"(?:\d+(?:[.,]\d+)? ?{_UNITS}|\d+|{NO_INFORMATION})(?:{_AMOUNT}|Miễn phí|{NO_INFORMATION})|\d[\d,.]*\s?{_CURRENCY}")
_TIME = re.compile(rf"(\d+(?:[.,]\d+)?) ?({_UNITS})")
_BARE_THEN_AMOUNT = re.compile(rf"(\d[\d,.]*)(\s?{_CURRENCY})")
_AMOUNT_ALONE = re.compile(r"[1-9]\d{0,2}(?:[,.]\d{3})*")


def split_submissions(cell: str) -> tuple[tuple[Submission, ...], tuple[str, ...]]:
    """Rows of the table in their order, and what could not be split with certainty.

    Returns:
        Submissions (a channel can come several times) and one message for each doubtful row; such a row keeps
        its raw words in ``note``.
    """
    body = clean(cell.replace("\t", " ")).removeprefix(HEAD).strip()
    if is_none_word(body):
        return (), ()
    starts = _row_starts(body)
    if not starts:
        return (Submission(channel="other", note=body),), ("no channel found; kept as a note",)
    problems: list[str] = []
    if starts[0].start() > 0:
        problems.append(f"words before the first channel: {body[: starts[0].start()][:80]!r}")
    rows: list[Submission] = []
    ends = [found.start() for found in starts[1:]] + [len(body)]
    for found, end in zip(starts, ends, strict=True):
        row, problem = _split_row(CHANNELS[found.group(1)], body[found.end() : end])
        rows.append(row)
        if problem:
            problems.append(problem)
        problems += [f"fee below 1,000 đồng, likely printed in thousands: {fee[:60]!r}" for fee in row.fees if _is_tiny(fee)]
    return tuple(rows), tuple(problems)


def _is_tiny(fee: str) -> bool:
    return re.match(r"\d{1,3} ?(?:VNĐ|VND|Việt Nam Đồng|đồng)", fee) is not None


def _row_starts(body: str) -> list[re.Match[str]]:
    """Channel names that open a row.

    A time with unit or number and a fee right behind the name are sure; a name before other words counts only where
    a fee cell follows and no bracket of the row above is open.
    """
    starts: list[re.Match[str]] = []
    for found in _ROW.finditer(body):
        row_above = body[starts[-1].end() if starts else 0 : found.start()]
        is_open = row_above.count("(") > row_above.count(")") and ")" in body[found.end() :]
        if _SURE.match(body, found.end()) or (not is_open and _has_fee_cell(body[found.end() :])):
            starts.append(found)
    return starts


def _has_fee_cell(rest: str) -> bool:
    following = _ROW.search(rest)
    return _FEE.search(rest[: following.start()] if following else rest) is not None


def _split_row(channel: Channel, row: str) -> tuple[Submission, str]:
    time, is_certain, rest, problem = _split_time(row)
    if problem:
        fees, note = _bracket_as_fee(row), row
        return Submission(channel, "", False, fees, note), problem
    fees, note = _split_fees(rest)
    return Submission(channel, time, is_certain, fees, note), ""


def _split_time(row: str) -> tuple[str, bool, str, str]:
    """(time, is certain, rest of the row, problem)."""
    if row.startswith(NO_INFORMATION):
        return "", True, row[len(NO_INFORMATION) :], ""
    with_unit = _TIME.match(row)
    if with_unit:
        return with_unit.group(0), True, row[with_unit.end() :], ""
    glued = _BARE_THEN_AMOUNT.match(row)
    if glued:
        return _split_bare_time(glued, row)
    bare = re.match(rf"(\d+)(?=Miễn phí|{NO_INFORMATION})", row)
    if bare:
        return bare.group(1), False, row[bare.end() :], ""
    return _split_wordy_time(row)


def _split_bare_time(glued: re.Match[str], row: str) -> tuple[str, bool, str, str]:
    """A time without unit that runs into an amount: taken apart only where a single split is possible.

    The portal groups thousands, prints no leading zero and says "Miễn phí" for nothing, so "120 VNĐ" can only be
    1 and 20, while "1250 VNĐ" may be 1 and 250 or 12 and 50 unless the row's own words name one of the amounts.
    """
    digits = glued.group(1)
    splits = [cut for cut in range(1, len(digits)) if digits[:cut].isdigit() and _AMOUNT_ALONE.fullmatch(digits[cut:])]
    if len(splits) > 1:
        splits = [cut for cut in splits if _is_said_again(digits[cut:], row[glued.end() :])]
    if len(splits) == 1:
        cut = splits[0]
        return digits[:cut], False, row[cut:], ""
    return "", False, row, f"time and fee run together without a unit: {glued.group(0)!r}; kept as a note"


def _is_said_again(amount: str, words: str) -> bool:
    """Whether the row's words name the amount, in full or in thousands ("23 VNĐ(… 23.000 đồng …)")."""
    return re.search(rf"(?<![\d.,]){re.escape(amount)}(?:[.,]000)? ?(?:đ|Đ|vn|VN)", words) is not None


def _split_wordy_time(row: str) -> tuple[str, bool, str, str]:
    fee = _FEE.search(row)
    if fee is None:
        return "", True, row, "no fee cell found; kept as a note"
    return row[: fee.start()].strip(), True, row[fee.start() :], ""


def _split_fees(rest: str) -> tuple[tuple[str, ...], str]:
    """Fees in order, each with its bracketed description, and the words that remain."""
    fees: list[str] = []
    while found := _FEE.match(rest):
        rest = rest[found.end() :]
        description, rest = _take_bracket(rest)
        if found.group(0) != NO_INFORMATION:
            fees.append(" ".join(part for part in (found.group(0), description) if part))
        elif description and not is_none_word(description.strip("()")):
            fees.append(description)
    return tuple(fees), rest.strip()


def _take_bracket(rest: str) -> tuple[str, str]:
    """The bracket that opens ``rest`` (nested ones inside it) and what follows; ("", rest) without one.

    An unclosed bracket reaches to its last ")" or, without any, to the end.
    """
    if not rest.startswith("("):
        return "", rest
    depth = 0
    for position, char in enumerate(rest):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return clean(rest[: position + 1]), rest[position + 1 :]
    end = rest.rfind(")") + 1 or len(rest)
    return clean(rest[:end]), rest[end:]


def _bracket_as_fee(row: str) -> tuple[str, ...]:
    """The description of a fee whose amount is doubtful still says what is to be paid."""
    opening = row.find("(")
    if opening < 0:
        return ()
    description, _ = _take_bracket(row[opening:])
    inside = description[1:-1].strip() if description.endswith(")") else description[1:].strip()
    return (inside,) if re.search(r"\d", inside) else ()
