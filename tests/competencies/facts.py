"""Facts of the framework, read from the published sources: titles, codes, counts."""

from dataclasses import dataclass

Theme = tuple[str | None, list[str]]


@dataclass(frozen=True)
class Facts:
    """What an instrument must have."""

    domains: list[tuple[int, str, list[Theme]]]
    without_ability: set[str]
    points: dict[str, int]
    damaged: set[str]


LEVEL_1 = Facts(
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
                ("Brain development and critical periods of development", ["2.01", "2.02", "2.03"]),
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
            [("Reflecting practice principles", ["6.01", "6.02", "6.03", "6.04", "6.05", "6.06"])],
        ),
        (
            7,
            "Working within relevant legal and professional frameworks",
            [(None, ["7.01", "7.02", "7.03", "7.04", "7.05", "7.06", "7.07", "7.08", "7.09"])],
        ),
    ],
    without_ability={"6.05", "7.03", "4.04", "4.03", "4.02"},
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
    damaged={"6.06", "1.10", "2.02", "2.12", "4.06", "3.03", "2.09", "4.05", "1.03", "6.04"},
)
