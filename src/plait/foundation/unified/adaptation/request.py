"""What a run adapts a unified model to, and how: read by the process that trains, written by one without torch."""

from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import SettingsError
from plait.core.values.durable_files import create
from plait.foundation.cards.adapter import MAX_RANK
from plait.foundation.training.config import RunConfig

ADAPTER_FILE = "adapter.safetensors"
PARITY_FILE = "parity.json"
MIN_STEPS = 300  # of a run without a given number of epochs


@dataclass(frozen=True)
class PictureAdaptConfig:
    """How adapters of a unified model learn: `batch_rows` rows a step, AdamW with a peak `learning_rate`.

    The change is scaled by alpha / rank. `epochs` 0 is one, and more if these are fewer than MIN_STEPS steps.
    """

    rank: int = 8
    alpha: float = 16.0
    learning_rate: float = 5e-3
    epochs: int = 0
    batch_rows: int = 16
    seed: int = 0
    method: Literal["sft"] = field(default="sft", repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= MAX_RANK:
            raise SettingsError(f"an adapter of rank {self.rank}: 1 to {MAX_RANK} are possible", hint="rank = 8")

    @property
    def scale(self) -> float:
        return self.alpha / self.rank

    def steps(self, num_rows: int) -> int:
        """The number of steps to read so many rows."""
        steps = ceil(num_rows * max(self.epochs, 1) / self.batch_rows)
        return steps if self.epochs else max(steps, MIN_STEPS)


@dataclass(frozen=True)
class PictureAdaptRequest:
    """What to train, and where: `folder` gets checkpoints, logs and the adapter, which names its task.

    `trained_task` is the built-in task that `task` equals. Of the answers of `parity_rows` the likely tokens are
    written as well (training/likely_tokens.py), to compare the server with.
    """

    trainer: ClassVar[str] = "plait.foundation.unified.adaptation.adapt_run"

    name: str
    base: Path
    base_sha256: str
    rows: Path
    folder: Path
    task: str
    fingerprint: str
    trained_task: str
    config: PictureAdaptConfig
    run: RunConfig
    parity_rows: Path

    @property
    def adapter(self) -> Path:
        return self.folder / ADAPTER_FILE

    @property
    def parity_file(self) -> Path:
        return self.folder / PARITY_FILE


def read_picture_request(file: Path) -> PictureAdaptRequest:
    """Raises SettingsError for a file that is no request."""
    try:
        return TypeAdapter(PictureAdaptRequest).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise SettingsError(
            f"{file} is no request to adapt a unified model", details=tuple(str(error).splitlines())
        ) from None


def write_picture_request(request: PictureAdaptRequest, file: Path) -> None:
    """Writes a request, durable on return. Raises OSError."""
    create(file, to_json(asdict(request), indent=1))
