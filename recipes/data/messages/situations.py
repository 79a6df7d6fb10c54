"""Situations: the reason for a message, with label, urgency, summary and several wordings.

Format of the handwritten english.txt and chinese.txt; a star excludes a situation from the seeds:

    == label name urgency | summary
    - a wording
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
FILES = {"en": HERE / "english.txt", "zh": HERE / "chinese.txt"}
HEAD = re.compile(r"(\*?) ?(\w+) (\w+) (low|normal|high) \| (.+)")

Catalogue = Mapping[str, Mapping[str, str]]  # features by language and product
PRODUCTS = {
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
# Product feature that a situation requires: for example, a question about noise needs a fan, not a toaster.
REQUIRED_FEATURE = {
    "broken": "glass", "cleaning": "water", "app": "app", "advice": "room", "noise": "air", "advert": "air",
    "incomplete": "parts", "engraving": "glass", "burning": "heat", "smoke": "heat", "shock": "heat",
    "error_code": "code", "visit": "cup", "leaks": "water", "update": "app", "battery_short": "battery",
    "swelling": "battery", "battery_swelled": "battery", "fetch": "heavy", "stands_still": "work",
    "kitchen_stands": "work",
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
    is_withheld: bool

    def fill(self, wording: str, random: Random, catalogue: Catalogue = PRODUCTS) -> tuple[str, str]:
        """Wording and summary with the same sampled values; the product is of the catalogue."""
        products = catalogue[self.language]
        product = random.choice(
            [
                product_name
                for product_name, features in products.items()
                if REQUIRED_FEATURE.get(self.name, "") in features
            ]
        )
        price = random.randrange(29, 240) + (0.9 if self.language == "en" else 0)
        values = {
            "product": product,
            "Product": product[0].upper() + product[1:],
            "products": product + "s",
            "other": random.choice([product_name for product_name in products if product_name != product]),
            "order": str(random.randrange(20000, 99999)),
            "amount": AMOUNT[self.language].format(price),
            "more": AMOUNT[self.language].format(price + random.choice((10, 20, 30))),
            "count": str(random.randrange(12, 80)),
            "days": str(random.randrange(4, 16)),
            "month": random.choice(MONTHS[self.language]),
        }
        return correct_articles(wording.format(**values)), correct_articles(self.summary.format(**values))


def correct_articles(text: str) -> str:
    return re.sub(r"\b([Aa]) (?=air )", r"\1n ", text)


def situations(language: str, files: Mapping[str, Path] = FILES) -> list[Situation]:
    blocks = files[language].read_text("utf-8").split("\n==")
    return [parse_situation(block.removeprefix("==").strip().splitlines(), language) for block in blocks]


def parse_situation(lines: list[str], language: str) -> Situation:
    """Raises ValueError if a line does not match the format."""
    head, *rest = lines
    if not (match := HEAD.fullmatch(head)) or not all(line.startswith("- ") for line in rest):
        raise ValueError(f"does not match the format in the docstring of messages/situations.py: {lines}")
    star, label, name, urgency, summary = match.groups()
    return Situation(label, name, urgency, summary, tuple(line[2:] for line in rest), language, bool(star))
