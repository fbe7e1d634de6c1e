"""Guards: every route says who may come in. A test walks all routes and asks for one."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from flask import g, request
from werkzeug.exceptions import NotFound

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotAllowed, NotSignedIn
from lti_tool.kernel.text import N_
from lti_tool.web.requests import READING, db, runtime
from lti_tool.web.sessions import COOKIE, LiveSession, find_session, is_stale, touch

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
View = Callable[Concatenate[Actor, P], R]


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that anyone may call."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def member(view: View[P, R]) -> Callable[P, R]:
    """Lets in whoever has a session in the slot of the address; hands the view its actor."""
    return _guard("member", view, lambda actor: actor)


def participant(view: View[P, R]) -> Callable[P, R]:
    """Lets in learners and tutors of the course: who takes part in it, and not who looks on."""
    return _guard(
        "participant", view, lambda actor: actor if (actor.is_learner or actor.is_tutor) else None
    )


def observer(view: View[P, R]) -> Callable[P, R]:
    """Lets in observers of the course: mentors and parents of learners."""
    return _guard("observer", view, lambda actor: actor if actor.is_observer else None)


def learner(view: View[P, R]) -> Callable[P, R]:
    """Lets in learners of the course."""
    return _guard("learner", view, lambda actor: actor if actor.is_learner else None)


def tutor(view: View[P, R]) -> Callable[P, R]:
    """Lets in tutors and administrators of the course."""
    return _guard("tutor", view, lambda actor: actor if actor.is_tutor else None)


def administrator(view: View[P, R]) -> Callable[P, R]:
    """Lets in administrators of the organisation."""
    return _guard("administrator", view, lambda actor: actor if actor.is_administrator else None)


def guard_for(
    name: str, find: Callable[[Actor], T | None]
) -> Callable[[Callable[Concatenate[T, P], R]], Callable[P, R]]:
    """Returns a guard of a room's own: it hands its view what `find` returns for the actor.

    Where that is None, the person is kept out. `find` may ask the database.
    """

    def guard(view: Callable[Concatenate[T, P], R]) -> Callable[P, R]:
        return _guard(name, view, find)

    return guard


def live_session() -> LiveSession | None:
    """Returns the session of this request, if a guard let one in."""
    return cast("LiveSession | None", g.get("live_session"))


def _guard(
    name: str, view: Callable[Concatenate[T, P], R], find: Callable[[Actor], T | None]
) -> Callable[P, R]:
    @wraps(view)
    def guarded(slot: str, *args: P.args, **arguments: P.kwargs) -> R:
        if "\0" in request.path:
            raise NotFound  # no name of ours holds one, and PostgreSQL would not look for it
        live = _enter(slot)
        who = find(live.actor)
        if who is None:
            raise NotAllowed(
                N_("This page is not for your role in the course."),
                code="role-not-allowed",
                advice=N_("Go back to your course and open the activity from there."),
            )
        answer = view(who, *args, **arguments)
        _keep_alive(live)
        return answer

    guarded.guard = name  # type: ignore[attr-defined]
    return cast("Callable[P, R]", guarded)


def _keep_alive(live: LiveSession) -> None:
    """Every request counts, autosaves too; a reading one gets a short transaction for it."""
    if not is_stale(live):
        return
    if request.method not in READING:
        touch(db(), live)
        return
    with runtime().database.transaction() as session:
        touch(session, live)


def _enter(slot: str) -> LiveSession:
    token = request.cookies.get(COOKIE, "")
    live = find_session(db(), token, slot, runtime().settings) if token else None
    if live is None:
        raise NotSignedIn(
            N_("Your session here has ended."),
            code="session-ended",
            advice=N_(
                "Open the activity again from your course. What you typed is kept on this"
                " device and will be offered to you there."
            ),
        )
    g.live_session = live
    return live
