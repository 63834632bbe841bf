"""Reads the portal's export: one JSON object a line, all values strings, table cells glued together.

The flow: open, one line at a time, check, take the cells apart, collect warnings. One bad line never stops the rest.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.errors import SourceError
from knowledge.model import Procedure, Source
from knowledge.sources.documents import HEADER, split_documents
from knowledge.sources.faults import warning
from knowledge.sources.forms import find_forms
from knowledge.sources.legal import split_legal_basis
from knowledge.sources.report import ReadReport, ReadWarning
from knowledge.sources.submissions import split_submissions
from knowledge.sources.text import clean, digest_of, is_none_word, read_on_of, without_none

TITLE = "Cổng Dịch vụ công quốc gia"
CODE = re.compile(r"\d\.\d{6}")
MINISTRIES = {
    "bo-cong-an": "Bộ Công an",
    "bo-cong-thuong": "Bộ Công Thương",
    "bo-dan-toc-ton-giao": "Bộ Dân tộc và Tôn giáo",
    "bo-giao-duc-dao-tao": "Bộ Giáo dục và Đào tạo",
    "bo-khoa-hoc-cong-nghe": "Bộ Khoa học và Công nghệ",
    "bo-ngoai-giao": "Bộ Ngoại giao",
    "bo-noi-vu": "Bộ Nội vụ",
    "bo-nong-nghiep-mt": "Bộ Nông nghiệp và Môi trường",
    "bo-quoc-phong": "Bộ Quốc phòng",
    "bo-tai-chinh": "Bộ Tài chính",
    "bo-tu-phap": "Bộ Tư pháp",
    "bo-van-hoa-tt-dl": "Bộ Văn hóa, Thể thao và Du lịch",
    "bo-xay-dung": "Bộ Xây dựng",
    "bo-y-te": "Bộ Y tế",
    "ngan-hang-nha-nuoc": "Ngân hàng Nhà nước Việt Nam",
    "thanh-tra-chinh-phu": "Thanh tra Chính phủ",
    "toa-an-nhan-dan": "Tòa án nhân dân",
}
_COLUMNS = """
    ma_thu_tuc detail_url formality_id ten_thu_tuc so_quyet_dinh cap_thuc_hien loai_thu_tuc linh_vuc
    doi_tuong_thuc_hien co_quan_co_tham_quyen dia_chi_tiep_nhan co_quan_duoc_uy_quyen co_quan_phoi_hop
    thu_tuc_lien_quan trinh_tu_thuc_hien cach_thuc_thuc_hien thanh_phan_ho_so can_cu_phap_ly co_quan_thuc_hien
    yeu_cau_dieu_kien ket_qua_xu_ly bo_nganh
"""
COLUMNS = frozenset(_COLUMNS.split())
_RESULT_CODE = re.compile(r"Mã: ?(?:KQ\.G\d+\.\d{6}|[A-Z0-9.\-]*\d|[A-Z]+(?![a-zà-ỹ]))")
_FOOTER = re.compile(r"Từ khóa(?P<words>.*?)Mô tả(?P<about>.*?)(?:Chọn cơ quan thực hiện.*|Nộp hồ sơ)?$", re.DOTALL)


def read_portal_jsonl(path: Path) -> ReadReport:
    """Read a .jsonl or .jsonl.gz export.

    Raises:
        SourceError: the file cannot be opened or unpacked, is empty, or holds no readable procedure.
    """
    path = Path(path)
    return read_export_rows(path, (_row(path, n_line, line) for n_line, line in _lines(path)))


@dataclass(frozen=True)
class _Row:
    """A row of an export: where it stands, its cells by column, what is wrong with it, its raw words, and columns whose
    values are neither words nor numbers."""

    place: str
    cells: dict[str, str]
    problem: str
    raw: str
    unread: tuple[str, ...] = ()


def export_row(place: str, cells: dict[str, Any]) -> _Row:
    """A row for :func:`read_export_rows` from a table or a JSON array that has the export's columns."""
    texts, unread = _texts(cells)
    return _Row(place, texts, "", json.dumps(texts, ensure_ascii=False, sort_keys=True), unread)


