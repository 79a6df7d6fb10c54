"""What a run adapts, and how: read by the process that trains, written by those that start it, which have no torch."""

from dataclasses import asdict, dataclass, field, replace
from math import sqrt
from pathlib import Path
from typing import Annotated, ClassVar, Literal, cast

from pydantic import Discriminator, Tag, TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import SettingsError
from plait.core.values.durable_files import create
from plait.foundation.cards.adapter import MAX_RANK
from plait.foundation.cards.gguf.adapter import adapted_layers, read_adapter_header
from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.training.config import RunConfig

ADAPTER_FILE = "adapter.gguf"
PARITY_FILE = "parity.json"
SHARDED_METHODS = ("sft", "dpo")  # those whose loss is a mean over rows, so that processes can share the rows
PROJECTIONS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class LoraConfig:
    """Rank and strength of adapters, and where they are: the projections of the `upper_layers` uppermost layers.

    The change is scaled by alpha / rank, with `rank_stabilized` by alpha / sqrt(rank) (rsLoRA, Kalajdzievski 2023,
    arXiv 2312.03732). `upper_layers` None is all of them.
    """

    rank: int = 8
    alpha: float = 16.0
    rank_stabilized: bool = False
    upper_layers: int | None = None
    projections: tuple[str, ...] = PROJECTIONS

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= MAX_RANK:
            raise SettingsError(f"an adapter of rank {self.rank}: 1 to {MAX_RANK} are possible", hint="rank = 8")
        if self.upper_layers is not None and self.upper_layers < 1:
            raise SettingsError(f"adapters in {self.upper_layers} layers would learn nothing", hint="upper_layers = 8")
        unknown = [name for name in self.projections if name not in PROJECTIONS]
        if unknown or not self.projections:
            raise SettingsError(
                f"an adapter changes {', '.join(map(repr, unknown)) or 'nothing'}",
                hint=f"choose from {', '.join(PROJECTIONS)}",
            )

    @property
    def scale(self) -> float:
        return self.alpha / (sqrt(self.rank) if self.rank_stabilized else self.rank)

    @property
    def served_alpha(self) -> float:
        """The alpha of a server that always divides by the rank, such as llama.cpp."""
        return self.scale * self.rank

    def first_layer(self, num_layers: int) -> int:
        """Number of the lowest layer with adapters."""
        return 0 if self.upper_layers is None else max(0, num_layers - self.upper_layers)


def chosen_lora(rank: int | None, upper_layers: int | None = None) -> LoraConfig | None:
    """What was chosen of rank and layers, with the usual values for the rest; None if nothing was."""
    if rank is None and upper_layers is None:
        return None
    rank = rank or LoraConfig.rank
    return LoraConfig(rank, 2.0 * rank, upper_layers=upper_layers)


def lora_config(header: GgufHeader, num_layers: int) -> LoraConfig:
    """What the adapters of a file were made with, for a base of so many layers. Raises CheckpointError."""
    adapter, (projections, lowest) = read_adapter_header(header), adapted_layers(header)
    return LoraConfig(adapter.rank, adapter.alpha, False, num_layers - lowest if lowest else None, projections)


@dataclass(frozen=True)
class AdaptConfig:
    """How adapters learn: `batch_tokens` tokens a step, each row once an epoch, AdamW with a peak `learning_rate`.

    None is not chosen: `lora` is then that of the adapter that is trained on, or of rank 8 in all layers, and
    `learning_rate` the usual one of the method. `epochs` 0 is as many as the rows need (batch_plan.usual_epochs).

    `share_prefixes`: a beginning that rows of a batch share is computed once; the loss stays the same.
    """

    usual_learning_rate: ClassVar[float] = 1e-3

    lora: LoraConfig | None = None
    learning_rate: float | None = None
    epochs: int = 0
    batch_tokens: int = 1_600
    seed: int = 0
    share_prefixes: bool = True

    @property
    def effective_lora(self) -> LoraConfig:
        return self.lora or LoraConfig()

    @property
    def effective_learning_rate(self) -> float:
        return self.learning_rate or self.usual_learning_rate

    @property
    def steps_per_batch(self) -> int:
        """How many steps in a row learn the same batch."""
        return 1


@dataclass(frozen=True)
class SftConfig(AdaptConfig):
    """Supervised fine-tuning on right answers."""

    method: Literal["sft"] = field(default="sft", repr=False)  # the class says it; runs are named by the repr


@dataclass(frozen=True)
class PreferenceConfig(AdaptConfig):
    """`beta` is the strength of the pull to the model without adapters."""

    usual_learning_rate: ClassVar[float] = 2e-4

    beta: float = 0.1

    def __post_init__(self) -> None:
        if not self.beta > 0:
            raise SettingsError(f"beta {self.beta:g} learns nothing: it has to be above 0", hint="beta = 0.1")


@dataclass(frozen=True)
class DpoConfig(PreferenceConfig):
    """Direct preference optimisation, of pairs of answers.

    `answer_weight` is that of the loss of the chosen answer itself: without it both answers may become unlikely, as
    long as the chosen one does so less.
    """

    answer_weight: float = 1.0
    method: Literal["dpo"] = field(default="dpo", repr=False)


@dataclass(frozen=True)
class KtoConfig(PreferenceConfig):
    """Kahneman-Tversky optimisation, of answers that are marked right or wrong."""

    method: Literal["kto"] = field(default="kto", repr=False)


