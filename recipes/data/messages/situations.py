"""Situations: why somebody writes, with label, urgency and summary, each in several wordings.

english.txt and chinese.txt are written by hand, in this form; a star withholds a situation from the seeds:

    == label name urgency | summary
    - a wording
"""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
FILES = {"en": HERE / "english.txt", "zh": HERE / "chinese.txt"}
HEAD = re.compile(r"(\*?) ?(\w+) (\w+) (low|normal|high) \| (.+)")

THINGS = {
    "en": {
        "kettle": "glass water heat cup",
        "coffee machine": "glass water heat cup parts code",
        "toaster": "heat",
        "fan heater": "heat air app room",
        "air purifier": "air app room parts code",
        "humidifier": "water air app room parts code",
        "robot vacuum": "air app room code",
        "desk lamp": "glass heat app",
    },
    "zh": {
        "咖啡机": "glass water heat cup parts code",
        "榨汁机": "glass water heat cup",
        "电烤箱": "heat code",
        "取暖器": "heat air app room",
        "空气净化器": "air app room parts code",
        "加湿器": "water air app room parts code",
        "扫地机器人": "air app room code",
        "吸尘器": "air room parts",
    },
}
# What a thing must have to do with a situation: nobody asks for the quiet of a toaster.
NEEDED = {
    "broken": "glass", "cleaning": "water", "app": "app", "advice": "room", "noise": "air", "advert": "air",
    "incomplete": "parts", "engraving": "glass", "burning": "heat", "smoke": "heat", "shock": "heat",
    "error_code": "code", "visit": "cup",
}  # fmt: skip
MONTHS = {"en": ("January", "March", "May", "July", "September"), "zh": ("一月", "三月", "五月", "七月", "九月")}
AMOUNT = {"en": "€{:.2f}", "zh": "{:.0f}"}


@dataclass(frozen=True)
class Situation:
    label: str
    name: str
    urgency: str
    summary: str
    wordings: tuple[str, ...]
    language: str
    withheld: bool

    def fill(self, wording: str, random: Random) -> tuple[str, str]:
        """The wording and the summary about the same things."""
        things = THINGS[self.language]
        product = random.choice([thing for thing, has in things.items() if NEEDED.get(self.name, "") in has])
        price = random.randrange(29, 240) + (0.9 if self.language == "en" else 0)
        values = {
            "product": product,
            "Product": product[0].upper() + product[1:],
            "products": product + "s",
            "other": random.choice([thing for thing in things if thing != product]),
            "order": str(random.randrange(20000, 99999)),
            "amount": AMOUNT[self.language].format(price),
            "more": AMOUNT[self.language].format(price + random.choice((10, 20, 30))),
            "count": str(random.randrange(12, 80)),
            "days": str(random.randrange(4, 16)),
            "month": random.choice(MONTHS[self.language]),
        }
        return articles(wording.format(**values)), articles(self.summary.format(**values))


def articles(text: str) -> str:
    return re.sub(r"\b([Aa]) (?=air )", r"\1n ", text)


def situations(language: str) -> list[Situation]:
    blocks = FILES[language].read_text("utf-8").split("\n==")
    return [situation(block.removeprefix("==").strip().splitlines(), language) for block in blocks]


def situation(lines: list[str], language: str) -> Situation:
    """Raises ValueError where a line does not have its form."""
    head, *rest = lines
    if not (read := HEAD.fullmatch(head)) or not all(line.startswith("- ") for line in rest):
        raise ValueError(f"no situation: {lines}")
    star, label, name, urgency, summary = read.groups()
    return Situation(label, name, urgency, summary, tuple(line[2:] for line in rest), language, bool(star))
