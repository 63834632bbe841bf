"""Compares two readings of one procedure, fact by fact, so that a slip of the pen or a changed fee is seen.

Compared are facts, not words: amounts, times, channels, agencies, and whether each paper has its counterpart.
Case, spaces, punctuation, thousands separators and leading zeros do not count.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.model import Procedure, RequiredDocument, Submission

_AMOUNT = re.compile(r"(\d+(?:\.\d{3})*)(?= ?(?:đồng|đ\b|vnđ|vnd|việt nam đồng|usd|đô la))")
_STOP = """của và hoặc các một những được có cho về theo tại trong khi đối với là do từ đến để này đó nếu bản chính sao
giấy tờ số mẫu kèm quy định"""
_STOP_WORDS = frozenset(_STOP.split())
# Rows of the portal's table that explain and name no paper.
_REMARK = re.compile(
    r"(?:\d[.)] ?|[a-zđ]\) ?|\([ivx]+\) ?|\* ?|\(\*+\) ?)?(?:Trường hợp|Người|Cá nhân|Đối với|Khi |Việc|Cơ quan|Các giấy tờ|Bản chụp các|Lưu ý|Ghi chú|Thành phần"
    r"|Tổ chức|Hồ sơ|Giấy tờ (?:do|phải|nộp|xuất trình)|Công dân|Nếu|Ngoài|Trong|Sau khi|Số lượng|Yêu cầu|Xuất trình|Một trong|Các tài liệu|Các loại|Bước|không phải|;)"
)
_MAX_CORE_WORDS = 12
_MIN_SHARE = 0.6


@dataclass(frozen=True)
class Difference:
    """One fact that two readings of a procedure tell differently.

    Attributes:
        field: ``fee``, ``time``, ``agency`` or ``documents``.
        place: channel or paper concerned, "" for the whole record.
        own, other: what the first and the second reading say, shortened.
        value: both in comparable form, to know this very difference again; of a paper's name only a digest.
    """

    code: str
    field: str
    place: str
    own: str
    other: str
    value: str = ""

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        return f"{self.code} {self.field}{place}: bundled {self.own!r}, imported {self.other!r}"


def compare_procedures(first: Procedure, second: Procedure) -> Iterator[Difference]:
    """Differences between two readings of one procedure: fees and times by channel, agency, papers."""
    for channel in dict.fromkeys(row.channel for row in (*first.submissions, *second.submissions)):
        own = [row for row in first.submissions if row.channel == channel]
        other = [row for row in second.submissions if row.channel == channel]
        yield from _compare_times(first.code, channel, own, other)
        yield from _compare_fees(first.code, channel, own, other)
    if second.agency and not _are_same_agencies(_agencies(first.agency), _agencies(second.agency)):
        value = f"{'; '.join(sorted(_agencies(second.agency)))} (ours: {'; '.join(sorted(_agencies(first.agency)))})"
        yield Difference(first.code, "agency", "", first.agency, second.agency[:200], value)
    yield from _compare_documents(first, second)


def _compare_times(code: str, channel: str, own: list[Submission], other: list[Submission]) -> Iterator[Difference]:
    first, second = {plain(row.time) for row in own}, {plain(row.time) for row in other}
    if first != second:
        yield Difference(code, "time", channel, _shown(own, "time"), _shown(other, "time"), _value(channel, (own, first), (other, second)))


def _compare_fees(code: str, channel: str, own: list[Submission], other: list[Submission]) -> Iterator[Difference]:
    """An amount given as a fee on one side has to stand somewhere in the other side's fees and notes."""
    first, second = _fee_words(own), _fee_words(other)
    all_first, all_second = _amounts(own), _amounts(other)
    if not first <= all_second or not second <= all_first:
        value = _value(channel, (own, all_first), (other, all_second))
        yield Difference(code, "fee", channel, _shown(own, "fees"), _shown(other, "fees"), value)


