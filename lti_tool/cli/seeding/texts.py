"""Sentences, names and places of nobody: enough of them that searches and pages have work. Pure."""

import random
from dataclasses import dataclass

from lti_tool.portfolios.rules import LONGEST_ACCOUNT, count_words

_WHO = (
    "a mother and her baby", "a father who had just come home", "two parents and a toddler",
    "a grandmother who looked after the child", "a foster carer", "a couple before the birth",
    "a young parent on the ward", "a family at their kitchen table", "a group of four parents",
)  # fmt: skip
_DID = (
    "I sat with", "I visited", "I listened to", "I watched a feed with", "I talked with",
    "I was asked to see", "I stayed beside", "I wrote a plan with", "I went back to",
)  # fmt: skip
_THEN = (
    "and said what I saw", "and waited before I spoke", "and named what the baby showed us",
    "and asked what they wished for", "and kept silent when that helped more",
    "and noticed how quickly I wanted to advise", "and we looked at one minute of film together",
    "and thought of what the family had told before", "and agreed what we would try until next time",
)  # fmt: skip
_LATER = (
    "In supervision I understood that my own haste had been part of it.",
    "What I had read about rupture and repair helped me to see it.",
    "The next week the yawn was answered, and both of them laughed.",
    "I would do the same again, but I would begin with a question.",
    "A colleague saw it otherwise, and we wrote both down.",
    "It changed how I open a visit: I look for a while before I ask.",
    "The family said that this was the first time that somebody had waited.",
    "I learned to say less, and to say it at the right moment.",
)  # fmt: skip
_FIRST = (
    "Amina", "Cerys", "Delyth", "Eleanor", "Femi", "Grace", "Hana", "Ines", "Jo", "Katarzyna",
    "Llinos", "Mairi", "Niamh", "Olu", "Priya", "Rosa", "Siân", "Tamsin", "Ursula", "Vera",
    "Wanjiru", "Xiu", "Yasmin", "Zoë", "Aled", "Bilal", "Callum", "Dafydd", "Ewan", "Farid",
)  # fmt: skip
_LAST = (
    "Okafor", "O’Brien", "Żółć", "Llewellyn", "Ahmed", "Bennett", "Campbell", "Davies", "Evans",
    "Fraser", "García", "Hughes", "Iqbal", "Jones", "Kowalska", "Lindqvist", "MacDonald", "Nowak",
    "Owusu", "Patel", "Quinn", "Roberts", "Singh", "Thomas", "Uddin", "Vaughan", "Williams", "Young",
    "Achebe", "Birch", "Chen", "Doyle", "Ekström", "Finch", "Gupta", "Hart", "Idowu", "Jarvis",
)  # fmt: skip
PLACES = (
    "Aberystwyth", "Bangor", "Belfast", "Birmingham", "Bristol", "Cardiff", "Cork", "Derry",
    "Dundee", "Edinburgh", "Exeter", "Glasgow", "Hull", "Inverness", "Kendal", "Leeds",
    "Liverpool", "London", "Manchester", "Newcastle", "Norwich", "Oxford", "Plymouth", "Sheffield",
    "Swansea", "Truro", "Wrexham", "York",
)  # fmt: skip
FEEDBACK = (
    "You show how you waited, and what the wait made possible. Clear and specific.",
    "I can see what you did. Say more about what you thought at the time.",
    "The link to what you read is well made, and it is yours.",
    "This is about the parent alone; what did the baby show you?",
    "Strong: a moment that went wrong, told plainly, and what followed from it.",
)
SUMMARY = (
    "A portfolio that lets one see the practice behind it. The examples are chosen well, and the"
    " thinking about them is honest. Where I ask for more, the work is there and the words are not."
)
_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the number of its words."""

    text: str
    words: int


class Writer:
    """Writes texts of about so many words, from sentences that it draws by lot."""

    def __init__(self, draw: random.Random, mean: int) -> None:
        self._draw = draw
        self._mean = mean
        made = [f"{did} {who}, {then}." for did in _DID for who in _WHO for then in _THEN]
        self._sentences = [Text(one, count_words(one)) for one in (*made, *_LATER * 40)]

    def text(self) -> Text:
        """Returns paragraphs of sentences; lengths spread as those of people do."""
        wanted = self._mean * self._draw.lognormvariate(-_SPREAD * _SPREAD / 2, _SPREAD)
        parts, words, size = [], 0, 0
        while words < wanted and size < LONGEST_ACCOUNT - 500:
            found = self._sentences[int(self._draw.random() * len(self._sentences))]
            parts.append(found.text)
            words += found.words
            size += len(found.text) + 2
        paragraphs = [" ".join(parts[at : at + 5]) for at in range(0, len(parts), 5)]
        return Text("\n\n".join(paragraphs), words)

    def name(self) -> str:
        return f"{self._draw.choice(_FIRST)} {self._draw.choice(_LAST)}"
