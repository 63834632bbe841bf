"""Reads a question as the list of plans it asks for: whose, of which year, still running or not, speaking of what.

As with lists of tasks (knowledge/plan_questions.py), a question is one only where all its words are accounted for. What
is left after the words of asking, the owner, the year and the validity has to follow "nhắc đến", "nói về" or the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.plan_issuers import bare_words

_PLAN = r"(?:(?:ban )?ke hoach|kh(?= nao| gi| cua| nam))"  # "kh" alone is "không" more often
_NOUN = rf"(?:{_PLAN}|quyet dinh|huong dan|chuong trinh|van ban)"
_ONE_KIND = {"quyet dinh": "Quyết định", "huong dan": "Hướng dẫn", "chuong trinh": "Chương trình"}
_PLANS = re.compile(rf"\b(?P<noun>{_NOUN})\b")
#: Said of several, in so many words.
_SEVERAL = re.compile(
    rf"\b(?:nhung|cac|danh sach|liet ke|tat ca|bao nhieu|may)(?: cac| nhung| tat ca)? {_NOUN}\b|\b{_NOUN} (?:nao|gi|j)\b"
)
_RUNNING = re.compile(
    r"\b(?:(?:con|dang|van con|van dang)(?: con| dang)? (?:hieu luc|ap dung|thuc hien|chay|thoi han|han|dung)|(?:co|dang co) hieu luc|chua (?:het han|het hieu luc|ket thuc))\b"
)
_OVER = re.compile(
    r"\b(?:(?:da |bi )?het (?:hieu luc|han|thoi han)|(?:da )?(?:qua han|ket thuc)|khong con (?:hieu luc|ap dung)|da cu)\b"
)
_WHETHER = re.compile(r"^ (?:nua )?(?:khong|ko|k|hong|chua)\b")
_YEAR = re.compile(r"\b(?:nam )?(?P<year>20\d\d)\b")
_NEAR_YEAR = re.compile(r"\bnam (?P<which>nay|ngoai|truoc|sau|toi)\b")
_YEARS = {"nay": 0, "ngoai": -1, "truoc": -1, "sau": 1, "toi": 1}
_SPEAKS = re.compile(
    r"\b(?P<verb>(?:co |da |deu )?(?:nhac|noi|de cap|quy dinh|viet|ban)(?: gi)?(?: den| toi| ve| ra)(?: viec)?|lien quan(?: den| toi)?|ve(?: viec)?)\b"
)
_TRAIL = re.compile(r"(?: (?:khong|ko|k|hong|hem|vay|v|z|the|a|nhi|ha|nhe|di|ad|ban|em|voi|nao|nua|roi))+$")
_CLOSED = frozenset(
    ["nhung", "cac", "danh", "sach", "liet", "ke", "hoach", "kh", "tat", "ca", "bao", "nhieu", "may", "nao", "gi", "j", "la", "co", "cua", "do", "ban", "hanh", "ra", "dang", "hien", "tai", "nay", "cho", "xem", "minh", "toi", "em", "biet", "hoi", "voi", "a", "nhe", "nhi", "khong", "ko", "k", "chua", "da", "roi", "con", "o", "thi", "vay", "va", "nua", "ha", "ad", "tinh", "thanh", "pho", "tp", "quan", "huyen", "xa", "phuong", "tx", "thi", "ubnd", "uy", "nhan", "dan", "hdnd", "nam", "trong", "tu", "muon", "can", "tim", "giup", "kiem", "the", "luc", "bay", "gio", "kho", "van", "chuong", "trinh", "quyet", "dinh", "huong", "dan", "duoc", "so", "luong", "vn", "dinh", "ve", "cai", "bi", "thuoc", "cap"]
)  # fmt: skip


@dataclass(frozen=True)
class PlanListQuestion:
    """The list of plans that a question asks for.

    Attributes:
        is_over: only those whose time has passed (True) or has not (False); None for all.
        kind: "Quyết định" and the like where one is named, "" for every plan.
        phrase: what they have to speak of, bare; "" for nothing.
        is_sure: it says "nhắc đến" or the like, not only "về".
        is_plan: it says "kế hoạch", not only "văn bản", "quyết định" and the like, which are not only plans.
    """

    year: int | None = None
    is_over: bool | None = None
    kind: str = ""
    phrase: str = ""
    is_sure: bool = True
    is_plan: bool = True


def names_plans(question: str) -> bool:
    """Whether plans are named at all, a cheap look before anything else is read."""
    return bool(_PLANS.search(bare_words(question)))


def read_plan_list(question: str, owner: Iterable[str], this_year: int) -> PlanListQuestion | None:
    """The list of plans that a question asks for; None where it asks for something else.

    Args:
        question: with or without diacritics.
        owner: bare words that name whose plans are wanted, as they stand in the question; none for everybody's.
        this_year: what "năm nay" means.
    """
    text = bare_words(question)
    noun, owner = _PLANS.search(text), tuple(owner)
    if noun is None:
        return None
    rest, phrase, is_sure = _parted(_without(text, owner))
    is_several = bool(_SEVERAL.search(text))
    if phrase and not is_several:
        return None
    rest, is_over, names_time = _validity(rest)
    rest, year = _year(rest, this_year)
    if any(word not in _CLOSED for word in re.findall(r"[a-z0-9]+", rest)):
        return None
    is_list = is_several and bool(owner or phrase or names_time or year or _asks_stock(text))
    is_list = is_list or (bool(owner) and text.split()[-1] not in ("nao", "gi"))
    is_plan = bool(re.fullmatch(_PLAN, noun["noun"])) or noun["noun"] == "kh"
    if not is_list or not (is_plan or owner):
        return None
    return PlanListQuestion(year, is_over, _ONE_KIND.get(noun["noun"], ""), phrase, is_sure, is_plan)


def _asks_stock(text: str) -> bool:
    """ "Có những kế hoạch nào", "danh sách kế hoạch": all that are held."""
    return bool(re.search(rf"\b(?:co|danh sach|liet ke|tat ca|xem|bao nhieu)\b.*\b{_NOUN}\b", text))


def _without(text: str, owner: Iterable[str]) -> str:
    for words in sorted(owner, key=len, reverse=True):
        text = f" {text} ".replace(f" {words} ", " | ").strip() if words else text
    return text


def _parted(text: str) -> tuple[str, str, bool]:
    """(the text without what the plans are to speak of, that phrase, whether it is said to be spoken of)."""
    noun = _PLANS.search(text)
    found = _SPEAKS.search(text, noun.end()) if noun else None
    if found is None:
        return text, "", True
    after = text[found.end() :].split("|")[0]
    phrase = _TRAIL.sub("", f" {_until_validity(after).strip()}").strip()
    if not phrase or len(phrase) < 2:
        return text, "", True
    rest = text[: found.start()] + " | " + text[found.end() :].replace(phrase, " ", 1)
    return (
        re.sub(r"\b(?:cua|o|tai|thuoc|do)\s*\|", "|", rest),
        re.sub(r" (?:cua|o|tai|thuoc|do)$", "", phrase),
        found["verb"] not in ("ve", "ve viec"),
    )


def _until_validity(text: str) -> str:
    found = _RUNNING.search(text) or _OVER.search(text)
    return text[: found.start()] if found else text


def _validity(text: str) -> tuple[str, bool | None, bool]:
    """(the rest, still running or over where one of them is wanted, whether either is named)."""
    for pattern, is_over in ((_RUNNING, False), (_OVER, True)):
        if found := pattern.search(text):
            asks_whether = bool(_WHETHER.match(text[found.end() :])) and not re.search(
                rf"\b{_NOUN} (?:nao|gi|j)\b", text
            )
            return (
                text[: found.start()] + " | " + text[found.end() :],
                None if asks_whether else is_over,
                True,
            )
    return text, None, False


def _year(text: str, this_year: int) -> tuple[str, int | None]:
    if found := _YEAR.search(text):
        return text[: found.start()] + " | " + text[found.end() :], int(found["year"])
    if found := _NEAR_YEAR.search(text):
        return text[: found.start()] + " | " + text[found.end() :], this_year + _YEARS[found["which"]]
    return text, None
