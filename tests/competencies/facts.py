"""Facts of the framework, read from the published sources: titles, codes, counts."""

from dataclasses import dataclass

Theme = tuple[str | None, list[str]]


@dataclass(frozen=True)
class Facts:
    """What an instrument must have."""

    title: str
    domains: list[tuple[int, str, list[Theme]]]
    without_ability: list[str]
    points: dict[str, int]
    damaged: list[str]


FACTS = {
    "self-assessment-1": Facts(
        title="IMHCF self-assessment, Level 1",
        domains=[
            (
                1,
                "Relationship-based practice",
                [
                    ("Collaborative working", ["1.01", "1.02", "1.03"]),
                    ("Supporting sensitive caregiving", ["1.04", "1.05", "1.06", "1.07", "1.08"]),
                    ("Threats to engagement", ["1.09", "1.10"]),
                ],
            ),
            (
                2,
                "Normal and atypical development",
                [
                    (
                        "Brain development and critical periods of development",
                        ["2.01", "2.02", "2.03"],
                    ),
                    ("Attachments", ["2.04", "2.05", "2.06", "2.07"]),
                    ("Ecological context for child development", ["2.08", "2.09", "2.10"]),
                    ("Resilience", ["2.11", "2.12", "2.13"]),
                ],
            ),
            (
                3,
                "Factors that influence caregiving capacity",
                [
                    ("Transition to parenthood", ["3.01", "3.02", "3.03"]),
                    (
                        "Ante and postnatal factors that can effect parenting",
                        ["3.04", "3.05", "3.06", "3.07"],
                    ),
                    ("Help seeking behaviours", ["3.08"]),
                ],
            ),
            (
                4,
                "Assessment of caregiving",
                [
                    ("Assessment", ["4.01", "4.02", "4.03", "4.04", "4.05", "4.06"]),
                    ("Child protection/safeguarding", ["4.07", "4.08", "4.09", "4.10"]),
                ],
            ),
            (
                5,
                "Supporting caregiving",
                [(None, ["5.01", "5.02", "5.03", "5.04", "5.05", "5.06", "5.07"])],
            ),
            (
                6,
                "Reflective practice and supervision",
                [
                    (
                        "Reflecting practice principles",
                        ["6.01", "6.02", "6.03", "6.04", "6.05", "6.06"],
                    )
                ],
            ),
            (
                7,
                "Working within relevant legal and professional frameworks",
                [(None, ["7.01", "7.02", "7.03", "7.04", "7.05", "7.06", "7.07", "7.08", "7.09"])],
            ),
        ],
        without_ability=["4.02", "4.03", "4.04", "6.05", "7.03"],
        points={
            "1.06": 3,
            "2.01": 2,
            "2.04": 2,
            "2.05": 2,
            "2.06": 2,
            "2.07": 2,
            "2.08": 2,
            "2.11": 2,
            "2.12": 2,
            "3.05": 2,
            "4.02": 2,
            "4.05": 2,
        },
        damaged=["1.03", "1.10", "2.02", "2.09", "2.12", "3.03", "4.05", "4.06", "6.04", "6.06"],
    ),
    "self-assessment-3": Facts(
        title="IMHCF self-assessment grid, Level 3",
        domains=[
            (
                1,
                "Relationship-based practice",
                [
                    ("Collaborative working", ["1.01", "1.02", "1.03"]),
                    ("Supporting sensitive caregiving", ["1.04", "1.05", "1.06", "1.07", "1.08"]),
                    ("Threats to engagement", ["1.09", "1.10"]),
                ],
            ),
            (
                2,
                "Normal and atypical development",
                [
                    ("Brain development and critical periods of development", ["2.01"]),
                    ("Developmental pathways in infancy", ["2.02", "2.03"]),
                    ("Attachments", ["2.04", "2.05", "2.06", "2.07"]),
                    ("Ecological context for child development", ["2.08", "2.09", "2.10"]),
                    ("Resilience", ["2.11", "2.12", "2.13"]),
                ],
            ),
            (
                3,
                "Factors that influence caregiving capacity",
                [
                    ("Transition to parenthood", ["3.01", "3.02", "3.03"]),
                    (
                        "Ante and postnatal factors that can effect parenting",
                        ["3.04", "3.05", "3.06", "3.07"],
                    ),
                    ("Help seeking behaviours", ["3.08"]),
                ],
            ),
            (
                4,
                "Assessment of caregiving",
                [
                    ("Assessment", ["4.01", "4.02", "4.03", "4.04", "4.05", "4.06"]),
                    ("Child protection/safeguarding", ["4.07", "4.08", "4.09", "4.10"]),
                ],
            ),
            (
                5,
                "Supporting caregiving",
                [(None, ["5.01", "5.02", "5.03", "5.04", "5.05", "5.06", "5.07"])],
            ),
            (
                6,
                "Reflective practice and supervision",
                [
                    (
                        "Reflecting practice principles",
                        ["6.01", "6.02", "6.03", "6.04", "6.05", "6.06"],
                    )
                ],
            ),
            (
                7,
                "Working within relevant legal and professional frameworks",
                [
                    (
                        "Knowledge of relevant legislation",
                        ["7.01", "7.02", "7.03", "7.04", "7.05", "7.06"],
                    ),
                    ("Information sharing", ["7.07", "7.08", "7.09"]),
                ],
            ),
        ],
        without_ability=["6.05", "7.05"],
        points={
            "1.01": 3,
            "1.02": 3,
            "1.04": 3,
            "1.05": 2,
            "1.06": 2,
            "1.07": 3,
            "1.08": 2,
            "1.09": 3,
            "1.10": 3,
            "2.01": 3,
            "2.02": 10,
            "2.03": 3,
            "2.04": 5,
            "2.05": 4,
            "2.06": 2,
            "2.07": 2,
            "2.09": 3,
            "2.10": 3,
            "2.11": 3,
            "2.12": 3,
            "2.13": 3,
            "3.01": 3,
            "3.02": 3,
            "3.03": 5,
            "3.04": 3,
            "3.05": 3,
            "3.06": 3,
            "3.07": 4,
            "3.08": 3,
            "4.01": 2,
            "4.02": 2,
            "4.04": 1,
            "4.05": 2,
            "4.07": 4,
            "4.08": 4,
            "5.01": 2,
            "5.02": 2,
            "5.03": 4,
            "5.04": 2,
            "5.06": 2,
            "6.01": 3,
            "6.02": 4,
            "6.03": 2,
            "7.04": 4,
            "7.06": 1,
            "7.07": 1,
            "7.08": 1,
            "7.09": 2,
        },
        damaged=[
            "2.02",
            "2.08",
            "2.09",
            "2.10",
            "2.11",
            "3.01",
            "4.05",
            "4.10",
            "5.02",
            "6.05",
            "6.06",
            "7.02",
            "7.04",
            "7.05",
            "7.09",
        ],
    ),
    "portfolio-1": Facts(
        title="IMH CPD Programme portfolio, Level 1",
        domains=[
            (
                1,
                "Infant Neurodevelopment and the Primary Attachment Relationship",
                [("Early Neurodevelopment, Attachment and Resilience", ["1.01", "1.02"])],
            ),
            (
                2,
                "Relationship-based Practice",
                [
                    ("Collaborative Working", ["2.01"]),
                    ("Supporting Sensitive Caregiving", ["2.02", "2.03"]),
                    ("Threats to engagement", ["2.04"]),
                    ("Transition to parenthood", ["2.05"]),
                ],
            ),
            (
                3,
                "Safeguarding, Supervision and Support",
                [
                    (
                        "Assessing and responding to child protection risk and actual harm",
                        ["3.01", "3.02"],
                    ),
                    ("Seeking advice and supervision", ["3.03", "3.04"]),
                ],
            ),
            (
                4,
                "Working with Safeguarding and Data Protection Guidelines",
                [("Legislation relevant to working with infants and parents", ["4.01"])],
            ),
        ],
        without_ability=[],
        points={
            "1.01": 2,
            "2.01": 5,
            "2.02": 6,
            "2.03": 4,
            "2.04": 4,
            "3.01": 3,
            "3.02": 5,
            "3.03": 4,
            "3.04": 4,
            "4.01": 5,
        },
        damaged=["1.01", "1.02", "2.04", "3.03", "3.04"],
    ),
    "portfolio-2": Facts(
        title="IMH CPD Programme portfolio, Level 2",
        domains=[
            (
                1,
                "Infant Neurodevelopment and the Primary Attachment Relationship",
                [
                    ("Early Critical Neurodevelopment", ["1.01", "1.02"]),
                    ("Attachment", ["1.03", "1.04", "1.05", "1.06"]),
                    ("Resilience", ["1.07", "1.08"]),
                ],
            ),
            (
                2,
                "Relationship-based Practice",
                [
                    ("The Importance of Collaborative Working", ["2.01"]),
                    ("Supporting Sensitive Caregiving", ["2.02", "2.03", "2.04", "2.05"]),
                    ("Threats to engagement", ["2.06"]),
                ],
            ),
            (
                3,
                "Factors that influence caregiving capacity",
                [
                    ("Transition to Parenthood", ["3.01", "3.02", "3.03"]),
                    ("Parental Caregiving Capacity", ["3.04", "3.05", "3.06", "3.07", "3.08"]),
                    ("Help Seeking Behaviours", ["3.09"]),
                ],
            ),
            (
                4,
                "Safeguarding and Supervision",
                [
                    (
                        "Assessing and responding to Child Protection Risk and Actual Harm",
                        ["4.01", "4.02", "4.03"],
                    ),
                    ("Seeking Advice and Supervision", ["4.04", "4.05", "4.06"]),
                ],
            ),
            (
                5,
                "Working with Safeguarding and Data Protection Guidelines",
                [("Legislation relevant to work with infants and parents", ["5.01", "5.02"])],
            ),
        ],
        without_ability=[],
        points={
            "1.02": 6,
            "1.04": 5,
            "1.06": 4,
            "1.08": 5,
            "2.01": 6,
            "2.02": 8,
            "2.03": 2,
            "2.04": 4,
            "2.05": 5,
            "2.06": 4,
            "3.02": 3,
            "3.03": 3,
            "3.05": 5,
            "3.06": 5,
            "3.07": 5,
            "3.08": 6,
            "3.09": 5,
            "4.02": 7,
            "4.03": 4,
            "4.04": 4,
            "4.05": 5,
            "4.06": 5,
            "5.02": 5,
        },
        damaged=["1.02", "1.04", "1.05", "1.06", "4.03"],
    ),
    "portfolio-3": Facts(
        title="IMH CPD Programme portfolio, Level 3",
        domains=[
            (
                1,
                "Infant Neurodevelopment and the Primary Attachment Relationship",
                [
                    ("Early Critical Neurodevelopment", ["1.01", "1.02"]),
                    ("Attachment", ["1.03", "1.04", "1.05", "1.06"]),
                    ("Resilience", ["1.07", "1.08"]),
                ],
            ),
            (
                2,
                "Relationship-based Practice",
                [
                    ("The Importance of Collaborative Working", ["2.01"]),
                    ("Supporting Sensitive Caregiving", ["2.02", "2.03", "2.04", "2.05"]),
                    ("Threats to engagement", ["2.06"]),
                ],
            ),
            (
                3,
                "Factors that influence caregiving capacity",
                [
                    ("Transition to Parenthood", ["3.01", "3.02", "3.03"]),
                    ("Parental Caregiving Capacity", ["3.04", "3.05", "3.06", "3.07", "3.08"]),
                    ("Help Seeking Behaviours", ["3.09"]),
                ],
            ),
            (
                4,
                "Safeguarding, Supervision and Support",
                [
                    (
                        "Assessing and responding to Child Protection Risk and Actual Harm",
                        ["4.01", "4.02", "4.03"],
                    ),
                    ("Seeking Advice and Supervision", ["4.04", "4.05"]),
                ],
            ),
            (
                5,
                "Supervision, Training and Networking",
                [
                    ("Supervision", ["5.01"]),
                    ("Training", ["5.02"]),
                    ("Service Development and Multidisciplinary Networking", ["5.03"]),
                ],
            ),
            (
                6,
                "Working with Safeguarding and Data Protection Guidelines",
                [("Legislation relevant to work with infants and parents", ["6.01", "6.02"])],
            ),
        ],
        without_ability=[],
        points={
            "1.02": 6,
            "1.04": 5,
            "1.06": 5,
            "1.08": 5,
            "2.01": 6,
            "2.02": 8,
            "2.03": 2,
            "2.04": 5,
            "2.05": 3,
            "2.06": 3,
            "3.02": 3,
            "3.03": 3,
            "3.05": 6,
            "3.06": 5,
            "3.07": 5,
            "3.08": 6,
            "3.09": 5,
            "4.02": 7,
            "4.03": 4,
            "4.04": 4,
            "4.05": 5,
            "5.01": 12,
            "5.02": 5,
            "5.03": 2,
            "6.02": 5,
        },
        damaged=[
            "1.02",
            "1.04",
            "1.06",
            "2.03",
            "2.04",
            "2.05",
            "2.06",
            "3.06",
            "3.07",
            "3.08",
            "4.02",
            "5.01",
        ],
    ),
}
