"""What `plait train` is told: a recipe in TOML, read once into frozen values.

Defaults stand in the classes, the file over them. What is not known is answered with the nearest known key, and every
error names the file and the line.
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
    """One dial, `size`; what stands beside it overrides that of the size. `weights` are those to begin from, of a model
    of that shape: the name it ships under, a file or the folder of a run, from the working folder; none where empty.

    `experts` feed-forwards stand in the place of one in every second layer, and each cell or word goes through
    `experts_used` of them, one by default. `adapters` is the rank of those that each modality has in each layer.
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
    """Data of the user's own for one task: a JSONL, CSV or Parquet file, a COCO JSON, WebDataset shards or a folder of
    Hugging Face's `datasets`. `path` is meant from the recipe's
    folder, `weight` against `worlds` and the other sources; `images` is where the pictures lie, the file's own folder
    by default.
    """

    path: str
    task: str
    weight: Annotated[float, Gt(0)] = 1.0
    images: str | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class DataConfig:
    """`mixture` is the share of each task in what the worlds give; shares need not sum to one. `atlas = "wide"` draws
    all 622 nouns, not the 159 that small models learn.
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
    """`pictures` of a step, over all processes, and `items` asked about each; 0 learns from pictures alone. `paintings`
    are pictures that the model paints itself, by the shares that the mixture gives to draw and restore_image. `mixture`
    replaces that of the data, `lr_factor` and `stem_factor` multiply those of the optimiser. `losses` are the ones
    that are on; all where it is empty. Where the run has a time limit, a phase ends at `time_share` of it at the
    latest, counted from the start of the session, even if it has steps left.
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
        """Of one step."""
        return self.pictures * max(1, self.items) + self.paintings


@dataclass(frozen=True)
class Schedule(LearningRateSchedule):
    """The phases of a training, one after the other; learning rates go by the steps of all of them."""

    phase: tuple[Phase, ...] = ()
    __pydantic_config__ = STRICT


# Of the run, these alone change what comes out; a resumed run may log or keep otherwise.
FINGERPRINT_RUN_KEYS = ("seed", "processes", "train")


@dataclass(frozen=True)
class Recipe:
    """`losses` is the weight of each loss by its name, which the loop knows: see `RecipeFile.check_names`."""

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
        """The phase of a step, counted from 0; past the end the last one."""
        for phase in self.schedule.phase:
            if step < phase.steps:
                return phase
            step -= phase.steps
        return self.schedule.phase[-1]

    @property
    def fingerprint_values(self) -> dict[str, JsonValue]:
        """All that decides what comes out, flat: `optimizer.muon_lr` → 0.02. A checkpoint has to agree with it. What is
        empty is as if it were not there, so that a key that is new spoils no older checkpoint.
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
