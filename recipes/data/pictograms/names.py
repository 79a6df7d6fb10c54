"""Nouns of the atlas, read from two tables and compared with the emojibase names of the same code points.

nouns.tsv contains the nouns of all models, more.tsv additional nouns of larger models. Plurals, measure words and kinds
were written for Plait. Column `corrected`: languages in which the name was changed by hand because the emojibase name
is more specific than the picture ("red apple", 左斜的放大镜), less specific ("cooking", 热饮) or unusual ("lady
beetle", 匙).
"""

import csv
from dataclasses import dataclass
from pathlib import Path

NOUNS_FILE, EXTRA_NOUNS_FILE = (Path(__file__).with_name(name) for name in ("nouns.tsv", "more.tsv"))

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
# Words whose article does not follow from their first letter.
ARTICLES = {"unicorn": "a", "hourglass": "an", "x-ray": "an"}


@dataclass(frozen=True)
class NounEntry:
    """A row of a table.

    `fxemoji` is the icon name in that package, "-" if it has none. `without` lists styles whose picture shows something
    else (a desktop computer for a laptop) or has its own background.
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


def read_nouns(table: Path, english: dict[str, str], chinese: dict[str, str]) -> list[NounEntry]:
    """Rows of a table. Raises ValueError if a name differs from emojibase without being listed in `corrected`."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        emojibase_names = {"en": english[row["code"]], "zh": chinese[row["code"]]}
        table_names = {"en": row["english"], "zh": row["chinese"]}
        corrected = [language for language in emojibase_names if emojibase_names[language] != table_names[language]]
        if (",".join(corrected) or "-") != row.pop("corrected"):
            raise ValueError(
                f"{' '.join(table_names.values())} is {' '.join(emojibase_names.values())} in emojibase: see corrected"
            )
    return [NounEntry(**(row | {"without": tuple(row["without"].split(","))})) for row in rows]
