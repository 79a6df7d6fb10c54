"""The rows of the task `home_command`: sentences of Home Assistant's templates in houses of our own.

    python recipes/data/home_command.py            writes the seeds and both held-out splits, the same bytes every time
    python recipes/data/home_command.py --check    exits 1 if a file is not what this would write
    python recipes/data/home_command.py --counts   the tables of docs/data/home_command.md

Needs the packages hassil and home-assistant-intents in the versions of VERSIONS: other versions, other rows.
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
from home.houses import House, house
from home.mapping import KIND_SHARES, REASON_SHARES, Unit, units
from home.sentences import Row
from home.templates import blocks

VERSIONS = {"hassil": "3.12.1", "home-assistant-intents": "2026.10.27"}
TASKS = Path(__file__).parents[2] / "src/plait/tasks"
LANGUAGES = {"en": 0.6, "zh": 0.4}
ANSWERS = {"on": 0.28, "off": 0.27, "level": 0.27, "nothing": 0.18}

# The seeds double as few-shot examples, taken from the top: short houses, both languages, every answer and kind.
FIRST = [
    ("en.TurnOn.name_only.1", "light", None),
    ("zh.TurnOff.name_only.2", "cover", None),
    ("en.TurnOff.name_only.1", "media", None),
    ("zh.TurnOn.name_only.1", "climate", None),
    ("en.GetState.name_state.1", "light", "question"),
    ("zh.LightSet.name_brightness.1", "light", None),
    ("en.SetPosition.area_device_class.1", "cover", None),
    ("zh.TurnOn.name_only.1", "light", "missing"),
]
# Words that do not make a sentence another one: what differs from a seed in these alone is no unseen sentence.
FILLERS = re.compile(r"\b(please|the|my) |麻烦|的")


@dataclass
class Split:
    """A file of rows in the making: its units, and the sentences and houses that it must not use (again)."""

    name: str
    path: Path
    size: int
    units: list[Unit]
    sentences: set[str] = field(default_factory=set)
    houses: set[frozenset] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    @property
    def held_out(self) -> bool:
        return self.name != "seeds"

    def text(self) -> str:
        lines = (json.dumps(row.to_json(self.held_out), ensure_ascii=False) for row in self.rows)
        return "".join(line + "\n" for line in lines)

    def is_written(self) -> bool:
        return self.path.exists() and self.path.read_text("utf-8") == self.text()

    def accepts(self, row: Row | None) -> bool:
        return row is not None and essence(row) not in self.sentences and frozenset(row.devices) not in self.houses

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.sentences.add(essence(row))
        self.houses.add(frozenset(row.devices))


def essence(row: Row) -> str:
    return FILLERS.sub("", row.utterance)


def splits() -> list[Split]:
    """The seeds; new sentences of the seeds' own templates; templates that the seeds never use."""
    every = [unit for language in LANGUAGES for unit in units(language)]
    seeds = Split("seeds", TASKS / "seeds/home_command.jsonl", 240, [unit for unit in every if not unit.withheld])
    fill(seeds)
    seen = {row.unit.block.id for row in seeds.rows}
    held_out = [
        _held_out("unseen-sentences", seeds, [unit for unit in seeds.units if unit.block.id in seen]),
        _held_out("unseen-templates", seeds, [unit for unit in every if unit.withheld]),
    ]
    for split in held_out:
        fill(split)
    return [seeds, *held_out]


def _held_out(name: str, seeds: Split, usable: list[Unit]) -> Split:
    path = TASKS / f"held_out/home_command.{name}.jsonl"
    return Split(name, path, 600, usable, set(seeds.sentences), set(seeds.houses))


def fill(split: Split) -> None:
    """Every language and answer gets its share, and within it the units take turns."""
    random = Random(f"home_command {split.name}")
    first = [] if split.held_out else [_first(*key, split, random) for key in FIRST]
    for language, share in LANGUAGES.items():
        for answer, part in ANSWERS.items():
            done = sum(row.unit.block.language == language and row.unit.answer == answer for row in first)
            _take_turns(split, _turns(split, language, answer, random), round(split.size * share * part) - done, random)
    rest = split.rows[len(first) :]
    random.shuffle(rest)
    split.rows = first + rest


