"""A QR code (ISO/IEC 18004) as a picture that holds its own data, for pages and papers."""

import base64
import io

import segno

_SIZE = 148
_PREFIX = "data:image/svg+xml;base64,"


def qr_picture(address: str) -> str:
    """Returns the address of a picture (SVG): black on white, with the quiet zone of the norm."""
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(
        drawn,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        nl=False,
        omitsize=True,
    )
    # A size of its own, and what scales to it: renderers of papers ask for one or the other.
    size = f'<svg width="{_SIZE}" height="{_SIZE}" '.encode()
    return _PREFIX + base64.b64encode(drawn.getvalue().replace(b"<svg ", size, 1)).decode()
