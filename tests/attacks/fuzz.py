"""Mutated launches by the thousand: none ends in an error of ours, and only true ones come in.

`make fuzz` runs ten thousand (`ARGS="20000 7"`: how many, which seed). Each begins with an honest
login or message, is changed in one place or several, and often signed again with the right key, so
that the change is met by what comes after the signature. What may come in is decided by
`tests.attacks.oracle`, which shares no code with the tool.
"""

import json
import logging
import random
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.kernel.settings import Settings
from tests.attacks import jose, oracle
from tests.attacks.target import Target
from tests.databases import clean_sqlite, make_sqlite_template
from tests.gateway.lms import CLAIM, LEARNER_ROLE, TUTOR_ROLE, Lms, rsa_key
from tests.tool import make_tool

RAW = "@raw:"
# Written into JSON as they stand, since Python would write them otherwise or not at all.
NUMBERS = ["1e999", "-1e999", "1" + "0" * 400, "-0", "1E400", "NaN", "Infinity", "0.1e-400", "00"]
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**53, 1.5, "", " ", "\0", "a\0b", "\ud800", "é", "é" * 300,
    "x" * 256, "x" * 5000, [], {}, [[]], [{}], [None], [""], {"": ""}, {"a": {"b": []}}, {"id": 1},
    {"id": ""}, {"id": "x"}, ["x", 1], "null", "true", "../..", "' OR 1=1 --", "<script>", "{{7*7}}",
    "\u202egnp.exe", "%00", "\r\nX: y", "javascript:alert(1)", "http://", "http://[", "//x", "data:,",
    "https://lms.example", "http://127.0.0.1:8000", "1.3.0", "LtiDeepLinkingRequest", LEARNER_ROLE,
    [LEARNER_ROLE], [TUTOR_ROLE], ["Instructor"], ["Administrator"], "client-1", ["client-1"],
    ["client-1", "client-2"], *(RAW + n for n in NUMBERS),
]  # fmt: skip
HEADERS: list[Any] = [
    "none",
    "HS256",
    "RS512",
    "ES256",
    "rs256",
    "key-2",
    "",
    None,
    1,
    [],
    {},
    "x" * 2000,
]
EXTRA = ["azp", "nbf", "crit", "jti", CLAIM + "for_user", CLAIM + "lti1p1", CLAIM + "role_scope_mentor",
         CLAIM + "launch_presentation", CLAIM + "tool_platform", CLAIM + "lis", "email", "given_name",
         "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
         "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice",
         "https://purl.imsglobal.org/spec/lti/claim/notice", "locale", "iss ", "SUB"]  # fmt: skip
SPEC = "https://purl.imsglobal.org/spec/lti"
SERVICES: dict[str, Any] = {
    f"{SPEC}-nrps/claim/namesroleservice": {"context_memberships_url": "https://lms.example/m"},
    f"{SPEC}-gs/claim/groupsservice": {
        "context_groups_url": "https://lms.example/g",
        "scope": ["x"],
    },
    f"{SPEC}/claim/platformnotificationservice": {
        "platform_notification_service_url": "https://lms.example/n",
        "scope": [f"{SPEC}/scope/noticehandlers"],
        "notice_types_supported": ["LtiContextCopyNotice"],
    },
    CLAIM + "lti1p1": {"user_id": "17", "oauth_consumer_key": "k", "oauth_consumer_key_sign": "s"},
    CLAIM + "custom": {
        "instrument": "self-assessment-1",
        "placement": "x",
        "context_id_history": "a,b",
        "resource_link_id_history": "c",
        "due": "2027-01-01T00:00:00Z",
    },
    CLAIM + "launch_presentation": {"return_url": "https://lms.example/back", "locale": "en-GB"},
    CLAIM + "tool_platform": {"product_family_code": "canvas", "guid": "g", "version": "1"},
}
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"


@dataclass
class Outcome:
    """What came of a run."""

    statuses: Counter[int] = field(default_factory=Counter)
    admitted: int = 0
    honest: int = 0
    wrongs: list[str] = field(default_factory=list)


