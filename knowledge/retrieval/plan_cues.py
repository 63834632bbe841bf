"""What a question about a plan asks for (a date, an amount, an agency …), and how clearly a passage shows it.

Signs are the set phrases of administrative documents ("Thời gian thực hiện: …", "Giao Sở X chủ trì").
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from nlu.diacritics import bare

_ASKED = {
    "date": r"ngay (?:nao|may)|khi nao|bao gio|(?:thang|quy|nam|luc) (?:may|nao)|giai doan nao|bao lau|may gio|thoi han|han chot",
    "amount": r"bao nhieu|\bmay (?:don vi|tram|xa|nguoi|lan|phan|loai|nhom|chi tieu)|ty le|phan tram",
    "money": r"bao nhieu tien|\bton\b|kinh phi|chi phi|ngan sach",
    "agency": r"(?<!\bla )\bai\b|(?:co quan|don vi|so|phong|bo|ban|nganh|cap) nao|chu tri",
    "document": r"(?:quyet dinh|thong tu|nghi dinh|nghi quyet|thong bao|chi thi|van ban|cong van) (?:nao|so may)",
}
# How clearly: the first pattern that is found counts.
_SIGNS = {
    "date": (
        (1.0, r"[Tt]hời gian(?: thực hiện| hoàn thành)?:|[Tt]hời hạn|[Tt]rước (?:ngày|tháng)|hoàn thành (?:trong|trước)|xong (?:trong|trước)|THỜI GIAN"),
        (0.5, r"(?:[Nn]gày|[Tt]háng|[Qq]uý) [\dIVX]|\d/20\d\d|[Hh]ằng (?:năm|tháng|quý)|hàng năm|[Tt]hường xuyên|\d giờ|20\d\d"),
    ),
    "amount": (
        (1.0, r"\d ?%|\d ?(?:đồng|tỷ|triệu|trạm|người|điểm|hộ|đơn vị|xã)\b"),
        (0.5, r"(?<![/\d.-])\d{1,3}(?:[.,]\d+)* [a-zà-ỹđ]{2,}"),
    ),
    "money": ((1.0, r"\d ?(?:đồng|tỷ|triệu)\b"), (0.3, r"[Kk]inh phí|[Nn]gân sách|[Dd]ự toán")),
    "agency": (
        (1.0, r"[Cc]hủ trì|CHỦ TRÌ|(?:[Cc]ơ quan|[Đđ]ơn vị) (?:thực hiện|thường trực)|\bGiao [A-ZĐ]|chịu trách nhiệm"),
        (0.5, r"\b(?:Sở|Phòng|Ban|Bộ|Công an|Trung tâm|UBND|Ủy ban|Văn phòng) [A-ZĐ]"),
    ),
    "document": ((1.0, r"\d+(?:/\d{4})?/[A-ZĐ]{2,}"),),
}  # fmt: skip
CUES = tuple(_SIGNS)
_ASKED_PATTERNS = {name: re.compile(pattern) for name, pattern in _ASKED.items()}
_SIGN_PATTERNS = {name: tuple((value, re.compile(p)) for value, p in signs) for name, signs in _SIGNS.items()}
_ASKING = frozenset(["ai", "gi", "nao", "dau", "may", "bao", "nhieu", "sao", "the", "khi", "la", "thi", "ma", "co", "khong", "phai", "duoc", "bi", "do", "ve", "cua", "cho", "va", "o", "theo"])
_SYNONYMS = (
    (re.compile(r"bao nhieu tien|\bton\b|tien o dau|lay tien|chi phi|bo von|nguon tien|ai tra tien"), ("kinh", "phi", "kinh_phi")),
    (re.compile(r"han chot|khi nao xong|bao gio xong"), ("hoan", "thanh", "hoan_thanh", "truoc", "ngay")),
)
_DEFINED = re.compile(r"\(([A-ZĐ][A-ZĐa-z-]{1,12})\)")
_DEFINITION = re.compile(r"la gi|viet tat|nghia la")


def asked_for(question: str) -> frozenset[str]:
    """Subset of date, amount, money, agency, document; diacritics do not matter."""
    text = bare(question).lower()
    return frozenset(name for name, pattern in _ASKED_PATTERNS.items() if pattern.search(text))


def plan_terms(question: str, terms: Sequence[str], keep_asking: bool = False) -> list[str]:
    """The question's terms without words that only ask, and what plans call the thing it asks for.

    Args:
        question: with or without diacritics.
        terms: its bare words and pairs, as knowledge.index.terms gives them.
        keep_asking: leave words that only ask in; headings may hold them.
    """
    text = bare(question).lower()
    told = terms if keep_asking else [t for t in terms if not _ASKING & set(t.split("_"))]
    meant = [word for pattern, words in _SYNONYMS if pattern.search(text) for word in words]
    return list(dict.fromkeys([*told, *meant]))


def cues_in(text: str) -> tuple[float, ...]:
    """How clearly, 0 to 1, a passage shows each of CUES, in that order."""
    return tuple(_clearness(text, name) for name in CUES)


def clearness(text: str, asked: Set[str]) -> float:
    """0..1: how clearly a text shows what is asked for, on average over its parts; 0 where nothing is asked for."""
    return sum(_clearness(text, name) for name in asked) / len(asked) if asked else 0.0


def is_definition(question: str) -> bool:
    """Whether the question asks what a name or an abbreviation stands for."""
    return _DEFINITION.search(bare(question).lower()) is not None


def defined_in(text: str) -> frozenset[str]:
    """Abbreviations that a passage writes out, lower case: "Chỉ số … (PAPI)" gives "papi"."""
    return frozenset(short.lower() for short in _DEFINED.findall(text))


def _clearness(text: str, name: str) -> float:
    return next((value for value, pattern in _SIGN_PATTERNS[name] if pattern.search(text)), 0.0)