@dataclass(frozen=True)
class RewardConfig(AdaptConfig):
    """A reward model, of pairs of answers."""

    usual_learning_rate: ClassVar[float] = 2e-4

    method: Literal["reward"] = field(default="reward", repr=False)


@dataclass(frozen=True)
class GrpoConfig(AdaptConfig):
    """Group relative policy optimisation, of `group` sampled answers to each prompt and their rewards.

    The answers of a round are learned in `updates` steps. Beyond 1 ± `clip` a ratio of probabilities gains nothing
    more; `beta` is the strength of the pull to the model without adapters. `reward` is the name of the reward, and
    `reward_sha256` the digest of what determines it.
    """

    usual_learning_rate: ClassVar[float] = 2e-4

    group: int = 8
    updates: int = 2
    clip: float = 0.2
    beta: float = 0.04
    reward: str = "score"
    reward_sha256: str = ""
    method: Literal["grpo"] = field(default="grpo", repr=False)

    def __post_init__(self) -> None:
        if self.group < 2:
            raise SettingsError(f"a group of {self.group} has no other answer to compare with", hint="--group 8")
        if self.updates < 1 or not 0 < self.clip < 1 or not self.beta >= 0:
            raise SettingsError(
                f"updates {self.updates}, clip {self.clip:g} and beta {self.beta:g}: at least 1, between 0 and 1, and "
                "at least 0 are possible",
                hint="updates = 2, clip = 0.2, beta = 0.04",
            )

    @property
    def steps_per_batch(self) -> int:
        return self.updates


METHODS: dict[str, type[SftConfig | DpoConfig | KtoConfig | GrpoConfig | RewardConfig]] = {
    "sft": SftConfig,
    "dpo": DpoConfig,
    "kto": KtoConfig,
    "grpo": GrpoConfig,
    "reward": RewardConfig,
}


def method_of(config: object) -> object:
    """The method of a configuration or its JSON; a request of an earlier version names none."""
    return (
        cast("dict[str, object]", config).get("method", "sft") if isinstance(config, dict) else vars(config)["method"]
    )


MethodConfig = Annotated[
    Annotated[SftConfig, Tag("sft")]
    | Annotated[DpoConfig, Tag("dpo")]
    | Annotated[KtoConfig, Tag("kto")]
    | Annotated[RewardConfig, Tag("reward")]
    | Annotated[GrpoConfig, Tag("grpo")],
    Discriminator(method_of),
]


def method_config(
    method: str, lora: LoraConfig | None = None, *, epochs: int = 0, learning_rate: float | None = None
) -> MethodConfig:
    """The configuration of a method by its name. Raises SettingsError for another name."""
    if method not in METHODS:
        raise SettingsError(f"{method!r} is no method to adapt a model", hint=f"choose from {', '.join(METHODS)}")
    return METHODS[method](lora, learning_rate, epochs)


def effective_config(config: MethodConfig) -> MethodConfig:
    """The configuration with what was not chosen: runs are named by it."""
    return replace(config, lora=config.effective_lora, learning_rate=config.effective_learning_rate)


def check_processes(method: str, processes: int) -> None:
    """Raises SettingsError for a method that several processes cannot share."""
    if processes > 1 and method not in SHARDED_METHODS:
        raise SettingsError(
            f"the method {method} trains in one process, not in {processes}",
            hint=f"leave out --processes; it is possible for {', '.join(SHARDED_METHODS)}",
        )


@dataclass(frozen=True)
class AdaptRequest:
    """What to train, and where: `folder` gets checkpoints, logs and the adapter, which names its task.

    Of the answers of `parity_rows` it also gets the likely tokens (training/likely_tokens.py), to compare the server
    with. A reward model is measured on the pairs of `held_out_rows`; the one in the folder `reward_model` rewards
    samples. `quantized` keeps the frozen weights as the base file has them: the same adapter in less memory. Training
    begins with the adapter of the file `start`, which is the reference of preferences; without it with a new one.
    """

    trainer: ClassVar[str] = "plait.foundation.text.adapt_run"

    name: str
    base: Path
    base_sha256: str
    rows: Path
    folder: Path
    task: str = ""
    fingerprint: str = ""
    tensor_type: str = "F16"
    config: MethodConfig = field(default_factory=SftConfig)
    run: RunConfig = field(default_factory=RunConfig)
    parity_rows: Path | None = None
    held_out_rows: Path | None = None
    reward_model: Path | None = None
    quantized: bool = False
    start: Path | None = None
    start_sha256: str = ""

    def __post_init__(self) -> None:
        check_processes(self.config.method, self.run.processes)

    @property
    def adapter(self) -> Path:
        return self.folder / ADAPTER_FILE

    @property
    def parity_file(self) -> Path:
        return self.folder / PARITY_FILE


def read_request(file: Path) -> AdaptRequest:
    """Raises SettingsError for a file that is no request."""
    try:
        return TypeAdapter(AdaptRequest).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise SettingsError(f"{file} is no request to adapt a model", details=tuple(str(error).splitlines())) from None


def write_request(request: AdaptRequest, file: Path) -> None:
    """Writes a request, durable on return. Raises OSError."""
    create(file, to_json(asdict(request), indent=1))
