"""Sizes of the unified model, from one dial.

Width and depth follow 4M's smallest models (d 384, 6 + 6 layers, apple/ml-4m fourm/models/fm.py); the stem is a ResNet
without its last stage as in OFA (arXiv 2202.03052, section 3.1), with GroupNorm instead of BatchNorm.
"""

from dataclasses import dataclass
from typing import Any

STRIDE = 16  # pixels per image token, each way
CODE_STRIDE = 8  # pixels per code of the image tokenizer, each way
IMAGE_TOKENIZER_VERSION = "plait-codes-2"  # a model that paints by the codes of another version would paint nonsense
DEFAULT_EXTENSIONS = {"experts": 0, "experts_used": 1, "adapters": 0}


@dataclass(frozen=True)
class ModelSize:
    """`side` is the square picture's in pixels, `canvas` that of one that is painted; `stem` are channels at strides 2,
    4, 8 and 16, `blocks` how many residual blocks stand at strides 4, 8 and 16. `experts` stand in the place of every
    second feed-forward, of which a row goes through `experts_used`; `adapters` is their rank, 0 for none.
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
        """Codes per row and per column of what is drawn."""
        return self.canvas // CODE_STRIDE

    @property
    def extensions(self) -> dict[str, int]:
        """What a model has beyond the dial: experts and adapters, by their keys; nothing of what it has none of."""
        return {name: getattr(self, name) for name, none in DEFAULT_EXTENSIONS.items() if getattr(self, name) != none}

    @property
    def overrides(self) -> dict[str, Any]:
        """`name` as `size`, and what differs from that size of the dial, by the keys of a recipe's [model]."""
        dial = SIZES[self.name]
        return {"size": self.name} | {key: each for key, each in vars(self).items() if each != getattr(dial, key)}

    @property
    def to_dict(self) -> dict[str, object]:
        """By key and value, growth only where there is some, so that older checkpoints tell the same."""
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