def _first(block: str, kind: str, reason: str | None, split: Split, random: Random) -> Row:
    """A row for a short house of several kinds in which every name says what it is."""
    unit = next(unit for unit in split.units if (unit.block.id, unit.kind, unit.reason) == (block, kind, reason))
    while True:
        devices = house(unit.block.language, random.randint(4, 6), random)
        plain = all(device.says_kind for device in devices) and len({device.kind for device in devices}) > 2
        row = sentences.row(unit, devices, random) if plain else None
        if split.accepts(row) and (" the " in row.utterance or unit.block.language == "zh"):
            split.add(row)
            return row


def _turns(split: Split, language: str, answer: str, random: Random) -> list[list[Unit]]:
    """Groups of units that take turns: an action's by kind of device, those of nothing by reason, each by its share."""
    usable = [unit for unit in split.units if (unit.block.language, unit.answer) == (language, answer)]
    turns = [turn for turn, share in (REASON_SHARES | KIND_SHARES).items() for _ in range(share)]
    random.shuffle(turns)
    groups = ([unit for unit in usable if (unit.reason or unit.kind) == turn] for turn in turns)
    return [group for group in groups if group]


def _take_turns(split: Split, groups: list[list[Unit]], count: int, random: Random) -> None:
    wanted = len(split.rows) + count
    while len(split.rows) < wanted:
        before = len(split.rows)
        for group in groups:
            row = _fresh_row(split, group, random) if len(split.rows) < wanted else None
            if row:
                split.add(row)
        assert len(split.rows) > before, f"{split.name} has no new sentence left for {groups}"


def _fresh_row(split: Split, group: list[Unit], random: Random) -> Row | None:
    """None where the group has nothing new to say: there are only so many ways to ask for the time."""
    for _ in range(60):
        [unit] = random.choices(group, [max(map(wording.weight, unit.block.lines)) for unit in group])
        row = sentences.row(unit, _house(unit.block.language, random), random)
        if split.accepts(row):
            return row
    return None


def _house(language: str, random: Random) -> House:
    return house(language, round(random.triangular(4, 30, 10)), random)


def counts(made: list[Split]) -> str:
    """What the documentation states, counted."""
    return "\n".join([*map(_counted, made), *map(_used, LANGUAGES)])


def _counted(split: Split) -> str:
    units, houses = [row.unit for row in split.rows], [row.devices for row in split.rows]
    twins = sum(len({device.name for device in devices}) < len(devices) for devices in houses)
    return f"""{split.name}: {len(units)} rows of {len({unit.block.id for unit in units})} templates
    answers {dict(sorted(Counter((unit.block.language, unit.answer) for unit in units).items()))}
    kinds {dict(Counter(unit.kind for unit in units if unit.answer != "nothing").most_common())}
    reasons {dict(Counter(unit.reason for unit in units if unit.reason).most_common())}
    devices {min(map(len, houses))} to {max(map(len, houses))}, mean {sum(map(len, houses)) / len(houses):.1f}
    houses in which two devices share a name {twins}"""


def _used(language: str) -> str:
    used = {unit.block.id for unit in units(language)}
    unused = Counter(block.intent for block in blocks(language) if block.id not in used)
    return f"{language}: {len(used)} of {len(blocks(language))} blocks used; unused {dict(unused.most_common())}"


def main(arguments: list[str]) -> int:
    if wrong := {name: version(name) for name, pinned in VERSIONS.items() if version(name) != pinned}:
        print(f"home_command.py: these rows come from {VERSIONS}, installed is {wrong}", file=sys.stderr)
        return 2
    made = splits()
    if arguments == ["--counts"]:
        print(counts(made))
    elif arguments == ["--check"]:
        stale = [
            split.path for split in made if not split.path.exists() or split.path.read_text("utf-8") != split.text()
        ]
        for path in stale:
            print(f"{path} is not what {__file__} writes", file=sys.stderr)
        return 1 if stale else 0
    elif arguments:
        print(__doc__, file=sys.stderr)
        return 2
    else:
        for split in made:
            split.path.parent.mkdir(parents=True, exist_ok=True)
            split.path.write_text(split.text(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
