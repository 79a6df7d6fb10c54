"""The learning curves of a run, as a picture made from its losses.jsonl."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from plait.foundation.training.plot import Panel, Point, draw_panels
from plait.foundation.training.run_log import LOSSES_FILE

CURVES = "curves.png"
LogEntry = Mapping[str, float | str | None]


def draw_curves(folder: Path) -> Path | None:
    """Draws curves.png beside losses.jsonl; None where no step is logged yet."""
    lines = list(log_entries(folder / LOSSES_FILE))
    if not lines:
        return None
    draw_panels(list(panels(lines))).save(folder / CURVES)
    return folder / CURVES


def log_entries(file: Path) -> Iterator[LogEntry]:
    """The whole lines of a log; one that is being written is left out."""
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.endswith("\n"))


def panels(entries: Sequence[LogEntry]) -> Iterator[Panel]:
    steps, marks = int(number(entries[-1], "step")), phase_starts(entries)
    for title, prefix in (("loss by name", "losses/"), ("loss by task", "tasks/")):
        curves = curves_by_name(entries, prefix)
        if curves:
            yield Panel(title, curves, steps, marks)
    experts = curves_by_name(entries, "experts/")
    if experts:
        yield Panel("do all experts have something to do? (busiest and idlest)", experts, steps, marks, ("even", 1.0))
    probes = curves_by_name(entries, "signs/")
    spread = {name: curve for name, curve in probes.items() if name == "noun_spread"}
    binding = {name: curve for name, curve in probes.items() if name != "noun_spread"}
    if binding:
        yield Panel("does a word choose its thing?", binding, steps, marks, ("chance", 0.5), (0.3, 1.0))
    if spread:
        yield Panel("do nouns vary between pictures? (spread of logits)", spread, steps, marks)


def curves_by_name(entries: Sequence[LogEntry], prefix: str) -> dict[str, list[Point]]:
    """The values whose names begin with the prefix, by the rest of the name. What was no number is left out."""
    curves: dict[str, list[Point]] = {}
    for entry in entries:
        for name, value in entry.items():
            if name.startswith(prefix) and isinstance(value, int | float):
                curves.setdefault(name.removeprefix(prefix), []).append((number(entry, "step"), value))
    return curves


def phase_starts(entries: Sequence[LogEntry]) -> dict[str, int]:
    """The first logged step of each phase."""
    starts: dict[str, int] = {}
    for entry in entries:
        starts.setdefault(str(entry["phase"]), int(number(entry, "step")))
    return starts


def number(entry: LogEntry, name: str) -> float:
    value = entry[name]
    assert isinstance(value, int | float)
    return value
