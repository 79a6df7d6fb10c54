"""Learning curves of a run: plots its losses.jsonl as PNG.

matplotlib is imported only when a figure is drawn, and used through its objects alone: pyplot would keep every figure
and choose a backend for the whole process.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from plait.core.errors import MissingDependency
from plait.foundation.training.run_log import LOSSES_FILE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVES = "curves.png"
PANEL_SIZE = (11.0, 3.8)  # inches
DPI = 100
# Okabe and Ito 2008: distinguishable also with colour vision deficiency.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7a00", "#000000", "#7f3f98")
SMOOTHING_SHARE = 0.015  # of all steps on the horizontal axis

LogEntry = Mapping[str, float | str | None]
Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One plot. `curves` by name, each (step, value) in the order of steps.

    `marks` are named steps; `reference_line` is a value to compare with. `y_bounds` of the vertical axis are computed
    from the values if they are None.
    """

    title: str
    curves: Mapping[str, Sequence[Point]]
    steps: int
    marks: Mapping[str, int]
    reference_line: tuple[str, float] | None = None
    y_bounds: tuple[float, float] | None = None

    @property
    def y_limits(self) -> tuple[float, float]:
        """From 0 to a value above nearly all values: a single spike must not flatten the rest."""
        values = sorted(value for curve in self.curves.values() for _, value in curve)
        return self.y_bounds or (0.0, 1.1 * values[int(0.98 * (len(values) - 1))] or 1.0)


def draw_curves(folder: Path) -> Path | None:
    """Draws curves.png beside losses.jsonl; None if no step is logged yet. Raises MissingDependency."""
    entries = list(log_entries(folder / LOSSES_FILE))
    if not entries:
        return None
    save_panels(list(panels(entries)), folder / CURVES)
    return folder / CURVES


def curve_lines(folder: Path) -> list[str]:
    """Draws the curves at the end of a training; returns lines to print: the path, or how to install matplotlib.

    The weights are saved by then, so a missing figure does not fail the training.
    """
    try:
        curves = draw_curves(folder)
    except MissingDependency as error:
        return [f"{CURVES} is not written: {error.message}", f"  → {error.hint}"]
    return [str(curves)] if curves else []


def save_panels(panels: Sequence[Panel], file: Path) -> None:
    """Saves the panels as PNG, one below the other. Raises MissingDependency."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        hint = "pip install -e '.[train]'"
        raise MissingDependency("learning curves need the package matplotlib", hint=hint) from None
    width, height = PANEL_SIZE
    figure = Figure((width, height * max(1, len(panels))), DPI, layout="constrained")
    for row, panel in enumerate(panels, 1):
        draw_panel(figure.add_subplot(len(panels), 1, row), panel)
    figure.savefig(file, backend="agg")


def draw_panel(axes: "Axes", panel: Panel) -> None:
    """Draws each curve, faint as measured and strong smoothed; the legend shows the last smoothed value."""
    axes.set_title(panel.title, loc="left", pad=18)
    axes.set_xlabel("steps", loc="right")
    axes.set_xlim(0, max(1, panel.steps))
    axes.set_ylim(*panel.y_limits)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y", alpha=0.4)
    axes.spines[["top", "right"]].set_visible(False)
    draw_marks(axes, panel)
    for colour, (name, curve) in zip(cycle(COLOURS), panel.curves.items(), strict=False):
        smoothed = smooth(curve, panel.steps)
        axes.plot(*zip(*curve, strict=True), color=colour, alpha=0.25, linewidth=1)
        axes.plot(*zip(*smoothed, strict=True), color=colour, label=f"{name} {smoothed[-1][1]:.3g}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, labelcolor="linecolor")


def draw_marks(axes: "Axes", panel: Panel) -> None:
    """Draws named steps as vertical lines and the reference line dashed."""
    label = {"textcoords": "offset points", "xytext": (3, 3), "color": "grey", "fontsize": "small"}
    for name, step in panel.marks.items():
        axes.axvline(step, color="silver", linewidth=1)
        axes.annotate(name, (step, 1), xycoords=axes.get_xaxis_transform(), **label)
    if panel.reference_line is not None:
        name, value = panel.reference_line
        axes.axhline(value, color="grey", linewidth=1, linestyle="dashed")
        axes.annotate(name, (0, value), xycoords=axes.get_yaxis_transform(), **label)


def smooth(curve: Sequence[Point], steps: int) -> list[Point]:
    """Running mean over the past. Its window is a share of all steps, independent of how many were measured."""
    memory = max(1.0, SMOOTHING_SHARE * steps)
    smoothed: list[Point] = []
    mean, weight, last_step = 0.0, 0.0, -math.inf
    for step, value in curve:
        weight = 1 + math.exp(-(step - last_step) / memory) * weight
        mean += (value - mean) / weight
        last_step = step
        smoothed.append((step, mean))
    return smoothed


def log_entries(file: Path) -> Iterator[LogEntry]:
    """Complete lines of a log; a line that is still being written is skipped."""
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
    """Curves whose names begin with the prefix, by the rest of the name. Values that are not numbers are skipped."""
    curves: dict[str, list[Point]] = {}
    for entry in entries:
        for name, value in entry.items():
            if name.startswith(prefix) and isinstance(value, int | float):
                curves.setdefault(name.removeprefix(prefix), []).append((number(entry, "step"), value))
    return curves


def phase_starts(entries: Sequence[LogEntry]) -> dict[str, int]:
    """First logged step of each phase."""
    starts: dict[str, int] = {}
    for entry in entries:
        starts.setdefault(str(entry["phase"]), int(number(entry, "step")))
    return starts


def number(entry: LogEntry, name: str) -> float:
    value = entry[name]
    assert isinstance(value, int | float)
    return value
