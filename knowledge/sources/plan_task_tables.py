"""Tasks from the tables of a plan's appendix: what, lead, partners, product, deadline by the columns' names.

Merged and empty cells are lost in the source's text, so a row may be shorter than its head: cells are then told apart
by what they say (an agency, a time).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.model import PlanTask
from knowledge.plan_deadlines import read_deadline
from knowledge.sources.plan_agencies import names_agency, split_agencies
from knowledge.sources.plan_sections import Table

_COLUMNS = {
    "co": re.compile(r"phối hợp", re.IGNORECASE),
    "lead": re.compile(r"chủ trì|thực hiện$|cơ quan thực hiện|đơn vị thực hiện|phụ trách", re.IGNORECASE),
    "deadline": re.compile(r"thời gian|thời hạn|tiến độ|hoàn thành|kết thúc|lộ trình", re.IGNORECASE),
    "product": re.compile(r"sản phẩm|kết quả", re.IGNORECASE),
    "what": re.compile(r"nhiệm vụ|nội dung|công việc|hoạt động|giải pháp|chỉ tiêu", re.IGNORECASE),
}
_COLUMN_NUMBER = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?")  # "(1)" "(2)" beneath the names of the columns
_NUMBER = re.compile(r"(?:\d{1,3}(?:\.\d{1,2})*|[a-z])[.)]?")


def tasks_of_table(table: Table) -> Iterator[PlanTask]:
    """One task a row that names a lead; a table without columns for task and lead has none.

    A head without a column "STT" is the first row.
    """
    head, rows = (table.head, table.rows) if table.head else (table.rows[0], table.rows[1:])
    names = _names(head)
    if not {"what", "lead"} <= set(names):
        return
    for row in rows:
        if all(map(_COLUMN_NUMBER.fullmatch, filter(None, row))):
            continue
        cells = _cells(names, row)
        what, lead = cells.get("what", "").strip(), cells.get("lead", "").strip(" .;")
        if what and lead:
            yield PlanTask(what, lead, split_agencies(cells.get("co", "")), cells.get("product", ""), cells.get("deadline", ""), table.section)


def _names(head: tuple[str, ...]) -> list[str]:
    """What each column holds, "" for the others; each name once."""
    names: list[str] = []
    for title in head:
        name = next((n for n, pattern in _COLUMNS.items() if pattern.search(title) and n not in names), "")
        names.append(name)
    return names


def _cells(names: list[str], row: tuple[str, ...]) -> dict[str, str]:
    """The row's cells by column; {} for group rows, sums and rows that cannot be told apart."""
    if len(row) == len(names):
        return {name: cell for name, cell in zip(names, row, strict=True) if name}
    cells = list(row[1:] if _NUMBER.fullmatch(row[0].strip()) else row)
    if len(cells) < 2 or names_agency(cells[0]) and not names_agency(cells[1]):
        return {}
    return _told_apart(cells, names)


def _told_apart(cells: list[str], names: list[str]) -> dict[str, str]:
    """The first cell says what; then agencies (lead, partners), a time, and the product in the head's order."""
    found = {"what": cells[0]}
    for cell in cells[1:]:
        if names_agency(cell) and "product" not in found and "deadline" not in found:
            name = "lead" if "lead" not in found else "co"
        elif _is_time(cell):
            name = "deadline"
        else:
            name = "product"
        if name in names and name not in found:
            found[name] = cell
    return found if "lead" in found else {}


def _is_time(cell: str) -> bool:
    return len(cell) < 60 and read_deadline(cell, 2000).kind not in ("unclear", "none")
