"""The unified model: pictures and words in; words, boxes, truth values and pictures out; one table of tokens for all.

Design after OFA (arXiv 2202.03052): one encoder-decoder, one vocabulary, each task an instruction in words. What
differs and why stands in docs/decisions/0003.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.linear import Embedding
from plait.foundation.unified.model import fsq
from plait.foundation.unified.model.decoder import Decoder, DecoderMemory, KVCache
from plait.foundation.unified.model.encoder import EncodedImages, EncodedText, Encoder
from plait.foundation.unified.model.layers import SequencePacking, norm, sinusoidal_positions
from plait.foundation.unified.model.stem import Stem

CODE_FREQUENCY_STD = 2.0  # radians from the middle of a code's number to its end, the deviation of it
# Between neighbouring codes: with 6 / 16 as of cells, neighbours looked alike, and a code was predicted no better from
# all others than from a few (5.7 nats where four fifths were known, 5.8 where one fifth was).
CODE_STEP = 1.5
GRID_EXTENT = 6.0  # positions on the grid run from 0 to this, however many cells it has


@dataclass(frozen=True)
class UnifiedOutput:
    """Of pictures `image_tokens` before the encoder and `images` after it; of instructions `text` and the decoder's
    `memory`; of answers the `hidden_states` that predict each id, and attention maps as in `EncodedText`.
    """

    image_tokens: Float[Tensor, "p cells d"] | None
    images: EncodedImages
    text: EncodedText | None = None
    memory: DecoderMemory | None = None
    hidden_states: Float[Tensor, "m d"] | None = None
    attention_maps: tuple[Float[Tensor, "m k"], ...] = ()


class UnifiedModel(nn.Module):
    def __init__(self, size: ModelSize, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.size = size
        self.size_without_codes = vocabulary.size_without_codes
        self.codes = slice(vocabulary.codes.start, vocabulary.codes.stop)
        self.table = Embedding(vocabulary.size, size.width)
        self.stem = Stem(size)
        self.encoder, self.decoder = Encoder(size), Decoder(size)
        self.start = nn.Parameter(torch.zeros(size.width))
        self.hidden = nn.Parameter(torch.zeros(size.width))  # stands where a code is not known yet
        nn.init.normal_(self.table.weight, std=size.width**-0.5)
        nn.init.normal_(self.start)
        nn.init.normal_(self.hidden)
        bins, codes = len(vocabulary.bins), len(vocabulary.codes)
        with torch.no_grad():  # neighbours begin alike: an example for one teaches those beside it
            self.table.weight[vocabulary.bins.start : vocabulary.bins.stop] = smooth_embeddings(
                torch.linspace(0, 1, bins)[:, None], bin_frequencies(bins, size.width)
            )
            self.table.weight[self.codes] = smooth_embeddings(
                fsq.codes_to_latents(torch.arange(codes)), torch.randn(len(fsq.LEVELS), size.width) * CODE_FREQUENCY_STD
            )

    def forward(
        self,
        pictures: UInt8[Tensor, "p side side 3"] | EncodedImages,
        image_index: Int[Tensor, " n"] | None = None,
        input_ids: Int[Tensor, "n t"] | None = None,
        attention_mask: Bool[Tensor, "n t"] | None = None,
        target_ids: Int[Tensor, "n l"] | None = None,
        target_mask: Bool[Tensor, "n l"] | None = None,
    ) -> UnifiedOutput:
        """Pictures, or what the encoder made of them before; instructions about them where `input_ids` are given,
        answers where `target_ids` are, with attention maps: as training has them.
        """
        if isinstance(pictures, EncodedImages):
            image_tokens, images = None, pictures
        else:
            image_tokens = self.stem(pictures)
            images = self.encode_image_tokens(image_tokens)
        if input_ids is None or attention_mask is None:
            return UnifiedOutput(image_tokens, images)
        has_answers = target_ids is not None and target_mask is not None
        text, memory = self.encode_text(images, image_index, input_ids, attention_mask, attention_maps=has_answers)
        if target_ids is None or target_mask is None:
            return UnifiedOutput(image_tokens, images, text, memory)
        decoded = self.decode(memory, target_ids, target_mask, attention_maps=True)
        return UnifiedOutput(image_tokens, images, text, memory, *decoded)

    # What is read

    def encode_image(self, images: UInt8[Tensor, "p side side 3"]) -> EncodedImages:
        return self.encode_image_tokens(self.stem(images))

    def encode_image_tokens(self, image_tokens: Float[Tensor, "p cells d"]) -> EncodedImages:
        grid = self.size.grid
        return self.encoder.encode_image(
            norm(image_tokens) + self.grid_positions(grid, GRID_EXTENT / grid, image_tokens.device)
        )

    def grid_positions(self, grid: int, step: float, device: torch.device) -> Float[Tensor, "cells d"]:
        """Where each cell of a grid lies, `step` apart: half of the features tell its row, half its column."""
        width = self.size.width
        line = sinusoidal_positions(torch.arange(grid) * step, width // 2)
        rows, columns = line[:, None].expand(-1, grid, -1), line[None].expand(grid, -1, -1)
        return torch.cat((rows, columns), -1).flatten(0, 1).to(device)

    def embed(self, input_ids: Int[Tensor, "n t"], first_position: int = 0) -> Float[Tensor, "n t d"]:
        positions = torch.arange(first_position, first_position + input_ids.shape[1], dtype=torch.float32)
        return norm(self.table(input_ids)) + sinusoidal_positions(positions, self.size.width).to(input_ids.device)

    def encode_text(
        self,
        images: EncodedImages,
        image_index: Int[Tensor, " n"] | None,
        input_ids: Int[Tensor, "n t"],
        attention_mask: Bool[Tensor, "n t"],
        *,
        attention_maps: bool = False,
    ) -> tuple[EncodedText, DecoderMemory]:
        """Instructions about pictures. `image_index` is the picture, -1 for none; None where each has its own, in
        order, which then is not copied. `attention_mask` is True where an id is no padding.
        """
        has_image = attention_mask.new_ones(len(input_ids), 1) if image_index is None else (image_index >= 0)[:, None]
        mask = torch.cat((has_image.expand(-1, self.size.cells), attention_mask), 1)[:, None]
        image_rows, packing = (
            slice(None) if image_index is None else image_index.clamp(min=0),
            SequencePacking(attention_mask),
        )
        text = self.encoder.encode_text(
            packing.pack(self.embed(input_ids)), packing, images, image_rows, mask, attention_maps=attention_maps
        )
        return text, self.decoder.memory(images.hidden_states, packing, text.hidden_states, image_rows, mask)

    # What is written

    def decode(
        self,
        memory: DecoderMemory,
        target_ids: Int[Tensor, "n l"],
        target_mask: Bool[Tensor, "n l"],
        *,
        attention_maps: bool = False,
    ) -> tuple[Float[Tensor, "m d"], tuple[Float[Tensor, "m k"], ...]]:
        """Hidden states that predict each of the m ids in `target_mask` from those before it (teacher forcing)."""
        start = self.start.expand(len(target_ids), 1, -1)
        x = torch.cat((start, self.embed(target_ids[:, :-1], 1)), 1)
        packing = SequencePacking(target_mask)
        return self.decoder.decode(packing.pack(x), packing, memory, attention_maps=attention_maps)

    def decode_step(
        self, memory: DecoderMemory, cache: KVCache, input_ids: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "n vocab"]:
        """Logits of the next id; `input_ids` are the ones chosen last, None at the beginning."""
        return self.logits(self.step_hidden_states(memory, cache, input_ids))

    def step_hidden_states(
        self, memory: DecoderMemory, cache: KVCache, input_ids: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "n d"]:
        """The hidden state that predicts the next id."""
        if input_ids is None:
            x = self.start.expand(len(memory.mask), 1, -1)
        else:
            x = norm(self.table(input_ids[:, None])) + cache.position_embeddings[cache.length]
        return self.decoder.decode_step(x, memory, cache)[:, 0]

    def logits(self, hidden_states: Float[Tensor, "... d"]) -> Float[Tensor, "... vocab"]:
        """Over all ids but the image codes, which stand last and are never weighed against words."""
        return self.table.logits(norm(hidden_states), slice(self.size_without_codes))

    # What is painted

    def decode_masked(
        self, memory: DecoderMemory, codes: Int[Tensor, "n c"]
    ) -> tuple[Float[Tensor, "n c d"], Float[Tensor, "n c d"]]:
        """Hidden states that predict the codes of a square picture from those that are known, -1 where one is not; and
        those before the last layer, by which it is to be settled what each code will show.
        """
        embeddings = norm(self.table(codes.clamp(min=0) + self.codes.start))
        x = torch.where((codes >= 0)[..., None], embeddings, norm(self.hidden))
        return self.decoder.decode_masked(
            x + self.grid_positions(math.isqrt(codes.shape[1]), CODE_STEP, codes.device), memory
        )

    def code_logits(self, hidden_states: Float[Tensor, "... d"]) -> Float[Tensor, "... codes"]:
        return self.table.logits(norm(hidden_states), self.codes)

    def new_kv_cache(self, batch_size: int, max_length: int) -> KVCache:
        size = self.size
        return KVCache(size.decoder_layers, batch_size, max_length, size.heads, size.width // size.heads, self.start)


def smooth_embeddings(
    positions: Float[Tensor, "count axes"], frequencies: Float[Tensor, "axes width"]
) -> Float[Tensor, "count width"]:
    """Rows that differ by how far their places lie apart: coarse waves are learned from at once, fine ones tell
    neighbours apart.
    """
    width = frequencies.shape[1]
    phases = torch.rand(width) * 2 * torch.pi
    return (positions @ frequencies + phases).sin() * (2 / width) ** 0.5


def bin_frequencies(count: int, width: int) -> Float[Tensor, "1 width"]:
    """Waves of all lengths, from twice the range down to some steps of it."""
    return torch.exp(torch.empty(1, width).uniform_(math.log(3.0), math.log(count / 4)))
