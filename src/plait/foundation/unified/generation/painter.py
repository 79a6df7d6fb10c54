"""Image generation with a trained model: instruction ids and optionally a picture with a hole in, pictures out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.cards.instruction import unconditional_instruction_ids
from plait.foundation.cards.sizes import CODE_STRIDE, ModelSize
from plait.foundation.data.resizing import PADDING_GREY
from plait.foundation.unified.generation.answering import Answerer, Pixels
from plait.foundation.unified.generation.image_decoding import Codes, PaintSampling, iter_codes
from plait.foundation.unified.holes import FractionalBox, hole_code_indices, with_blank_hole
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer


@dataclass(frozen=True, eq=False)
class Hole:
    """A picture to inpaint, at the encoder's side and at the side of generated images, and the region to fill."""

    encoder_image: Pixels
    canvas: Pixels
    box: FractionalBox


@dataclass(frozen=True, eq=False)
class PaintRequest:
    """A request for a whole picture, or for the content of a hole. `seed` determines all random choices."""

    input_ids: tuple[int, ...]
    hole: Hole | None
    seed: int

    @property
    def image(self) -> Pixels | None:
        """Input of the encoder: the picture with its hole blank."""
        return self.hole and with_blank_hole(self.hole.encoder_image, self.hole.box)


class Painter:
    """Generates images with the model of an `Answerer`. All requests of a call form one batch."""

    def __init__(self, answerer: Answerer, tokenizer: ImageTokenizer) -> None:
        self.answerer, self.tokenizer = answerer, tokenizer

    @property
    def size(self) -> ModelSize:
        return self.answerer.model.size

    def paint(self, requests: Sequence[PaintRequest], sampling: PaintSampling) -> list[Pixels]:
        """The pictures, (canvas, canvas, 3). Raises InputError if a hole covers the whole picture."""
        *_, last = self.paint_steps(requests, sampling)
        return last

    @torch.inference_mode()
    def paint_steps(self, requests: Sequence[PaintRequest], sampling: PaintSampling) -> Iterator[list[Pixels]]:
        """Yields the pictures after each step; unknown parts are grey."""
        sources, count = [each.input_ids for each in requests], len(requests)
        memory = self.answerer.encode_instructions(sources, [each.image for each in requests])
        unconditional_memory = self.answerer.encode_instructions([self.unconditional_ids] * count, [None] * count)
        known_codes = torch.stack([self.known_codes(each) for each in requests]).to(self.answerer.model.start.device)
        seeds = [each.seed for each in requests]
        for codes in iter_codes(self.answerer.model, memory, unconditional_memory, known_codes, seeds, sampling):
            yield self.pixels(codes)

    @cached_property
    def unconditional_ids(self) -> tuple[int, ...]:
        return unconditional_instruction_ids(self.answerer.vocabulary)

    def known_codes(self, request: PaintRequest) -> Tensor:
        """The codes around a hole in row-major order, -1 inside it; all -1 without a picture."""
        grid = self.size.code_grid
        if request.hole is None:
            return torch.full((grid * grid,), -1)
        masked = with_blank_hole(request.hole.canvas, request.hole.box)
        codes = self.tokenizer.encode(torch.from_numpy(masked)[None])[0].flatten()
        missing = hole_code_indices(request.hole.box, self.size)
        if len(missing) == grid * grid:
            raise InputError(
                "the hole covers the whole picture; nothing is left to restore it from",
                hint="leave some of it, or generate a picture from a description:\n"
                "plait run draw --description 'a cat' --out cat.png",
            )
        codes[missing] = -1
        return codes

    def pixels(self, codes: Codes) -> list[Pixels]:
        grid = self.size.code_grid
        squares = codes.view(-1, grid, grid)
        pictures = self.tokenizer.decode(squares.clamp(min=0))
        is_missing = (squares < 0).repeat_interleave(CODE_STRIDE, 1).repeat_interleave(CODE_STRIDE, 2)
        return list(pictures.masked_fill(is_missing[..., None], PADDING_GREY).cpu().numpy())
