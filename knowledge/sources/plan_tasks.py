"""Finds who does what by when in a plan: agencies' headings, "Giao X …", labelled items, tables of tasks.

Purposes, aims and legal grounds hold no tasks. What a plan does not say stays "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.model import PlanSection, PlanTask
from knowledge.plan_deadlines import find_deadline
from knowledge.sources.plan_agencies import (
    assigned_agency,
    heading_agency,
    is_sentence,
    leading_agency,
    leads,
    partners,
    split_agencies,
)
from knowledge.sources.plan_sections import Table
from knowledge.sources.plan_task_tables import tasks_of_table

_NO_TASKS = re.compile(
    r"(?:[\w.]{1,8}\. )?(?:Các |Một số )?(?:mục đích|yêu cầu|quan điểm|mục tiêu|chỉ tiêu|căn cứ|tiêu chí|khen thưởng|tình hình|hiện trạng|"
    r"đánh giá nguy cơ|đối tượng|quy định: chức năng)", re.IGNORECASE,
)  # fmt: skip
_CLOSING = re.compile(r"Trên đây là|Trong quá trình|\(?(?:Ban hành k|K)èm theo|Yêu cầu các|(?:Ủy ban nhân dân|UBND) (?:tỉnh|Tỉnh|thành phố|Thành phố) (?:yêu cầu|đề nghị)|[^.]*(?:chịu trách nhiệm thi hành|căn cứ) Quyết định|Căn cứ (?!chức năng|nội dung|tình hình|nhiệm vụ|[Kk]ế hoạch)|Nơi nhận")
_LABELS = {
    "co": re.compile(r"(?:Cơ quan|Đơn vị)(?:,? đơn vị)? phối hợp[^:]{0,20}: ?(?P<value>.*)|Phối hợp: ?(?P<value2>.*)"),
    "lead": re.compile(
        r"(?:Cơ quan|Đơn vị)(?:,? đơn vị)? (?:chủ trì|thực hiện|được giao)[^:]{0,30}: ?(?P<value>.+)|(?:Chủ trì|Phân công)(?: thực hiện)?: ?(?P<value2>.+)"
    ),
    "deadline": re.compile(r"(?:Thời gian|Thời hạn|Tiến độ)(?: dự kiến)?(?: thực hiện| hoàn thành| ban hành| trình)?(?P<colon>:)? ?(?P<value>.*)"),
    "product": re.compile(r"(?:Sản phẩm|Kết quả(?: đầu ra| thực hiện)?)(?: dự kiến)?: ?(?P<value>.*)"),
    "content": re.compile(r"(?:Nội dung|Nhiệm vụ|Yêu cầu|Kinh phí|Hình thức)(?: thực hiện)?: ?(?P<value>.*)"),
}  # fmt: skip
_LABEL_TITLE = re.compile(
    r"(?:Nội dung|Nhiệm vụ|(?:Cơ quan|Đơn vị)(?: (?:chủ trì|phối hợp|thực hiện))?|Thời gian|Thời hạn|Tiến độ|Sản phẩm|Kết quả|Kinh phí)(?: thực hiện| hoàn thành)?"
)
_BULLET = re.compile(r"^[-–+•*] ?")
_SHORTEST = 8  # characters of a line that can be a task
_NAMED = re.compile(r"Giao |Đề nghị ")
_ONLY_LEADS = re.compile(r"(?:^|; )(?P<who>.+?) (?:chủ trì|phối hợp|tiến hành|có trách nhiệm|chịu trách nhiệm)\b")


def find_tasks(sections: Sequence[PlanSection], tables: Sequence[Table]) -> tuple[PlanTask, ...]:
    """Tasks in reading order, prose before tables; each once."""
    order = {section.number: n for n, section in reversed(list(enumerate(sections)))}
    found: list[PlanTask] = []
    for block in _blocks(sections):
        found += _labelled(block) if block.is_labelled else _assigned(block)
    found.sort(key=lambda task: order.get(task.section, 0))
    found += [task for table in tables for task in tasks_of_table(table)]
    return tuple(dict.fromkeys(found))


@dataclass
class _Block:
    """A section with a heading and the lines under it, its items and its label headings ("c. Nội dung") included.

    Attributes:
        agency: that the heading, or one above it, consists of.
        lines: (section number, text); the first line of a label heading is the label.
    """

    number: str
    title: str
    agency: str
    path: tuple[str, ...]
    lines: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_labelled(self) -> bool:
        return any(_label(text)[0] == "lead" for _, text in self.lines)


def _blocks(sections: Sequence[PlanSection]) -> Iterator[_Block]:
    """Blocks in reading order; sections that hold no tasks are left out."""
    blocks: list[_Block] = []
    open_blocks: dict[tuple[str, ...], _Block] = {}
    for section in sections:
        parent = open_blocks.get(section.path[:-1] if section.title else section.path)
        if section.title and parent and _LABEL_TITLE.fullmatch(section.title):
            open_blocks[section.path] = parent
            parent.lines += [(section.number, _with_label(section.title, n, text)) for n, text in enumerate(section.paragraphs)]
            continue
        if section.title or parent is None:
            above = parent.agency if parent else ""
            block = _Block(section.number, section.title, heading_agency(section.title) or above, section.path)
            open_blocks[section.path] = block
            blocks.append(block)
        else:
            block = parent
        block.lines += [(section.number, text) for text in section.paragraphs if " | " not in text]
    return (b for b in blocks if b.number and not any(_NO_TASKS.match(heading) for heading in b.path))


def _with_label(title: str, n: int, text: str) -> str:
    """The first line of a label heading gets the label, and every line where it only says what the work is."""
    is_content = _label(f"{title}:")[0] == "content"
    return f"{title}: {_BULLET.sub('', text)}" if (n == 0 or is_content) and _label(text)[0] == "" else text


def _labelled(block: _Block) -> list[PlanTask]:
    """Items with "Cơ quan chủ trì: …", "Thời gian: …" beneath; a block with one such item is the heading's own task."""
    tasks: list[tuple[str, PlanTask]] = []
    item, number, values, n_plain = "", block.number, {}, 0
    for line_number, text in [*block.lines, ("", "")]:
        name, value = _label(text)
        if name == "content":
            continue
        ends = not text or (name == "lead" and "lead" in values) or (not name and "lead" in values)
        if not name and text and "deadline" in values and not values["deadline"]:
            values["pending"] = f"{values.get('pending', '')} {find_deadline(text)}".strip()
            continue
        if ends and "lead" in values:
            tasks.append((item, _task_of_labels(item or block.title, values, number)))
            item, values = "", {}
        if name:
            values.setdefault(name, value)
            number = line_number if item == "" and not block.title else number
        elif text:
            item, number, n_plain = _BULLET.sub("", text), line_number, n_plain + 1
    if len(tasks) == 1 and block.title and (n_plain > 1 or not tasks[0][0]):
        only = tasks[0][1]
        return [PlanTask(block.title, only.lead, only.co_agencies, only.product, only.deadline, block.number)]
    return [task for _, task in tasks if task.what]


