"""What is told of a trained model: by whom it may be used, what it learned from and at which cost, how good it is.

Idea: model cards (Mitchell et al. 2019, arXiv 1810.03993). The card lies beside the weights as JSON; what training
knew of it stands in the weights' own file too, so that a file that was moved alone still says what it can do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import CheckpointError
from plait.core.evaluation.interval import Interval


@dataclass(frozen=True)
class TrainingDataCard:
    """What was learned from. `styles` are the hands of the atlas that were shown, with their licences; `held_out` says
    what was never shown, `own` names the files of a person's own, `begun_from` the model whose weights training began
    from.
    """

    atlas: str
    styles: Mapping[str, str]
    held_out: tuple[str, ...]
    own: tuple[str, ...] = ()
    begun_from: str = ""


@dataclass(frozen=True)
class TrainingRunCard:
    """How it was trained. `cpu_hours` are wall time times processes, `energy` how the watt hours were told."""

    recipe: str
    recipe_digest: str
    commit: str
    seed: int
    steps: int
    cpu_hours: float
    watt_hours: float
    energy: str


@dataclass(frozen=True)
class ScoreCard:
    """One measure of the weights as they ship, beside what needs no model: the baselines' means by name."""

    task: str
    split: str
    measure: str
    interval: Interval
    baselines: Mapping[str, float]


@dataclass(frozen=True)
class ModelCard:
    """`tasks` are those that it was trained on, each with its fingerprint; `sha256` is of the file of weights, "" as
    long as there is none.
    """

    name: str
    licence: str
    size: str
    parameters: int
    languages: tuple[str, ...]
    tasks: Mapping[str, str]
    data: TrainingDataCard
    run: TrainingRunCard
    limits: tuple[str, ...] = ()
    scores: tuple[ScoreCard, ...] = ()
    sha256: str = field(default="")

    def to_json(self) -> str:
        return CARD_ADAPTER.dump_json(self, indent=1).decode()


CARD_ADAPTER = TypeAdapter(ModelCard)


def parse_card(json_text: str | bytes, file: Path) -> ModelCard:
    """Raises CheckpointError where the JSON is no card."""
    try:
        return cast(ModelCard, CARD_ADAPTER.validate_json(json_text))
    except ValidationError as error:
        details = error.errors()[0]
        at = ".".join(map(str, details["loc"]))
        raise CheckpointError(f"the card of {file} cannot be read: {at}: {details['msg']}") from None


def card_path(weights: Path) -> Path:
    """Where the card of a file of weights lies."""
    return weights.with_suffix(".json")
