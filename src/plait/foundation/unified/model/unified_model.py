"""The unified model: pictures and words in; words, boxes, truth values and pictures out; one table of tokens for all.

Design after OFA (arXiv 2202.03052): one encoder-decoder, one vocabulary, each task an instruction in words. What
differs and why stands in docs/decisions/0003.
"""

import math

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

from plait.foundation.cards.sizes import Size
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.linear import Table
from plait.foundation.unified.image_tokenizer import fsq
from plait.foundation.unified.model.decoder import Cache, Decoder, Memory
from plait.foundation.unified.model.encoder import Encoder, Read, Seen
from plait.foundation.unified.model.layers import Ragged, norm, waves
from plait.foundation.unified.model.stem import Stem

CODE_WAVES = 2.0  # radians from the middle of a code's number to its end, the deviation of it
# Between neighbouring codes: with 6 / 16 as of cells, neighbours looked alike, and a code was foretold no better from
# all others than from a few (5.7 nats where four fifths were known, 5.8 where one fifth was).
CODE_STEP = 1.5
GRID_UNIT = 6.0  # positions on the grid run from 0 to this, however many cells it has


class Unified(nn.Module):
    def __init__(self, size: Size, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.size = size
        self.spoken = vocabulary.spoken
        self.codes = slice(vocabulary.codes.start, vocabulary.codes.stop)
        self.table = Table(vocabulary.size, size.width)
        self.stem = Stem(size)
        self.encoder, self.decoder = Encoder(size), Decoder(size)
        self.start = nn.Parameter(torch.zeros(size.width))
        self.hidden = nn.Parameter(torch.zeros(size.width))  # stands where a code is not known yet
        nn.init.normal_(self.table.weight, std=size.width**-0.5)
        nn.init.normal_(self.start)
        nn.init.normal_(self.hidden)
        bins, codes = len(vocabulary.bins), len(vocabulary.codes)
        with torch.no_grad():  # neighbours begin alike: an example for one teaches those beside it
            self.table.weight[vocabulary.bins.start : vocabulary.bins.stop] = smooth(
                torch.linspace(0, 1, bins)[:, None], along_bins(bins, size.width)
            )
            self.table.weight[self.codes] = smooth(
                fsq.numbers(torch.arange(codes)), torch.randn(len(fsq.LEVELS), size.width) * CODE_WAVES
            )

    # What is read

    def see(self, pictures: UInt8[Tensor, "p side side 3"]) -> Seen:
        return self.look(self.stem(pictures))

    def look(self, tokens: Float[Tensor, "p cells d"]) -> Seen:
        grid = self.size.grid
        return self.encoder.see(norm(tokens) + self.places(grid, GRID_UNIT / grid, tokens.device))

    def places(self, grid: int, step: float, device: torch.device) -> Float[Tensor, "cells d"]:
        """Where each cell of a grid lies, `step` apart: half of the features tell its row, half its column."""
        width = self.size.width
        line = waves(torch.arange(grid) * step, width // 2)
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
        return self.logits(self.features(memory, cache, ids))

    def features(self, memory: Memory, cache: Cache, ids: Int[Tensor, " n"] | None) -> Float[Tensor, "n d"]:
        """What foretells the next id."""
        if ids is None:
            x = self.start.expand(len(memory.mask), 1, -1)
        else:
            x = norm(self.table(ids[:, None])) + cache.places[cache.length]
        return self.decoder.step(x, memory, cache)[:, 0]

    def logits(self, features: Float[Tensor, "... d"]) -> Float[Tensor, "... spoken"]:
        """Over all ids but the image codes, which stand last and are never weighed against words."""
        return self.table.weighed(norm(features), slice(self.spoken))

    # What is painted

    def paint(self, memory: Memory, codes: Int[Tensor, "n c"]) -> tuple[Float[Tensor, "n c d"], Float[Tensor, "n c d"]]:
        """Features that foretell the codes of a square picture from those that are known, -1 where one is not; and
        those before the last layer, by which it is to be settled what each code will show.
        """
        known = norm(self.table(codes.clamp(min=0) + self.codes.start))
        x = torch.where((codes >= 0)[..., None], known, norm(self.hidden))
        return self.decoder.paint(x + self.places(math.isqrt(codes.shape[1]), CODE_STEP, codes.device), memory)

    def code_logits(self, features: Float[Tensor, "... d"]) -> Float[Tensor, "... codes"]:
        return self.table.weighed(norm(features), self.codes)

    def cache(self, rows: int, length: int) -> Cache:
        size = self.size
        return Cache(size.decoder_layers, rows, length, size.heads, size.width // size.heads, self.start)


def smooth(
    places: Float[Tensor, "count axes"], frequencies: Float[Tensor, "axes width"]
) -> Float[Tensor, "count width"]:
    """Rows that differ by how far their places lie apart: coarse waves are learned from at once, fine ones tell
    neighbours apart.
    """
    width = frequencies.shape[1]
    phases = torch.rand(width) * 2 * torch.pi
    return (places @ frequencies + phases).sin() * (2 / width) ** 0.5


def along_bins(count: int, width: int) -> Float[Tensor, "1 width"]:
    """Waves of all lengths, from twice the range down to some steps of it."""
    return torch.exp(torch.empty(1, width).uniform_(math.log(3.0), math.log(count / 4)))
