"""Facts of a LoRA adapter, in either format of its file: what it belongs to, what it was trained for, its strength."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import DIGEST_LENGTH

FACTOR_SUFFIXES = (".lora_a", ".lora_b")  # of the two factors of the change of a weight, after its name
MAX_RANK = 64
SHOWN_DIGITS = 12  # of a sha256 in messages
ANY_TASK = "any_typed_task"  # in place of a fingerprint, which has hexadecimal digits alone


@dataclass(frozen=True)
class AdapterHeader:
    """Facts of an adapter. The product of the two factors of a weight is scaled by alpha / rank.

    `architecture` is that of its base model. `base_sha256` is the digest of the base model's file, `task` and
    `fingerprint` those of the task; "" in adapters that Plait did not make. An adapter that learned many tasks, to
    answer any, has ANY_TASK as its fingerprint.
    """

    architecture: str
    rank: int
    alpha: float
    base_sha256: str = ""
    task: str = ""
    fingerprint: str = ""

    @property
    def scale(self) -> float:
        return self.alpha / self.rank


@dataclass(frozen=True)
class LoraAdapter:
    """The file of an adapter; `name` is that of the adapted model. A file with another `sha256` than this is refused;
    "" accepts any.
    """

    name: str
    path: Path
    sha256: str = ""


def check_base(file: Path, adapter: AdapterHeader, base: Path, base_sha256: str) -> None:
    """Raises CheckpointError if the adapter was trained on another file than `base`, which has this digest."""
    if adapter.base_sha256 and adapter.base_sha256 != base_sha256:
        raise CheckpointError(
            f"{file} was trained on another model than {base.name}: on a file with the sha256 "
            f"{adapter.base_sha256[:SHOWN_DIGITS]}…, and this one has {base_sha256[:SHOWN_DIGITS]}…",
            hint="use it with its own model, or adapt this one",
        )


def adapted_digest(base_sha256: str, adapter_sha256: str) -> str:
    """The short digest of a base and an adapter together, which answers report with their model."""
    return hashlib.sha256(f"{base_sha256} {adapter_sha256}".encode()).hexdigest()[:DIGEST_LENGTH]
