"""An organisation's rules for its part of the register."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.register.models import RegisterTerms
from lti_tool.register.rules import Terms


def change_terms(session: Session, actor: Actor, terms: Terms) -> None:
    """Stores an organisation's rules. What was recognised before keeps its dates.

    Raises `NotAllowed` for anyone but an administrator.
    """
    check_administrator(actor)
    ensure_terms(session, actor.organisation_id)
    row = session.execute(
        select(RegisterTerms)
        .where(RegisterTerms.organisation_id == actor.organisation_id)
        .with_for_update()
    ).scalar_one()
    row.years, row.shown = terms.years, terms.shown
    row.remind_months, row.renewal_hours = terms.remind_months, terms.renewal_hours
    row.lists_all = terms.lists_all
    row.changed_at, row.changed_by = clock.now(), actor.person_id
    session.flush()


def ensure_terms(session: Session, organisation_id: int) -> None:
    """Gives an organisation its row of rules, and its name in public addresses, if need be."""
    usual = Terms()
    session.execute(
        insert_into(session, RegisterTerms)
        .values(
            organisation_id=organisation_id,
            public_id=new_public_id(),
            years=usual.years,
            shown=usual.shown,
            remind_months=usual.remind_months,
            renewal_hours=usual.renewal_hours,
            lists_all=usual.lists_all,
            changed_at=clock.now(),
            changed_by=None,
        )
        .on_conflict_do_nothing(index_elements=["organisation_id"])
    )


def check_administrator(actor: Actor) -> None:
    """Raises `NotAllowed` for anyone but an administrator of the organisation."""
    if not actor.is_administrator:
        raise NotAllowed(N_("Only administrators keep the register."), code="role-not-allowed")
