"""A connection as an administrator sees it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lti_tool.gateway.organisation.findings import Step, StepFinding, has_failed
from lti_tool.gateway.organisation.rules import TestState
from lti_tool.gateway.organisation.scopes import Permission
from lti_tool.gateway.rules import DeploymentStatus, RegistrationStatus


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has come and gone: through one deployment, or a whole registration.

    `people` are those who came at least once; `waiting` and `failed` count grades.
    """

    courses: int = 0
    people: int = 0
    last_launch: datetime | None = None
    last_grade: datetime | None = None
    waiting: int = 0
    failed: int = 0


NO_TRAFFIC = Traffic()


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A deployment with its traffic."""

    id: int
    deployment: str
    status: str
    first_seen_at: datetime
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class TestView:
    """The newest test: how it stands, and what it found."""

    __test__ = False  # it is no test of ours, whatever pytest reads in its name

    state: TestState = TestState.NONE
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    findings: tuple[StepFinding, ...] = ()
    granted: frozenset[str] = frozenset()

    @property
    def has_failed(self) -> bool:
        """Whether it found something to mend."""
        return has_failed(self.findings)

    @property
    def knows_permissions(self) -> bool:
        """Whether the LMS said which services it allows."""
        known = {"ok", "some", "none"}
        return any(one.step is Step.TOKEN and one.code in known for one in self.findings)


NO_TEST = TestView()


@dataclass(frozen=True, slots=True)
class Connection:
    """A registration with what came through it, what it may do, and its newest test."""

    id: int
    name: str
    issuer: str
    client_id: str
    product: str
    status: str
    policy: str
    created_at: datetime
    addresses: Mapping[str, str] = field(default_factory=dict)
    traffic: Traffic = NO_TRAFFIC
    deployments: tuple[DeploymentView, ...] = ()
    permissions: tuple[Permission, ...] = ()
    test: TestView = NO_TEST

    @property
    def title(self) -> str:
        """What the organisation calls it, or where it is."""
        return self.name or self.issuer

    @property
    def is_on(self) -> bool:
        """Whether launches are let in."""
        return self.status == RegistrationStatus.ACTIVE.value

    @property
    def pending(self) -> int:
        """How many deployments wait for somebody to decide."""
        return sum(one.status == DeploymentStatus.PENDING.value for one in self.deployments)

    @property
    def missing(self) -> list[Permission]:
        """The services that the LMS does not allow."""
        return [one for one in self.permissions if one.is_granted is False]

    def deployment(self, number: int) -> DeploymentView | None:
        """Returns one of its deployments by its number, or None."""
        return next((one for one in self.deployments if one.id == number), None)
