"""The tool under test: its application and runtime, and visitors who are signed in to it."""

import itertools
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.app import create_app
from lti_tool.courses.rules import NOT_SET_UP, Enrolment, GradeRule, SetUp
from lti_tool.courses.services import enrol
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.runtime import Runtime, make_runtime
from lti_tool.kernel.settings import Settings
from lti_tool.web.sessions import COOKIE, SignIn, open_session
from tests.platform import FakeHttp

LEVEL_1 = SetUp("self-assessment-1", (), GradeRule.COMPLETION)
LEARNER = frozenset({Role.LEARNER})
TUTOR = frozenset({Role.TUTOR})

# Each test has an application of its own. To compile its templates and the code that builds its
# addresses anew would be most of the cost: both depend on nothing but what is in the key.
COMPILED = TemporaryDirectory(prefix="imhcf-templates-")
_builders: dict[Any, Any] = {}
_compile_builder: Any = Rule._compile_builder
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Visitor:
    """A person with a session in one course, and a browser that holds its cookie."""

    app: Flask
    client: FlaskClient
    actor: Actor
    slot: str
    placement: str
    placement_id: int

    @property
    def home(self) -> str:
        return f"/at/{self.slot}/p/{self.placement}/"

    def get(self, path: str = "", **options: Any) -> TestResponse:
        return self.client.get(self.home + path, **options)

    def post(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Posts a form, as a page of this visitor would."""
        return self.client.post(self.home + path, data=data | {"csrf_token": self.csrf_token()})

    def post_json(self, path: str, data: object) -> TestResponse:
        """Posts JSON, as a script of ours would."""
        headers = {"X-CSRFToken": self.csrf_token(), "Accept": "application/json"}
        return self.client.post(self.home + path, json=data, headers=headers)

    def csrf_token(self) -> str:
        with self.app.test_request_context(self.home):
            return str(generate_csrf())


@dataclass
class Tool:
    """The application over a real database, with a stand-in for the network alone."""

    app: Flask
    runtime: Runtime
    http: FakeHttp
    registrations: dict[str, int] = field(default_factory=dict)

    @property
    def database(self) -> Any:
        return self.runtime.database

    def close(self) -> None:
        self.runtime.database.dispose()

    def registration(self, organisation: str = "Willow Training") -> int:
        """Returns the number of the organisation's registration, made when first asked for."""
        if organisation not in self.registrations:
            issuer = f"https://lms-{len(self.registrations)}.example"
            with self.database.transaction() as session:
                self.registrations[organisation] = add_registration(
                    session,
                    NewRegistration(
                        organisation=organisation,
                        issuer=issuer,
                        client_id="client",
                        auth_login_url=f"{issuer}/auth",
                        token_url=f"{issuer}/token",
                        jwks_url=f"{issuer}/jwks",
                        product="moodle",
                    ),
                )
        return self.registrations[organisation]

    def sign_in(
        self,
        subject: str = "",
        *,
        roles: frozenset[Role] = LEARNER,
        organisation: str = "Willow Training",
        course: str = "course-1",
        link: str = "link-1",
        set_up: SetUp = LEVEL_1,
        name: str | None = None,
        line_item: str | None = None,
        sees: tuple[str, ...] = (),
    ) -> Visitor:
        """Returns a visitor, as a launch would have left them, with a session."""
        number = next(_numbers)
        subject = subject or f"person-{number}"
        registration = self.registration(organisation)
        address = f"https://lms.example/{course}/{link}/lineitem?type_id=1"
        with self.database.transaction() as session:
            organisation_id = _organisation_of(session, registration)
            enrolled = enrol(
                session,
                Enrolment(
                    organisation_id=organisation_id,
                    registration_id=registration,
                    deployment="1",
                    subject=subject,
                    roles=roles,
                    name=f"Person {subject}" if name is None else name,
                    email="",
                    context=course,
                    course_title=f"Course {course}",
                    course_label=course,
                    resource_link=link,
                    link_title=f"Link {link}",
                    set_up=set_up,
                    line_item=address if line_item is None else line_item,
                    sees=sees,
                ),
            )
            actor = Actor(
                enrolled.person_id,
                organisation_id,
                enrolled.course_id,
                enrolled.membership_id,
                roles,
            )
            sign_in = SignIn(
                enrolled.membership_public_id, actor, registration, enrolled.display_name, "'self'"
            )
            token = open_session(session, sign_in, self.runtime.settings)
        client = self.app.test_client()
        client.set_cookie(COOKIE, token, path=f"/at/{sign_in.slot}/")
        return Visitor(
            self.app,
            client,
            actor,
            sign_in.slot,
            enrolled.placement_public_id,
            enrolled.placement_id,
        )


def make_tool(settings: Settings) -> Tool:
    """Returns the tool with every real part but the network."""
    http = FakeHttp()
    runtime = replace(make_runtime(settings), http=http)
    with patch.object(Rule, "_compile_builder", _remembered_builder):
        app = create_app(runtime)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(COMPILED.name)
    app.testing = False  # errors must become pages here as they do for people
    return Tool(app, runtime, http)


def _remembered_builder(rule: Rule, append_unknown: bool = True) -> Any:
    """Stands in for werkzeug's: returns the address-building function of an equal rule."""
    converters = tuple(type(converter) for converter in rule._converters.values())
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), converters, append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


def _organisation_of(session: Session, registration: int) -> int:
    from lti_tool.gateway.queries import registration_by_id

    found = registration_by_id(session, registration)
    assert found
    return found.organisation_id


__all__ = ["COMPILED", "LEARNER", "LEVEL_1", "NOT_SET_UP", "TUTOR", "Tool", "Visitor", "make_tool"]
