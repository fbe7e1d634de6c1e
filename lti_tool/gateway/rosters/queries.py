"""Reading of what platform notices said."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.gateway.rosters.models import CourseCopy, NoticeHandler

# A course is copied year after year; further back than this nobody looks.
MOST_ORIGINS = 20


def origins_of(session: Session, registration_id: int, deployment: str, context: str) -> list[str]:
    """Returns the contexts that a course is a copy of, newest notice first, at most 20.

    What a notice of the LMS said (LtiContextCopyNotice, `origin_contexts`), for a launch in the
    copied course whose LMS sends no history variables. They are ids of contexts of the same
    registration and deployment; none of them need be a course that is known here. Empty where
    no notice came. One statement, by index: call it for a course that is new, not in every
    launch.
    """
    return list(
        session.execute(
            select(CourseCopy.origin)
            .where(
                CourseCopy.registration_id == registration_id,
                CourseCopy.deployment == deployment,
                CourseCopy.context == context,
            )
            .order_by(CourseCopy.noticed_at.desc(), CourseCopy.id.desc())
            .limit(MOST_ORIGINS)
        ).scalars()
    )


def handler_to_register(session: Session, handler_id: int) -> NoticeHandler | None:
    """Returns a deployment's handler that is to be registered at its LMS, or None."""
    return session.get(NoticeHandler, handler_id)
