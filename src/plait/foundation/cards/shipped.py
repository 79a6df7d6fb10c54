"""The trained weights that ship with Plait, each with its card (in `weights/`)."""

from functools import cache
from pathlib import Path

WEIGHTS_SUFFIX = ".safetensors"
FOLDER = Path(__file__).with_name("weights")


@cache
def shipped_weights_files() -> tuple[Path, ...]:
    """The weights that came with Plait; each file's name is its model's."""
    return tuple(sorted(FOLDER.glob(f"*{WEIGHTS_SUFFIX}")))
