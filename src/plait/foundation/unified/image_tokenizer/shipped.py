"""The image tokenizer that comes with Plait."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION
from plait.foundation.training.frozen_network import load_frozen
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer

FILE = Path(__file__).with_name("plait-codes.safetensors")


@cache
def image_tokenizer(file: Path = FILE) -> ImageTokenizer:
    """The shipped image tokenizer, loaded once. Raises CheckpointError."""
    return load_frozen(ImageTokenizer(), file, IMAGE_TOKENIZER_VERSION, "python -m recipes.image_codes FOLDER")


@torch.no_grad()
def encode_picture(square: NDArray[np.uint8]) -> Int[Tensor, " c"]:
    """The codes of a picture, (side, side, 3), row by row."""
    return image_tokenizer().encode(torch.from_numpy(square)[None])[0].flatten()
