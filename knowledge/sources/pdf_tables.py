"""Finds ruled tables on a PDF page from the lines drawn on it.

The flow: thin shapes and strokes become horizontal and vertical rules, rules that touch form a table, its rules make
a grid, and cells that no rule divides are one. A page without rules, or a frame around one cell, gives no table.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

Box = tuple[float, float, float, float]
_THIN = 2.5  # points; borders of Word, LibreOffice and PDFKit are 0.5 to 1.5
_NEAR = 3.0  # points within which two ends count as touching
_SHORT = 6.0  # points; shorter strokes are decoration or parts of letters
_MAX_RULES = 3000  # a page with more is a drawing


@dataclass(frozen=True)
class Rule:
    """A line along one axis: it lies at ``at`` and reaches from ``start`` to ``end``."""

    is_vertical: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Grid:
    """A table: column edges from the left, and for each row from the top one box (left, bottom, right, top) a column;
    a box that spans rows is repeated in each of them, columns it spans besides its first hold None."""

    columns: tuple[float, ...]
    rows: tuple[tuple[Box | None, ...], ...]
    top: float
    bottom: float


def find_grids(page: pdfium.PdfPage) -> list[Grid]:
    """Tables from the top of the page down; such that overlap in height are left to the upper one."""
    rules = list(_rules(page))
    if len(rules) > _MAX_RULES:
        return []
    grids = sorted((grid for group in _touching(rules) if (grid := _grid(group))), key=lambda grid: -grid.top)
    kept: list[Grid] = []
    for grid in grids:
        if not kept or grid.top <= kept[-1].bottom + _NEAR:
            kept.append(grid)
    return kept


def _rules(page: pdfium.PdfPage) -> Iterator[Rule]:
    for shape in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        left, bottom, right, top = shape.get_bounds()
        if right - left <= _THIN and top - bottom >= _SHORT:
            yield Rule(True, (left + right) / 2, bottom, top)
        elif top - bottom <= _THIN and right - left >= _SHORT:
            yield Rule(False, (bottom + top) / 2, left, right)
        elif _is_stroked(shape):
            yield from _strokes(shape)


def _is_stroked(shape: pdfium.PdfObject) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(shape, fill, stroke)) and bool(stroke.value)


def _strokes(shape: pdfium.PdfObject) -> Iterator[Rule]:
    """Straight lines along an axis inside a path of several; at most as many as a page may have rules."""
    matrix = shape.get_matrix()
    start: tuple[float, float] | None = None
    opened: tuple[float, float] | None = None
    for number in range(min(raw.FPDFPath_CountSegments(shape), _MAX_RULES)):
        segment = raw.FPDFPath_GetPathSegment(shape, number)
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            opened = point
        elif kind == raw.FPDF_SEGMENT_LINETO and start:
            yield from _straight(start, point)
        if raw.FPDFPathSegment_GetClose(segment) and opened:
            yield from _straight(point, opened)
        start = point


def _straight(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Rule]:
    width, height = abs(one[0] - other[0]), abs(one[1] - other[1])
    if width <= _THIN and height >= _SHORT:
        yield Rule(True, (one[0] + other[0]) / 2, *sorted((one[1], other[1])))
    elif height <= _THIN and width >= _SHORT:
        yield Rule(False, (one[1] + other[1]) / 2, *sorted((one[0], other[0])))


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups of rules that hang together."""
    groups: list[list[Rule]] = []
    rest = list(rules)
    while rest:
        group, frontier = [], [rest.pop()]
        while frontier:
            rule = frontier.pop()
            group.append(rule)
            near = [other for other in rest if _touch(rule, other)]
            frontier += near
            chosen = set(map(id, near))
            rest = [other for other in rest if id(other) not in chosen]
        groups.append(group)
    return groups


def _touch(one: Rule, other: Rule) -> bool:
    if one.is_vertical == other.is_vertical:
        overlaps = one.start <= other.end + _NEAR and other.start <= one.end + _NEAR
        return abs(one.at - other.at) <= _NEAR and overlaps
    return (
        other.start - _NEAR <= one.at <= other.end + _NEAR and one.start - _NEAR <= other.at <= one.end + _NEAR
    )


def _grid(group: Sequence[Rule]) -> Grid | None:
    columns = _merged(rule.at for rule in group if rule.is_vertical)
    heights = _merged(rule.at for rule in group if not rule.is_vertical)[::-1]
    if len(columns) < 3 or len(heights) < 2:
        return None
    bands = list(zip(heights, heights[1:], strict=False))
    spans = [_spans(columns, group, top, bottom) for top, bottom in bands]
    rows = tuple(
        tuple(_box(columns, spans, bands, group, row, column) for column in range(len(columns) - 1))
        for row in range(len(bands))
    )
    return Grid(tuple(columns), rows, heights[0], heights[-1])


def _merged(places: Iterator[float]) -> list[float]:
    """Places in order, those closer than a touch made one."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found


def _spans(columns: Sequence[float], group: Sequence[Rule], top: float, bottom: float) -> list[int]:
    """For each column the position of the column where its cell begins in this band."""
    middle = (top + bottom) / 2
    starts = [0]
    for position in range(1, len(columns) - 1):
        divides = any(
            rule.is_vertical and abs(rule.at - columns[position]) <= _NEAR and rule.start <= middle <= rule.end
            for rule in group
        )
        starts.append(position if divides else starts[-1])
    return starts


def _box(
    columns: Sequence[float], spans: Sequence[list[int]], bands: Sequence[tuple[float, float]],
    group: Sequence[Rule], row: int, column: int,
) -> Box | None:  # fmt: skip
    """The box of the cell that begins in this column; None where it began further left."""
    reach = _reach(spans[row], column)
    if reach is None:
        return None
    left, right = columns[column], columns[reach + 1]
    top_row, bottom_row = row, row
    while top_row > 0 and _reach(spans[top_row - 1], column) == reach and not _is_ruled(group, bands[top_row][0], left, right):
        top_row -= 1
    while (
        bottom_row + 1 < len(bands)
        and _reach(spans[bottom_row + 1], column) == reach
        and not _is_ruled(group, bands[bottom_row][1], left, right)
    ):
        bottom_row += 1
    return (left, bands[bottom_row][1], right, bands[top_row][0])


def _reach(starts: Sequence[int], column: int) -> int | None:
    """Last column of the cell that begins in this one, None where none begins."""
    if starts[column] != column:
        return None
    return max(position for position, start in enumerate(starts) if start == column)


def _is_ruled(group: Sequence[Rule], height: float, left: float, right: float) -> bool:
    middle = (left + right) / 2
    return any(
        not rule.is_vertical and abs(rule.at - height) <= _NEAR and rule.start <= middle <= rule.end for rule in group
    )
