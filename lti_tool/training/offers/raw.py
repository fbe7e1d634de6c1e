"""An own offer as plain texts: the columns of a file, and the fields of a form. Pure."""

from collections.abc import Iterable

from lti_tool.training.offers.queries import OwnFacts
from lti_tool.training.offers.rules import Offer, Rule
from lti_tool.training.offers.terms import Terms, level_name
from lti_tool.training.offers.wishes import RULES


def raw_of(facts: OwnFacts, terms: Terms) -> dict[str, str]:
    """Returns an own offer as the texts of a file's columns, which a form's fields are too."""
    offer = facts.offer
    raw = {
        "reference": facts.reference,
        "title": offer.title,
        "provider": offer.provider,
        "description": offer.description,
        "format": offer.format.value if offer.format else "",
        "length": offer.length,
        "cost": offer.cost,
        "address": offer.address,
        "activity": _activity(offer, terms),
        "checked": offer.checked_on.isoformat() if offer.checked_on else "",
        "shown": "no" if offer.hidden else "yes",
    }
    for suffix, rule in zip(RULES, offer.rules, strict=False):
        raw |= {name + suffix: text for name, text in _rule_texts(rule, terms).items()}
    return raw


def _rule_texts(rule: Rule, terms: Terms) -> dict[str, str]:
    return {
        "levels": _joined(level_name(terms.instruments, name) for name in rule.instruments),
        "domains": _joined(str(number) for number in rule.domains),
        "competencies": _joined(rule.codes),
        "results": _joined(state.value for state in rule.results),
        "essential": "yes" if rule.essential else "no",
    }


def _joined(parts: Iterable[str]) -> str:
    """A list that a spreadsheet leaves alone: it would read 1,2 as a date and 2.10 as 2.1."""
    return "".join(f"{part}; " for part in parts).strip()


def _activity(offer: Offer, terms: Terms) -> str:
    title = terms.activities.get(offer.placement, "")
    is_one = list(terms.activities.values()).count(title) == 1
    return title if is_one else offer.placement
