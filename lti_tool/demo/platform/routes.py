"""The platform's addresses. The services stand at those of every profile at the same time."""

from flask import Blueprint

from lti_tool.demo.platform import (
    grades,
    groups,
    notices,
    oidc,
    registering,
    roster,
    scores,
    storage_pages,
    tokens,
)
from lti_tool.demo.platform.addresses import NOTICE_HANDLERS, Paths
from lti_tool.demo.platform.moodle import PICK_RETURN
from lti_tool.demo.platform.offers import OFFERS
from lti_tool.demo.platform.picked import picked
from lti_tool.demo.platform.profiles import PROFILES
from lti_tool.demo.platform.registering import WELL_KNOWN
from lti_tool.demo.platform.storage import FORWARDING_PATH, STRANGER_PATH
from lti_tool.demo.registration import ACCESS_PATH, AUTH_PATH, KEYSET_PATH


def platform_blueprint() -> Blueprint:
    """Returns the platform's views, ready to be registered."""
    blueprint = Blueprint("platform", __name__)
    blueprint.add_url_rule(
        AUTH_PATH, view_func=oidc.authorisation, methods=["GET", "POST"], endpoint="authorisation"
    )
    blueprint.add_url_rule(ACCESS_PATH, view_func=tokens.token, methods=["POST"])
    blueprint.add_url_rule(KEYSET_PATH, view_func=tokens.keyset)
    blueprint.add_url_rule(FORWARDING_PATH, view_func=storage_pages.forwarding)
    blueprint.add_url_rule(STRANGER_PATH, view_func=storage_pages.stranger)
    blueprint.add_url_rule("/lti/picked/<secret>", view_func=picked, methods=["POST"])
    blueprint.add_url_rule(PICK_RETURN, view_func=picked, methods=["POST"], endpoint="contentitem")
    blueprint.add_url_rule(
        NOTICE_HANDLERS.format(deployment="<deployment>"),
        view_func=notices.notice_handlers,
        methods=["GET", "PUT"],
    )
    _add_registration(blueprint)
    for key, profile in PROFILES.items():
        _add_services(blueprint, key, profile.paths)
    return blueprint


def _add_registration(blueprint: Blueprint) -> None:
    """Dynamic registration, at the addresses of each LMS; the one that is played answers."""
    for path in {WELL_KNOWN, *(offer.configuration_path for offer in OFFERS.values())}:
        blueprint.add_url_rule(path, view_func=registering.configuration)
    for path in {offer.registration_path for offer in OFFERS.values()}:
        blueprint.add_url_rule(path, view_func=registering.registration, methods=["POST"])


def _add_services(blueprint: Blueprint, key: str, paths: Paths) -> None:
    item = _rule(paths.lineitem)
    for rule, view, methods in (
        (_rule(paths.lineitems), grades.lineitems, ["GET", "POST"]),
        (item, grades.lineitem, ["GET", "PUT", "DELETE"]),
        (f"{item}/scores", scores.scores, ["POST"]),
        (f"{item}/results", scores.results, ["GET"]),
        (f"{item}/results/<user_id>", scores.result, ["GET"]),
        (_rule(paths.memberships), roster.memberships, ["GET"]),
        *((_rule(paths.groups), groups.groups, ["GET"]) for _ in filter(None, [paths.groups])),
        *(
            (_rule(paths.group_sets), groups.group_sets, ["GET"])
            for _ in filter(None, [paths.group_sets])
        ),
    ):
        endpoint = f"{key}_{view.__name__}"
        blueprint.add_url_rule(rule, endpoint=endpoint, view_func=view, methods=methods)


def _rule(template: str) -> str:
    return template.format(course="<int:course_id>", item="<int:item_id>")
