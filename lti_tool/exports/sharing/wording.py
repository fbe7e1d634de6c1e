"""Words for the parts of a shared plan, the same on every page."""

from flask_babel import lazy_gettext

from lti_tool.assessments.change_words import day_words, tally_words
from lti_tool.exports.sharing.rules import Part

# What the part about change says, as the learner's own page of it does.
CHANGE_WORDS = {"day": day_words, "tally": tally_words}

NAMES = {
    Part.STRENGTHS: lazy_gettext("Strengths"),
    Part.GAPS: lazy_gettext("Gaps"),
    Part.NOTES: lazy_gettext("Evidence notes"),
    Part.CHANGE: lazy_gettext("Change over time"),
    Part.GOALS: lazy_gettext("Goals"),
    Part.TRAINING: lazy_gettext("Recommended training"),
    Part.RECORDS: lazy_gettext("Training record"),
}

HINTS = {
    Part.STRENGTHS: lazy_gettext("The competencies that you rated as achieved."),
    Part.GAPS: lazy_gettext("Those that you work towards or have not started."),
    Part.NOTES: lazy_gettext(
        "What you wrote beside your strengths and gaps. Read your notes again first: nobody"
        " should be recognised in them."
    ),
    Part.CHANGE: lazy_gettext("What has moved since your baseline, in both directions."),
    Part.GOALS: lazy_gettext("What you mean to reach, by when."),
    Part.TRAINING: lazy_gettext("Training that serves your gaps, and why."),
    Part.RECORDS: lazy_gettext("Training that you took, with hours. Certificates are not shown."),
}
