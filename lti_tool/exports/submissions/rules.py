"""Why the PDF of a submission could not be made, and how its file is called. Pure."""

from lti_tool.kernel.codes import grouped
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.rules import SubmissionView

# What happened, and what to do; what was handed in is safe in every case.
REASONS = {
    "too-large": (
        N_("There is too much text for a PDF."),
        N_("What you handed in is safe. Open “What you handed in” and print it from your browser."),
    ),
    "too-slow": (
        N_("Making the PDF took too long and was stopped."),
        N_("What you handed in is safe. Try again, or print it from your browser."),
    ),
    "broken": (
        N_("Something went wrong while the PDF was made."),
        N_("What you handed in is safe. Try again, or print it from your browser."),
    ),
}


def reason_words(reason: str) -> tuple[str, str]:
    """Returns what happened and what to do, to be translated; an unknown reason is "broken"."""
    return REASONS.get(reason, REASONS["broken"])


def file_name(submission: SubmissionView) -> str:
    """Returns the name of the PDF, such as a person would choose; it names nobody."""
    code = grouped(submission.receipt_code)
    return f"Portfolio level {submission.level} - submission {submission.number} - {code}.pdf"
