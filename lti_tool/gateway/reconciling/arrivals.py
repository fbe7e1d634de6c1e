"""What the gradebook shows before a score is sent: ours already, a person's, or neither. Pure."""

from lti_tool.gateway.reconciling.rules import cell_of
from lti_tool.grades.comparing import Finding, judge
from lti_tool.grades.rules import Delivery
from lti_tool.lti.deliveries import Result, Score
from lti_tool.lti.platforms import Platform


def has_arrived(
    platform: Platform, stored: Result | None, score: Score, delivery: Delivery
) -> bool:
    """Says whether the gradebook shows that the score came, though no answer confirmed it.

    A result without a grade is a submission that was announced: this one where the words are the
    same, or where the LMS shows none and nothing else can have left it there. It is no grade of
    zero, which Moodle shows in the same way.
    """
    is_ungraded = stored is not None and stored.score is None
    if not delivery.worth.is_pending:
        return not (is_ungraded and delivery.follows_pending) and platform.holds(stored, score)
    is_unsent = delivery.is_new_attempt and not delivery.may_have_arrived
    if stored is None or not is_ungraded or is_unsent:
        return False
    is_first = delivery.may_have_arrived and not delivery.is_regrade and not delivery.is_mend
    return (stored.comment is None and is_first) or platform.holds(stored, score)


def is_contradicted(platform: Platform, stored: Result | None, score: Score) -> bool:
    """Says whether the gradebook shows something else than the score.

    What is not graded yet may be shown as nothing at all.
    """
    if score.score_given is None:
        return stored is not None and stored.score is not None
    return not platform.holds(stored, score)


def is_known_work(stored: Result | None, delivery: Delivery) -> bool:
    """Says whether the LMS knows the piece of work already, so that this is no new submission."""
    if delivery.is_new_attempt and delivery.is_regrade:
        return False
    is_there = stored is not None and (stored.score is not None or delivery.follows_pending)
    return delivery.is_regrade or is_there


def is_overridden(stored: Result | None, delivery: Delivery) -> bool:
    """Says whether what the gradebook shows is a person's, and not an earlier score of ours.

    Where a tutor asks for ours over it, it is not; but nobody's grade is erased to say that
    something was handed in.
    """
    if delivery.worth.is_pending:
        return stored is not None and stored.score is not None
    sent = set(delivery.sent_values)
    if delivery.insists or (delivery.is_regrade and not sent):
        return False  # in the second case what was sent to this cell before is not on record
    found = judge(
        cell_of(stored),
        agrees=False,
        sent=sent,
        own_comment=delivery.delivered_comment or delivery.worth.comment,
        earlier_maximum=delivery.earlier_maximum,
    )
    return found is Finding.OVERRIDDEN
