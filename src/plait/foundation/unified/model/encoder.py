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

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.unified.model.adapters import Adapters
from plait.foundation.unified.model.experts import feed_forward
from plait.foundation.unified.model.layers import Attention, SequencePacking, attention, attention_log_probs, norm

ImageIndex: TypeAlias = (
    Int[Tensor, " n"] | slice
)  # the picture of each text; slice(None) where each has its own, in order
KeysAndValues = tuple[Float[Tensor, "p cells h e"], Float[Tensor, "p cells h e"]]


@dataclass(frozen=True)
class EncodedImages:
    """What the encoder knows of pictures: keys and values of each layer, and what it says of each cell at last."""

    layers: tuple[KeysAndValues, ...]
    hidden_states: Float[Tensor, "p cells d"]


@dataclass(frozen=True)
class EncodedText:
    """What the encoder says of each of the m words. `attention_maps` are, where asked for, the log-probabilities with
    which the first head of each layer but the lowest looks at cells, then words.
    """

    hidden_states: Float[Tensor, "m d"]
    attention_maps: tuple[Float[Tensor, "m cells+t"], ...] = ()


class EncoderLayer(nn.Module):
    def __init__(self, size: ModelSize, layer_index: int) -> None:
        super().__init__()
        self.attention, self.feed = Attention(size.width, size.heads), feed_forward(size, layer_index)
        self.adapters = Adapters(size.width, size.adapters, "cells", "words")

    def forward(self, x: Float[Tensor, "p cells d"]) -> tuple[Float[Tensor, "p cells d"], KeysAndValues]:
        """Pictures, whose cells see each other. Of fixed shape, so that it can be compiled."""
        normed = norm(x)
        keys, values = self.attention.keys_and_values(normed)
        x = x + self.attention.out(attention(self.attention.queries(normed), keys, values))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "cells"), (keys, values)

    def encode_text(
        self,
        x: Float[Tensor, "m d"],
        packing: SequencePacking,
        image_keys_and_values: tuple[Float[Tensor, "n cells h e"], Float[Tensor, "n cells h e"]],
        mask: Bool[Tensor, "n 1 cells+t"],
    ) -> tuple[Float[Tensor, "m d"], Tensor, Tensor]:
        """The words after this layer, and the first head's queries and keys."""
        normed = norm(x)
        text_keys_and_values = map(packing.pad, self.attention.keys_and_values(normed))
        keys, values = (torch.cat(pair, 1) for pair in zip(image_keys_and_values, text_keys_and_values, strict=True))
        queries = packing.pad(self.attention.queries(normed))
        x = x + self.attention.out(packing.pack(attention(queries, keys, values, mask)))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "words"), queries[:, :, 0], keys[:, :, 0]


class Encoder(nn.Module):
    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(size, depth) for depth in range(size.encoder_layers))

    @property
    def typed_layers(self) -> Sequence[EncoderLayer]:
        return cast("Sequence[EncoderLayer]", self.layers)

    def encode_image(self, x: Float[Tensor, "p cells d"]) -> EncodedImages:
        layers: list[KeysAndValues] = []
        for layer in self.typed_layers:
            x, keys_and_values = layer(x)
            layers.append(keys_and_values)
        return EncodedImages(tuple(layers), x)

    def encode_text(
        self,
        x: Float[Tensor, "m d"],
        packing: SequencePacking,
        images: EncodedImages,
        image_index: ImageIndex,
        mask: Bool[Tensor, "n 1 cells+t"],
        *,
        attention_maps: bool = False,
    ) -> EncodedText:
        """`image_index` is the picture that each text is about."""
        maps: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.typed_layers, images.layers, strict=True)):
            x, first_queries, first_keys = layer.encode_text(x, packing, (keys[image_index], values[image_index]), mask)
            if attention_maps and depth:
                maps.append(packing.pack(attention_log_probs(first_queries, first_keys, mask)))
        return EncodedText(x, tuple(maps))
