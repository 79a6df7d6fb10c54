"""The unified model: pictures and words in; words, boxes, truth values and pictures out; one token table for all.

Design after OFA (arXiv 2202.03052): one encoder-decoder, one vocabulary, each task an instruction in words. The
differences and their reasons are in docs/decisions/0003.
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

CODE_FREQUENCY_STD = 2.0  # standard deviation of frequencies, in radians from the middle of a latent's range to its end
# Distance of neighbouring codes on the position grid. With 6 / 16, the distance of cells, the positions of neighbours
# were too similar: a code was predicted no better from all others than from a few (5.7 nats with four fifths of the
# codes known, 5.8 with one fifth).
CODE_STEP = 1.5
GRID_EXTENT = 6.0  # positions on the grid run from 0 to this, however many cells it has


@dataclass(frozen=True)
class UnifiedOutput:
    """Output of `UnifiedModel.forward`. Pictures: `image_tokens` before and `images` after the encoder. Instructions:
    `text` and the decoder's `memory`. Answers: the `hidden_states` that predict each id, and attention maps as in
    `EncodedText`.
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
        self.hidden = nn.Parameter(torch.zeros(size.width))  # input at an unknown code
        nn.init.normal_(self.table.weight, std=size.width**-0.5)
        nn.init.normal_(self.start)
        nn.init.normal_(self.hidden)
        bins, codes = len(vocabulary.bins), len(vocabulary.codes)
        with torch.no_grad():  # neighbours start similar: an example of one bin also trains its neighbours
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
        """Training forward pass. Takes pictures or encoded images; encodes instructions if `input_ids` are given, and
        decodes answers with attention maps if `target_ids` are given.
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

    # Encoding

    def encode_image(self, images: UInt8[Tensor, "p side side 3"]) -> EncodedImages:
        return self.encode_image_tokens(self.stem(images))

    def encode_image_tokens(self, image_tokens: Float[Tensor, "p cells d"]) -> EncodedImages:
        grid = self.size.grid
        return self.encoder.encode_image(
            norm(image_tokens) + self.grid_positions(grid, GRID_EXTENT / grid, image_tokens.device)
        )

    def grid_positions(self, grid: int, step: float, device: torch.device) -> Float[Tensor, "cells d"]:
        """Position embeddings of the cells of a grid, `step` apart: half of the features encode the row, half the
        column.
        """
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
        """Encodes instructions and computes the decoder memory. `image_index` is the picture of each instruction, -1
        for none; None if instruction i belongs to picture i, which avoids a copy. `attention_mask` is False at padding.
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

    # Decoding of text

    def decode(
        self,
        memory: DecoderMemory,
        target_ids: Int[Tensor, "n l"],
        target_mask: Bool[Tensor, "n l"],
        *,
        attention_maps: bool = False,
    ) -> tuple[Float[Tensor, "m d"], tuple[Float[Tensor, "m k"], ...]]:
        """Hidden states that predict each of the m ids in `target_mask` from the ids before it (teacher forcing)."""
        start = self.start.expand(len(target_ids), 1, -1)
        x = torch.cat((start, self.embed(target_ids[:, :-1], 1)), 1)
        packing = SequencePacking(target_mask)
        return self.decoder.decode(packing.pack(x), packing, memory, attention_maps=attention_maps)

    def decode_step(
        self, memory: DecoderMemory, cache: KVCache, input_ids: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "n vocab"]:
        """Logits of the next id; `input_ids` are the ids chosen last, None at the first step."""
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
        """Logits of all ids except the image codes, which are last in the table and never compete with words."""
        return self.table.logits(norm(hidden_states), slice(self.size_without_codes))

    # Decoding of images

    def decode_masked(
        self, memory: DecoderMemory, codes: Int[Tensor, "n c"]
    ) -> tuple[Float[Tensor, "n c d"], Float[Tensor, "n c d"]]:
        """Hidden states that predict the codes of a square picture from the known codes; -1 marks an unknown code. Also
        returns the states before the last layer, from which the training loss `subjects` predicts what each code shows.
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
    """Initial embeddings whose difference depends on the distance of their positions: low frequencies generalise early,
    high frequencies separate neighbours.
    """
    width = frequencies.shape[1]
    phases = torch.rand(width) * 2 * torch.pi
    return (positions @ frequencies + phases).sin() * (2 / width) ** 0.5


def bin_frequencies(count: int, width: int) -> Float[Tensor, "1 width"]:
    """Frequencies from a wavelength of twice the range down to a few steps of it, shape (1, width)."""
    return torch.exp(torch.empty(1, width).uniform_(math.log(3.0), math.log(count / 4)))
