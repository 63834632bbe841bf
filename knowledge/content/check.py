"""Compares bundled procedures with imported records of the same code, so that a slip of the pen is seen.

Compared are facts, not words: amounts, times, channels, agencies, and whether each paper has its counterpart.
Case, spaces, punctuation, thousands separators and leading zeros do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.content.loader import FOLDER, read_procedure_file
from knowledge.library import Library
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
        field: ``fee``, ``time``, ``agency`` or ``documents``, as in ``differs`` of the YAML.
        place: channel or paper concerned, "" for the whole record.
        bundled, imported: what each says, shortened.
    """

    code: str
    field: str
    place: str
    bundled: str
    imported: str

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        return f"{self.code} {self.field}{place}: bundled {self.bundled!r}, imported {self.imported!r}"


def compare_with_corpus(bundled: Library, imported: Library) -> tuple[Difference, ...]:
    """Every difference of every code that both hold, in the order of the bundled procedures."""
    return tuple(
        difference
        for code, procedure in bundled.procedures.items()
        if code in imported.procedures
        for difference in compare_procedures(procedure, imported.procedures[code])
    )


def undeclared(differences: Iterable[Difference], folder: Path | None = None) -> tuple[Difference, ...]:
    """Those that the YAML of the procedure does not declare in ``differs``."""
    folder = (folder or FOLDER) / "procedures"
    declared: dict[str, set[str]] = {}
    found = []
    for difference in differences:
        if difference.code not in declared:
            shape = read_procedure_file(folder / f"{difference.code}.yml")
            declared[difference.code] = {row.field for row in shape.differs}
        if difference.field not in declared[difference.code]:
            found.append(difference)
    return tuple(found)


def compare_procedures(bundled: Procedure, imported: Procedure) -> Iterator[Difference]:
    """Differences of one procedure: fees and times by channel, agency, papers."""
    for channel in dict.fromkeys(row.channel for row in (*bundled.submissions, *imported.submissions)):
        own = [row for row in bundled.submissions if row.channel == channel]
        other = [row for row in imported.submissions if row.channel == channel]
        yield from _compare_times(bundled.code, channel, own, other)
        yield from _compare_fees(bundled.code, channel, own, other)
    if imported.agency and not _are_same_agencies(_agencies(bundled.agency), _agencies(imported.agency)):
        yield Difference(bundled.code, "agency", "", bundled.agency, imported.agency[:200])
    yield from _compare_documents(bundled, imported)


def _compare_times(code: str, channel: str, own: list[Submission], other: list[Submission]) -> Iterator[Difference]:
    bundled, imported = {plain(row.time) for row in own}, {plain(row.time) for row in other}
    if bundled != imported:
        yield Difference(code, "time", channel, _shown(own, "time"), _shown(other, "time"))


def _compare_fees(code: str, channel: str, own: list[Submission], other: list[Submission]) -> Iterator[Difference]:
    """An amount given as a fee on one side has to stand somewhere in the other side's fees and notes."""
    bundled, imported = _fee_words(own), _fee_words(other)
    all_bundled, all_imported = _amounts(own), _amounts(other)
    if not bundled <= all_imported or not imported <= all_bundled:
        yield Difference(code, "fee", channel, _shown(own, "fees"), _shown(other, "fees"))


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


def _compare_documents(bundled: Procedure, imported: Procedure) -> Iterator[Difference]:
    """Papers without a counterpart: more than a part of their words is on no paper of the other side."""
    own = [(row.name, _core(row.name)) for row in bundled.documents]
    all_own = _words(" ".join(f"{row.name} {row.case}" for row in bundled.documents))
    all_other = _words(" ".join(f"{row.name} {row.case} {row.form}" for row in imported.documents))
    for name, words in own:
        if words and _share(words, all_other) < _MIN_SHARE:
            yield Difference(bundled.code, "documents", name[:80], name[:120], "(no such paper)")
    for row in {plain(row.name): row for row in imported.documents}.values():
        words = _core(row.name)
        if not _is_paper(row) or not words or _share(words, all_own) >= _MIN_SHARE:
            continue
        if not any(kept and _share(kept, _words(row.name)) >= _MIN_SHARE for _, kept in own):
            yield Difference(bundled.code, "documents", row.name[:80], "(no such paper)", row.name[:120])


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
