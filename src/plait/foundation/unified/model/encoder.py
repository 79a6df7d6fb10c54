"""The encoder: image tokens look at image tokens, words look at both.

Since the picture does not see the words, it is encoded once for any number of instructions about it: 128 against 81
instructions a second on one core in training (research/prototype-nano.md, 3.4), and "encode once, ask many" in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from plait.foundation.cards.sizes import Size
from plait.foundation.unified.model.adapters import Adapters
from plait.foundation.unified.model.experts import feed_forward
from plait.foundation.unified.model.layers import Attention, Ragged, attended, drawn, norm

Which: TypeAlias = Int[Tensor, " n"] | slice  # the picture of each text; slice(None) where each has its own, in order
KeysAndValues = tuple[Float[Tensor, "p cells h e"], Float[Tensor, "p cells h e"]]


@dataclass(frozen=True)
class Seen:
    """What the encoder knows of pictures: keys and values of each layer, and what it says of each cell at last."""

    layers: tuple[KeysAndValues, ...]
    tokens: Float[Tensor, "p cells d"]


@dataclass(frozen=True)
class Read:
    """What the encoder says of each of the m words. `looks` are, where asked for, the log-probabilities with which the
    first head of each layer but the lowest looks at cells, then words.
    """

    tokens: Float[Tensor, "m d"]
    looks: tuple[Float[Tensor, "m cells+t"], ...] = ()


class EncoderLayer(nn.Module):
    def __init__(self, size: Size, depth: int) -> None:
        super().__init__()
        self.attention, self.feed = Attention(size.width, size.heads), feed_forward(size, depth)
        self.adapters = Adapters(size.width, size.adapters, "cells", "words")

    def forward(self, x: Float[Tensor, "p cells d"]) -> tuple[Float[Tensor, "p cells d"], KeysAndValues]:
        """Pictures, whose cells see each other. Of fixed shape, so that it can be compiled."""
        normed = norm(x)
        keys, values = self.attention.keys_and_values(normed)
        x = x + self.attention.out(drawn(self.attention.queries(normed), keys, values))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "cells"), (keys, values)

    def read(
        self,
        x: Float[Tensor, "m d"],
        words: Ragged,
        seen: tuple[Float[Tensor, "n cells h e"], Float[Tensor, "n cells h e"]],
        mask: Bool[Tensor, "n 1 cells+t"],
    ) -> tuple[Float[Tensor, "m d"], Tensor, Tensor]:
        """The words after this layer, and the first head's queries and keys."""
        normed = norm(x)
        own = map(words.padded, self.attention.keys_and_values(normed))
        keys, values = (torch.cat(both, 1) for both in zip(seen, own, strict=True))
        queries = words.padded(self.attention.queries(normed))
        x = x + self.attention.out(words.packed(drawn(queries, keys, values, mask)))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "words"), queries[:, :, 0], keys[:, :, 0]


class Encoder(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(size, depth) for depth in range(size.encoder_layers))

    @property
    def depths(self) -> Sequence[EncoderLayer]:
        return cast("Sequence[EncoderLayer]", self.layers)

    def see(self, x: Float[Tensor, "p cells d"]) -> Seen:
        kept: list[KeysAndValues] = []
        for layer in self.depths:
            x, keys_and_values = layer(x)
            kept.append(keys_and_values)
        return Seen(tuple(kept), x)

    def read(
        self,
        x: Float[Tensor, "m d"],
        words: Ragged,
        seen: Seen,
        which: Which,
        mask: Bool[Tensor, "n 1 cells+t"],
        *,
        looks: bool = False,
    ) -> Read:
        """`which` picture each text is about."""
        kept: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.depths, seen.layers, strict=True)):
            x, first_queries, first_keys = layer.read(x, words, (keys[which], values[which]), mask)
            if looks and depth:
                kept.append(words.packed(attended(first_queries, first_keys, mask)))
        return Read(x, tuple(kept))