class Fuzzer:
    """Sends mutated launches to a tool; the same seed sends the same ones."""

    def __init__(self, target: Target, seed: int) -> None:
        self.target = target
        self.lms = target.lms
        self.random = random.Random(seed)  # noqa: S311 - the same mutations for the same seed
        self.seed = seed
        self.outcome = Outcome()
        self.browser: FlaskClient
        self.asked: dict[str, str]
        self.begin()

    def begin(self) -> None:
        """One in ten keeps no cookies."""
        self.browser = self.target.tool.app.test_client(use_cookies=self.random.random() > 0.1)
        self.asked = self.lms.begin(self.browser)

    def run(self, count: int) -> Outcome:
        for number in range(count):
            self.random.seed(self.seed * 1_000_003 + number)
            kind = self.random.random()
            if kind < 0.10:
                self.login()
            elif kind < 0.14:
                self.honest()
            else:
                self.launch()
        return self.outcome

    # One of each kind

    def honest(self) -> None:
        """Without these, a tool that refused everything would pass."""
        token = self.lms.sign(self.message())
        form = {"state": self.asked["state"], "id_token": token}
        if self.send(form, token).status_code != 303:
            self.wrong("an honest launch was refused")
        self.outcome.honest += 1

    def login(self) -> None:
        form: dict[str, Any] = dict(self.lms.initiation())
        for _ in range(self.random.randint(1, 3)):
            name = self.random.choice(
                [*form, "lti_storage_target", "client_id", "lti_deployment_id"]
            )
            form[name] = self.random.choice([self.text(form.get(name) or ""), self.noise(), None])
        form = {name: value for name, value in form.items() if value is not None}
        browser = self.target.browser()
        if self.random.random() < 0.5:
            answer = browser.get("/lti/login", query_string=form)
        else:
            answer = browser.post("/lti/login", data=form)
        self.seen(answer)
        place = answer.headers.get("Location", "")
        if answer.status_code == 302 and not place.startswith("https://lms.example/auth?"):
            self.wrong(f"a login was sent to {place[:80]}")

    def launch(self) -> None:
        claims = self.message()
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            self.mutate(claims)
        header: Any = dict(jose.HEADER)
        if self.random.random() < 0.15:
            name = self.random.choice([*header, "crit", "jwk", "jku", "x5c", "b64", "zip"])
            header[name] = self.random.choice([*HEADERS, "RS256", jose.jwk(rsa_key("stranger"))])
        token = self.signed(self.written(claims), self.written(header))
        if self.random.random() < 0.2:
            token = self.damaged(token)
        self.deliver(token)

    def deliver(self, token: str) -> None:
        form: dict[str, Any] = {"state": self.asked["state"], "id_token": token}
        how = self.random.random()
        if how < 0.75:
            self.send(form, token)
        elif how < 0.85:
            changed = self.random.choice(["state", "id_token", "error", "x"])
            choices = [
                self.noise(),
                [form.get(changed, ""), "x"],
                "",
                self.text(form.get(changed, "")),
            ]
            form[changed] = self.random.choice(choices)
            self.send(form, token)
        else:
            self.send(form, token, raw=self.random.choice(BODIES)(form, self.random))

    def send(
        self, form: dict[str, Any], token: str, raw: tuple[bytes, str] | None = None
    ) -> TestResponse:
        """Posts, and compares what happened with what may happen."""
        # A refusal as JSON is the same one without its page, and quicker.
        accept = {"Accept": self.random.choice(["text/html", *["application/json"] * 3])}
        if raw is None:
            answer = self.browser.post("/lti/launch", data=form, headers=accept)
        else:
            answer = self.browser.post(
                "/lti/launch", data=raw[0], content_type=raw[1], headers=accept
            )
        self.seen(answer)
        if answer.status_code == 303:
            self.came_in(form, token, answer)
        elif "imhcf_session" in str(answer.headers.getlist("Set-Cookie")):
            self.wrong("a session without a launch")
        if self.random.random() < 0.05 or answer.status_code in {303, 409}:
            self.begin()
        return answer

    def came_in(self, form: dict[str, Any], token: str, answer: TestResponse) -> None:
        self.outcome.admitted += 1
        key = rsa_key("lms").public_key()
        why = oracle.objection(form, token, self.asked, key=key, issuer=self.lms.issuer)
        if why:
            self.wrong(f"came in although {why}: {token}")
        opened = self.browser.get(answer.headers["Location"])
        self.seen(opened)
        if answer.headers["Location"].endswith("/tab"):
            if opened.status_code != 200 or "imhcf_session" in str(opened.headers):
                self.wrong("a browser that is not proven was let in")
            return
        page = opened.headers.get("Location", "")
        if opened.status_code != 303 or not page.startswith("/at/"):
            self.wrong(f"a launch led to {opened.status_code} {page}")
        elif page.endswith("/course") and not oracle.may_teach(token):
            self.wrong(f"a tutor without a role: {token}")
        elif self.random.random() < 0.1:
            self.seen(self.browser.get(page))

    def seen(self, answer: TestResponse) -> None:
        self.outcome.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.wrong(f"status {answer.status_code}")

    def wrong(self, what: str) -> None:
        self.outcome.wrongs.append(what)

    # Changes

    def message(self) -> dict[str, Any]:
        claims = self.lms.claims(self.asked)
        kind = self.random.random()
        if kind < 0.2:
            claims[CLAIM + "roles"] = [TUTOR_ROLE]
        elif kind < 0.35:
            claims[CLAIM + "roles"] = [TUTOR_ROLE]
            claims[CLAIM + "message_type"] = "LtiDeepLinkingRequest"
            claims[DEEP_LINKING] = {
                "deep_link_return_url": f"{self.lms.issuer}/back",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe"],
                "data": "d",
            }
        elif kind < 0.5:
            claims |= SERVICES | {
                CLAIM + "roles": self.random.choice([[TUTOR_ROLE], [LEARNER_ROLE]])
            }
        elif kind < 0.6:
            claims[CLAIM + "message_type"] = "LtiSubmissionReviewRequest"
            claims[CLAIM + "for_user"] = {"user_id": "amina"}
            claims[CLAIM + "roles"] = [TUTOR_ROLE]
        elif kind < 0.65:
            claims[CLAIM + "message_type"] = "DataPrivacyLaunchRequest"
            claims[CLAIM + "for_user"] = {"user_id": "amina"}
            claims.pop(CLAIM + "resource_link")
        return claims

    def mutate(self, claims: dict[str, Any]) -> None:
        name = self.random.choice([*claims, self.random.choice(EXTRA)])
        change = self.random.choice(
            [
                self.drop,
                self.replace,
                self.replace,
                self.swap,
                self.inside,
                self.inside,
                self.retext,
            ]
        )
        change(claims, name)

    def drop(self, claims: dict[str, Any], name: str) -> None:
        claims.pop(name, None)

    def replace(self, claims: dict[str, Any], name: str) -> None:
        claims[name] = self.random.choice(ODD)

    def swap(self, claims: dict[str, Any], name: str) -> None:
        other = self.random.choice(list(claims))
        claims[name], claims[other] = claims[other], claims.get(name)

    def inside(self, claims: dict[str, Any], name: str) -> None:
        found = claims.get(name)
        if isinstance(found, dict) and found:
            changed = dict(found)
            changed[self.random.choice([*found, "id", "x"])] = self.random.choice(ODD)
            claims[name] = changed
        elif isinstance(found, list) and found:
            claims[name] = [*found, self.random.choice(ODD)]
        else:
            claims[name] = self.random.choice(ODD)

    def retext(self, claims: dict[str, Any], name: str) -> None:
        found = claims.get(name)
        if isinstance(found, str):
            claims[name] = self.text(found)
        elif isinstance(found, int) and not isinstance(found, bool):
            claims[name] = found + self.random.choice(
                [-(10**9), -3600, -60, -1, 1, 60, 3600, 10**9]
            )
        else:
            claims[name] = self.noise()

    def text(self, found: str) -> str:
        place = self.random.randint(0, len(found))
        return self.random.choice(
            [
                found[:place],
                found[:place]
                + self.random.choice("\0\n\r\t /\\\"'<>%é\u202e\U0001f600")
                + found[place:],
                found.upper(),
                found.swapcase(),
                found + " ",
                found * 2,
                found[::-1],
            ]
        )

    def noise(self) -> str:
        letters = string.printable + "\0é\u202e\U0001f600"
        return "".join(self.random.choices(letters, k=self.random.choice([0, 1, 8, 64, 300])))

    def written(self, value: Any) -> bytes:
        written = json.dumps(value)
        for number in NUMBERS:
            written = written.replace(f'"{RAW}{number}"', number)
        if self.random.random() < 0.03:  # a name twice
            written = "{" + f"{json.dumps(self.random.choice(list(value)))}: 1, " + written[1:]
        return written.encode()

    def signed(self, payload: bytes, header: bytes) -> str:
        chance = self.random.random()
        if chance < 0.90:
            return jose.rs256(payload, rsa_key("lms"), header)
        if chance < 0.95:
            return jose.rs256(payload, rsa_key("stranger"), header)
        return jose.hs256(payload, jose.pem(rsa_key("lms")), header)

    def damaged(self, token: str) -> str:
        place = self.random.randrange(len(token))
        letter = self.random.choice(string.ascii_letters + string.digits + "-_.=+/ \0é")
        parts = token.split(".")
        return self.random.choice(
            [
                token[:place] + letter + token[place + 1 :],
                token[:place],
                token[:place] + letter + token[place:],
                ".".join(self.random.sample(parts, len(parts))),
                ".".join(parts[:2]) + ".",
                token + "=",
                token.replace(".", "..", 1),
            ]
        )


