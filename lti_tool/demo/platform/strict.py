"""A platform that gives the least and asks for the most, after Open edX (xblock-lti-consumer).

Its tokens hold only what the specification requires, subjects differ for each client, access
tokens live a minute, and everything posted must be complete.
"""

from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.demo.models import Person
from lti_tool.demo.platform.addresses import Paths
from lti_tool.demo.platform.facts import LaunchFacts
from lti_tool.demo.platform.profile import Claims, Profile
from lti_tool.demo.platform.storage import PARENT


class Strict(Profile):
    """The specification, with nothing that it leaves to the platform's good will."""

    key = "strict"
    paths = Paths(
        lineitems="/lti/contexts/{course}/lineitems",
        lineitem="/lti/contexts/{course}/lineitems/{item}",
        memberships="/lti/contexts/{course}/memberships",
        groups="/lti/contexts/{course}/groups",
        group_sets="/lti/contexts/{course}/groupsets",
    )
    offers_notices = True
    opens_reviews = True
    asks_about_privacy = True
    access_token_seconds = 60
    checks_picks_hard = True
    names_scorers = True
    storage_target = PARENT

    @property
    def subject_column(self) -> InstrumentedAttribute[Any]:
        return Person.pairwise_id

    def security_claims(self, facts: LaunchFacts) -> Claims:
        # An audience may be a list, and then `azp` says who of it is meant
        # (security framework, section 5.1.2).
        client = facts.switches.tool.client_id
        return super().security_claims(facts) | {"aud": [client], "azp": client}
