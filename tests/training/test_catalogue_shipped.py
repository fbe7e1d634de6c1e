"""The catalogue that ships with the tool, and the refusal of a wrong one."""

import re
from pathlib import Path

import pytest

from lti_tool.competencies.queries import library
from lti_tool.kernel.errors import Misconfigured
from lti_tool.training.offers.rules import Format
from lti_tool.training.offers.shipped import load_catalogue, shipped_offers

CATALOGUE = Path(__file__).parents[2] / "frameworks" / "training" / "catalogue.yaml"

# Title, provider, levels and domains, as the project's notes on the field have them.
FACTS = [
    (
        "Infant Mental Health Online (IMHOL)",
        "University of Warwick, with an AiMH reference group",
        (1, 2),
        (1, 2, 3),
    ),
    (
        "Parent-Infant Interaction Observation Scale (PIIOS)",
        "University of Warwick",
        (2, 3),
        (4,),
    ),
    ("Babies in Mind", "University of Warwick, FutureLearn", (1,), (2, 3)),
    (
        "Perinatal and Infant Mental Health Champions",
        "Institute of Health Visiting",
        (2, 3),
        (3, 5, 6),
    ),
    ("Newborn Behavioural Observations (NBO); NBAS", "Brazelton Centre UK", (2,), (1, 2, 4)),
    ("Infant CARE-Index", "Family Relations Institute", (2, 3), (4,)),
    ("Video Interaction Guidance", "AVIGuk", (2, 3), (5, 6)),
    ("Solihull Approach, two-day foundation", "Solihull Approach", (1, 2), (1, 2, 5)),
    ("Developing Positive Early Attachments", "NHS Education for Scotland", (1,), (1, 2)),
    (
        "Essential Perinatal and Infant Mental Health (7 modules)",
        "NHS Education for Scotland",
        (2, 3),
        (3,),
    ),
    ("Perinatal Mental Health", "NHS England e-learning for healthcare", (2,), (3,)),
    (
        "Perinatal competency framework: managers' course",
        "HEE, Tavistock and Portman",
        (2, 3),
        (3, 6),
    ),
    (
        "Perinatal, child and adolescent observation (M7)",
        "Tavistock and Portman",
        (3,),
        (4, 6),
    ),
    (
        "Psychoanalytic parent-infant psychotherapy",
        "British Psychotherapy Foundation",
        (3,),
        (5,),
    ),
    (
        "International Training School for Infancy and Early Years",
        "Anna Freud, Tavistock, Yale",
        (2, 3),
        (2, 5),
    ),
    ("Early Years in Mind", "Anna Freud", (1,), (1, 2)),
    ("Breastfeeding and relationship building", "UNICEF UK Baby Friendly", (1, 2), (1, 5)),
    (
        "PGCert Advanced Practice in Infant Mental Health (AiMH endorsed)",
        "University of Northampton",
        (2, 3),
        (1, 2, 3, 4, 5, 6, 7),
    ),
    (
        "Safeguarding Children, Level 3 modules",
        "NHS England e-learning for healthcare",
        (1, 2),
        (4, 7),
    ),
]


def test_the_shipped_offers_are_those_of_the_notes() -> None:
    offers = list(shipped_offers().values())
    found = [
        (
            offer.title,
            offer.provider,
            offer.levels,
            offer.domains_at(f"self-assessment-{offer.levels[0]}"),
        )
        for offer in offers
    ]
    assert found == FACTS
    for offer in offers:
        for level in (1, 2, 3):
            touched = bool(offer.domains_at(f"self-assessment-{level}"))
            assert touched == (level in offer.levels), offer.key


def test_nothing_is_claimed_that_is_not_known() -> None:
    offers = shipped_offers().values()
    assert not any(offer.cost for offer in offers)
    assert {offer.format for offer in offers} == {Format.ONLINE, None}
    assert not any(rule.essential for offer in offers for rule in offer.rules)
    assert all(
        offer.checked_on and offer.checked_on.isoformat() == "2026-11-01" for offer in offers
    )
    assert all(re.fullmatch(r"(https://\S+)?", offer.address) for offer in offers)


def refused(folder: Path, old: str, new: str) -> str:
    text = CATALOGUE.read_text()
    assert old in text
    path = folder / "catalogue.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Misconfigured) as raised:
        load_catalogue(path, library())
    assert str(path) in raised.value.sentence
    return raised.value.sentence


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("levels: [1, 2]", "levels: []", "line 14, offers.0.levels"),
        ("levels: [1, 2]", "levels: [1]", "offers.0.rules.0.levels: has 2, which is not among"),
        ("domains: [1, 2, 3]", "domains: [1, 2]", "offers.0.rules.0.domains: has 3, which is not"),
        (
            'competencies: ["4.01"',
            'competencies: ["4.99"',
            "4.99, which self-assessment-2 does not",
        ),
        ('competencies: ["4.01"', 'competencies: ["4.1"', "offers.1.rules.0.competencies.0"),
        ("1: self-assessment-1", "1: portfolio-1", "line 7, instruments.1: has portfolio-1"),
        ("1: self-assessment-1", "4: self-assessment-1", "has 1, for which the file names no"),
        ("format: online", "format: by-post", "offers.0.format"),
        ("https://warwick.ac.uk", "http://warwick.ac.uk", "offers.0.address"),
        ("https://warwick.ac.uk", "javascript:alert(1)", "offers.0.address"),
        ("checked: 2026-11", "checked: 2026-11-03", "offers.0.checked"),
        ("checked: 2026-11", "checked: 2026-13", "offers.0.checked"),
        ("checked: 2026-11", "cheked: 2026-11", "offers.0"),
        ("id: warwick-piios", "id: warwick-imhol", "which is there twice"),
        ("id: warwick-piios", "id: Warwick PIIOS", "offers.1.id"),
        ("title: Babies in Mind", "title: ''", "offers.2.title"),
        ("title: Babies in Mind", "title: [", "is not valid YAML"),
        ("title: Babies in Mind", "title: " + "x" * 301, "offers.2.title"),
    ],
)
def test_a_wrong_catalogue_is_refused_whole_with_file_and_field(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    sentence = refused(tmp_path, old, new)
    assert said in sentence
    assert "line " in sentence


def test_a_result_that_is_no_gap_is_refused(tmp_path: Path) -> None:
    new = "domains: [1, 2, 3]\n        results: [achieved]\n  - id: warwick-piios"
    sentence = refused(tmp_path, "domains: [1, 2, 3]\n  - id: warwick-piios", new)
    assert "has a result that is no gap" in sentence


def test_an_empty_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text("instruments: {1: self-assessment-1}\noffers: []\n")
    with pytest.raises(Misconfigured, match="offers"):
        load_catalogue(path, library())
