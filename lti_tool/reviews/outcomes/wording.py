"""Words for verdicts, outcomes and steps, the same on every page of this room."""

from flask_babel import lazy_gettext

from lti_tool.reviews.outcomes.rules import AppealState, Whose
from lti_tool.reviews.rules import Act, By, Overall, Part, ReviewState, Verdict

VERDICTS = {
    Verdict.MET: lazy_gettext("Met"),
    Verdict.PARTLY: lazy_gettext("Partly met"),
    Verdict.NOT_YET: lazy_gettext("Not yet met"),
    Verdict.NONE: lazy_gettext("No verdict yet"),
}

OVERALLS = {
    Overall.RECOGNISED: lazy_gettext("Recognised"),
    Overall.MORE_EVIDENCE: lazy_gettext("More evidence wanted"),
    Overall.NOT_RECOGNISED: lazy_gettext("Not recognised"),
    Overall.NONE: lazy_gettext("No verdict yet"),
}

PARTS = {
    Part.READER: lazy_gettext("Reader"),
    Part.MODERATOR: lazy_gettext("Moderator"),
    Part.APPEAL: lazy_gettext("Moderator of the appeal"),
}

STATES = {
    ReviewState.ALLOCATED: lazy_gettext("Not begun"),
    ReviewState.BEGUN: lazy_gettext("Reading"),
    ReviewState.DONE: lazy_gettext("Done"),
    ReviewState.HANDED_BACK: lazy_gettext("Handed back"),
    ReviewState.ENDED: lazy_gettext("Ended"),
}

WHOSE = {
    Whose.BOTH: lazy_gettext("What both readers wrote, one under the other"),
    Whose.MINE: lazy_gettext("What I wrote"),
    Whose.THEIRS: lazy_gettext("What the other reader wrote"),
}

APPEALS = {
    AppealState.MADE: lazy_gettext("Being read"),
    AppealState.WITHDRAWN: lazy_gettext("Taken back"),
    AppealState.DECIDED: lazy_gettext("Decided"),
}

ACTS = {
    Act.SUBMITTED: lazy_gettext("Handed in"),
    Act.WITHDRAWN: lazy_gettext("Taken back by its owner"),
    Act.ALLOCATED: lazy_gettext("Given to an assessor"),
    Act.HANDED_BACK: lazy_gettext("Handed back by an assessor"),
    Act.TAKEN_AWAY: lazy_gettext("Taken away from an assessor"),
    Act.BEGUN: lazy_gettext("Reading begun"),
    Act.DONE: lazy_gettext("Reading done"),
    Act.THOUGHT_AGAIN: lazy_gettext("Reading taken up again"),
    Act.AGREED: lazy_gettext("Both readers agree"),
    Act.SENT_TO_MODERATOR: lazy_gettext("Sent to a moderator"),
    Act.RELEASED: lazy_gettext("Outcome released to the learner"),
    Act.RECOGNISED: lazy_gettext("Entered in the register"),
    Act.NOT_ENTERED: lazy_gettext("The register could not take the entry"),
    Act.ANSWERED: lazy_gettext("The learner answered feedback"),
    Act.APPEALED: lazy_gettext("The learner appealed"),
    Act.APPEAL_WITHDRAWN: lazy_gettext("The learner took the appeal back"),
    Act.CASE_OPENED: lazy_gettext("Identifiable data reported"),
    Act.CASE_SETTLED: lazy_gettext("Report of identifiable data settled"),
}

AUTHORS = {
    By.LEARNER: lazy_gettext("the learner"),
    By.ASSESSOR: lazy_gettext("assessor"),
    By.MODERATOR: lazy_gettext("moderator"),
    By.ADMINISTRATOR: lazy_gettext("administrator"),
    By.TOOL: lazy_gettext("by itself"),
}

# Why the register refuses, by the code of its error.
REFUSALS = {
    "day-implausible": lazy_gettext(
        "The day of the verdict is ahead of this service's clock. Ask the operator to set the"
        " clock right, then ask the register again."
    ),
    "person-unknown": lazy_gettext("This person is not in your organisation any more."),
}
