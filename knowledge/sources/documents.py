"""Takes the portal's glued "thành phần hồ sơ" table apart.

``case + "Tên giấy tờMẫu đơn, tờ khaiSố lượng" + (name + form file + quantity)… + next case + header + …``
A row ends with its quantity ("1 bản chính", "0 bản chính,1 bản sao", "Bản chính: 1 - Bản sao: 0"); the same words
inside a name ("nộp 01 bản chính") are told apart by what stands around them.
"""

from __future__ import annotations

import re

from knowledge.model import RequiredDocument
from knowledge.sources.text import LOWER, UPPER, clean, collapse, is_none_word

HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
_QUANTITY = re.compile(
    r"(?P<run>\d+) bản chính(?:, ?\d+ bản sao)?"
    r"|Bản chính: ?\d+ ?- ?Bản sao: ?\d+"
)
_EXTENSION = re.compile(r"\.(?i:docx?|pdf|xlsx?|rtf|rar|zip|jpe?g|png|odt)(?![a-z])")
_FILE_START = re.compile(
    rf"(?<=[{LOWER}])(?=[{UPPER}])"  # "mẫuMaudon.docx"
    rf"|(?<=[{UPPER}][{UPPER}])(?=[{UPPER}][{LOWER}])"  # "NĐ-CPMẫu số 01.docx"
    rf"|(?<=[;:,)”\"\]])(?=[^\s.,;)])"  # "NĐ-CP;Mẫu số 01.docx"
    rf"|(?<=[{LOWER})]\.)(?=[\d{UPPER}])|(?<=[{UPPER}]{{2}}\.)(?=[\d{UPPER}])"  # "kế hoạch.2.1. To trinh.docx"
    r"|(?<=[A-ZĐ]{2})(?=\d\d$)"  # "TT-BTC05 TNDN.docx"
    r"|(?<=mẫu)(?=\d)"  # "theo mẫu1.000312.docx"
    r"|(?<=[\w)]\.)(?=(?:mau|mẫu|m\d|giấy|tờ|đơn|phụ|biểu|bản)(?!\.doc))"  # "ký tên.m01a.pdf"
    rf"|(?<=[{UPPER}{LOWER}])(?=mau\b)"  # "NĐ-CPmau so 09.docx"
    rf"|(?<=\d)(?=[{UPPER}][{LOWER}])"  # "Mẫu số 01Mau 01.docx"
)
_MAX_WORDS_OF_FILE = 20


def split_documents(cell: str) -> tuple[tuple[RequiredDocument, ...], tuple[str, ...]]:
    """Papers in the order of the table, and what could not be split with certainty."""
    text = clean(cell.replace("\t", " "))
    if is_none_word(text) or text == "--":
        return (), ()
    parts = text.split(HEADER)
    if len(parts) == 1:
        return (RequiredDocument(name=text.removeprefix("--").strip()),), ("no table header; kept as one paper",)
    case, documents, problems = _case(parts[0]), [], []
    for position, part in enumerate(parts[1:], 1):
        rows, tail = _rows(part)
        found = [_document(name, quantity, case) for name, quantity in rows]
        documents += [document for document, _ in found if document.name]
        problems += [problem for _, problem in found if problem]
        is_last = position == len(parts) - 1
        if is_last and _case(tail):
            documents.append(RequiredDocument(name=_case(tail), case=case))
            problems.append(f"words after the last quantity kept as a paper: {tail[:80]!r}")
        case = _case(tail)
    return tuple(documents), tuple(problems)


def _case(text: str) -> str:
    text = collapse(text).strip("-–: ").strip()
    return "" if is_none_word(text) else text


def _rows(part: str) -> tuple[list[tuple[str, str]], str]:
    """(name with form file, quantity) pairs and the words after the last quantity."""
    rows, start = [], 0
    for found in _QUANTITY.finditer(part):
        begin = _cell_start(part, found)
        if begin is None or begin < start:
            continue
        rows.append((part[start:begin], part[begin : found.end()]))
        start = found.end()
    return rows, part[start:]


def _cell_start(part: str, found: re.Match[str]) -> int | None:
    """Where a quantity cell begins, None where the words belong to a paper's name."""
    if found.group("run") is None:
        return found.start()
    run = found.group("run")
    before, after = part[: found.start()][-1:], part[found.end() :][:1]
    if after and after in ".,;:)/]”\"" or before in ("(", "“"):
        return None
    if re.fullmatch(r"0\d", run):  # the portal's own cells carry no leading zero
        return None
    is_spaced = (not before or before.isspace()) and bool(after) and after.isspace()
    if is_spaced and not part[found.end() :].startswith("\n"):
        return None
    if len(run) == 1:
        return found.start()
    if len(run) == 2 and before and not before.isspace() and before not in "/-.":
        return found.start()  # "…;10 bản chính"
    return found.end("run") - 1  # "Mẫu số 121 bản chính" is Mẫu số 12 and 1; "20261 bản chính" 2026 and 1


def _document(text: str, quantity: str, case: str) -> tuple[RequiredDocument, str]:
    name, files, problem = _split_files(collapse(text))
    name = re.sub(r"^[-–+*•\s]+", "", name).rstrip("; ")
    if not name and files:
        name = re.sub(_EXTENSION, "", files[0]).strip()
    return RequiredDocument(name, quantity.strip(), "; ".join(files), case), problem


def _split_files(text: str) -> tuple[str, tuple[str, ...], str]:
    """(name, form files, problem); the file names stand glued behind the paper's name."""
    ends = [found.end() for found in _EXTENSION.finditer(text)]
    if not ends:
        return text, (), ""
    start = _file_start(text, ends[0])
    if start is None:
        return text, (), f"form file not told from the name: {text[-80:]!r}"
    files = [text[begin:end].strip() for begin, end in zip([start, *ends], ends, strict=False)]
    rest = text[ends[-1] :].strip()
    return " ".join(part for part in (text[:start].strip(), rest) if part), tuple(files), ""


def _file_start(text: str, end: int) -> int | None:
    """First seam inside the last glued word before the extension, looking a few words back."""
    words = list(re.finditer(r"\S+", text[:end]))
    for word in reversed(words[-_MAX_WORDS_OF_FILE:]):
        seams = [word.start() + seam.start() for seam in _FILE_START.finditer(word.group()) if 0 < seam.start() < len(word.group())]
        if seams:
            return seams[0]
    return 0 if len(words) <= _MAX_WORDS_OF_FILE and not re.search(r"[;:,]", text[:end]) and len(text[:end]) < 60 else None
