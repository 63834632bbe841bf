"""Reads a question as the list it asks for: tasks by agency and time over all plans, or plans that speak of something.

A question is a list only where all its words are accounted for: words of asking, an agency that the plans name, a time,
a plan or its place, and at most one further phrase, which then has to stand in the tasks. Everything else asks for one
fact and is left to the search.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from knowledge.plan_deadlines import month_end, read_deadline
from knowledge.plan_tasks import PlannedTask, Role, TaskFilter, plain_key
from nlu.diacritics import bare

_TASK = r"(?:viec|nhiem vu|cong viec|dau viec)"
_LISTS = re.compile(
    rf"\b(?:{_TASK} (?:nao|gi|den han|qua han|tre han|het han|cham han|sap)|(?:nhung|cac|danh sach|liet ke)(?: cac| nhung)? {_TASK}|{_TASK} cua"
    r"|lam (?:nhung )?(?:gi|j|viec gi|viec j)|(?:duoc|phai|can) (?:giao|lam)|chu tri (?:nhung )?(?:gi|viec|nhiem vu)|trach nhiem (?:gi|cua)"
    r"|phoi hop (?:nhung )?(?:gi|viec|nhiem vu)|den han|het han|qua han|tre han|phai xong)\b"
)
_NAMES_TASKS = re.compile(rf"\b(?:{_TASK} (?:nao|gi|j|den han|qua han|tre han|het han|cham han|sap)|(?:nhung|cac|danh sach|liet ke)(?: cac| nhung)? {_TASK})\b")
_PLURAL = re.compile(rf"\b(?:nhung|cac|danh sach|liet ke|tat ca)\b.*\b{_TASK}\b|\b{_TASK} nao\b")
_OVERDUE = re.compile(r"\b(?:qua han|tre han|cham han|cham tien do|da het han|bi tre)\b")
_DUE = re.compile(r"\b(?:den han|het han|phai xong|xong|hoan thanh|han|deadline|truoc)\b")
_LEADS = re.compile(r"(?<!ai )(?<!nao )(?<!gi )\bchu tri\b")
_HELPS = re.compile(r"(?<!va )\bphoi hop\b")
_TIME = re.compile(
    r"trước (?:ngày )?\d{1,2}[/-]\d{1,2}(?:[/-]20\d\d)?|quý (?:IV|I{1,3}|[1-4])\b(?:[/ ,]*(?:năm )?20\d\d)?"
    r"|tháng \d{1,2}(?:[/ ]*(?:năm )?20\d\d)?|năm 20\d\d|ngày \d{1,2}/\d{1,2}(?:/20\d\d)?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(quy|thang|tuan|nam) (nay|sau|toi)\b|\b(sap (?:den|toi|het|qua) han|sap toi han|sap phai xong)\b")
_SAID_QUARTER = {"mot": "1", "nhat": "1", "hai": "2", "ba": "3", "tu": "4", "bon": "4", "iii": "III", "ii": "II", "iv": "IV", "i": "I"}
_SOON = timedelta(days=30)
_CLOSED = frozenset(
    ["viec", "nhiem", "vu", "dau", "nao", "gi", "j", "la", "ai", "co", "chu", "tri", "phoi", "hop", "den", "han", "het", "qua", "trong", "quy", "thang", "nam", "ngay", "tuan", "truoc", "sau", "tu", "nay", "toi", "sap", "phai", "xong", "hoan", "thanh", "can", "lam", "duoc", "giao", "trach", "cua", "cac", "nhung", "danh", "sach", "liet", "ke", "cho", "minh", "biet", "hoi", "voi", "a", "nhe", "ko", "k", "khong", "chua", "da", "roi", "con", "theo", "o", "tai", "thi", "vay", "the", "ke", "hoach", "van", "bao", "nhieu", "sao", "va", "deadline", "tat", "ca", "nua", "ha", "ad", "em", "anh", "chi", "dc", "lo", "hien", "dang", "dinh", "nhi", "vn", "v", "hang", "nguoi", "thuc", "hien", "noi", "nhac", "xem", "ve"]
)
_ASKS = re.compile(
    r"\b(?:[qt]\d{1,2}|20\d\d|(?:quy|thang) (?:mot|nhat|hai|ba|tu|bon|i{1,3}|iv|\d{1,2})|cong viec|tre han|cham han|cham tien do|bi tre|(?:so|phong|ban|nganh|co quan|don vi) nao)\b"
)
_MENTION = re.compile(
    r"\b(?P<what>ke hoach|kh|chuong trinh|van ban|tai lieu|quyet dinh)(?: nao| gi)(?: dang| ma)?(?: co| da)? "
    r"(?:nhac|noi|de cap|quy dinh|viet|ban)(?: gi)?(?: den| toi| ve| ra)?(?: viec)? (?P<phrase>.+?)$"
)
_TRAIL = re.compile(r"(?: (?:khong|ko|k|hong|hem|vay|v|z|the|a|nhi|ha|nhe|di|ad|ban|em|voi|la gi|nao))+$")
_GENERIC = frozenset({"cac", "so", "ban", "nganh", "co", "quan", "don", "vi", "dia", "phuong", "phong", "lien"})
_INITIALS_OF = ("so", "bo", "phong", "ban", "cuc", "uy")


@dataclass(frozen=True)
class TaskQuestion:
    """The list that a question asks for.

    Attributes:
        wanted: its conditions.
        is_year_open: a day, month or quarter was named without a year; ``wanted`` holds this year's.
        is_plural: it asks for a list in so many words ("những việc nào", "liệt kê").
        names_plan: a plan's number or place stands in it.
    """

    wanted: TaskFilter
    is_year_open: bool = False
    is_plural: bool = False
    names_plan: bool = False


@dataclass(frozen=True)
class MentionQuestion:
    """What "kế hoạch nào nhắc đến …?" asks for, without diacritics; ``is_sure`` where plans are named as such."""

    phrase: str
    is_sure: bool


def read_task_question(question: str, tasks: Sequence[PlannedTask], today: date) -> TaskQuestion | None:
    """The list that a question asks for, None where it asks for something else.

    Args:
        question: with or without diacritics ("viec nao den han trong quy III", "Sở Nội vụ phải làm gì?").
        tasks: all tasks: their agencies, places and numbers are what can be named.
    """
    for text in dict.fromkeys((plain_key(question), _words(question))):
        read = _read(question, text, tasks, today)
        if read:
            return read
    return None


def read_detail(question: str, tasks: Sequence[PlannedTask], today: date) -> TaskQuestion | None:
    """An agency, a time or a plan's place alone ("còn Sở Tài chính?", "thế quý IV?"), going on with the last list."""
    text = plain_key(question)
    agency, said = _named(text, _names(tasks))
    period = _period(question, text, today)
    plan_ids, named = _plans_named(question, text, tasks)
    if not (agency or period.last or plan_ids) or _left(text, [said, period.said, *named]) != "":
        return None
    wanted = TaskFilter(agency, _role(text) if agency else "any", period.first, period.last, plan_ids=plan_ids)
    return TaskQuestion(wanted, period.is_year_open, False, bool(plan_ids))


