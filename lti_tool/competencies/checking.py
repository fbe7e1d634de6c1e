"""What must hold between the files of one framework, beyond what each says by itself. Pure."""

from collections import Counter
from collections.abc import Iterator

from lti_tool.competencies.files import Place, Problem, Read
from lti_tool.competencies.frameworks import Crosswalk, Footing, Progression
from lti_tool.competencies.models import Instrument, Kind, Provenance
from lti_tool.competencies.parts import Parts


def problems_of(parts: Parts) -> list[Problem]:
    """Returns every mistake between a framework's files, in the order of the files."""
    found = [*_instruments(parts), *_progressions(parts)]
    if parts.crosswalk:
        for number, footing in enumerate(parts.crosswalk.value.footings):
            found += _footing(parts, parts.crosswalk, ("footings", number), footing)
        found += _portfolios_without_footing(parts, parts.crosswalk)
    return found


def competency_place(instrument: Instrument, code: str) -> Place:
    """Returns the place of a competency in its file, such as `domains.0.themes.1…`."""
    for number, domain in enumerate(instrument.domains):
        for position, theme in enumerate(domain.themes):
            for index, competency in enumerate(theme.competencies):
                if competency.code == code:
                    return ("domains", number, "themes", position, "competencies", index)
    return ()


def _instruments(parts: Parts) -> Iterator[Problem]:
    expected = parts.framework.expected
    for number, one in enumerate(parts.framework.instruments):
        if one.id not in parts.instruments:
            yield parts.manifest.problem(
                ("instruments", number, "id"), f"names {one.id}, and there is no {one.id}.yaml"
            )
    for name, found in parts.instruments.items():
        if found.value.id != name:
            yield found.problem(("id",), f"is {found.value.id} where the file's name says {name}")
        elif name not in expected:
            yield found.problem(
                ("id",), f"is {name}, which {parts.manifest.path.name} does not name"
            )
        else:
            yield from _counts(found, expected[name].counts)
            yield from _notes(found, expected[name].notes)


def _counts(found: Read[Instrument], counts: tuple[int, ...]) -> Iterator[Problem]:
    domains = found.value.domains
    numbers = [domain.number for domain in domains]
    if numbers != list(range(1, len(counts) + 1)):
        yield found.problem(
            ("domains",),
            f"has the domains {_listed(numbers)} where 1 to {len(counts)} are expected",
        )
        return
    for index, (domain, count) in enumerate(zip(domains, counts, strict=True)):
        if len(domain.codes) != count:
            yield found.problem(
                ("domains", index, "themes"),
                f"has {len(domain.codes)} competencies where {count} are expected",
            )


def _notes(found: Read[Instrument], allowed: tuple[str, ...]) -> Iterator[Problem]:
    for competency in found.value.by_code.values():
        is_published = competency.provenance is Provenance.PUBLISHED
        if is_published and competency.note and competency.code not in allowed:
            yield found.problem(
                (*competency_place(found.value, competency.code), "note"),
                f"{competency.code} is published, so no note is expected unless framework.yaml"
                " allows it",
            )
    for code in allowed:
        if code not in found.value.by_code:
            yield found.problem(
                ("domains",), f"has no {code}, for which framework.yaml allows a note"
            )


def _progressions(parts: Parts) -> Iterator[Problem]:
    for number, progression in enumerate(parts.framework.progressions):
        place = ("progressions", number, "instruments")
        unknown = [name for name in progression.instruments if name not in parts.instruments]
        if unknown:
            yield parts.manifest.problem(place, f"names {unknown[0]}, which is not here")
            continue
        steps = [parts.instruments[name] for name in progression.instruments]
        levels = [step.value.level for step in steps]
        if levels != sorted(set(levels)):
            yield parts.manifest.problem(
                place, f"has the levels {_listed(levels)} where rising ones are expected"
            )
        if progression.by_code:
            for step in steps[1:]:
                yield from _same_codes(steps[0], step)
                yield from _same_topics(steps[0], step, progression)


def _same_codes(first: Read[Instrument], other: Read[Instrument]) -> Iterator[Problem]:
    for code in sorted(first.value.by_code.keys() ^ other.value.by_code.keys()):
        holder, lacking = (first, other) if code in first.value.by_code else (other, first)
        yield lacking.problem(("domains",), f"has no {code}, which {holder.value.id} has")


def _same_topics(
    first: Read[Instrument], other: Read[Instrument], progression: Progression
) -> Iterator[Problem]:
    for code in sorted(first.value.by_code.keys() & other.value.by_code.keys()):
        wanted, topic = first.value.by_code[code].topic, other.value.by_code[code].topic
        if topic != wanted and code not in progression.retitled:
            yield other.problem(
                (*competency_place(other.value, code), "topic"),
                f"is “{topic}” for {code} where {first.value.id} has “{wanted}”; framework.yaml"
                " may say why (retitled)",
            )


def _footing(
    parts: Parts, crosswalk: Read[Crosswalk], place: Place, footing: Footing
) -> Iterator[Problem]:
    pair = []
    for field, kind in (("portfolio", Kind.PORTFOLIO), ("rests_on", Kind.SELF_ASSESSMENT)):
        name = getattr(footing, field)
        if name not in parts.instruments or parts.instruments[name].value.kind is not kind:
            yield crosswalk.problem(
                (*place, field), f"is {name} where the id of a {kind.value} is expected"
            )
            return
        pair.append(parts.instruments[name].value)
    portfolio, grid = pair
    if portfolio.level != grid.level:
        yield crosswalk.problem(
            (*place, "rests_on"),
            f"is {grid.id} of level {grid.level} where level {portfolio.level} is expected",
        )
    yield from _tasks(crosswalk, place, footing, portfolio, grid)


def _tasks(
    crosswalk: Read[Crosswalk],
    place: Place,
    footing: Footing,
    portfolio: Instrument,
    grid: Instrument,
) -> Iterator[Problem]:
    times = Counter(task.task for task in footing.tasks)
    for number, task in enumerate(footing.tasks):
        here = (*place, "tasks", number)
        if task.task not in portfolio.by_code:
            yield crosswalk.problem((*here, "task"), f"is {task.task}, not in {portfolio.id}")
        if times[task.task] > 1:
            yield crosswalk.problem((*here, "task"), f"is {task.task}, which is there twice")
        for index, code in enumerate(task.codes):
            if code not in grid.by_code:
                yield crosswalk.problem((*here, "codes", index), f"is {code}, not in {grid.id}")
            elif code in task.codes[:index]:
                yield crosswalk.problem((*here, "codes", index), f"is {code}, which is there twice")
    for code in portfolio.by_code:
        if code not in times:
            yield crosswalk.problem((*place, "tasks"), f"has no {code} of {portfolio.id}")


def _portfolios_without_footing(parts: Parts, crosswalk: Read[Crosswalk]) -> Iterator[Problem]:
    times = Counter(footing.portfolio for footing in crosswalk.value.footings)
    for name, found in parts.instruments.items():
        if found.value.kind is Kind.PORTFOLIO and times[name] != 1:
            said = "is there twice" if times[name] else "is missing"
            yield crosswalk.problem(("footings",), f"the portfolio {name} {said}")


def _listed(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers)
