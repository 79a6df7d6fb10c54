"""The decoder: writes one token after another, or paints all codes of a picture side by side, looking at the cells and
words of its instruction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.unified.model.adapters import Adapters, TokenType
from plait.foundation.unified.model.encoder import ImageIndex
from plait.foundation.unified.model.experts import feed_forward
from plait.foundation.unified.model.layers import (
    Attention,
    SequencePacking,
    attention,
    attention_log_probs,
    norm,
    sinusoidal_positions,
)


@dataclass(frozen=True)
class DecoderMemory:
    """What all layers of the decoder look at: keys and values of each, and which of them count."""

    layers: tuple[tuple[Float[Tensor, "n k h e"], Float[Tensor, "n k h e"]], ...]
    mask: Bool[Tensor, "n 1 k"]

    def select_rows(self, rows: Int[Tensor, " m"]) -> "DecoderMemory":
        """The memory of some rows; the others are written to their end."""
        return DecoderMemory(tuple((keys[rows], values[rows]) for keys, values in self.layers), self.mask[rows])


class KVCache:
    """Keys and values of what was written so far, in space that is taken once and not filled, so that it costs only
    what is written to. `position_embeddings` are those of each position.
    """

    def __init__(
        self, num_layers: int, batch_size: int, max_length: int, num_heads: int, head_dim: int, like: Tensor
    ) -> None:
        """On the device of `like`, and of its type."""
        self.keys = like.new_empty(num_layers, batch_size, max_length, num_heads, head_dim)
        self.values = torch.empty_like(self.keys)
        self.position_embeddings = sinusoidal_positions(
            torch.arange(max_length, dtype=torch.float32), num_heads * head_dim
        ).to(like)
        self.length = 0

    def update(self, layer_index: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, one step's new ones at the end."""
        end = self.length + keys.shape[1]
        self.keys[layer_index, :, self.length : end] = keys
        self.values[layer_index, :, self.length : end] = values
        return self.keys[layer_index, :, :end], self.values[layer_index, :, :end]

    def keep_rows(self, rows: Int[Tensor, " m"]) -> None:
        """Forgets all but these rows. Only what was written is moved, not the space for what is to come."""
        for tensor in (self.keys, self.values):
            tensor[:, : len(rows), : self.length] = tensor[:, rows, : self.length]
        self.keys, self.values = self.keys[:, : len(rows)], self.values[:, : len(rows)]


class DecoderLayer(nn.Module):
    def __init__(self, size: ModelSize, layer_index: int) -> None:
        super().__init__()
        self.own, self.cross = Attention(size.width, size.heads), Attention(size.width, size.heads)
        self.feed = feed_forward(size, layer_index)
        self.adapters = Adapters(size.width, size.adapters, "written", "painted")

    def decode(
        self,
        x: Float[Tensor, "m d"],
        packing: SequencePacking,
        memory: tuple[Tensor, Tensor],
        mask: Bool[Tensor, "n 1 k"],
        causal_mask: Bool[Tensor, "l l"],
    ) -> tuple[Float[Tensor, "m d"], Tensor]:
        """All positions at once, and the first head's queries to the memory."""
        normed = norm(x)
        keys, values = map(packing.pad, self.own.keys_and_values(normed))
        x = x + self.own.out(packing.pack(attention(packing.pad(self.own.queries(normed)), keys, values, causal_mask)))
        queries = packing.pad(self.cross.queries(norm(x)))
        x = x + self.cross.out(packing.pack(attention(queries, *memory, mask)))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "written"), queries[:, :, 0]

    def decode_step(
        self, x: Float[Tensor, "n 1 d"], memory: tuple[Tensor, Tensor], mask: Tensor, cache: KVCache, layer_index: int
    ) -> Float[Tensor, "n 1 d"]:
        normed = norm(x)
        keys_and_values = cache.update(layer_index, *self.own.keys_and_values(normed))
        return self.attention_and_feed_forward(x, normed, keys_and_values, memory, mask, "written")

    def forward(
        self, x: Float[Tensor, "n k d"], memory: tuple[Tensor, Tensor], mask: Bool[Tensor, "n 1 m"]
    ) -> Float[Tensor, "n k d"]:
        """Codes of pictures, each of which sees all others. But for the words of fixed shape, so it can be compiled."""
        normed = norm(x)
        return self.attention_and_feed_forward(x, normed, self.own.keys_and_values(normed), memory, mask, "painted")

    def attention_and_feed_forward(
        self,
        x: Float[Tensor, "n q d"],
        normed: Float[Tensor, "n q d"],
        self_keys_and_values: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        mask: Tensor,
        token_type: TokenType,
    ) -> Float[Tensor, "n q d"]:
        """What becomes of rows that may look at all of their `own` keys and values."""
        x = x + self.own.out(attention(self.own.queries(normed), *self_keys_and_values))
        x = x + self.cross.out(attention(self.cross.queries(norm(x)), *memory, mask))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, token_type)


class Decoder(nn.Module):
    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(size, depth) for depth in range(size.decoder_layers))

    @property
    def typed_layers(self) -> Sequence[DecoderLayer]:
        return cast("Sequence[DecoderLayer]", self.layers)

    def memory(
        self,
        image_states: Float[Tensor, "p cells d"],
        packing: SequencePacking,
        text_states: Float[Tensor, "m d"],
        image_index: ImageIndex,
        mask: Bool[Tensor, "n 1 cells+t"],
    ) -> DecoderMemory:
        """Keys and values of pictures are computed once per picture, not once per instruction."""
        image_states, text_states = norm(image_states), norm(text_states)
        layers: list[tuple[Tensor, Tensor]] = []
        for layer in self.typed_layers:
            keys, values = layer.cross.keys_and_values(image_states)
            own_keys, own_values = map(packing.pad, layer.cross.keys_and_values(text_states))
            layers.append(
                (torch.cat((keys[image_index], own_keys), 1), torch.cat((values[image_index], own_values), 1))
            )
        return DecoderMemory(tuple(layers), mask)

    def decode(
        self, x: Float[Tensor, "m d"], packing: SequencePacking, memory: DecoderMemory, *, attention_maps: bool = False
    ) -> tuple[Float[Tensor, "m d"], tuple[Float[Tensor, "m k"], ...]]:
        """With `attention_maps` also those of the first head of each layer but the lowest, as in `EncodedText`."""
        length = packing.mask.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        maps: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.typed_layers, memory.layers, strict=True)):
            x, first_queries = layer.decode(x, packing, (keys, values), memory.mask, causal)
            if attention_maps and depth:
                maps.append(packing.pack(attention_log_probs(first_queries, keys[:, :, 0], memory.mask)))
        return x, tuple(maps)

    def decode_step(self, x: Float[Tensor, "n 1 d"], memory: DecoderMemory, cache: KVCache) -> Float[Tensor, "n 1 d"]:
        """One more position, with the cache moved on."""
        for depth, layer in enumerate(self.typed_layers):
            x = layer.decode_step(x, memory.layers[depth], memory.mask, cache, depth)
        cache.length += 1
        return x

    def decode_masked(
        self, x: Float[Tensor, "n k d"], memory: DecoderMemory
    ) -> tuple[Float[Tensor, "n k d"], Float[Tensor, "n k d"]]:
        """The codes of a picture, which have no order; and as they were before the last layer."""
        before = x
        for layer, keys_and_values in zip(self.typed_layers, memory.layers, strict=True):
            before, x = x, layer(x, keys_and_values, memory.mask)
        return x, before
