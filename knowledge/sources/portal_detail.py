"""Reads the portal's export of one procedure for people ("Chi tiết thủ tục hành chính"): a PDF, or the same page as a
Word or web document.

Facts stand in a table of two columns, sections under headings in capitals, papers, ways of handing in and legal
grounds in ruled tables. The record has the same fields as one of the JSON export; nothing here is glued, so a cell
that a page break cut is all there is to mend.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.model import LegalBasis, Procedure, RequiredDocument, Source, Submission
from knowledge.sources.document import Document, Line, Table, join_broken, join_lines, join_rows
from knowledge.sources.faults import FileFault
from knowledge.sources.forms import find_forms
from knowledge.sources.portal_jsonl import CODE, TITLE, clean_result, split_keywords, split_labels
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.sources.text import clean, collapse, digest_of_file, read_on_of, without_none

_HEADINGS = {
    "CHI TIẾT THỦ TỤC HÀNH CHÍNH": "head",
    "TRÌNH TỰ THỰC HIỆN": "steps",
    "THÀNH PHẦN HỒ SƠ": "documents",
    "CÁCH THỨC THỰC HIỆN": "submissions",
    "CĂN CỨ PHÁP LÝ": "legal",
    "CƠ QUAN THỰC HIỆN": "agency",
    "YÊU CẦU, ĐIỀU KIỆN THỰC HIỆN": "conditions",
    "KẾT QUẢ XỬ LÝ": "result",
    "KẾT QUẢ THỰC HIỆN": "result",
    "TỪ KHÓA": "keywords",
    "MÔ TẢ": "about",
}
_MIN_HEADINGS = 4
_CODE_KEYS = ("mã thủ tục", "mã tthc")
_LEVELS = {"Bộ": "Cấp bộ", "Tỉnh": "Cấp tỉnh", "Huyện": "Cấp huyện", "Xã": "Cấp xã"}
_CHANNELS = (
    (re.compile(r"trực tuyến", re.IGNORECASE), "online"),
    (re.compile(r"bưu", re.IGNORECASE), "post"),
    (re.compile(r"trực tiếp", re.IGNORECASE), "desk"),
)
_JOINT = ", "
_SHORTEST_NOTE = 12  # letters; shorter repetitions may be meant
_RESULT_CODE = re.compile(r"^Mã: ?.*$", re.MULTILINE)
_BARE_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MINISTRIES = {
    "BCA": "Bộ Công an", "BCT": "Bộ Công Thương", "BDTTG": "Bộ Dân tộc và Tôn giáo", "BGDĐT": "Bộ Giáo dục và Đào tạo",
    "BKHCN": "Bộ Khoa học và Công nghệ", "BNG": "Bộ Ngoại giao", "BNV": "Bộ Nội vụ",
    "BNNMT": "Bộ Nông nghiệp và Môi trường", "BQP": "Bộ Quốc phòng", "BTC": "Bộ Tài chính", "BTP": "Bộ Tư pháp",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch", "BXD": "Bộ Xây dựng", "BYT": "Bộ Y tế",
    "NHNN": "Ngân hàng Nhà nước Việt Nam", "TTCP": "Thanh tra Chính phủ",
}  # fmt: skip


@dataclass
class _Page:
    """What stands under each heading, and the facts of the head by their label in small letters."""

    facts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[Line | Table]] = field(default_factory=dict)


def looks_like_detail(document: Document) -> bool:
    """Whether a document is such an export: several of its headings and a procedure's code."""
    headings = {part for block in document.blocks if isinstance(block, Line) and (part := _heading(block))}
    return len(headings) >= _MIN_HEADINGS and _code(_page(document)) != ""


