"""A checkpoint: a folder `step-000123` with everything that training needs to resume without a difference.

model.safetensors  ema.safetensors  optimizer.safetensors   tensors by name
state.json                                                  the rest, and the SHA-256 of everything
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from pydantic import JsonValue, TypeAdapter, ValidationError
from safetensors import SafetensorError
from torch import Tensor

from plait.core.errors import CheckpointError
from plait.core.values.json_text import dumps
from plait.foundation.training.atomic_files import format_size
from plait.foundation.training.random_state import RngState

Tensors = Mapping[str, Tensor]
PARTS = ("model", "ema", "optimizer")


@dataclass(frozen=True)
class RunFingerprint:
    """Values that a run and a checkpoint must share for the run to resume from it.

    They are stored by key, so that an error can name the one that differs. `vocabulary` is the digest of the
    vocabulary.
    """

    model: Mapping[str, JsonValue]
    vocabulary: str
    recipe: Mapping[str, JsonValue]


@dataclass(frozen=True)
class TrainingState:
    """State of training after `step` steps.

    `cursor` is the position in the data. `randomness` has the states of the random generators, one per process;
    checkpoints of earlier versions have only that of the first. `seconds` of wall time and `watt_hours` cover the whole
    run, all sessions together.
    """

    step: int
    made: RunFingerprint
    cursor: tuple[JsonValue, ...]
    randomness: tuple[RngState, ...]
    seconds: float = 0.0
    watt_hours: float = 0.0
    commit: str = ""
    losses: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Checkpoint:
    state: TrainingState
    model: Tensors
    ema: Tensors
    optimizer: Tensors


@dataclass(frozen=True)
class CheckpointManifest:
    """Content of state.json. `sha256` has the digests of the three tensor files and of the state itself."""

    sha256: Mapping[str, str]
    state: TrainingState


STATE_ADAPTER = TypeAdapter(TrainingState)
MANIFEST_ADAPTER = TypeAdapter(CheckpointManifest)


def load(path: Path, fingerprint: RunFingerprint | None = None) -> Checkpoint:
    """Loads a checkpoint. Raises CheckpointError if it is damaged, or was made by a run with another `fingerprint`."""
    manifest = read_manifest(path)
    if fingerprint is not None:
        check_fingerprint(manifest.state.made, fingerprint, path)
    parts: dict[str, Tensors] = {}
    for part in PARTS:
        name = f"{part}.safetensors"
        try:
            content = (path / name).read_bytes()
            if digest(content) != manifest.sha256.get(name):
                raise damage_error(
                    path, f"{name} was changed after it was written: {format_size(len(content))} with another SHA-256"
                )
            parts[part] = safetensors.torch.load(content)
        except OSError as error:
            raise damage_error(path, f"{name}: {error.strerror}") from None
        except SafetensorError as error:
            raise damage_error(path, f"{name}: {error}") from None
    return Checkpoint(manifest.state, **parts)


def check_fingerprint(saved: RunFingerprint, current: RunFingerprint, path: Path) -> None:
    """Raises CheckpointError that names the first differences between the checkpoint and the recipe."""
    for subject, before, after in (("model", saved.model, current.model), ("recipe", saved.recipe, current.recipe)):
        differing = list(differences(before, after))
        if differing:
            raise CheckpointError(
                f"{path} was made by another {subject}: {differing[0]}",
                details=tuple(differing[1:4]),
                hint="restore the recipe, --from and --data, start again with --fresh, or train elsewhere with --out",
            )
    if saved.vocabulary != current.vocabulary:
        raise CheckpointError(
            f"{path} was made with another vocabulary: {saved.vocabulary[:12]}, "
            f"this Plait has {current.vocabulary[:12]}",
            hint="use the version of Plait that wrote it (commit in state.json), or start again with --fresh",
        )


def differences(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Iterator[str]:
    """Differences by key.

    A null value equals an absent key, so that a new key does not invalidate older checkpoints.
    """
    for key in sorted({*before, *after}):
        if before.get(key) == after.get(key):
            continue
        if key not in after:
            yield f"this checkpoint has {key} {dumps(before[key])}, the recipe has none"
        elif key not in before:
            yield f"this checkpoint has no {key}, the recipe asks for {dumps(after[key])}"
        else:
            yield f"this checkpoint has {key} {dumps(before[key])}, the recipe asks for {dumps(after[key])}"


def integrity_error(path: Path) -> CheckpointError | None:
    """The error of a damaged checkpoint; None for an intact one."""
    try:
        for name, expected in read_manifest(path).sha256.items():
            if name.endswith(".safetensors") and digest((path / name).read_bytes()) != expected:
                return damage_error(path, f"{name} was changed after it was written")
    except OSError as error:
        return damage_error(path, f"{Path(error.filename).name}: {error.strerror}")
    except CheckpointError as error:
        return error
    return None


def read_manifest(path: Path) -> CheckpointManifest:
    try:
        manifest = MANIFEST_ADAPTER.validate_json((path / "state.json").read_bytes())
    except OSError as error:
        raise damage_error(path, f"state.json: {error.strerror}") from None
    except ValidationError as error:
        raise damage_error(path, f"state.json: {error.errors()[0]['msg']}") from None
    if digest(STATE_ADAPTER.dump_json(manifest.state)) != manifest.sha256.get("state"):
        raise damage_error(path, "state.json was changed after it was written")
    return manifest


def damage_error(path: Path, damage: str) -> CheckpointError:
    return CheckpointError(
        f"the checkpoint {path} is damaged: {damage}",
        hint=f"delete {path} to resume from the previous one, or start again with --fresh",
    )


def checkpoint_files(checkpoint: Checkpoint) -> dict[str, bytes]:
    """Contents of the four files by name. Tensors may be on any device and in any memory format."""
    files = {f"{part}.safetensors": to_safetensors(getattr(checkpoint, part)) for part in PARTS}
    digests = {name: digest(content) for name, content in files.items()}
    digests["state"] = digest(STATE_ADAPTER.dump_json(checkpoint.state))
    return {**files, "state.json": MANIFEST_ADAPTER.dump_json(CheckpointManifest(digests, checkpoint.state), indent=1)}


def to_safetensors(tensors: Tensors) -> bytes:
    return safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
