"""Sizes of the unified model, each with a name.

Width and depth follow 4M's smallest models (d 384, 6 + 6 layers, apple/ml-4m fourm/models/fm.py); the stem is a ResNet
without its last stage as in OFA (arXiv 2202.03052, section 3.1), with GroupNorm instead of BatchNorm.
"""

from dataclasses import dataclass
from typing import Any

STRIDE = 16  # pixels per image token, per axis
CODE_STRIDE = 8  # pixels per code of the image tokenizer, per axis
IMAGE_TOKENIZER_VERSION = "plait-codes-2"  # a model that generates codes of another version would generate noise
DEFAULT_EXTENSIONS = {"experts": 0, "experts_used": 1, "adapters": 0}


@dataclass(frozen=True)
class ModelSize:
    """Shape of a model.

    `side` is the side of the square input image in pixels, `canvas` that of a generated image. `stem` are the channels
    at strides 2, 4, 8 and 16, `blocks` the residual blocks at strides 4, 8 and 16. `experts` replace every second feed-
    forward; each row goes through `experts_used` of them. `adapters` is the rank of adapters, 0 for none.
    """

    name: str
    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    side: int
    stem: tuple[int, int, int, int]
    blocks: tuple[int, int, int]
    canvas: int = 128
    experts: int = 0
    experts_used: int = 1
    adapters: int = 0

    @property
    def grid(self) -> int:
        """Image tokens per row and per column."""
        return self.side // STRIDE

    @property
    def cells(self) -> int:
        return self.grid**2

    @property
    def code_grid(self) -> int:
        """Codes per row and per column of a generated image."""
        return self.canvas // CODE_STRIDE

    @property
    def extensions(self) -> dict[str, int]:
        """Experts and adapters, by their keys; without those that the model does not have."""
        return {name: getattr(self, name) for name, none in DEFAULT_EXTENSIONS.items() if getattr(self, name) != none}

    @property
    def overrides(self) -> dict[str, Any]:
        """`name` as `size`, and the values that differ from that named size, by the keys of a recipe's [model]."""
        dial = SIZES[self.name]
        return {"size": self.name} | {key: each for key, each in vars(self).items() if each != getattr(dial, key)}

    @property
    def to_dict(self) -> dict[str, object]:
        """Values by key.

        Experts and adapters are omitted if there are none, so that the result is that of older checkpoints.
        """
        return {
            name: value
            for name, value in vars(self).items()
            if name not in DEFAULT_EXTENSIONS or name in self.extensions
        }


SIZES = {
    size.name: size
    for size in (
        ModelSize("tiny", 64, 2, 2, 2, 96, (8, 16, 32, 64), (1, 1, 1), 64),  # for tests: seconds, not hours
        ModelSize("nano", 192, 6, 3, 3, 96, (24, 48, 96, 192), (1, 1, 1), 64),
        ModelSize("base", 384, 6, 6, 6, 256, (32, 64, 128, 256), (2, 2, 2)),
        ModelSize("large", 768, 12, 8, 8, 256, (64, 128, 256, 512), (3, 4, 6)),
    )
}
