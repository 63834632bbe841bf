"""Reads the picture of a page with tesseract, a program of the system that an operator may install.

The page goes to it as a portable greymap on standard input: no file, no shell, no further library. Its table of words
(TSV) gives each word with a confidence; words are put into lines by the program's own numbers.
"""

from __future__ import annotations

import csv
import io
import math
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from knowledge.sources.faults import FileFault, warning
from knowledge.sources.report import ReadWarning

LANGUAGE = "vie"
_DPI = 300  # what tesseract's manual asks for
_MAX_PIXELS = 40_000_000  # an A3 page at 300 dpi has 17 million; larger pages are rendered coarser
_TIMEOUT_S = 180
_SURE_PERCENT = 75  # mean confidence below which a page is reported; clean 300 dpi scans reach 90


class Recogniser:
    """tesseract, looked up at the first scanned page.

    Args:
        program: name or path of the program.
    """

    def __init__(self, program: str = "tesseract") -> None:
        self._program = program
        self._found = ""

    def read_page(self, path: Path, page: Any, number: int, n_pages: int) -> tuple[list[str], list[ReadWarning]]:
        """Lines of one page (a pdfium page) and what is doubtful about them.

        Raises:
            FileFault: tesseract or its Vietnamese data is not installed.
        """
        program = self._ready(path, n_pages)
        try:
            words = self._words(program, _greymap(page))
        except (OSError, subprocess.SubprocessError, ValueError) as exc:
            return [], [warning(path, "ocr_failed", field=f"trang {number}", page=number, came=type(exc).__name__)]
        shares = [float(word["conf"]) for word in words]
        if shares and fmean(shares) < _SURE_PERCENT:
            percent = round(fmean(shares))
            return _lines(words), [warning(path, "ocr_unsure", field=f"trang {number}", page=number, percent=percent)]
        return _lines(words), []

    def _ready(self, path: Path, n_pages: int) -> str:
        if self._found:
            return self._found
        program = shutil.which(self._program)
        if program is None:
            raise FileFault(path, "ocr_missing", n_pages=n_pages)
        languages = languages_of(program)
        if LANGUAGE not in languages:
            raise FileFault(path, "ocr_language", came=", ".join(languages) or "none")
        self._found = program
        return program

    @staticmethod
    def _words(program: str, picture: bytes) -> list[dict[str, str]]:
        table = _run([program, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(_DPI), "tsv"], picture).decode("utf-8")
        rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["level"] == "5" and row["text"].strip()]


def languages_of(program: str) -> tuple[str, ...]:
    """Languages whose data is installed; tesseract lists them on either output."""
    listed = subprocess.run([program, "--list-langs"], input=b"", capture_output=True, timeout=_TIMEOUT_S, check=True)
    lines = (listed.stdout or listed.stderr).decode(errors="replace").split("\n")[1:]
    return tuple(line.strip() for line in lines if line.strip())


def _run(command: Sequence[str], given: bytes) -> bytes:
    """Output of the program, on one thread: on one page tesseract's threads wait for each other more than they help."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return subprocess.run(
        command, input=given, capture_output=True, timeout=_TIMEOUT_S, check=True, env=environment
    ).stdout


def _greymap(page: Any) -> bytes:
    """The page as PGM: a short head and one byte a pixel."""
    width, height = page.get_size()
    scale = min(_DPI / 72, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
    bitmap = page.render(scale=scale, grayscale=True)
    grey = memoryview(bitmap.buffer).cast("B")
    rows = (bytes(grey[row * bitmap.stride : row * bitmap.stride + bitmap.width]) for row in range(bitmap.height))
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)


def _lines(words: Sequence[dict[str, str]]) -> list[str]:
    lines: dict[tuple[str, ...], list[str]] = {}
    for word in words:
        place = tuple(word[part] for part in ("block_num", "par_num", "line_num"))
        lines.setdefault(place, []).append(word["text"])
    return [" ".join(line) for line in lines.values()]
