"""A route: the models that are asked for one task, one after the other, until one is sure enough of its answer.

Its name stands wherever a model is named. It is kept with what it was measured with, so that a change of that is seen.
Every call imports this file, so it knows nothing of the database.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from plait.core.errors import InputError
from plait.core.evaluation.interval import Interval
from plait.core.values.quoting import quote

ROUTE_NAME = re.compile(r"\w[\w.-]{0,99}")


@dataclass(frozen=True)
class RouteStep:
    """A model of a route. Its answer is given from a confidence of `threshold` on; the last one has none, and answers
    whatever is left.

    `answered_by` is the version that was measured, `calibration` the digest of its calibration, "" without one.
    """

    model: str
    threshold: float | None
    answered_by: str
    calibration: str = ""

    def __str__(self) -> str:
        return self.model if self.threshold is None else f"{self.model} ≥ {self.threshold:.4g}"


@dataclass(frozen=True)
class RouteFigures:
    """What a route is worth, on rows that did not choose its thresholds: the share of answers with every value right,
    the mean cost of an answer, and the share of the rows that each of its models answers.
    """

    right: Interval
    seconds: float
    money: float
    shares: tuple[float, ...]


@dataclass(frozen=True)
class RouteContent:
    """What is kept of a route. `address` is that of its task, as on the command line; `command` measures it anew."""

    steps: tuple[RouteStep, ...]
    figures: RouteFigures
    address: str
    command: str

    def __str__(self) -> str:
        return steps_text(self.steps)


@dataclass(frozen=True)
class ModelRoute:
    """A route of a project, for one form of a task."""

    project: str
    name: str
    task: str
    fingerprint: str
    content: RouteContent


CONTENT: TypeAdapter[RouteContent] = TypeAdapter(RouteContent)


def steps_text(steps: Sequence[RouteStep]) -> str:
    """`smollm2 ≥ 0.72, else gpu-box`."""
    return ", else ".join(map(str, steps))


def check_route_name(name: str) -> None:
    """Raises InputError for a name that a route cannot have. Versions and aliases of adapters have a slash or an @."""
    if not ROUTE_NAME.fullmatch(name):
        raise InputError(
            f"{quote(name)} cannot be the name of a route",
            hint="letters, digits, _ . and - are possible, at most 100 characters: --as mail-route",
        )
