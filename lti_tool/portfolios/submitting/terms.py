"""An organisation's rules for handing in: whether a fee's reference number is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.models import SubmissionTerms
from lti_tool.portfolios.submitting.rules import LONGEST_FEE_TEXT, Terms

_TERMS = table_of(SubmissionTerms)


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """The form as it was typed, and what is wrong with it, by field."""

    terms: Terms
    problems: Mapping[str, str]


def parse_terms(form: Mapping[str, str]) -> TypedTerms:
    """Returns what an administrator typed; `problems` is empty where it can be stored."""
    required = form.get("fee_required") == "yes"
    text = as_kept(form.get("fee_text", ""))
    problems = {}
    if len(text) > LONGEST_FEE_TEXT:
        problems["fee_text"] = N_("This text is too long: 2,000 characters can be kept.")
    elif required and not text:
        problems["fee_text"] = N_("Say what the fee is, and where its reference number comes from.")
    return TypedTerms(Terms(required, text), problems)


def change_terms(session: Session, actor: Actor, terms: Terms) -> None:
    """Stores an organisation's rules; what was handed in before stays as it is.

    Raises `NotAllowed` for anyone but an administrator.
    """
    if not actor.is_administrator:
        raise NotAllowed(N_("Only administrators change these rules."), code="role-not-allowed")
    values = {
        "fee_required": terms.fee_required,
        "fee_text": terms.fee_text,
        "changed_at": clock.now(),
        "changed_by": actor.person_id,
    }
    session.execute(
        insert_into(session, _TERMS)
        .values(organisation_id=actor.organisation_id, **values)
        .on_conflict_do_update(index_elements=["organisation_id"], set_=values)
    )