def _task_of_labels(what: str, values: dict[str, str], number: str) -> PlanTask:
    led = values["lead"].strip(" .")
    shared = _ONLY_LEADS.match(led)
    lead = shared["who"] if shared else led
    co = split_agencies(values["co"]) if values.get("co") else partners(led) if shared else ()
    deadline = (values.get("deadline") or values.get("pending") or "").strip(" .;")
    return PlanTask(what.strip(" .;:"), lead, co, values.get("product", "").strip(" .;"), deadline, number)


def _assigned(block: _Block) -> Iterator[PlanTask]:
    """A line each: under an agency's heading its own, elsewhere of the agency that the line begins with.

    An announcing line ("Giao Sở X thực hiện các việc sau:") gives its agency to the bullets that follow it.
    """
    said = _Announced()
    if is_sentence(block.title):
        yield PlanTask(block.title, leading_agency(block.title), partners(block.title), "", find_deadline(block.title), block.number)
    for number, text in block.lines:
        bare = _BULLET.sub("", text)
        if _CLOSING.match(bare):
            continue
        who = leading_agency(text) or leads(text)
        if not said.covers(number) or (bare == text and not text.endswith(":")):
            said = _Announced()
        if text.endswith(":"):
            said = _Announced(number, who, partners(text)) if who else said if bare != text else _Announced()
            continue
        is_named = bool(who) and (not (said.agency or block.agency) or _NAMED.match(bare) is not None)
        lead = who if is_named else said.agency or block.agency or assigned_agency(text)
        if lead and len(text) >= _SHORTEST:
            yield PlanTask(bare, lead, partners(text) or said.partners, "", find_deadline(text), number)
        if bare == text and who and not block.agency:
            said = _Announced(number, who)


@dataclass(frozen=True)
class _Announced:
    """Whom a line gave the bullets that follow it in its section."""

    number: str = ""
    agency: str = ""
    partners: tuple[str, ...] = ()

    def covers(self, number: str) -> bool:
        return bool(self.agency) and (number == self.number or number.startswith(f"{self.number}."))


def _label(text: str) -> tuple[str, str]:
    """(name, value) of a labelled line, ("", "") of any other."""
    bare = re.sub(r"^[a-zđ][.)] ", "", _BULLET.sub("", text))
    for name, pattern in _LABELS.items():
        found = pattern.match(bare)
        if found and (name != "deadline" or found["colon"] or len(bare) < 120):
            groups = found.groupdict()
            return name, (groups.get("value") or groups.get("value2") or "").strip()
    return "", ""
