"""The encoder: image tokens attend to image tokens, words attend to both.

Since the picture does not attend to the words, it is encoded once for any number of instructions: 128 instead of 81
instructions per second on one core in training, and "encode once, ask many" at inference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.unified.model.adapters import Adapters
from plait.foundation.unified.model.experts import feed_forward
from plait.foundation.unified.model.layers import (
    Attention,
    KeysAndValues,
    SequencePacking,
    attention_log_probs,
    norm,
)

ImageIndex: TypeAlias = (
    Int[Tensor, " n"] | slice
)  # index of the picture of each text; slice(None) if text i belongs to picture i


@dataclass(frozen=True)
class EncodedImages:
    """Output of the encoder for pictures: keys and values of each layer, and the final hidden state of each cell."""

    layers: tuple[KeysAndValues, ...]
    hidden_states: Float[Tensor, "p cells d"]


@dataclass(frozen=True)
class EncodedText:
    """Output of the encoder for the m words of a batch. `attention_maps`, if requested, are the log-probabilities with
    which the first head of each layer except the lowest attends to cells, then words.
    """

    hidden_states: Float[Tensor, "m d"]
    attention_maps: tuple[Float[Tensor, "m cells+t"], ...] = ()


class EncoderLayer(nn.Module):
    def __init__(self, size: ModelSize, layer_index: int) -> None:
        super().__init__()
        self.attention, self.feed = Attention(size.width, size.heads), feed_forward(size, layer_index)
        self.adapters = Adapters(size.width, size.adapters, "cells", "words")

    def forward(
        self,
        x: Float[Tensor, "... d"],
        image_keys_and_values: KeysAndValues | None = None,
        mask: Bool[Tensor, "n 1 cells+t"] | None = None,
        *,
        packing: SequencePacking | None = None,
    ) -> tuple[Float[Tensor, "... d"], Float[Tensor, "n q h e"], KeysAndValues]:
        """Runs the layer on pictures, whose cells attend to each other, or with `packing` on texts, whose words also
        attend to the cells of their pictures. Returns the new x, queries, and keys and values.
        """
        attended, queries, keys_and_values = self.attention(
            norm(x), mask=mask, prefix=image_keys_and_values, packing=packing
        )
        x = x + attended
        normed = norm(x)
        token_type = "cells" if packing is None else "words"
        return x + self.adapters(self.feed(normed), normed, token_type), queries, keys_and_values


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
            x, _, keys_and_values = layer(x)
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
        """Encodes packed texts; `image_index` is the index of the picture of each text."""
        maps: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.typed_layers, images.layers, strict=True)):
            image_keys_and_values = keys[image_index], values[image_index]
            x, queries, (all_keys, _) = layer(x, image_keys_and_values, mask, packing=packing)
            if attention_maps and depth:
                maps.append(packing.pack(attention_log_probs(queries[:, :, 0], all_keys[:, :, 0], mask)))
        return EncodedText(x, tuple(maps))