Body = Callable[[dict[str, Any], random.Random], tuple[bytes, str]]
_FORM = "application/x-www-form-urlencoded"


def _urlencoded(form: dict[str, Any]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in form.items()).encode(errors="replace")


BODIES: list[Body] = [
    lambda form, _: (json.dumps(form).encode(), "application/json"),
    lambda form, _: (_urlencoded(form), "text/plain"),
    lambda form, _: (_urlencoded(form), _FORM + "; charset=utf-16"),
    lambda form, r: (_urlencoded(form)[: r.randrange(2000)], _FORM),
    lambda form, _: (_urlencoded(form) + b"&state=x", _FORM),
    lambda form, _: (b"id_token=x&" + _urlencoded(form), _FORM),
    lambda form, r: (r.randbytes(200), _FORM),
    lambda form, r: (r.randbytes(200), "multipart/form-data; boundary=x"),
    lambda form, _: (
        b"--x\r\nContent-Disposition: form-data; name=state\r\n\r\n",
        "multipart/form-data",
    ),
    lambda form, _: (b"&".join([b"a=1"] * 3000), _FORM),
    lambda form, _: (b"%ff=%ff&state=%ed%a0%80&id_token=%00", _FORM),
]


def main() -> None:
    """Runs as many as asked, from a seed, against a tool of its own; prints what came of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            data_dir=folder,
            database_url=clean_sqlite(make_sqlite_template(folder / "template.db"), folder),
            logins_per_minute=0,
            refusals_per_minute=0,
        )
        tool = make_tool(settings)
        began = time.monotonic()
        outcome = Fuzzer(Target(tool, Lms(tool)), seed).run(count)
        took = time.monotonic() - began
        tool.close()
    statuses = ", ".join(f"{n} × {status}" for status, n in sorted(outcome.statuses.items()))
    print(f"{count:,} mutated sign-ins, seed {seed}, in {took:.0f} s: {statuses}")
    print(f"{outcome.admitted:,} came in, {outcome.honest:,} of them unchanged")
    for wrong in outcome.wrongs[:20]:
        print(f"!! {wrong}")
    sys.exit(1 if outcome.wrongs else 0)


if __name__ == "__main__":
    main()
