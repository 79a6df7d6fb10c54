"""The unified model: pictures and words in, words, boxes and truth values out, all through one table of tokens.

Design after OFA (arXiv 2202.03052): one encoder-decoder, one vocabulary, each task an instruction in words. What
differs and why stands in docs/decisions/0003.
"""

import math

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

from plait.foundation.model.decoder import Cache, Decoder, Memory
from plait.foundation.model.encoder import Encoder, Read, Seen
from plait.foundation.model.layers import Ragged, norm, waves
from plait.foundation.model.products import product
from plait.foundation.model.sizes import Size
from plait.foundation.model.stem import Stem
from plait.foundation.vocabulary import Vocabulary

GRID_UNIT = 6.0  # positions on the grid run from 0 to this, however many cells it has


class Unified(nn.Module):
    def __init__(self, size: Size, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.size = size
        self.spoken = vocabulary.spoken
        self.table = nn.Embedding(vocabulary.size, size.width)
        self.stem = Stem(size)
        self.encoder = Encoder(size.width, size.heads, size.encoder_layers)
        self.decoder = Decoder(size.width, size.heads, size.decoder_layers)
        self.start = nn.Parameter(torch.zeros(size.width))
        nn.init.normal_(self.table.weight, std=size.width**-0.5)
        nn.init.normal_(self.start)
        with torch.no_grad():  # neighbouring locations begin alike: an example for one teaches those beside it
            self.table.weight[vocabulary.bins.start : vocabulary.bins.stop] = smooth(len(vocabulary.bins), size.width)

    # What is read

    def see(self, pictures: UInt8[Tensor, "p side side 3"]) -> Seen:
        return self.look(self.stem(pictures))

    def look(self, tokens: Float[Tensor, "p cells d"]) -> Seen:
        return self.encoder.see(norm(tokens) + self.places(tokens.device))

    def places(self, device: torch.device) -> Float[Tensor, "cells d"]:
        """Where each cell lies: half of the features tell its row, half its column."""
        grid, width = self.size.grid, self.size.width
        line = waves(torch.arange(grid) * (GRID_UNIT / grid), width // 2)
        rows, columns = line[:, None].expand(-1, grid, -1), line[None].expand(grid, -1, -1)
        return torch.cat((rows, columns), -1).flatten(0, 1).to(device)

    def embedded(self, ids: Int[Tensor, "n t"], first: int = 0) -> Float[Tensor, "n t d"]:
        positions = torch.arange(first, first + ids.shape[1], dtype=torch.float32)
        return norm(self.table(ids)) + waves(positions, self.size.width).to(ids.device)

    def read(
        self,
        seen: Seen,
        which: Int[Tensor, " n"] | None,
        ids: Int[Tensor, "n t"],
        words: Bool[Tensor, "n t"],
        *,
        looks: bool = False,
    ) -> tuple[Read, Memory]:
        """Instructions about pictures. `which` picture, -1 for none; None where each has its own, in order, which then
        is not copied. `words` is True where an id is no padding.
        """
        pictured = words.new_ones(len(ids), 1) if which is None else (which >= 0)[:, None]
        mask = torch.cat((pictured.expand(-1, self.size.cells), words), 1)[:, None]
        chosen, ragged = slice(None) if which is None else which.clamp(min=0), Ragged(words)
        read = self.encoder.read(ragged.packed(self.embedded(ids)), ragged, seen, chosen, mask, looks=looks)
        return read, self.decoder.memory(seen.tokens, ragged, read.tokens, chosen, mask)

    # What is written

    def write(
        self, memory: Memory, ids: Int[Tensor, "n l"], written: Bool[Tensor, "n l"], *, looks: bool = False
    ) -> tuple[Float[Tensor, "m d"], tuple[Float[Tensor, "m k"], ...]]:
        """Features that foretell each of the m ids that are `written` from those before it (teacher forcing)."""
        starts = self.start.expand(len(ids), 1, -1)
        x = torch.cat((starts, self.embedded(ids[:, :-1], 1)), 1)
        ragged = Ragged(written)
        return self.decoder.write(ragged.packed(x), ragged, memory, looks=looks)

    def step(self, memory: Memory, cache: Cache, ids: Int[Tensor, " n"] | None) -> Float[Tensor, "n spoken"]:
        """Logits of the next id; `ids` are the ones chosen last, None at the beginning."""
        if ids is None:
            x = self.start.expand(len(memory.mask), 1, -1)
        else:
            x = norm(self.table(ids[:, None])) + cache.places[cache.length]
        return self.logits(self.decoder.step(x, memory, cache)[:, 0])

    def logits(self, features: Float[Tensor, "... d"]) -> Float[Tensor, "... spoken"]:
        """Over all ids but the image codes, which stand last and are written by other means."""
        return product(norm(features), self.table.weight[: self.spoken])

    def cache(self, rows: int, length: int) -> Cache:
        size = self.size
        return Cache(size.decoder_layers, rows, length, size.heads, size.width // size.heads, self.start)


def smooth(count: int, width: int) -> Float[Tensor, "count width"]:
    """Rows that differ by how far they lie apart: waves of all lengths, from twice the range down to some steps of it.

    Coarse ones are learned from at once, fine ones tell neighbours apart.
    """
    phases = torch.rand(width) * 2 * torch.pi
    frequencies = torch.exp(torch.empty(width).uniform_(math.log(3.0), math.log(count / 4)))
    return (torch.linspace(0, 1, count)[:, None] * frequencies + phases).sin() * (2 / width) ** 0.5
