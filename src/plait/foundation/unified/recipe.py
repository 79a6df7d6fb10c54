"""Recipe of `plait train`: a TOML file, read once into frozen values.

Defaults are in the classes; the file overrides them. An unknown key is reported with the nearest known one, and every
error names file and line.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Gt
from pydantic import JsonValue, TypeAdapter

from plait.foundation.cards.sizes import SIZES, ModelSize
from plait.foundation.training.config import (
    STRICT,
    LearningRateSchedule,
    NonNegativeFloat,
    NonNegativeInt,
    OptimizerConfig,
    PositiveInt,
    RunConfig,
    StepInterval,
    UnitInterval,
)


@dataclass(frozen=True)
class ModelConfig:
    """Shape and initial weights of the model.

    `size` is a named size; other values override those of the size. `weights` are initial weights of a model of the
    same shape: the name of a shipped model, a file, or the folder of a run, relative to the working folder; random if
    empty.

    `experts` replace one feed-forward in every second layer; each cell or word goes through `experts_used` of them, by
    default one. `adapters` is the rank of the adapters that each modality has in each layer.
    """

    size: str = "nano"
    weights: str = ""
    width: PositiveInt | None = None
    heads: PositiveInt | None = None
    encoder_layers: PositiveInt | None = None
    decoder_layers: PositiveInt | None = None
    side: PositiveInt | None = None
    canvas: PositiveInt | None = None
    stem: tuple[PositiveInt, PositiveInt, PositiveInt, PositiveInt] | None = None
    blocks: tuple[PositiveInt, PositiveInt, PositiveInt] | None = None
    experts: NonNegativeInt | None = None
    experts_used: PositiveInt | None = None
    adapters: NonNegativeInt | None = None
    __pydantic_config__ = STRICT

    @property
    def shape(self) -> ModelSize:
        overrides = {
            key: value for key, value in vars(self).items() if key not in ("size", "weights") and value is not None
        }
        return dataclasses.replace(SIZES[self.size], **overrides)


@dataclass(frozen=True)
class SourceConfig:
    """The user's own data for one task.

    It is a table, WebDataset shards, a folder of Hugging Face's `datasets`, or annotated pictures. `path` is relative
    to the recipe's folder. `weight` is relative to `worlds` and the other sources. `images` is the folder of the
    images, by default that of the file; for annotated pictures one near it that has them.
    """

    path: str
    task: str
    weight: Annotated[float, Gt(0)] = 1.0
    images: str | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class DataConfig:
    """Data of the training.

    `mixture` is the share of each task in the data of the worlds; shares need not sum to one. `atlas = "wide"` uses all
    622 nouns instead of the 159 that small models learn.
    """

    worlds: NonNegativeFloat = 1.0
    mixture: Mapping[str, NonNegativeFloat] = field(default_factory=dict[str, float])
    source: tuple[SourceConfig, ...] = ()
    atlas: Literal["", "wide"] = ""
    __pydantic_config__ = STRICT

    @property
    def wide(self) -> bool:
        return self.atlas == "wide"


@dataclass(frozen=True)
class Phase:
    """A phase.

    `pictures` are the images of a step, over all processes, and `items` the questions about each; with 0 only images
    are learned from. `paintings` are images that the model generates itself, by the shares of draw and restore_image in
    the mixture. `mixture` replaces that of the data; `lr_factor` and `stem_factor` multiply those of the optimizer.
    `losses` are the enabled ones; all if empty. If the run has a time limit, a phase ends at `time_share` of it at the
    latest, counted from the start of the session, even with steps left.
    """

    name: str
    steps: PositiveInt
    pictures: PositiveInt = 32
    items: StepInterval = 4
    paintings: StepInterval = 0
    mixture: Mapping[str, NonNegativeFloat] = field(default_factory=dict[str, float])
    lr_factor: NonNegativeFloat = 1.0
    stem_factor: NonNegativeFloat = 1.0
    losses: tuple[str, ...] = ()
    time_share: UnitInterval | None = None
    __pydantic_config__ = STRICT

    @property
    def samples(self) -> int:
        """Number of samples of one step."""
        return self.pictures * max(1, self.items) + self.paintings


@dataclass(frozen=True)
class Schedule(LearningRateSchedule):
    """Phases of a training, one after the other; the learning-rate schedule covers the steps of all of them."""

    phase: tuple[Phase, ...] = ()
    __pydantic_config__ = STRICT


# Only these keys of the run change the result; a resumed run may log or save at other intervals.
FINGERPRINT_RUN_KEYS = ("seed", "processes", "train")


@dataclass(frozen=True)
class Recipe:
    """A recipe. `losses` has the weight of each loss by name; `RecipeFile.check_names` checks the names."""

    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: Schedule = field(default_factory=Schedule)
    losses: Mapping[str, NonNegativeFloat] = field(default_factory=dict[str, float])
    run: RunConfig = field(default_factory=RunConfig)
    __pydantic_config__ = STRICT

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.schedule.phase)

    def phase_at(self, step: int) -> Phase:
        """Phase of a step, counted from 0; after the end, the last phase."""
        for phase in self.schedule.phase:
            if step < phase.steps:
                return phase
            step -= phase.steps
        return self.schedule.phase[-1]

    @property
    def fingerprint_values(self) -> dict[str, JsonValue]:
        """All values that determine the result, flat: `optimizer.muon_lr` → 0.02. A checkpoint must have the same.

        Empty values are omitted, so that a new key does not invalidate older checkpoints.
        """
        values = TypeAdapter(Recipe).dump_python(self, mode="json")
        values["run"] = {key: values["run"][key] for key in FINGERPRINT_RUN_KEYS}
        return {key: value for key, value in flatten(values) if value != ""}

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.fingerprint_values, sort_keys=True).encode()).hexdigest()


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    nested = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if nested is None:
        yield path, value
        return
    for key, each in nested:
        yield from flatten(each, f"{path}.{key}" if path else str(key))
