"""Words for cases, in one place: what was reported, how a case stands, what happened in it."""

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from lti_tool.portfolios.cases.rules import Act, By, CaseState, ItemKind

KINDS: dict[ItemKind, LazyString] = {
    ItemKind.ACCOUNT: lazy_gettext("Text of a task"),
    ItemKind.EVIDENCE: lazy_gettext("File"),
    ItemKind.STATEMENT: lazy_gettext("Statement of a witness"),
}
STATES: dict[CaseState, LazyString] = {
    CaseState.OPEN: lazy_gettext("Open"),
    CaseState.HIDDEN: lazy_gettext("Stays hidden"),
    CaseState.SHOWN: lazy_gettext("Shown again"),
    CaseState.ERASED: lazy_gettext("Erased"),
}
ACTS: dict[Act, LazyString] = {
    Act.OPENED: lazy_gettext("Reported, and hidden at once"),
    Act.REPORTED: lazy_gettext("Reported once more"),
    Act.ANSWERED: lazy_gettext("Answered"),
    Act.NOTED: lazy_gettext("Noted"),
    Act.REPLACED: lazy_gettext("Replaced or taken out of the portfolio"),
    Act.PUT_BACK: lazy_gettext("Put back into the portfolio"),
    Act.SHOWN: lazy_gettext("Shown again: nobody can be known by it"),
    Act.HIDDEN: lazy_gettext("Stays hidden: its owner must replace it"),
    Act.ERASED: lazy_gettext("Erased from what was handed in"),
}
AUTHORS: dict[By, LazyString] = {
    By.ASSESSOR: lazy_gettext("Assessor"),
    By.OWNER: lazy_gettext("Owner of the portfolio"),
    By.ADMINISTRATOR: lazy_gettext("Administrator"),
}
