"""The decoder: writes one token after another, or paints all codes of a picture side by side, looking at the cells and
words of its instruction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from plait.foundation.cards.sizes import Size
from plait.foundation.unified.model.adapters import Adapters, Modality
from plait.foundation.unified.model.encoder import Which
from plait.foundation.unified.model.experts import feed_forward
from plait.foundation.unified.model.layers import Attention, Ragged, attended, drawn, norm, waves


@dataclass(frozen=True)
class Memory:
    """What all layers of the decoder look at: keys and values of each, and which of them count."""

    layers: tuple[tuple[Float[Tensor, "n k h e"], Float[Tensor, "n k h e"]], ...]
    mask: Bool[Tensor, "n 1 k"]

    def of(self, rows: Int[Tensor, " m"]) -> "Memory":
        """The memory of some rows; the others are written to their end."""
        return Memory(tuple((keys[rows], values[rows]) for keys, values in self.layers), self.mask[rows])


class Cache:
    """Keys and values of what was written so far, in space that is taken once and not filled, so that it costs only
    what is written to. `places` tell where each id stands.
    """

    def __init__(self, layers: int, rows: int, length: int, heads: int, features: int, like: Tensor) -> None:
        """On the device of `like`, and of its type."""
        self.keys = like.new_empty(layers, rows, length, heads, features)
        self.values = torch.empty_like(self.keys)
        self.places = waves(torch.arange(length, dtype=torch.float32), heads * features).to(like)
        self.length = 0

    def extended(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, one step's new ones at the end."""
        end = self.length + keys.shape[1]
        self.keys[layer, :, self.length : end] = keys
        self.values[layer, :, self.length : end] = values
        return self.keys[layer, :, :end], self.values[layer, :, :end]

    def keep(self, rows: Int[Tensor, " m"]) -> None:
        """Forgets all but these rows. Only what was written is moved, not the space for what is to come."""
        for kept in (self.keys, self.values):
            kept[:, : len(rows), : self.length] = kept[:, rows, : self.length]
        self.keys, self.values = self.keys[:, : len(rows)], self.values[:, : len(rows)]


class DecoderLayer(nn.Module):
    def __init__(self, size: Size, depth: int) -> None:
        super().__init__()
        self.own, self.cross = Attention(size.width, size.heads), Attention(size.width, size.heads)
        self.feed = feed_forward(size, depth)
        self.adapters = Adapters(size.width, size.adapters, "written", "painted")

    def write(
        self,
        x: Float[Tensor, "m d"],
        written: Ragged,
        memory: tuple[Tensor, Tensor],
        mask: Bool[Tensor, "n 1 k"],
        causal: Bool[Tensor, "l l"],
    ) -> tuple[Float[Tensor, "m d"], Tensor]:
        """All positions at once, and the first head's queries to the memory."""
        normed = norm(x)
        keys, values = map(written.padded, self.own.keys_and_values(normed))
        x = x + self.own.out(written.packed(drawn(written.padded(self.own.queries(normed)), keys, values, causal)))
        queries = written.padded(self.cross.queries(norm(x)))
        x = x + self.cross.out(written.packed(drawn(queries, *memory, mask)))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, "written"), queries[:, :, 0]

    def step(
        self, x: Float[Tensor, "n 1 d"], memory: tuple[Tensor, Tensor], mask: Tensor, cache: Cache, layer: int
    ) -> Float[Tensor, "n 1 d"]:
        normed = norm(x)
        written = cache.extended(layer, *self.own.keys_and_values(normed))
        return self.behind(x, normed, written, memory, mask, "written")

    def forward(
        self, x: Float[Tensor, "n k d"], memory: tuple[Tensor, Tensor], mask: Bool[Tensor, "n 1 m"]
    ) -> Float[Tensor, "n k d"]:
        """Codes of pictures, each of which sees all others. But for the words of fixed shape, so it can be compiled."""
        normed = norm(x)
        return self.behind(x, normed, self.own.keys_and_values(normed), memory, mask, "painted")

    def behind(
        self,
        x: Float[Tensor, "n q d"],
        normed: Float[Tensor, "n q d"],
        own: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        mask: Tensor,
        modality: Modality,
    ) -> Float[Tensor, "n q d"]:
        """What becomes of rows that may look at all of their `own` keys and values."""
        x = x + self.own.out(drawn(self.own.queries(normed), *own))
        x = x + self.cross.out(drawn(self.cross.queries(norm(x)), *memory, mask))
        normed = norm(x)
        return x + self.adapters(self.feed(normed), normed, modality)


class Decoder(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(size, depth) for depth in range(size.decoder_layers))

    @property
    def depths(self) -> Sequence[DecoderLayer]:
        return cast("Sequence[DecoderLayer]", self.layers)

    def memory(
        self,
        cells: Float[Tensor, "p cells d"],
        words: Ragged,
        tokens: Float[Tensor, "m d"],
        which: Which,
        mask: Bool[Tensor, "n 1 cells+t"],
    ) -> Memory:
        """Keys and values of pictures are computed once per picture, not once per instruction."""
        cells, tokens = norm(cells), norm(tokens)
        kept: list[tuple[Tensor, Tensor]] = []
        for layer in self.depths:
            keys, values = layer.cross.keys_and_values(cells)
            own_keys, own_values = map(words.padded, layer.cross.keys_and_values(tokens))
            kept.append((torch.cat((keys[which], own_keys), 1), torch.cat((values[which], own_values), 1)))
        return Memory(tuple(kept), mask)

    def write(
        self, x: Float[Tensor, "m d"], written: Ragged, memory: Memory, *, looks: bool = False
    ) -> tuple[Float[Tensor, "m d"], tuple[Float[Tensor, "m k"], ...]]:
        """`looks`: also where the first head of each layer but the lowest looks, as in `Read`."""
        length = written.mask.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        kept: list[Tensor] = []
        for depth, (layer, (keys, values)) in enumerate(zip(self.depths, memory.layers, strict=True)):
            x, first_queries = layer.write(x, written, (keys, values), memory.mask, causal)
            if looks and depth:
                kept.append(written.packed(attended(first_queries, keys[:, :, 0], memory.mask)))
        return x, tuple(kept)

    def step(self, x: Float[Tensor, "n 1 d"], memory: Memory, cache: Cache) -> Float[Tensor, "n 1 d"]:
        """One more position, with the cache moved on."""
        for depth, layer in enumerate(self.depths):
            x = layer.step(x, memory.layers[depth], memory.mask, cache, depth)
        cache.length += 1
        return x

    def paint(self, x: Float[Tensor, "n k d"], memory: Memory) -> tuple[Float[Tensor, "n k d"], Float[Tensor, "n k d"]]:
        """The codes of a picture, which have no order; and as they were before the last layer."""
        before = x
        for layer, seen in zip(self.depths, memory.layers, strict=True):
            before, x = x, layer(x, seen, memory.mask)
        return x, before
