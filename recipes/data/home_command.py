"""Writes seeds and held-out rows of `home_command`: sentences of Home Assistant's templates for invented houses.

    python recipes/data/home_command.py            writes the seeds and both held-out splits, the same bytes every time
    python recipes/data/home_command.py --check    exits 1 if a file differs from the output
    python recipes/data/home_command.py --counts   the tables of docs/data/home_command.md
    python recipes/data/home_command.py --training FILE [ROWS]
                                                   rows to adapt a model with: templates that seeds may use, and no
                                                   sentence and no house of the other files; six sentences a house, so
                                                   that a trainer computes each house once

Needs hassil and home-assistant-intents in the versions of VERSIONS; other versions generate other rows.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from random import Random

from home import sentences, wording
from home.houses import House, sample_house
from home.mapping import KIND_SHARES, REASON_SHARES, Unit, units
from home.sentences import Row
from home.templates import blocks
from recipe_cli import run_recipe

VERSIONS = {"hassil": "3.12.1", "home-assistant-intents": "2026.10.27"}
TASKS = Path(__file__).parents[2] / "src/plait/tasks"
LANGUAGES = {"en": 0.6, "zh": 0.4}
TRAINING_ROWS = 6_000
SENTENCES_PER_HOUSE = 6
ANSWERS = {"on": 0.28, "off": 0.27, "level": 0.27, "nothing": 0.18}

# The first seeds also serve as few-shot examples: small houses, both languages, every answer and device kind.
FEW_SHOT = [
    ("en.TurnOn.name_only.1", "light", None),
    ("zh.TurnOff.name_only.2", "cover", None),
    ("en.TurnOff.name_only.1", "media", None),
    ("zh.TurnOn.name_only.1", "climate", None),
    ("en.GetState.name_state.1", "light", "question"),
    ("zh.LightSet.name_brightness.1", "light", None),
    ("en.SetPosition.area_device_class.1", "cover", None),
    ("zh.TurnOn.name_only.1", "light", "missing"),
]
# Words ignored in comparisons: a sentence that differs from a seed only in these does not count as unseen.
FILLERS = re.compile(r"\b(please|the|my) |麻烦|的")


@dataclass
class Split:
    """Rows of one file, with its template units and the sentences and houses that are already used."""

    name: str
    path: Path
    size: int
    units: list[Unit]
    sentences: set[str] = field(default_factory=set)
    houses: set[frozenset] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    shared_houses: dict[str, list[House]] = field(default_factory=dict)  # by language; empty: one for each row

    @property
    def held_out(self) -> bool:
        return self.name.startswith("unseen")

    def text(self) -> str:
        lines = (json.dumps(row.to_json(self.held_out), ensure_ascii=False) for row in self.rows)
        return "".join(line + "\n" for line in lines)

    def accepts(self, row: Row | None) -> bool:
        return (
            row is not None
            and deduplication_key(row) not in self.sentences
            and (bool(self.shared_houses) or frozenset(row.devices) not in self.houses)
        )

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.sentences.add(deduplication_key(row))
        self.houses.add(frozenset(row.devices))


def deduplication_key(row: Row) -> str:
    return FILLERS.sub("", row.utterance)


def splits() -> list[Split]:
    """Seeds, unseen sentences of the same templates, and sentences of unseen templates."""
    all_units = [unit for language in LANGUAGES for unit in units(language)]
    seeds = Split(
        "seeds", TASKS / "seeds/home_command.jsonl", 240, [unit for unit in all_units if not unit.is_withheld]
    )
    fill(seeds)
    seen = {row.unit.block.id for row in seeds.rows}
    held_out = [
        _held_out("unseen-sentences", seeds, [unit for unit in seeds.units if unit.block.id in seen]),
        _held_out("unseen-templates", seeds, [unit for unit in all_units if unit.is_withheld]),
    ]
    for split in held_out:
        fill(split)
    return [seeds, *held_out]


def training(path: Path, size: int) -> Split:
    """Rows to adapt a model with. No sentence and no house of seeds and held-out rows is among them."""
    others = splits()
    usable_units = [unit for language in LANGUAGES for unit in units(language) if not unit.is_withheld]
    split = Split("training", path, size, usable_units)
    for other in others:
        split.sentences |= other.sentences
        split.houses |= other.houses
    split.shared_houses = houses_to_share(split)
    fill(split)
    return split


def houses_to_share(split: Split) -> dict[str, list[House]]:
    """Houses of each language, none of which is in `split.houses`."""
    random = Random(f"home_command houses of {split.name}")
    shared: dict[str, list[House]] = {}
    for language, share in LANGUAGES.items():
        houses = shared[language] = list[House]()
        while len(houses) < split.size * share / SENTENCES_PER_HOUSE:
            house = new_house(language, random)
            if frozenset(house) not in split.houses:
                houses.append(house)
    return shared


def _held_out(name: str, seeds: Split, usable_units: list[Unit]) -> Split:
    path = TASKS / f"held_out/home_command.{name}.jsonl"
    return Split(name, path, 600, usable_units, set(seeds.sentences), set(seeds.houses))


def fill(split: Split) -> None:
    """Fills the share of every language and answer; within it, round-robin over the units."""
    random = Random(f"home_command {split.name}")
    few_shot = [] if split.name != "seeds" else [_few_shot_row(*key, split, random) for key in FEW_SHOT]
    for language, share in LANGUAGES.items():
        for answer, part in ANSWERS.items():
            existing = sum((row.unit.block.language, row.unit.answer) == (language, answer) for row in few_shot)
            _fill_round_robin(
                split,
                _unit_groups(split, language, answer, random),
                round(split.size * share * part) - existing,
                random,
            )
    rest = split.rows[len(few_shot) :]
    random.shuffle(rest)
    split.rows = few_shot + rest


def _few_shot_row(block: str, kind: str, reason: str | None, split: Split, random: Random) -> Row:
    """A row with a small house of several device kinds in which each name states its kind."""
    unit = next(unit for unit in split.units if (unit.block.id, unit.kind, unit.reason) == (block, kind, reason))
    while True:
        devices = sample_house(unit.block.language, random.randint(4, 6), random)
        suitable = all(device.name_states_kind for device in devices) and len({device.kind for device in devices}) > 2
        row = sentences.sample_row(unit, devices, random) if suitable else None
        if split.accepts(row) and (" the " in row.utterance or unit.block.language == "zh"):
            split.add(row)
            return row


def _unit_groups(split: Split, language: str, answer: str, random: Random) -> list[list[Unit]]:
    """Groups of units for round-robin: actions by device kind, "nothing" by reason, repeated by their shares."""
    usable_units = [unit for unit in split.units if (unit.block.language, unit.answer) == (language, answer)]
    order = [key for key, share in (REASON_SHARES | KIND_SHARES).items() for _ in range(share)]
    random.shuffle(order)
    groups = ([unit for unit in usable_units if (unit.reason or unit.kind) == key] for key in order)
    return [group for group in groups if group]


def _fill_round_robin(split: Split, groups: list[list[Unit]], count: int, random: Random) -> None:
    wanted = len(split.rows) + count
    while len(split.rows) < wanted:
        before = len(split.rows)
        for group in groups:
            row = _new_row(split, group, random) if len(split.rows) < wanted else None
            if row:
                split.add(row)
        assert len(split.rows) > before, f"{split.name} has no unused sentence for {groups}"


def _new_row(split: Split, group: list[Unit], random: Random) -> Row | None:
    """A row with an unused sentence, or None if the group has none left: some have few, such as the time of day."""
    for _ in range(60):
        [unit] = random.choices(group, [max(map(wording.line_weight, unit.block.lines)) for unit in group])
        language = unit.block.language
        house = random.choice(split.shared_houses[language]) if split.shared_houses else new_house(language, random)
        row = sentences.sample_row(unit, house, random)
        if split.accepts(row):
            return row
    return None


def new_house(language: str, random: Random) -> House:
    return sample_house(language, round(random.triangular(4, 30, 10)), random)


def counts(all_splits: list[Split]) -> str:
    """Statistics of the documentation."""
    return "\n".join([*map(_split_counts, all_splits), *map(_block_counts, LANGUAGES)])


def _split_counts(split: Split) -> str:
    units, houses = [row.unit for row in split.rows], [row.devices for row in split.rows]
    duplicates = sum(len({device.name for device in devices}) < len(devices) for devices in houses)
    return f"""{split.name}: {len(units)} rows of {len({unit.block.id for unit in units})} templates
    answers {dict(sorted(Counter((unit.block.language, unit.answer) for unit in units).items()))}
    kinds {dict(Counter(unit.kind for unit in units if unit.answer != "nothing").most_common())}
    reasons {dict(Counter(unit.reason for unit in units if unit.reason).most_common())}
    devices {min(map(len, houses))} to {max(map(len, houses))}, mean {sum(map(len, houses)) / len(houses):.1f}
    houses in which two devices share a name {duplicates}"""


def _block_counts(language: str) -> str:
    used = {unit.block.id for unit in units(language)}
    unused = Counter(block.intent for block in blocks(language) if block.id not in used)
    return f"{language}: {len(used)} of {len(blocks(language))} blocks used; unused {dict(unused.most_common())}"


def main(arguments: list[str]) -> int:
    if mismatched := {name: version(name) for name, pinned in VERSIONS.items() if version(name) != pinned}:
        print(f"home_command.py: needs {VERSIONS}, installed: {mismatched}", file=sys.stderr)
        return 2
    if arguments[:1] == ["--training"] and len(arguments) in (2, 3):
        path, *size = arguments[1:]
        Path(path).write_text(training(Path(path), int(*size) if size else TRAINING_ROWS).text(), "utf-8")
        return 0
    all_splits = splits()
    files = {split.path: split.text().encode() for split in all_splits}
    return run_recipe(arguments, __doc__ or "", files, lambda: counts(all_splits))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
