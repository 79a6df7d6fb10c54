"""The image tokenizer that comes with Plait."""

from functools import cache
from pathlib import Path

from plait.foundation.unified.image_tokenizer import VERSION
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.weights.frozen_network import load_frozen

FILE = Path(__file__).with_name("plait-codes.safetensors")


@cache
def image_tokenizer(file: Path = FILE) -> ImageTokenizer:
    """Raises CheckpointError."""
    return load_frozen(ImageTokenizer(), file, VERSION, "python -m recipes.image_codes FOLDER")
