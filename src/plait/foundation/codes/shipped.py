"""The image tokenizer that comes with Plait."""

from functools import cache
from pathlib import Path

from plait.foundation.codes import VERSION
from plait.foundation.codes.tokenizer import ImageTokenizer
from plait.foundation.weights.frozen import frozen

FILE = Path(__file__).with_name("plait-codes.safetensors")


@cache
def image_tokenizer(file: Path = FILE) -> ImageTokenizer:
    """Raises CheckpointError."""
    return frozen(ImageTokenizer(), file, VERSION, "python -m recipes.image_codes FOLDER")
