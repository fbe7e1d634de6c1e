"""How an upload goes on, and how much may be kept. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from lti_tool.kernel.text import N_

MEGABYTE = 1_000_000
# What is stored at once, and so what a broken connection may cost at most.
PIECE = 4 * MEGABYTE
# What one request may carry; a page's script sends half of it.
LARGEST_PART = 16 * MEGABYTE
# Clients that send crumbs would fill the table of pieces.
MOST_PIECES = 2_000
# Uploads of one person that are on their way at once.
MOST_UPLOADS = 20
ABANDONED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A file that somebody wants to upload: as it is called, its bytes, the type it is said to be."""

    name: str
    size: int
    declared_type: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is taken, in bytes: of one file, of one person, of one organisation."""

    file: int
    person: int
    organisation: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that somebody keeps, of which `on_the_way` are uploads that have not arrived."""

    files: int
    on_the_way: int

    @property
    def total(self) -> int:
        return self.files + self.on_the_way


@dataclass(frozen=True, slots=True)
class Quota:
    """What a person and their organisation keep, and what they may keep, for a page to show."""

    person: Kept
    organisation: Kept
    limits: Limits

    @property
    def left(self) -> int:
        """The bytes that this person may still upload."""
        mine = self.limits.person - self.person.total
        ours = self.limits.organisation - self.organisation.total
        return max(0, min(mine, ours))


def check_wish(wish: Wish, quota: Quota, under_way: int) -> None:
    """Raises `InvalidInput`, `TooLarge` or `NotAllowed` for a file that would not be kept."""
    if wish.size <= 0:
        raise InvalidInput(
            N_("This file is empty."), code="file-empty", advice=N_("Choose another file.")
        )
    if wish.size > quota.limits.file:
        raise TooLarge(
            N_("This file is larger than %(limit)s MB."),
            code="file-too-large",
            advice=N_("Choose a smaller one, such as a shorter recording."),
            params={"limit": quota.limits.file // MEGABYTE},
        )
    if under_way >= MOST_UPLOADS:
        raise NotAllowed(
            N_("You have %(count)s uploads under way."),
            code="uploads-too-many",
            advice=N_("Wait until one has arrived, or cancel one."),
            params={"count": under_way},
        )
    _check_quota(wish, quota)


def _check_quota(wish: Wish, quota: Quota) -> None:
    if quota.person.total + wish.size > quota.limits.person:
        raise TooLarge(
            N_("There is no room for this file: you keep %(kept)s of %(limit)s MB."),
            code="quota-person",
            advice=N_("Remove files that you no longer need. Removed ones count for a day."),
            params=_megabytes(quota.person.total, quota.limits.person),
        )
    if quota.organisation.total + wish.size > quota.limits.organisation:
        raise TooLarge(
            N_("There is no room for this file: your organisation has used all of its space."),
            code="quota-organisation",
            advice=N_("Tell your tutor or administrator. What you wrote is safe."),
        )


def check_offset(offset: int, received: int, size: int) -> int:
    """Returns how many bytes of a part at `offset` are stored already and are to be passed over.

    Raises `Conflict` when there is a gap before it, `InvalidInput` for an impossible place.
    """
    if not 0 <= offset <= size:
        raise InvalidInput(N_("This part lies outside of the file."), code="upload-outside")
    if offset > received:
        raise Conflict(
            N_("A part before this one has not arrived."),
            code="upload-gap",
            advice=N_("Go on from where the upload stands."),
            params={"received": received},
        )
    return received - offset


def too_long() -> TooLarge:
    """Returns the refusal of bytes beyond the size that was announced."""
    return TooLarge(
        N_("More was sent than the size of the file that was announced."),
        code="upload-too-long",
        advice=N_("Choose the file again. It may have changed meanwhile."),
    )


def moved_on() -> Conflict:
    """Returns the refusal of a part that another request brought at the same time."""
    return Conflict(
        N_("This upload goes on in another tab or request."),
        code="upload-elsewhere",
        advice=N_("Ask how far it is, and go on from there."),
    )


def in_crumbs() -> InvalidInput:
    """Returns the refusal of an upload in too many small pieces."""
    return InvalidInput(
        N_("This file came in too many small pieces."),
        code="upload-crumbs",
        advice=N_("Start this upload again, on a better connection if you can."),
    )


def not_all_there(received: int) -> Conflict:
    """Returns the refusal to finish what has not arrived."""
    return Conflict(
        N_("A part of this file has not arrived."),
        code="upload-unfinished",
        advice=N_("Go on from where the upload stands."),
        params={"received": received},
    )


def upload_gone() -> NotFound:
    """Returns the refusal of an upload whose file was removed, or whose pieces are no more."""
    return NotFound(
        N_("What was uploaded is no longer here."),
        code="upload-gone",
        advice=N_("Choose the file again."),
    )


def _megabytes(kept: int, limit: int) -> dict[str, int]:
    return {"kept": -(-kept // MEGABYTE), "limit": limit // MEGABYTE}