def _read(question: str, text: str, tasks: Sequence[PlannedTask], today: date) -> TaskQuestion | None:
    if not _LISTS.search(text):
        return None
    agency, said = _named(text, _names(tasks))
    period = _period(question, text, today)
    overdue_on = today if _OVERDUE.search(text) else None
    if not agency and not (_NAMES_TASKS.search(text) and (period.first or period.last or overdue_on)):
        return None
    plan_ids, named = _plans_named(question, text, tasks)
    left = _left(text, [said, period.said, *named])
    if left is None or (left and plan_ids):
        return None
    wanted = TaskFilter(
        agency, _role(text) if agency else "any", period.first, period.last,
        bool(period.first) and not _DUE.search(text), overdue_on, plan_ids, left,
    )  # fmt: skip
    if left and not any(f" {left} " in f" {plain_key(t.task.what)} " for t in tasks):
        return None
    return TaskQuestion(wanted, period.is_year_open, bool(_PLURAL.search(text)), bool(plan_ids))


def any_year(question: TaskQuestion) -> TaskFilter:
    """The question's conditions without its period; for days of any year see :func:`same_season`."""
    return replace(question.wanted, first=None, last=None)


def same_season(planned: PlannedTask, wanted: TaskFilter) -> bool:
    """The task is due between the same days of another year."""
    due, first, last = planned.deadline.due, wanted.first, wanted.last
    if due is None or last is None or planned.deadline.kind not in ("day", "month", "quarter"):
        return False
    return ((first.month, first.day) if first else (1, 1)) <= (due.month, due.day) <= (last.month, last.day)


