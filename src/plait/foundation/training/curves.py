"""The learning curves of a run, as a picture made from its losses.jsonl."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from plait.core.errors import TrainingError
from plait.foundation.training.plot import Panel, Point, drawn
from plait.foundation.training.run_log import LOSSES

CURVES = "curves.png"
Line = Mapping[str, float | str | None]


def draw_curves(folder: Path) -> Path:
    """Draws curves.png beside losses.jsonl. Raises TrainingError where nothing was logged yet."""
    lines = list(logged(folder / LOSSES))
    if not lines:
        raise TrainingError(
            f"{folder / LOSSES} has no step in it", way_out="train first: plait train recipes/nano.toml"
        )
    drawn(list(panels(lines))).save(folder / CURVES)
    return folder / CURVES


def logged(file: Path) -> Iterator[Line]:
    """The whole lines of a log; one that is being written is left out."""
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.endswith("\n"))


def panels(lines: Sequence[Line]) -> Iterator[Panel]:
    steps, marks = int(number(lines[-1], "step")), phases(lines)
    for title, prefix in (("loss by name", "losses/"), ("loss by task", "tasks/")):
        curves = curves_of(lines, prefix)
        if curves:
            yield Panel(title, curves, steps, marks)
    experts = curves_of(lines, "experts/")
    if experts:
        yield Panel("do all experts have something to do? (busiest and idlest)", experts, steps, marks, ("even", 1.0))
    signs = curves_of(lines, "signs/")
    spread = {name: curve for name, curve in signs.items() if name == "noun_spread"}
    binding = {name: curve for name, curve in signs.items() if name != "noun_spread"}
    if binding:
        yield Panel("does a word choose its thing?", binding, steps, marks, ("chance", 0.5), (0.3, 1.0))
    if spread:
        yield Panel("do nouns vary between pictures? (spread of logits)", spread, steps, marks)


def curves_of(lines: Sequence[Line], prefix: str) -> dict[str, list[Point]]:
    """The values whose names begin with the prefix, by the rest of the name. What was no number is left out."""
    found: dict[str, list[Point]] = {}
    for line in lines:
        for name, value in line.items():
            if name.startswith(prefix) and isinstance(value, int | float):
                found.setdefault(name.removeprefix(prefix), []).append((number(line, "step"), value))
    return found


def phases(lines: Sequence[Line]) -> dict[str, int]:
    """The first logged step of each phase."""
    found: dict[str, int] = {}
    for line in lines:
        found.setdefault(str(line["phase"]), int(number(line, "step")))
    return found


def number(line: Line, name: str) -> float:
    value = line[name]
    assert isinstance(value, int | float)
    return value
