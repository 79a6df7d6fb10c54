"""The nouns of nouns.tsv beside emojibase's names of the same code points.

Plurals, measure words and kinds are ours. CORRECTED are the code points whose name was changed by hand in one language
or both, since emojibase's says more than the picture ("red apple", 左斜的放大镜), less ("cooking", 热饮) or what nobody
says ("lady beetle", 匙).
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("nouns.tsv")

KINDS = {
    "animal": ("animal", "animals", "动物", "只"),
    "plant": ("plant", "plants", "植物", "株"),
    "fruit": ("fruit", "fruits", "水果", "个"),
    "vegetable": ("vegetable", "vegetables", "蔬菜", "个"),
    "food": ("food item", "food items", "食物", "个"),
    "vehicle": ("vehicle", "vehicles", "交通工具", "个"),
    "clothing": ("clothing item", "clothing items", "服饰", "件"),
    "instrument": ("musical instrument", "musical instruments", "乐器", "件"),
    "toy": ("toy", "toys", "玩具", "个"),
    "tool": ("tool", "tools", "工具", "件"),
    "device": ("device", "devices", "电器", "件"),
    "household": ("household item", "household items", "日用品", "件"),
}

CORRECTED = frozenset(
    """1F411 1F43F 1F422 1F420 1F980 1F41D 1F41E 1F332 1F340 1F34E 1F95D 1F951 1F33D 1F336 1F32E 1F95A 1F373 1F366 1F357
    1F682 1F697 1F6F4 1F6A2 1F455 1F45F 1F460 1F462 1F9E2 1F3C8 1F3B2 1F3AE 1F50D 1F4F1 2615 1F377 1F37A 1F944 1F512
    2602 1F381 1F4D5 1F392 1F5D1""".split()
)


@dataclass(frozen=True)
class Entry:
    """A row of nouns.tsv. `fxemoji` is the icon's name there, - where it has none; `without` are the styles whose
    picture shows something else (a desktop computer for a laptop) or stands on a ground of its own.
    """

    code: str
    english: str
    plural: str
    chinese: str
    measure: str
    kind: str
    fxemoji: str
    without: tuple[str, ...]

    def wire(self) -> dict:
        kind = dict(zip(("en", "plural", "zh", "measure"), KINDS[self.kind], strict=True))
        return {
            "code": self.code,
            "en": self.english,
            "plural": self.plural,
            "article": "an" if self.english[0] in "aeiou" else "a",
            "zh": self.chinese,
            "measure": self.measure,
            "kind": kind,
        }


def entries(english: dict[str, str], chinese: dict[str, str]) -> list[Entry]:
    """The rows of nouns.tsv. Raises ValueError where one is neither as emojibase has it nor in CORRECTED."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        given = english[row["code"]], chinese[row["code"]]
        if (given != (row["english"], row["chinese"])) != (row["code"] in CORRECTED):
            raise ValueError(f"{row['english']} {row['chinese']} is {' '.join(given)} in emojibase: see CORRECTED")
    return [Entry(**(row | {"without": tuple(row["without"].split(","))})) for row in rows]