def read_detail(path: Path, document: Document) -> ReadReport:
    """The procedure of a document for which :func:`looks_like_detail` holds.

    Raises:
        FileFault: the export gives the procedure no name.
    """
    page = _page(document)
    code, problems = _code(page), _Problems(_code(page))
    name = collapse(_fact(page, "tên thủ tục", "tên tthc"))
    if not name:
        raise FileFault(path, "damaged", format="“Chi tiết thủ tục hành chính”", came=f"procedure {code} without a name")
    steps = without_none(_prose(page, "steps"))
    documents = tuple(_documents(page, problems))
    result = clean_result(without_none(_RESULT_CODE.sub("", _prose(page, "result"))))
    decision = without_none(_fact(page, "số quyết định"))
    procedure = Procedure(
        code=code,
        name=name,
        source=Source(f"{path.name}#{code}", TITLE, "", document.made_on or read_on_of(path), digest_of_file(path)),
        aliases=split_keywords(without_none(_prose(page, "keywords")), name),
        levels=tuple(_LEVELS.get(level, level) for level in split_labels(_fact(page, "cấp thực hiện"))),
        field=without_none(collapse(_fact(page, "lĩnh vực"))),
        agency=without_none(_prose(page, "agency")),
        place=without_none(_fact(page, "địa chỉ tiếp nhận hs", "địa chỉ tiếp nhận hồ sơ")),
        authority=without_none(collapse(_fact(page, "cơ quan có thẩm quyền"))),
        ministry=_ministry(decision),
        applicants=split_labels(collapse(_fact(page, "đối tượng thực hiện"))),
        submissions=tuple(_submissions(page, problems)),
        documents=documents,
        steps=steps,
        conditions="\n\n".join(filter(None, (without_none(_prose(page, part)) for part in ("conditions", "about")))),
        legal_basis=tuple(dict.fromkeys(_legal(page))),
        result=result,
        forms=find_forms([part for paper in documents for part in (paper.name, paper.case, paper.form)] + [steps, result]),
        decision_number=decision.rstrip("."),
    )
    problems.add("", _detached_marks(procedure))
    return ReadReport(records=(procedure,), warnings=(*document.warnings, *problems.found))


class _Problems:
    def __init__(self, code: str) -> None:
        self._code = code
        self.found: list[ReadWarning] = []

    def add(self, column: str, message: str) -> None:
        if message:
            self.found.append(ReadWarning(self._code, column, message))


def _page(document: Document) -> _Page:
    page, part = _Page(), "head"
    for block in document.blocks:
        heading = _heading(block) if isinstance(block, Line) else ""
        if heading:
            part = heading
            continue
        page.parts.setdefault(part, []).append(block)
        if part == "head" and isinstance(block, Table):
            page.facts |= dict(_facts(block))
    return page


def _heading(line: Line) -> str:
    text = unicodedata.normalize("NFC", collapse(line.text)).rstrip(": ")
    return _HEADINGS.get(text, "")


def _facts(table: Table) -> Iterator[tuple[str, str]]:
    """(label in small letters, value) of the head; a row a page break cut goes on below without a label."""
    for row in _mended(table, key=0):
        yield collapse(row[0]).rstrip(":").lower(), clean(row[1]) if len(row) > 1 else ""


def _fact(page: _Page, *labels: str) -> str:
    return next((page.facts[label] for label in labels if page.facts.get(label)), "")


def _code(page: _Page) -> str:
    code = _fact(page, *_CODE_KEYS).strip()
    return code if CODE.fullmatch(code) else ""


def _prose(page: _Page, part: str) -> str:
    blocks = page.parts.get(part, [])
    lines = [block.text if isinstance(block, Line) else _table_as_text(block) for block in blocks]
    paragraphs = any(isinstance(block, Line) and block.is_paragraph for block in blocks)
    return clean("\n".join(lines) if paragraphs else join_lines(lines))


def _table_as_text(table: Table) -> str:
    return "\n".join(" | ".join(collapse(cell) for cell in row if cell.strip()) for row in table.rows)


def _mended(table: Table, key: int) -> list[tuple[str, ...]]:
    """Rows, those that a page break cut put together: below the break the key cell is empty."""
    rows: list[tuple[str, ...]] = []
    for position, row in enumerate(table.rows):
        if rows and position in table.page_starts and not row[key].strip() and not _is_title(table, position):
            rows[-1] = join_rows(rows[-1], row)
        else:
            rows.append(row)
    return rows


def _is_title(table: Table, position: int) -> bool:
    """Whether the row above the column names is meant: the name of a case, alone in its row."""
    return position + 1 < len(table.rows) and _is_names(table.rows[position + 1])


def _is_names(row: tuple[str, ...]) -> bool:
    return collapse(row[0]).lower() in ("tên giấy tờ", "hình thức nộp", "tên văn bản pháp lý")


