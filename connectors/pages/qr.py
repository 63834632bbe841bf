"""QR codes as inline SVG: no script, no style, no picture to fetch."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(address: str, title: str) -> Markup:
    """A code with a quiet zone, black on white also in dark mode, with ``title`` for those who cannot see it.

    Raises:
        ValueError: the address is too long for any code (about 2,300 bytes).
    """
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, dark="#000", light="#fff", border=4, svgclass="qr", lineclass=None, title=title)
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1))
