"""The platform's addresses. The services stand at those of every profile at the same time."""

from flask import Blueprint

from lti_tool.demo.platform import grades, oidc, roster, scores, tokens
from lti_tool.demo.platform.addresses import Paths
from lti_tool.demo.platform.profiles import PROFILES
from lti_tool.demo.registration import ACCESS_PATH, AUTH_PATH, KEYSET_PATH


def platform_blueprint() -> Blueprint:
    """Returns the platform's views, ready to be registered."""
    blueprint = Blueprint("platform", __name__)
    blueprint.add_url_rule(
        AUTH_PATH, view_func=oidc.authorisation, methods=["GET", "POST"], endpoint="authorisation"
    )
    blueprint.add_url_rule(ACCESS_PATH, view_func=tokens.token, methods=["POST"])
    blueprint.add_url_rule(KEYSET_PATH, view_func=tokens.keyset)
    for key, profile in PROFILES.items():
        _add_services(blueprint, key, profile.paths)
    return blueprint


def _add_services(blueprint: Blueprint, key: str, paths: Paths) -> None:
    item = _rule(paths.lineitem)
    for rule, view, methods in (
        (_rule(paths.lineitems), grades.lineitems, ["GET", "POST"]),
        (item, grades.lineitem, ["GET", "PUT", "DELETE"]),
        (f"{item}/scores", scores.scores, ["POST"]),
        (f"{item}/results", scores.results, ["GET"]),
        (f"{item}/results/<user_id>", scores.result, ["GET"]),
        (_rule(paths.memberships), roster.memberships, ["GET"]),
    ):
        endpoint = f"{key}_{view.__name__}"
        blueprint.add_url_rule(rule, endpoint=endpoint, view_func=view, methods=methods)


def _rule(template: str) -> str:
    return template.format(course="<int:course_id>", item="<int:item_id>")
