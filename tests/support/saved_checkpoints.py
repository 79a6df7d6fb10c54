"""Checkpoints to be saved, and a writer without care for comparison."""

from pathlib import Path

import safetensors.torch
import torch

from plait.foundation.training.checkpoint import Checkpoint, RunFingerprint, TrainingState
from plait.foundation.training.random_state import RngState

MADE = RunFingerprint({"width": 8}, "table", {"run.seed": 1})


def checkpoint(step: int, elements: int = 50_000) -> Checkpoint:
    """A checkpoint in which every number is its step, so that a mixture of two is detected."""
    tensors = {f"layer{number}.weight": torch.full((elements,), float(step)) for number in range(3)}
    return Checkpoint(TrainingState(step, MADE, ({"next": step},), (RngState.capture(),)), tensors, tensors, tensors)


def save_naively(folder: Path, checkpoint: Checkpoint) -> None:
    """In place, one file after the other: what a kill leaves half done."""
    place = folder / "step-000001"
    place.mkdir(exist_ok=True)
    for part in ("model", "ema", "optimizer"):
        safetensors.torch.save_file(dict(getattr(checkpoint, part)), place / f"{part}.safetensors")


def step_of(folder: Path) -> int:
    """The step that all three files of a naive checkpoint agree on. Raises where they do not."""
    steps = {
        float(tensor[place])
        for part in ("model", "ema", "optimizer")
        for tensor in safetensors.torch.load_file(folder / f"{part}.safetensors").values()
        for place in (0, -1)
    }
    (step,) = steps
    return int(step)
