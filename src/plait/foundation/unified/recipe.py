"""What `plait train` is told: a recipe in TOML, read once into frozen values.

Defaults stand in the classes, the file over them. What is not known is answered with the nearest known key, and every
error names the file and the line.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import Ge, Gt, Le
from pydantic import JsonValue, TypeAdapter

from plait.foundation.cards.sizes import SIZES, Size

STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
T = TypeVar("T")
Share = Annotated[float, Ge(0)]
Part = Annotated[float, Ge(0), Le(1)]
Rate = Annotated[float, Gt(0), Le(10)]
Count = Annotated[int, Ge(1)]
Every = Annotated[int, Ge(0)]  # steps; 0 is never
Some = Annotated[int, Ge(0)]  # 0 is none


@dataclass(frozen=True)
class Model:
    """One dial, `size`; what stands beside it overrides that of the size. `weights` are those to begin from, of a model
    of that shape: the name it ships under, a file or the folder of a run, from the working folder; none where empty.

    `experts` feed-forwards stand in the place of one in every second layer, and each cell or word goes through
    `experts_used` of them, one by default. `adapters` is the rank of those that each modality has in each layer.
    """

    size: str = "nano"
    weights: str = ""
    width: Count | None = None
    heads: Count | None = None
    encoder_layers: Count | None = None
    decoder_layers: Count | None = None
    side: Count | None = None
    canvas: Count | None = None
    stem: tuple[Count, Count, Count, Count] | None = None
    blocks: tuple[Count, Count, Count] | None = None
    experts: Some | None = None
    experts_used: Count | None = None
    adapters: Some | None = None
    __pydantic_config__ = STRICT

    @property
    def shape(self) -> Size:
        told = {key: value for key, value in vars(self).items() if key not in ("size", "weights") and value is not None}
        return dataclasses.replace(SIZES[self.size], **told)


@dataclass(frozen=True)
class Source:
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
class Data:
    """`mixture` is the share of each task in what the worlds give; shares need not sum to one. `atlas = "wide"` draws
    all 622 nouns, not the 159 that small models learn.
    """

    worlds: Share = 1.0
    mixture: Mapping[str, Share] = field(default_factory=dict[str, float])
    source: tuple[Source, ...] = ()
    atlas: Literal["", "wide"] = ""
    __pydantic_config__ = STRICT

    @property
    def wide(self) -> bool:
        return self.atlas == "wide"


@dataclass(frozen=True)
class Optimizer:
    """Muon (Jordan et al. 2024) for matrices and convolutions, AdamW for the table, norms and scalars.

    `stem_factor` scales the rates of the stem, `clip` bounds the norm of the gradient, `ema` is the decay of the
    averaged weights, which are the ones evaluated and shipped.
    """

    muon_lr: Rate = 0.02
    muon_momentum: Part = 0.95
    muon_weight_decay: Part = 0.0
    newton_schulz_steps: Annotated[int, Ge(1), Le(10)] = 3
    adamw_lr: Rate = 0.002
    adamw_betas: tuple[Part, Part] = (0.9, 0.95)
    adamw_weight_decay: Part = 0.0
    stem_factor: Share = 1.0
    clip: Annotated[float, Gt(0)] = 1.0
    ema: Part = 0.999
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Phase:
    """`pictures` of a step, over all processes, and `items` asked about each; 0 learns from pictures alone. `paintings`
    are pictures that the model paints itself, by the shares that the mixture gives to draw and restore_image. `mixture`
    replaces that of the data, `lr_factor` and `stem_factor` multiply those of the optimiser. `losses` are the ones
    that are on; all where it is empty.
    """

    name: str
    steps: Count
    pictures: Count = 32
    items: Every = 4
    paintings: Every = 0
    mixture: Mapping[str, Share] = field(default_factory=dict[str, float])
    lr_factor: Share = 1.0
    stem_factor: Share = 1.0
    losses: tuple[str, ...] = ()
    __pydantic_config__ = STRICT

    @property
    def samples(self) -> int:
        """Of one step."""
        return self.pictures * max(1, self.items) + self.paintings


@dataclass(frozen=True)
class Schedule:
    """The rate rises over `warmup` steps, stays, and falls in a line over the last share `decay` of all steps down to
    the share `floor` of itself.
    """

    warmup: Every = 100
    decay: Part = 0.5
    floor: Part = 0.05
    phase: tuple[Phase, ...] = ()
    __pydantic_config__ = STRICT

    def factor(self, step: int, steps: int) -> float:
        """What the rates are multiplied by in a step, counted from 0."""
        rising = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        falling = min(1.0, (steps - step) / (self.decay * steps)) if self.decay else 1.0
        return rising * max(self.floor, falling)


@dataclass(frozen=True)
class Run:
    """`processes` share each step's pictures; `threads` are of one process, `feeders` the processes beside each that
    make its batches ahead, where all of them are of worlds. `every` counts are in steps, 0 is never; what is evaluated
    are the signs that words and pictures have met. `compile` makes what has fixed shapes (pictures,
    paintings) anew for the device, which takes a minute or two at each start. `out` is meant from the working folder.
    `train = "adapters"` holds all other weights as they are. `shard` leaves each process a part of the weights and of
    what the optimisers keep, for models that one card does not hold.
    """

    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = 0
    processes: Count = 1
    threads: Count = 1
    feeders: Some = 0
    log_every: Count = 10
    checkpoint_every: Every = 200
    evaluate_every: Every = 100
    keep: Count = 3
    compile: bool = False
    train: Literal["", "adapters"] = ""
    shard: bool = False
    out: str = ""
    __pydantic_config__ = STRICT


# Of the run, these alone change what comes out; a resumed run may log or keep otherwise.
DECIDES = ("seed", "processes", "train")


@dataclass(frozen=True)
class Recipe:
    """`losses` is the weight of each loss by its name, which the loop knows: see `check_names`."""

    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Schedule)
    losses: Mapping[str, Share] = field(default_factory=dict[str, float])
    run: Run = field(default_factory=Run)
    __pydantic_config__ = STRICT

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.schedule.phase)

    def samples_after(self, step: int) -> int:
        """Pairs of picture and item that are still to be learned from after `step` steps."""
        left = 0
        for phase in self.schedule.phase:
            left += max(0, phase.steps - step) * phase.samples
            step = max(0, step - phase.steps)
        return left

    def phase_at(self, step: int) -> Phase:
        """The phase of a step, counted from 0; past the end the last one."""
        for phase in self.schedule.phase:
            if step < phase.steps:
                return phase
            step -= phase.steps
        return self.schedule.phase[-1]

    @property
    def decisive(self) -> dict[str, JsonValue]:
        """All that decides what comes out, flat: `optimizer.muon_lr` → 0.02. A checkpoint has to agree with it. What is
        empty is as if it were not there, so that a key that is new spoils no older checkpoint.
        """
        told = TypeAdapter(Recipe).dump_python(self, mode="json")
        told["run"] = {key: told["run"][key] for key in DECIDES}
        return {key: value for key, value in flat(told) if value != ""}

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.decisive, sort_keys=True).encode()).hexdigest()


def flat(value: Any, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    nested = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if nested is None:
        yield path, value
        return
    for key, each in nested:
        yield from flat(each, f"{path}.{key}" if path else str(key))
