"""The vector of a reward model, in a file beside its adapter; read also by processes without torch."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import CheckpointError
from plait.core.values.durable_files import create

REWARD_FILE = "reward.json"


@dataclass(frozen=True)
class RewardHead:
    """The vector of a reward model of the base with that digest.

    `accuracy` is the share of `pairs` held-out pairs whose chosen answer has the higher reward; None without pairs.
    """

    base_sha256: str
    vector: tuple[float, ...]
    pairs: int = 0
    accuracy: float | None = None

    def check_base(self, folder: Path, base_sha256: str) -> None:
        """Raises CheckpointError for a reward model of another base: it reads other tokens."""
        if self.base_sha256 != base_sha256:
            raise CheckpointError(
                f"{folder} is a reward model of another base, with the sha256 {self.base_sha256[:12]}",
                hint="train one of this base: plait adapt TASK --method reward",
            )


def write_reward_head(head: RewardHead, file: Path) -> None:
    """Writes a head, durable on return. Raises OSError."""
    create(file, to_json(asdict(head)))


def read_reward_head(file: Path) -> RewardHead:
    """Raises CheckpointError for a file that is none."""
    try:
        return TypeAdapter(RewardHead).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise CheckpointError(f"{file} is no reward model", details=tuple(str(error).splitlines())) from None
