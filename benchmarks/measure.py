"""Measurement helpers: interleaved timings in one run, medians, and the machine's load beside the figures."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def interleaved_timings(repeats: int, **measurements: Callable[[], float]) -> dict[str, list[float]]:
    """Runs every measurement once per round, in turn, after a warm-up round. Returns the timings by name."""
    for measure in measurements.values():
        measure()
    timings: dict[str, list[float]] = {name: [] for name in measurements}
    for _ in range(repeats):
        for name, measure in measurements.items():
            timings[name].append(measure())
    return timings


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ratio(timings: dict[str, list[float]], numerator: str, denominator: str) -> dict[str, float]:
    """Median and quartiles of the ratios per round: noise that affects both sides of a round cancels."""
    ratios = [one / other for one, other in zip(timings[numerator], timings[denominator], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    return {"median": round(middle, 3), "quartile_low": round(low, 3), "quartile_high": round(high, 3)}


def conditions() -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 2),
    }


def report(name: str, figures: dict[str, Any]) -> None:
    """Prints the figures and writes them beside the scripts."""
    figures_and_conditions = {"figures": figures, "conditions": conditions()}
    text = json.dumps(figures_and_conditions, indent=2, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
