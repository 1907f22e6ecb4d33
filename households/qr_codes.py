"""Codes to scan, drawn as SVG: on cards, slips and posters."""

import segno
from django.utils.safestring import SafeString, mark_safe


def code_of(address: str) -> segno.QRCode:
    """Return the code of an address, of which 25 % may be damaged."""
    return segno.make(address, error="q", micro=False, boost_error=False)


def qr_svg(address: str) -> SafeString:
    """Draw the code of an address without a margin; the page leaves it white room."""
    svg = code_of(address).svg_inline(
        border=0, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(svg)