def read_mention_question(question: str) -> MentionQuestion | None:
    """What a question wants plans to speak of; None where it asks for something else."""
    text = _words(question)
    found = _MENTION.search(text)
    phrase = _TRAIL.sub("", found["phrase"]) if found else ""
    return MentionQuestion(phrase, found["what"] in ("ke hoach", "kh")) if found and phrase else None


def _words(question: str) -> str:
    """Bare words as typed, short forms left alone."""
    return " ".join(re.findall(r"[a-z0-9]+", bare(question).lower()))


def _names(tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    """Agencies that tasks name, those with most tasks first."""
    counts = Counter(name for t in tasks for name in _agencies(t))
    return tuple(name for name, _ in counts.most_common())


def _role(text: str) -> Role:
    leads, helps = bool(_LEADS.search(text)), bool(_HELPS.search(text))
    return "any" if leads == helps else "lead" if leads else "co"


def _agencies(planned: PlannedTask) -> Iterator[str]:
    yield from (*re.split(r"[;,] (?=[A-ZĐ])", planned.task.lead), *planned.task.co_agencies)


def _named(text: str, names: tuple[str, ...]) -> tuple[str, str]:
    """(the longest agency that stands in the text, the words it stands there as); groups name nobody."""
    found = {key for key in _keys(names) if f" {key} " in f" {text} "}
    if found:
        longest = max(found, key=len)
        return longest, longest
    short = {form: key for form, key in _short_forms(names).items() if f" {form} " in f" {text} "}
    form = max(short, key=len, default="")
    return short.get(form, ""), form


@lru_cache(maxsize=8)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    keys = {re.sub(r"^(?:phong|so) (?=cac )", "", plain_key(name)) for name in names}
    return frozenset(key for key in keys if len(key.split()) >= 2 and not set(key.split()) <= _GENERIC)


@lru_cache(maxsize=8)
def _short_forms(names: tuple[str, ...]) -> dict[str, str]:
    """Ways people shorten an agency ("snv", "so khcn", "so kh cn") → its key; of two that share one, the one with most tasks."""
    forms: dict[str, str] = {}
    for key in dict.fromkeys(key for name in names if (key := plain_key(name)) in _keys(names)):
        first, *rest = key.split()
        if first not in _INITIALS_OF or not 2 <= len(rest) <= 7:
            continue
        told = "".join(word[0] for word in rest if word != "va")
        halves = " ".join("".join(word[0] for word in half.split()) for half in " ".join(rest).split(" va "))
        for form in {first[0] + told, f"{first} {told}", f"{first} {halves}"}:
            if len(form) >= 3:
                forms.setdefault(form, key)
    return forms


@dataclass(frozen=True)
class _Period:
    first: date | None = None
    last: date | None = None
    is_year_open: bool = False
    said: str = ""


def _period(question: str, text: str, today: date) -> _Period:
    """The time a question names; ``said`` holds its words without diacritics."""
    relative = _RELATIVE.search(text)
    if relative:
        first, last = _relative(relative, today)
        return _Period(first, last, False, relative.group(0))
    marked = _with_marks(question)
    found = _TIME.search(question) or _TIME.search(marked)
    if not found:
        return _Period()
    words = re.sub(r"quý (iv|i{1,3})\b", lambda m: f"Quý {m.group(1).upper()}", found.group(0).lower())
    deadline = read_deadline(words, today.year)
    has_year = bool(re.search(r"20\d\d", words))
    said = plain_key(found.group(0))
    if words.startswith("trước"):
        return _Period(None, deadline.due, not has_year, said)
    return _Period(deadline.starts or deadline.due, deadline.due, not has_year, said)


def _relative(found: re.Match[str], today: date) -> tuple[date, date]:
    unit, which = found.group(1), found.group(2)
    if unit is None:
        return today, today + _SOON
    n = 0 if which == "nay" else 1
    if unit == "tuan":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=n)
        return monday, monday + timedelta(days=6)
    if unit == "nam":
        return date(today.year + n, 1, 1), date(today.year + n, 12, 31)
    size = 3 if unit == "quy" else 1
    start = (today.year * 12 + today.month - 1) // size * size + n * size
    end = start + size - 1
    return date(start // 12, start % 12 + 1, 1), month_end(end // 12, end % 12 + 1)


def _with_marks(question: str) -> str:
    """The few words of time with their diacritics, for questions typed without; "q3", "quý ba" and "t12" written out."""
    marked = {"quy": "quý", "thang": "tháng", "nam": "năm", "ngay": "ngày", "truoc": "trước"}
    text = re.sub(r"[A-Za-z]+", lambda m: marked.get(m.group(0).lower(), m.group(0)), question)
    text = re.sub(r"\b[Qq]([1-4])\b", r"quý \1", text)
    text = re.sub(r"\b[Tt](1[0-2]|[1-9])\b", r"tháng \1", text)
    said = "|".join(("một", "nhất", "hai", "tư", "bốn", *_SAID_QUARTER))
    return re.sub(rf"\bquý ({said})\b", lambda m: f"quý {_SAID_QUARTER[bare(m.group(1)).lower()]}", text, flags=re.IGNORECASE)


def _plans_named(question: str, text: str, tasks: Sequence[PlannedTask]) -> tuple[tuple[str, ...], list[str]]:
    """(plans whose number stands in the question, else those of a place that stands in it; the words that name them)."""
    numbered = {t.plan_id: plain_key(t.number) for t in tasks if t.number and t.number.lower() in question.lower()}
    if numbered:
        return tuple(numbered), list(numbered.values())
    placed = {t.plan_id: name for t in tasks if (name := _named_place(t, text))}
    kinds = ("tinh", "thanh pho", "tp", "quan", "huyen")
    return tuple(placed), [*(f"{kind} {name}" for name in set(placed.values()) for kind in kinds), *set(placed.values())]


def _named_place(planned: PlannedTask, text: str) -> str:
    """The plan's place where it stands in the text and the plan is of that place (a decree signed in Hà Nội is not)."""
    place = _place(planned.place)
    is_named = bool(place) and f" {place} " in f" {text} " and place in plain_key(planned.authority)
    return place if is_named else ""


@lru_cache(maxsize=1_000)
def _place(place: str) -> str:
    return re.sub(r"^(?:tp|thanh pho|tinh|quan|huyen|xa|phuong)\b\s*", "", plain_key(place))


def _left(text: str, accounted: Iterable[str]) -> str | None:
    """The one phrase of a text that nothing accounts for, "" where there is none, None where it is no clear phrase."""
    rest = f" {text} "
    for words in accounted:
        if words:
            rest = rest.replace(f" {words} ", " | ")
    rest = _ASKS.sub("|", rest)
    runs = [run for run in re.split(r"\|", " ".join(_marked(rest.split()))) if run.strip()]
    if not runs:
        return ""
    words = runs[0].split()
    return " ".join(words) if len(runs) == 1 and len(words) >= 2 else None


def _marked(words: Sequence[str]) -> Iterator[str]:
    """Words of asking before and after the phrase become bars; those between its words belong to it ("cải cách hành chính")."""
    open_ = [n for n, word in enumerate(words) if word != "|" and word not in _CLOSED]
    for n, word in enumerate(words):
        is_inside = bool(open_) and open_[0] <= n <= open_[-1] and word != "|"
        yield word if is_inside else "|"