def _value(channel: str, own: tuple[list[Submission], set[str]], other: tuple[list[Submission], set[str]]) -> str:
    """ "desk: 8.000; free (ours: 5.000)"."""
    return f"{channel}: {_said(*other)} (ours: {_said(*own)})"


def _said(rows: list[Submission], facts: set[str]) -> str:
    return "; ".join(sorted(text for text in facts if text)) or ("nothing" if rows else "no such channel")


def _fee_words(rows: list[Submission]) -> set[str]:
    """Leading amounts of the fees, and "free" where one says so."""
    found: set[str] = set()
    for row in rows:
        for fee in row.fees:
            head = plain(fee.split("(")[0])
            found |= set(_AMOUNT.findall(head)) | ({"free"} if "miễn phí" in head else set())
    return found


def _amounts(rows: list[Submission]) -> set[str]:
    text = plain(" ; ".join(" ; ".join((*row.fees, row.note)) for row in rows))
    return set(_AMOUNT.findall(text)) | ({"free"} if re.search(r"miễn|không thu", text) else set())


def _shown(rows: list[Submission], name: str) -> str:
    values = (getattr(row, name) for row in rows)
    shown = " | ".join("; ".join(value) if isinstance(value, tuple) else value for value in values)
    return shown[:200] if rows else "(channel not there)"


def _agencies(text: str) -> set[str]:
    text = re.sub(r"\([^)]*\)", "", plain(text)).replace("uỷ", "ủy").replace("ubnd", "ủy ban nhân dân")
    return {part.strip(" .") for part in re.split(r"[,;]", text) if part.strip(" .")}


def _are_same_agencies(own: set[str], other: set[str]) -> bool:
    """Each has its counterpart; one may say more than the other ("công an cấp xã nơi có điểm tiếp nhận")."""
    return all(_has_like(name, other) for name in own) and all(_has_like(name, own) for name in other)


def _has_like(name: str, among: set[str]) -> bool:
    return any(name.startswith(known) or known.startswith(name) for known in among)


def _compare_documents(first: Procedure, second: Procedure) -> Iterator[Difference]:
    """Papers without a counterpart: more than a part of their words is on no paper of the other side."""
    own = [(row.name, _core(row.name)) for row in first.documents]
    all_own = _words(" ".join(f"{row.name} {row.case}" for row in first.documents))
    all_other = _words(" ".join(f"{row.name} {row.case} {row.form}" for row in second.documents))
    for name, words in own:
        if words and _share(words, all_other) < _MIN_SHARE:
            yield Difference(first.code, "documents", name[:80], name[:120], "(no such paper)", f"without {_digest(name)}")
    for row in {plain(row.name): row for row in second.documents}.values():
        words = _core(row.name)
        if not _is_paper(row) or not words or _share(words, all_own) >= _MIN_SHARE:
            continue
        if not any(kept and _share(kept, _words(row.name)) >= _MIN_SHARE for _, kept in own):
            yield Difference(first.code, "documents", row.name[:80], "(no such paper)", row.name[:120], f"also {_digest(row.name)}")


def _digest(name: str) -> str:
    return hashlib.sha256(plain(name).encode()).hexdigest()[:12]


def _is_paper(row: RequiredDocument) -> bool:
    return not (row.quantity == "0 bản chính" or _REMARK.match(row.name) or row.name.endswith(":"))


def _core(name: str) -> set[str]:
    """The first telling words of a paper's name, brackets left out."""
    words = re.findall(r"[^\W_]+", plain(re.sub(r"\([^)]*\)?", " ", name)))
    return set([word for word in words if word not in _STOP_WORDS][:_MAX_CORE_WORDS])


def _share(words: set[str], among: set[str]) -> float:
    return len(words & among) / len(words)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", plain(text)) if word not in _STOP_WORDS}


def plain(text: str) -> str:
    """NFC, lower case, single blanks, thousands with dots, no leading zero ("07 Ngày" is "7 ngày")."""
    text = " ".join(unicodedata.normalize("NFC", text).lower().split())
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", ".", text)
    return re.sub(r"(?<![\d.,/])0+(?=\d)", "", text)
