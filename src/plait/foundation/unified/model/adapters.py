"""Adapters: small parallel layers beside the feed-forward of each layer, one per token type. A trained model learns a
new domain of pictures or text through them while all other weights stay frozen.

The parallel adapter of He et al. (arXiv 2110.04366), one per modality as in AliceMind's modular models. Its output
starts at zero: a new adapter does not change the model.
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.training.linear import Linear

# The encoder has "cells" (image tokens) and "words" (instruction tokens). The decoder has "written" (tokens generated
# one by one, including codes in raster order) and "painted" (image codes decoded in parallel).
TokenType = Literal["cells", "words", "written", "painted"]
# Output scale, as in He et al.: adapters that start at zero learn slowly without it. Loss of plait-nano on pictures in
# false colours: 15.4 nats; after 60 steps of adapters alone 14.0 with scale 1, 10.8 with 4 (benchmarks/growth.py).
SCALE = 4.0


class Adapter(nn.Module):
    """Parallel adapter: a linear layer from the width down to `rank`, ReLU, and a linear layer back up."""

    def __init__(self, width: int, rank: int) -> None:
        super().__init__()
        self.down, self.up = Linear(width, rank), Linear(rank, width)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        return SCALE * self.up(F.relu(self.down(x)))


class Adapters(nn.ModuleDict):
    """The adapters of one layer, one per token type; empty if the rank is 0."""

    def __init__(self, width: int, rank: int, *token_types: TokenType) -> None:
        super().__init__({name: Adapter(width, rank) for name in token_types if rank})

    def forward(
        self, feed_forward_output: Float[Tensor, "... d"], x: Float[Tensor, "... d"], token_type: TokenType
    ) -> Float[Tensor, "... d"]:
        """Adds the output of the adapter for `token_type` to the output of the feed-forward; both have the input x."""
        return feed_forward_output + self[token_type](x) if token_type in self else feed_forward_output


def is_adapter_weight(name: str) -> bool:
    """Whether the weight of this name belongs to an adapter."""
    return ".adapters." in name