def _texts(cells: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Cells as words, a list of words with commas; and the columns that hold anything else."""
    texts = {key: _text(cell) for key, cell in cells.items()}
    return {key: text or "" for key, text in texts.items()}, tuple(key for key, text in texts.items() if text is None)


def _text(cell: Any) -> str | None:
    if isinstance(cell, (str, int, float)):
        return str(cell)
    if isinstance(cell, list) and all(isinstance(part, (str, int, float)) for part in cell):
        return ", ".join(map(str, cell))
    return "" if cell is None else None


def read_export_rows(path: Path, rows: Iterable[_Row]) -> ReadReport:
    """Procedures of rows with the export's columns; one bad row never stops the rest.

    Raises:
        SourceError: no row holds a readable procedure.
    """
    records: dict[str, Procedure] = {}
    warnings: list[ReadWarning] = []
    unknown: set[str] = set()
    read_on = ""
    for row in rows:
        read_on = read_on or read_on_of(path)
        unknown |= set(row.cells) - COLUMNS
        code = row.cells.get("ma_thu_tuc", "").strip()
        problem = row.problem or _identity_problem(code, row.cells, records)
        if problem:
            warnings.append(ReadWarning(row.place, "", f"{problem}; line left out"))
            continue
        url = row.cells.get("detail_url", "").strip()
        source = Source(f"{path.name}#{code}", TITLE, url, read_on, digest_of(row.raw))
        records[code], found = _procedure(code, row.cells, source)
        warnings += found
        warnings += (ReadWarning(code, key, "neither words nor a number; not read") for key in row.unread if key in COLUMNS)
        if n_bad := row.raw.count("\ufffd"):
            warnings.append(replace(warning(path, "bad_bytes", n=n_bad), record=code))
    if unknown:
        warnings.append(ReadWarning(path.name, "", f"unknown columns, not read: {', '.join(sorted(unknown))}"))
    if not records:
        raise SourceError(path, "at least one procedure, one JSON object a line", _came(warnings), "check the export")
    return ReadReport(records=tuple(records.values()), warnings=tuple(warnings))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, text) of lines that are not blank."""
    open_ = gzip.open if path.suffix == ".gz" else open
    try:
        with open_(path, "rb") as file:
            is_utf_16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        with open_(path, "rt", encoding="utf-16" if is_utf_16 else "utf-8-sig", errors="replace") as lines:
            for n_line, line in enumerate(lines, 1):
                if line.strip():
                    yield n_line, line
    except (OSError, EOFError, zlib.error) as exc:
        raise SourceError(path, "a readable .jsonl or .jsonl.gz file", type(exc).__name__, "fetch the file again") from exc


def _row(path: Path, n_line: int, line: str) -> _Row:
    """The line's object; a line that is no JSON and has no end is what is left of a file that was cut."""
    place = f"{path.name}:{n_line}"
    try:
        value = json.loads(line)
    except ValueError:
        is_cut = not line.endswith("\n")
        return _Row(place, {}, warning(path, "cut_short", place=place).message if is_cut else "not valid JSON", line)
    if not isinstance(value, dict):
        return _Row(place, {}, f"expected a JSON object, came {type(value).__name__}", line)
    texts, unread = _texts(value)
    return _Row(place, texts, "", line, unread)


def _identity_problem(code: str, row: dict[str, str], records: dict[str, Procedure]) -> str:
    if not code:
        return "no procedure code (ma_thu_tuc)"
    if not CODE.fullmatch(code):
        return f"procedure code {code!r} is not of the form d.dddddd"
    if not without_none(row.get("ten_thu_tuc", "")):
        return f"procedure {code} has no name (ten_thu_tuc)"
    if code in records:
        return f"procedure code {code} came before; the first one is kept"
    return ""


def _came(warnings: list[ReadWarning]) -> str:
    return f"nothing that can be read ({warnings[0].message})" if warnings else "an empty file"


def _procedure(code: str, row: dict[str, str], source: Source) -> tuple[Procedure, list[ReadWarning]]:
    cell, cut_problems = _mended({column: row.get(column, "") for column in COLUMNS})
    submissions, submission_problems = split_submissions(cell["cach_thuc_thuc_hien"])
    documents, document_problems = split_documents(cell["thanh_phan_ho_so"])
    legal_basis, legal_problems = split_legal_basis(cell["can_cu_phap_ly"])
    conditions, _, _ = _cut_footer(cell["yeu_cau_dieu_kien"])
    result, keywords, about = _cut_footer(cell["ket_qua_xu_ly"])
    name, steps = clean(cell["ten_thu_tuc"]).replace("\n", " "), without_none(cell["trinh_tu_thuc_hien"])
    procedure = Procedure(
        code=code,
        name=name,
        source=source,
        aliases=split_keywords(keywords, name),
        levels=split_labels(cell["cap_thuc_hien"]),
        field=without_none(cell["linh_vuc"]),
        agency=without_none(cell["co_quan_thuc_hien"]),
        place=without_none(cell["dia_chi_tiep_nhan"]),
        authority=without_none(cell["co_quan_co_tham_quyen"]),
        ministry=MINISTRIES.get(cell["bo_nganh"].strip(), cell["bo_nganh"].strip()),
        applicants=split_labels(cell["doi_tuong_thuc_hien"]),
        submissions=submissions,
        documents=documents,
        steps=steps,
        conditions="\n\n".join(part for part in (conditions, about) if part),
        legal_basis=legal_basis,
        result=clean_result(result),
        forms=find_forms([document.name for document in documents] + [document.case for document in documents]
                         + [document.form for document in documents] + [steps, clean_result(result)]),
        decision_number=without_none(cell["so_quyet_dinh"]),
    )
    problems = (
        ("thanh_phan_ho_so", cut_problems),
        ("cach_thuc_thuc_hien", submission_problems),
        ("thanh_phan_ho_so", document_problems),
        ("can_cu_phap_ly", legal_problems),
    )
    return procedure, [ReadWarning(code, column, message) for column, found in problems for message in found]


def _mended(cell: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The cells with text put back that the export cut off.

    The export cuts a record at its headings, and where the running text says "thành phần hồ sơ" or "yêu cầu, điều kiện
    thực hiện" it cuts there too: the rest of the steps then stands in the column of papers (whose own table is lost),
    the rest of the papers in that of conditions.
    """
    papers, conditions = cell["thanh_phan_ho_so"], cell["yeu_cau_dieu_kien"]
    if HEADER in conditions:
        joined = f"{papers} yêu cầu, điều kiện thực hiện {conditions}"
        return {**cell, "thanh_phan_ho_so": joined, "yeu_cau_dieu_kien": ""}, ("rest of the papers found under conditions",)
    if HEADER in papers or is_none_word(papers) or not papers.strip("- \n"):
        return cell, ()
    if not re.search(r"[a-zà-ỹ] [a-zà-ỹ]", papers):
        return {**cell, "thanh_phan_ho_so": ""}, (f"no table of papers; {papers.strip()[:40]!r} left out",)
    steps = f"{cell['trinh_tu_thuc_hien'].rstrip()} thành phần hồ sơ {papers.lstrip()}"
    return {**cell, "trinh_tu_thuc_hien": steps, "thanh_phan_ho_so": ""}, ("rest of the steps found; no table of papers",)


def split_labels(cell: str) -> tuple[str, ...]:
    """Labels at commas, except commas inside brackets or before a small letter ("Cán bộ, công chức, viên chức")."""
    labels: list[str] = []
    for piece in without_none(cell).split(", "):
        is_open = bool(labels) and labels[-1].count("(") > labels[-1].count(")")
        if labels and (is_open or piece[:1].islower()):
            labels[-1] = f"{labels[-1]}, {piece}"
        elif piece.strip():
            labels.append(piece.strip())
    return tuple(dict.fromkeys(labels))


def _cut_footer(cell: str) -> tuple[str, str, str]:
    """(the cell's own text, the portal's keywords, its description); the page's footer is dropped."""
    footer = _FOOTER.search(cell)
    if footer is None:
        return without_none(cell), "", ""
    return without_none(cell[: footer.start()]), without_none(footer["words"]), without_none(footer["about"])


def clean_result(text: str) -> str:
    """Results a line each, without the portal's internal codes."""
    parts = (part.strip(" .;\n\t") for part in _RESULT_CODE.split(text))
    return "\n".join(dict.fromkeys(part for part in parts if part))


def split_keywords(keywords: str, name: str) -> tuple[str, ...]:
    pieces = (piece.strip() for piece in re.split(r"[,;\n]", keywords))
    return tuple(dict.fromkeys(piece for piece in pieces if piece and piece.lower() != name.lower()))
