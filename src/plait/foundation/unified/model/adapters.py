"""Adapters: beside the feed-forward of each layer a narrow one for each modality, so that a trained model can be taught
a new sort of picture or of text while all else stays as it was.

The parallel adapter of He et al. (arXiv 2110.04366), one for each modality as in AliceMind's modular models. It begins
at zero, so that a model is the same with adapters as without until they are taught.
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.training.linear import Linear

# Cells of pictures and words that are read are the encoder's; what is written, pictures in raster order with it, and
# codes that are painted side by side are the decoder's.
TokenType = Literal["cells", "words", "written", "painted"]
# As in He et al.: what begins at zero has far to go. About pictures in false colours plait-nano wrote with 15.4 nats;
# after 60 steps of its adapters alone with 14.0 where this was 1, and with 10.8 so (benchmarks/growth.py).
SCALE = 4.0


class Adapter(nn.Module):
    """Width to `rank` and back."""

    def __init__(self, width: int, rank: int) -> None:
        super().__init__()
        self.down, self.up = Linear(width, rank), Linear(rank, width)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        return SCALE * self.up(F.relu(self.down(x)))


class Adapters(nn.ModuleDict):
    """One for each modality that a layer has to do with; none where the rank is 0."""

    def __init__(self, width: int, rank: int, *token_types: TokenType) -> None:
        super().__init__({name: Adapter(width, rank) for name in token_types if rank})

    def forward(
        self, feed_forward_output: Float[Tensor, "... d"], x: Float[Tensor, "... d"], token_type: TokenType
    ) -> Float[Tensor, "... d"]:
        """What the feed-forward made of x, and what the modality's adapter adds to it."""
        return feed_forward_output + self[token_type](x) if token_type in self else feed_forward_output


def is_adapter_weight(name: str) -> bool:
    """Whether a weight, by its name in the model, is an adapter's."""
    return ".adapters." in name
