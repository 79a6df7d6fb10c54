"""The model card: licence, training data, training cost and scores of a model.

Idea: model cards (Mitchell et al. 2019, arXiv 1810.03993). The card is a JSON file beside the weights. What is known
at training time is also in the header of the weights file, so a file that is moved without its card keeps it.
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
    """Data that the model learned from.

    `styles` are the pictogram styles of the atlas that training used, with their licences. `held_out` lists what
    training never used, `own` the user's own files, `begun_from` the model whose weights training started from.
    """

    atlas: str
    styles: Mapping[str, str]
    held_out: tuple[str, ...]
    own: tuple[str, ...] = ()
    begun_from: str = ""


@dataclass(frozen=True)
class TrainingRunCard:
    """Training run. `cpu_hours` are wall time times processes; `energy` is how the watt hours were measured."""

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
    """One metric of the shipped weights, with the baselines that need no model: their means by name."""

    task: str
    split: str
    measure: str
    interval: Interval
    baselines: Mapping[str, float]


@dataclass(frozen=True)
class ModelCard:
    """Model card.

    `tasks` are those the model was trained on, each with its fingerprint. `sha256` is that of the weights file, ""
    while there is none.
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
    """Parses a card. Raises CheckpointError if the JSON is not a card."""
    try:
        return cast(ModelCard, CARD_ADAPTER.validate_json(json_text))
    except ValidationError as error:
        details = error.errors()[0]
        at = ".".join(map(str, details["loc"]))
        raise CheckpointError(f"the card of {file} cannot be read: {at}: {details['msg']}") from None


def card_path(weights: Path) -> Path:
    """Path of the card of a weights file."""
    return weights.with_suffix(".json")
