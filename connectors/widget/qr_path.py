"""A QR code as one SVG path, so that the browser draws it without a picture to fetch and without markup to trust."""

from __future__ import annotations

import segno


def qr_path(address: str) -> tuple[str, int]:
    """The dark squares as path data, one unit a square, and the number of squares a side (no quiet zone)."""
    rows = segno.make(address, error="m", micro=False).matrix
    squares = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return "".join(squares), len(rows)
