"""A tutor's hand in the gradebook: a grade entered over the tool's, taken back, or lost."""

from sqlalchemy.orm import Session

from lti_tool.demo.models import GradebookCell, LineItem, Person
from lti_tool.demo.platform.profile import Profile
from lti_tool.kernel.clock import floor_to_second, now


def override(
    session: Session,
    item: LineItem,
    person: Person,
    value: float | None,
    comment: str | None = None,
) -> None:
    """Enters a tutor's grade in place of the tool's; without `comment` the feedback stays."""
    cell = _cell(session, item, person)
    cell.value = value
    cell.comment = cell.comment if comment is None else comment or None
    cell.overridden_at = cell.timestamp = floor_to_second(now())


def take_back(session: Session, profile: Profile, item: LineItem, person: Person) -> None:
    """Removes a tutor's grade.

    Where the LMS keeps an override beside the tool's score, that shows again; elsewhere there is
    no grade then, until the tool sends one.
    """
    cell = _cell(session, item, person)
    if cell.overridden_at is None:
        return
    cell.value = cell.raw_value if profile.keeps_override(item) else None
    cell.overridden_at = None


def damage(
    session: Session, item: LineItem, person: Person, value: float | None, comment: str | None
) -> None:
    """Changes a cell behind everybody's back, as a restored backup does; no value empties it."""
    cell = _cell(session, item, person)
    cell.value = cell.raw_value = value
    cell.comment = comment
    if value is None:
        cell.timestamp = None


def _cell(session: Session, item: LineItem, person: Person) -> GradebookCell:
    cell = session.get(GradebookCell, (item.id, person.id))
    if cell is None:
        cell = GradebookCell(line_item_id=item.id, person_id=person.id, writes=0, submissions=0)
        cell.activity_progress = cell.grading_progress = ""
        session.add(cell)
    return cell
