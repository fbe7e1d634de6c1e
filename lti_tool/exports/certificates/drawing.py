"""A certificate as a document for the PDF renderer that papers use."""

from collections.abc import Sequence

from flask import render_template

from lti_tool.exports.papers.drawing import Document
from lti_tool.exports.papers.fonts import BASE, Face, choose, installed_faces, without
from lti_tool.exports.papers.rendering import Renderer
from lti_tool.kernel.codes import grouped
from lti_tool.register.qr import qr_picture
from lti_tool.register.queries import EntryView


def certificate_of(
    entry: EntryView, address: str, renderer: Renderer, faces: Sequence[Face] | None = None
) -> Document:
    """Returns the certificate of an entry, with the address that verifies it and its QR code."""
    known = installed_faces() if faces is None else faces
    content = {
        "entry": entry,
        "address": address,
        "code": grouped(entry.code),
        "qr": qr_picture(address),
        "medium": renderer.name,
    }
    said = render_template("register/certificate.html", **content, faces=(), families=BASE)
    choice = choose(said, known, shapes=renderer.shapes)
    families = ", ".join(dict.fromkeys(face.family for face in choice.faces)) or BASE
    html = render_template(
        "register/certificate.html", **content, faces=choice.faces, families=families
    )
    return Document(without(html, choice.missing), choice.faces, choice.missing, renderer.name)