def _documents(page: _Page, problems: _Problems) -> Iterator[RequiredDocument]:
    case = ""
    for block in page.parts.get("documents", []):
        if isinstance(block, Line):
            case = collapse(join_broken(case, block.text)) if case and not block.is_paragraph else collapse(block.text)
            continue
        rows = _mended(block, key=-1)
        for position, row in enumerate(rows):
            name, form, quantity = (collapse(cell) for cell in (row[0], row[1] if len(row) > 2 else "", row[-1]))
            name = re.sub(r"^[-–+*•\s]+", "", name).rstrip("; ")
            if position + 1 < len(rows) and _is_names(rows[position + 1]):
                case = _case(name)
            elif not _is_names(row) and without_none(name.rstrip(";. ")):
                yield RequiredDocument(name, quantity, form, _case(case))
                if not quantity:
                    problems.add("thanh_phan_ho_so", f"no quantity beside: {name[:80]!r}")


def _case(text: str) -> str:
    return without_none(text).strip("-–: ")


def _submissions(page: _Page, problems: _Problems) -> Iterator[Submission]:
    tables = [block for block in page.parts.get("submissions", []) if isinstance(block, Table)]
    for row in (row for table in tables for row in _mended(table, key=0)):
        if _is_names(row):
            continue
        how, time, fee, note = (clean(cell) for cell in (*row, "", "", "")[:4])
        channel = next((name for mark, name in _CHANNELS if mark.search(how)), "other")
        time = collapse(time)
        is_bare = _BARE_NUMBER.fullmatch(time) is not None
        if is_bare:
            problems.add("cach_thuc_thuc_hien", f"a time without unit: {time!r}; kept as printed and marked")
        if channel == "other":
            problems.add("cach_thuc_thuc_hien", f"way of handing in not known: {how[:60]!r}")
            note = "\n".join(filter(None, (how, note)))
        yield Submission(channel, without_none(time), not is_bare, _fees(fee), _once(without_none(note)))


def _fees(cell: str) -> tuple[str, ...]:
    """A fee a line; a line that only goes on with a bracket stays with the one above."""
    fees: list[str] = []
    for line in filter(None, (without_none(line) for line in cell.split("\n"))):
        if fees and (fees[-1].count("(") > fees[-1].count(")") or line.startswith("(")):
            fees[-1] = f"{fees[-1]} {line}"
        else:
            fees.append(line)
    return tuple(fees)


def _once(note: str) -> str:
    """The export joins the descriptions of all ways and cases with ", "; one that follows itself stands once."""
    flat = note.replace("\n", " ")  # a page break may have taken a line end
    position = 0
    while position < len(flat):
        repeated = _repeated_at(flat, position)
        if repeated:
            cut = slice(position + repeated, position + 2 * repeated + len(_JOINT))
            note, flat = note[: cut.start] + note[cut.stop :], flat[: cut.start] + flat[cut.stop :]
        else:
            following = flat.find(_JOINT, position)
            position = following + len(_JOINT) if following >= 0 else len(flat)
    return note


def _repeated_at(text: str, start: int) -> int:
    """Length of the shortest description from here on that follows itself behind ", "; 0 when none does."""
    end = text.find(_JOINT, start + _SHORTEST_NOTE)
    while end >= 0 and end - start <= len(text) - end:
        size, behind = end - start, end + len(_JOINT)
        stop = behind + size
        if text.startswith(text[start:end], behind) and (stop == len(text) or text.startswith(_JOINT, stop)):
            return size
        end = text.find(_JOINT, end + 1)
    return 0


def _legal(page: _Page) -> Iterator[LegalBasis]:
    for block in page.parts.get("legal", []):
        if isinstance(block, Line):
            if collapse(block.text):
                yield LegalBasis(collapse(block.text))
            continue
        for row in _mended(block, key=-1):
            title, number = collapse(row[0]), collapse(row[-1]) if len(row) > 1 else ""
            if not _is_names(row) and (title or number):
                yield LegalBasis(title.rstrip(";. "), number)


def _ministry(decision: str) -> str:
    """The ministry whose abbreviation the decision's number carries; "" for a province's."""
    parts: Iterable[str] = re.split(r"[-/ .]", decision.upper())
    return next((_MINISTRIES[part] for part in parts if part in _MINISTRIES), "")


def _detached_marks(procedure: Procedure) -> str:
    """Tones that the PDF printed apart from their letters; where they belong cannot be told with certainty."""
    texts = [procedure.steps, procedure.conditions, procedure.result, *(way.note for way in procedure.submissions)]
    texts += [way.time for way in procedure.submissions] + [paper.name for paper in procedure.documents]
    n_marks = sum(len(re.findall(r"(?:^|\s)[\u0300-\u0323]", text)) for text in texts)
    return f"{n_marks} tone marks printed apart from their letters; the words around them are left as they are" if n_marks else ""
