"""Makes small PDF files for tests: text in a font with Vietnamese letters, ruled tables, pictures of pages; and the
broken or unfriendly ones, written byte by byte."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import pypdfium2 as pdfium
import pypdfium2.raw as raw

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
WIDTH, HEIGHT = 595.0, 842.0
_SIZE, _STEP, _LEFT = 10.0, 14.0, 50.0


class PdfMaker:
    """Pages from the top down; ``y`` is where the next line goes."""

    def __init__(self) -> None:
        self._file = pdfium.PdfDocument.new()
        self._font = self._loaded("DejaVuSans.ttf")
        self._bold = self._loaded("DejaVuSans-Bold.ttf")
        self.new_page()

    def _loaded(self, name: str) -> Any:
        data = (_FONTS / name).read_bytes()
        held = (ctypes.c_ubyte * len(data)).from_buffer_copy(data)
        return raw.FPDFText_LoadFont(self._file, held, len(data), raw.FPDF_FONT_TRUETYPE, True)

    def new_page(self) -> PdfMaker:
        self._page = self._file.new_page(WIDTH, HEIGHT)
        self.y = HEIGHT - 60
        return self

    def lines(self, *texts: str, is_bold: bool = False) -> PdfMaker:
        """A line each; "" leaves a line free."""
        for text in texts:
            self._text(text, _LEFT, self.y, is_bold)
            self.y -= _STEP
        self._page.gen_content()
        return self

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], opened: bool = False) -> PdfMaker:
        """A ruled table; "\\n" breaks a line inside a cell. ``opened`` starts it at the top of a new page."""
        if opened:
            self.new_page()
        top = self.y + _SIZE
        edges = [_LEFT + sum(widths[:n]) for n in range(len(widths) + 1)]
        self._rule(edges[0], top, edges[-1], top)
        for row in rows:
            height = _STEP * max(cell.count("\n") + 1 for cell in row) + 8
            for cell, left in zip(row, edges, strict=False):
                for n, line in enumerate(cell.split("\n")):
                    self._text(line, left + 6, top - _STEP * (n + 1))
            for edge in edges:
                self._rule(edge, top - height, edge, top)
            top -= height
            self._rule(edges[0], top, edges[-1], top)
        self.y = top - 2 * _STEP
        self._page.gen_content()
        return self

    def picture(self, page: pdfium.PdfPage, dpi: int = 200) -> PdfMaker:
        """A page that is a picture of another one, as a scanner makes it."""
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        image = pdfium.PdfImage.new(self._file)
        image.set_bitmap(bitmap)
        image.set_matrix(pdfium.PdfMatrix().scale(WIDTH, HEIGHT))
        self._page.insert_obj(image)
        self._page.gen_content()
        return self

    def save(self, path: Path) -> Path:
        self._file.save(path)
        return path

    def _text(self, text: str, x: float, y: float, is_bold: bool = False) -> None:
        if not text:
            return
        shape = raw.FPDFPageObj_CreateTextObj(self._file, self._bold if is_bold else self._font, _SIZE)
        codes = (text + "\0").encode("utf-16-le")
        raw.FPDFText_SetText(shape, ctypes.cast(codes, raw.FPDF_WIDESTRING))
        raw.FPDFPageObj_Transform(shape, 1, 0, 0, 1, x, y)
        raw.FPDFPage_InsertObject(self._page, shape)

    def _rule(self, left: float, bottom: float, right: float, top: float) -> None:
        shape = raw.FPDFPageObj_CreateNewRect(left, bottom, max(right - left, 0.7), max(top - bottom, 0.7))
        raw.FPDFPath_SetDrawMode(shape, raw.FPDF_FILLMODE_WINDING, False)
        raw.FPDFPage_InsertObject(self._page, shape)


def plain_pdf(catalog: str = "", trailer: str = "") -> bytes:
    """One page with one English sentence, and whatever is put into its catalog and trailer."""
    stream = b"BT /F 12 Tf 50 700 Td (A notice without any plan in it at all.) Tj ET"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return out


def scripted_pdf() -> bytes:
    return plain_pdf(catalog="/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")


def locked_pdf() -> bytes:
    """The standard security handler with keys that no password fits."""
    key = "AB" * 32
    return plain_pdf(
        trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{'CD' * 32}> /P -4 >> /ID [<{'01' * 16}> <{'01' * 16}>]"
    )
