"""The decoder: generates tokens one by one, or all codes of a picture in parallel, with cross-attention to the encoded
picture and instruction.
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
    KeysAndValues,
    SequencePacking,
    attention_log_probs,
    norm,
    sinusoidal_positions,
)


@dataclass(frozen=True)
class DecoderMemory:
    """Input of the cross-attention: keys and values of each decoder layer, and the mask of valid positions."""

    layers: tuple[tuple[Float[Tensor, "n k h e"], Float[Tensor, "n k h e"]], ...]
    mask: Bool[Tensor, "n 1 k"]

    def select_rows(self, rows: Int[Tensor, " m"]) -> "DecoderMemory":
        """The memory of the given rows of the batch; finished rows are dropped."""
        return DecoderMemory(tuple((keys[rows], values[rows]) for keys, values in self.layers), self.mask[rows])


class KVCache:
    """Keys and values of the tokens generated so far. The buffers are allocated once and left uninitialised, so memory
    pages cost only when they are written. `position_embeddings` has one row per position.
    """

    def __init__(
        self, num_layers: int, batch_size: int, max_length: int, num_heads: int, head_dim: int, like: Tensor
    ) -> None:
        """`like` gives the device and the dtype."""
        self.keys = like.new_empty(num_layers, batch_size, max_length, num_heads, head_dim)
        self.values = torch.empty_like(self.keys)
        self.position_embeddings = sinusoidal_positions(
            torch.arange(max_length, dtype=torch.float32), num_heads * head_dim
        ).to(like)
        self.length = 0

    def update(self, layer_index: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Appends the keys and values of one step to a layer; returns all keys and values of that layer."""
        end = self.length + keys.shape[1]
        self.keys[layer_index, :, self.length : end] = keys
        self.values[layer_index, :, self.length : end] = values
        return self.keys[layer_index, :, :end], self.values[layer_index, :, :end]

    def keep_rows(self, rows: Int[Tensor, " m"]) -> None:
        """Keeps only the given rows. Copies the positions already written, not the rest of the buffers."""
        for tensor in (self.keys, self.values):
            tensor[:, : len(rows), : self.length] = tensor[:, rows, : self.length]
        self.keys, self.values = self.keys[:, : len(rows)], self.values[:, : len(rows)]


class DecoderLayer(nn.Module):
    def __init__(self, size: ModelSize, layer_index: int) -> None:
        super().__init__()
        self.own, self.cross = Attention(size.width, size.heads), Attention(size.width, size.heads)
        self.feed = feed_forward(size, layer_index)
        self.adapters = Adapters(size.width, size.adapters, "written", "painted")

    def forward(
        self,
        x: Float[Tensor, "... d"],
        memory: KeysAndValues,
        mask: Bool[Tensor, "n 1 k"],
        causal_mask: Bool[Tensor, "l l"] | None = None,
        *,
        packing: SequencePacking | None = None,
    ) -> tuple[Float[Tensor, "... d"], Float[Tensor, "n q h e"]]:
        """Runs the layer on image codes, which all attend to each other, or with `packing` on texts, with causal
        attention. Returns the new x and the queries of the cross-attention.
        """
        x = x + self.own(norm(x), mask=causal_mask, packing=packing)[0]
        return self.cross_and_feed_forward(x, memory, mask, packing, "painted" if packing is None else "written")

    def decode_step(
        self, x: Float[Tensor, "n 1 d"], memory: KeysAndValues, mask: Tensor, cache: KVCache, layer_index: int
    ) -> Float[Tensor, "n 1 d"]:
        """Runs the layer on one new position of each text."""
        normed = norm(x)
        keys_and_values = cache.update(layer_index, *self.own.keys_and_values(normed))
        x = x + self.own(normed, keys_and_values)[0]
        return self.cross_and_feed_forward(x, memory, mask, None, "written")[0]

    def cross_and_feed_forward(
        self,
        x: Float[Tensor, "... d"],
        memory: KeysAndValues,
        mask: Tensor,
        packing: SequencePacking | None,
        token_type: TokenType,
    ) -> tuple[Float[Tensor, "... d"], Float[Tensor, "n q h e"]]:
        attended, queries, _ = self.cross(norm(x), memory, mask, packing=packing)
        x = x + attended
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, token_type), queries


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
        """Computes the decoder memory. Keys and values of a picture are computed once, not once per instruction."""
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
        """Runs all layers on packed texts (teacher forcing). With `attention_maps` also returns the cross-attention
        log-probabilities of the first head of each layer except the lowest, as in `EncodedText`.
        """
        length = packing.mask.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        maps: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.typed_layers, memory.layers, strict=True)):
            x, queries = layer(x, (keys, values), memory.mask, causal, packing=packing)
            if attention_maps and depth:
                maps.append(packing.pack(attention_log_probs(queries[:, :, 0], keys[:, :, 0], memory.mask)))
        return x, tuple(maps)

    def decode_step(self, x: Float[Tensor, "n 1 d"], memory: DecoderMemory, cache: KVCache) -> Float[Tensor, "n 1 d"]:
        """Runs all layers on one new position and advances the cache."""
        for depth, layer in enumerate(self.typed_layers):
            x = layer.decode_step(x, memory.layers[depth], memory.mask, cache, depth)
        cache.length += 1
        return x

    def decode_masked(
        self, x: Float[Tensor, "n k d"], memory: DecoderMemory
    ) -> tuple[Float[Tensor, "n k d"], Float[Tensor, "n k d"]]:
        """Runs all layers on the unordered codes of a picture. Returns the states after and before the last layer."""
        before = x
        for layer, keys_and_values in zip(self.typed_layers, memory.layers, strict=True):
            before, (x, _) = x, layer(x, keys_and_values, memory.mask)
        return x, before
