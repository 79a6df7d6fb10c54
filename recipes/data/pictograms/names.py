"""The nouns of two tables beside emojibase's names of the same code points.

nouns.tsv has those that small models know, more.tsv those that larger ones learn besides. Plurals, measure words and
kinds are ours. `corrected` tells in which languages a name was changed by hand, since emojibase's says more than the
picture ("red apple", 左斜的放大镜), less ("cooking", 热饮) or what nobody says ("lady beetle", 匙).
"""

import csv
from dataclasses import dataclass
from pathlib import Path

NOUNS, MORE = (Path(__file__).with_name(name) for name in ("nouns.tsv", "more.tsv"))

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
    "drink": ("drink", "drinks", "饮料", "杯"),
    "sports": ("sports item", "sports items", "体育用品", "件"),
    "stationery": ("stationery item", "stationery items", "文具", "件"),
    "decoration": ("decoration", "decorations", "装饰品", "件"),
    "medical": ("medical item", "medical items", "医疗用品", "件"),
    "body": ("body part", "body parts", "身体部位", "个"),
    "nature": ("natural thing", "natural things", "自然物", "个"),
    "sky": ("thing of the sky", "things of the sky", "天象", "个"),
    "building": ("building", "buildings", "建筑", "座"),
    "sign": ("sign", "signs", "标志", "个"),
}
# How an English word begins does not always tell how it sounds.
ARTICLES = {"unicorn": "a", "hourglass": "an", "x-ray": "an"}


@dataclass(frozen=True)
class Entry:
    """A row of a table. `fxemoji` is the icon's name there, - where it has none; `without` are the styles whose
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

    def to_json(self) -> dict:
        kind = dict(zip(("en", "plural", "zh", "measure"), KINDS[self.kind], strict=True))
        return {
            "code": self.code,
            "en": self.english,
            "plural": self.plural,
            "article": ARTICLES.get(self.english, "an" if self.english[0] in "aeiou" else "a"),
            "zh": self.chinese,
            "measure": self.measure,
            "kind": kind,
        }


def entries(table: Path, english: dict[str, str], chinese: dict[str, str]) -> list[Entry]:
    """The rows of a table. Raises ValueError where a name is neither as emojibase has it nor said to be corrected."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        given = {"en": english[row["code"]], "zh": chinese[row["code"]]}
        named = {"en": row["english"], "zh": row["chinese"]}
        corrected = [language for language in given if given[language] != named[language]]
        if (",".join(corrected) or "-") != row.pop("corrected"):
            raise ValueError(f"{' '.join(named.values())} is {' '.join(given.values())} in emojibase: see corrected")
    return [Entry(**(row | {"without": tuple(row["without"].split(","))})) for row in rows]
