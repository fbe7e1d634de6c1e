"""What changed in the framework's own words since an answer was given, or between two."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from lti_tool.assessments.comparison import Comparison, CompetencyChange
from lti_tool.assessments.rules import Rated
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.wordings.queries import moved_since, version_text
from lti_tool.competencies.wordings.rules import Moved, kinds_of_change


def moved_answers(
    session: Session,
    organisation_id: int,
    asked: Instrument,
    ratings: Mapping[str, Rated],
    codes: Collection[str],
) -> Mapping[str, Moved]:
    """Returns, by code, what reads differently now than when a person answered it.

    For `assessments/_moved.html`, which says so beside the answer. Usually nothing has moved,
    and no statement is needed to know it.
    """
    versions = {
        code: ratings[code].instrument_version
        for code in codes
        if code in ratings and ratings[code].instrument_version
    }
    return moved_since(session, organisation_id, asked.id, versions)


def with_rewordings(
    session: Session, organisation_id: int, asked: Instrument, comparison: Comparison
) -> Comparison:
    """Returns the comparison with what was reworded or added in the framework meanwhile.

    No statement is needed where both points answer the same version, the usual case.
    """
    start = comparison.before.snapshot
    lines = [one for domain in comparison.domains for one in domain.competencies]
    differing = [one for one in lines if one.versions_differ]
    names = {version for one in differing for version in one.versions}
    if start and start.instrument_version != asked.version:
        names.add(start.instrument_version)
    texts = {
        name: text
        for name in names
        if (text := version_text(session, organisation_id, asked.id, name))
    }
    old = texts.get(start.instrument_version) if start else None
    return replace(
        comparison,
        reworded=frozenset(one.code for one in differing if _is_reworded(one, texts)),
        added=tuple(one.code for one in lines if old and one.code not in old.by_code),
    )


def _is_reworded(one: CompetencyChange, texts: dict[str, Instrument]) -> bool:
    before, after = (texts.get(version) for version in one.versions)
    if before is None or after is None:
        return False
    return bool(kinds_of_change(before.by_code.get(one.code), after.by_code.get(one.code)))
