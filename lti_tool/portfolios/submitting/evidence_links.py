"""Where the files of a submission are, for the partial that shows a frozen task to its owner."""

from functools import partial
from typing import Any

from flask import url_for

from lti_tool.portfolios.submitting.queries import FrozenEvidence


def evidence_links(portfolio: str, submission: str) -> dict[str, Any]:
    """Returns what the partial of a frozen task needs to link its owner's files."""
    to = partial(url_for, portfolio=portfolio, submission=submission)

    def evidence_url(piece: FrozenEvidence) -> str:
        return to("submitting.evidence", piece=piece.id) if piece.digest else ""  # else erased

    def preview_url(piece: FrozenEvidence) -> str:
        return to("submitting.evidence_preview", piece=piece.id) if piece.preview_digest else ""

    def media_url(piece: FrozenEvidence) -> str:
        is_shown = piece.media_type.partition("/")[0] in {"image", "video", "audio"}
        return to("submitting.evidence", piece=piece.id, show=1) if is_shown else ""

    return {"evidence_url": evidence_url, "preview_url": preview_url, "media_url": media_url}
