"""What can be wrong with a file, each with one sentence for the person at the desk and one for the operator.

A fault that makes the whole file unreadable is raised as :class:`FileFault`; one that leaves something to read becomes
a :class:`ReadWarning` by :func:`warning`. The words stand in one table, so that every reader says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import SourceError
from knowledge.sources.report import ReadWarning


@dataclass(frozen=True)
class _Words:
    """Sentences of a fault; ``{…}`` places are filled by the reader that met it."""

    vi: str
    expected: str
    came: str
    do: str


_FAULTS = {
    "empty": _Words(
        "Tệp trống (0 byte). Bạn tải lại tệp rồi nạp lần nữa.",
        "a file with content", "zero bytes", "fetch the file again",
    ),
    "too_large": _Words(
        "Tệp nặng {size_mb} MB, quá mức {limit_mb} MB nên chưa được mở. Bạn chia nhỏ tệp hoặc nhờ người quản trị nâng mức.",
        "at most {limit_mb} MB", "{size_mb} MB", "split the file or raise MOTCUA_MAX_FILE_MB",
    ),
    "password": _Words(
        "Tệp có mật khẩu. Bạn gỡ mật khẩu, lưu lại rồi nạp lần nữa.",
        "a file that opens without a password", "an encrypted one", "save it without a password",
    ),
    "truncated": _Words(
        "Tệp bị cụt, thiếu phần cuối. Bạn tải lại tệp đầy đủ rồi nạp lần nữa.",
        "a whole {format} file", "one that ends too early", "fetch the file again",
    ),
    "cut_short": _Words(
        "Tệp bị cụt ở dòng cuối ({place}); các dòng trước đã đọc. Bạn tải lại tệp đầy đủ rồi nạp lần nữa.",
        "whole lines", "a last line that ends in the middle", "fetch the file again",
    ),
    "damaged": _Words(
        "Tệp hỏng hoặc không đúng định dạng {format}. Bạn mở thử, lưu lại đúng định dạng rồi nạp lần nữa.",
        "a readable {format} file", "{came}", "open it in its program and save it anew",
    ),
    "bomb": _Words(
        "Tệp nén bung ra lớn bất thường nên bị từ chối để bảo vệ máy. Bạn kiểm tra nguồn của tệp.",
        "parts that unpack to at most {limit_mb} MB and {limit_ratio} times their packed size", "{came}",
        "check where the file comes from",
    ),
    "legacy_office": _Words(
        "Tệp theo định dạng Office cũ (.doc, .xls). Bạn lưu lại thành .docx hoặc .xlsx rồi nạp lần nữa.",
        "docx or xlsx", "the binary format of Office 97-2003", "save it as .docx or .xlsx",
    ),
    "no_words": _Words(
        "Tệp không có chữ nào đọc được. Bạn kiểm tra lại nội dung tệp.",
        "text", "no words", "check the file's content",
    ),
    "encoding": _Words(
        "Không nhận ra bảng mã tiếng Việt của tệp. Bạn mở tệp, lưu lại bằng UTF-8 rồi nạp lần nữa.",
        "text in UTF-8, UTF-16, TCVN3, VNI or Windows-1258", "bytes that make no Vietnamese words in any of them",
        "save it as UTF-8",
    ),
    "ocr_missing": _Words(
        "Tệp là bản quét, cần phần mềm nhận dạng chữ. Người quản trị cài: sudo apt install tesseract-ocr tesseract-ocr-vie",
        "a text layer or the program tesseract", "{n_pages} scanned pages and no tesseract",
        "apt install tesseract-ocr tesseract-ocr-vie, then read the file again",
    ),
    "ocr_language": _Words(
        "Phần mềm nhận dạng chữ chưa có tiếng Việt. Người quản trị cài: sudo apt install tesseract-ocr-vie",
        "tesseract with the language vie", "only: {came}", "apt install tesseract-ocr-vie, then read the file again",
    ),
    "scans_unread": _Words(
        "Trang {pages} là bản quét nên chưa đọc được; các trang khác đã đọc. "
        "Người quản trị cài rồi nạp lại: sudo apt install tesseract-ocr tesseract-ocr-vie",
        "a text layer or tesseract with the language vie", "{came}; pages {pages} are scans",
        "apt install tesseract-ocr tesseract-ocr-vie, then read the file again",
    ),
    "ocr_failed": _Words(
        "Không nhận dạng được chữ ở trang {page} của bản quét; các trang khác vẫn được đọc.",
        "text from page {page}", "{came}", "scan that page anew; the other pages were read",
    ),
    "ocr_used": _Words(
        "Bản quét: {n_pages} trang được nhận dạng bằng máy, có thể sai chữ, sai số. Bạn đối chiếu với bản gốc.",
        "a text layer", "{n_pages} scanned pages, read by tesseract", "compare amounts and dates with the original",
    ),
    "ocr_unsure": _Words(
        "Trang {page}: máy nhận dạng không chắc ({percent}%). Bạn đối chiếu với bản gốc.",
        "words recognised with confidence", "page {page} with {percent}% on average", "compare the page with the original",
    ),
    "pages_left": _Words(
        "Chỉ đọc {limit} trang đầu, còn {n_left} trang chưa đọc. Bạn chia tệp thành các phần nhỏ hơn.",
        "at most {limit} pages to recognise", "{n_left} more", "split the file",
    ),
    "page_covered": _Words(
        "Trang {page}: một ảnh lớn phủ trang, chỉ đọc được vài chữ trên ảnh. Nếu đó là bản quét có đóng dấu, bạn tìm bản có chữ.",
        "text on page {page}", "a picture that covers it and few letters", "find the file with its text if the picture is a scan",
    ),
    "rows_left": _Words(
        "Bảng {sheet}: chỉ đọc {limit} dòng đầu. Bạn chia bảng thành các tệp nhỏ hơn.",
        "at most {limit} rows a sheet", "more in {sheet}", "split the sheet",
    ),
    "javascript": _Words(
        "Tệp PDF có mã chạy tự động (JavaScript). Mã đó không được chạy, chỉ phần chữ được đọc.",
        "a PDF without scripts", "JavaScript", "nothing: it was not run; make sure that the file's source is trusted",
    ),
    "converted": _Words(
        "Chữ theo bảng mã cũ {encoding} đã được chuyển sang Unicode. Bạn xem lại vài dòng cho chắc.",
        "Unicode", "{encoding}", "look over a few lines; better save the file as UTF-8",
    ),
    "guessed": _Words(
        "Bảng mã của tệp được đoán là {encoding}, có thể sai dấu. Bạn nên lưu lại bằng UTF-8.",
        "UTF-8", "{encoding}, as the likeliest guess", "save the file as UTF-8",
    ),
    "bad_bytes": _Words(
        "Có {n} chỗ không đọc được chữ, hiện bằng dấu \ufffd. Bạn lấy lại tệp gốc nếu chỗ đó quan trọng.",
        "whole UTF-8", "{n} broken places, shown as U+FFFD", "fetch the file again if those places matter",
    ),
    "text_box": _Words(
        "Tệp có {n} khung chữ (text box) không được đọc. Bạn chép phần đó vào thân văn bản nếu cần.",
        "text in the body", "{n} text boxes, not read", "move their text into the body if it matters",
    ),
    "struck_out": _Words(
        "Có {n} chỗ chữ bị gạch ngang không được đọc. Bạn xem lại nếu chỗ đó vẫn còn hiệu lực.",
        "words in force", "{n} places struck through, not read", "take the stroke off where the words still hold",
    ),
    "hidden_sheet": _Words(
        "Bảng {sheet} bị ẩn nên không được đọc. Bạn cho hiện bảng ấy nếu nó vẫn dùng.",
        "sheets that are shown", "the hidden sheet {sheet}, not read", "unhide it if it is in use",
    ),
    "cell_errors": _Words(
        "Bảng {sheet}: {n} ô báo lỗi công thức (như #N/A) được coi là trống. Bạn sửa lại các ô ấy.",
        "values", "{n} cells of {sheet} with an error, taken as empty", "mend their formulas",
    ),
    "formulas_left": _Words(
        "Bảng {sheet}: {n} ô có công thức chưa được tính nên không đọc được. Bạn mở tệp bằng Excel rồi lưu lại.",
        "formulas saved with their values", "{n} cells of {sheet} without one, taken as empty", "open and save it in Excel",
    ),
    "columns_left": _Words(
        "Danh sách có cột chưa được dùng: {columns}.",
        "known columns", "others: {columns}; not read", "rename them if they hold time, fee, papers or place",
    ),
    "unknown_format": _Words(
        "Chưa đọc được loại tệp {suffix}. Bạn dùng docx, pdf, html, md, txt, xlsx, csv, json hoặc jsonl.",
        "docx, pdf, html, md, txt, xlsx, csv, json or jsonl", "{suffix}", "not read; save it in one of these formats",
    ),
    "nothing_found": _Words(
        "Không thấy thủ tục, kế hoạch hay quyết định nào trong tệp; tệp không được dùng.",
        "a procedure, a plan or a decision", "{came}", "not read; check that this is the right file",
    ),
    "list_only": _Words(
        "Danh sách {n} thủ tục: chỉ bổ sung cho hồ sơ đầy đủ, không thay thế.",
        "whole records", "a list with {n} procedures and the columns: {columns}", "nothing; a full record of the same code wins",
    ),
}  # fmt: skip


class FileFault(SourceError):
    """A file that cannot be read as a whole; ``kind`` is the key of the table above, ``vi`` its Vietnamese sentence.

    As text: ``name: Vietnamese sentence | kind: expected …; came …; to do``.
    """

    def __init__(self, path: Path | str, kind: str, **places: Any) -> None:
        words = _FAULTS[kind]
        self.kind = kind
        self.vi = words.vi.format(**places)
        super().__init__(path, words.expected.format(**places), words.came.format(**places), words.do.format(**places))
        self.args = (f"{self.path.name}: {self.vi} | {kind}: expected {self.expected}; came {self.came}; {self.do}",)


def warning(path: Path | str, kind: str, field: str = "", **places: Any) -> ReadWarning:
    """The same fault as a warning: what was met and what was done with it, in both languages."""
    words = _FAULTS[kind]
    english = f"{kind}: expected {words.expected}; came {words.came}; {words.do}".format(**places)
    return ReadWarning(Path(path).name, field, f"{words.vi.format(**places)} | {english}")


def fault_kinds() -> tuple[str, ...]:
    """Every kind, for tests and for the documentation."""
    return tuple(_FAULTS)
