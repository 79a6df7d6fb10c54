"""Trained weights that ship with Plait, each with its card (in `weights/`)."""

from functools import cache
from pathlib import Path

WEIGHTS_SUFFIX = ".safetensors"
FOLDER = Path(__file__).with_name("weights")


@cache
def shipped_weights_files() -> tuple[Path, ...]:
    """Paths of the shipped weights; the name of a file is the name of its model."""
    return tuple(sorted(FOLDER.glob(f"*{WEIGHTS_SUFFIX}")))
