"""A trained model that paints: ids of an instruction, and a picture with a hole in it or none, in; pictures out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.cards.instruction import nothing_to_draw
from plait.foundation.cards.sizes import SQUARE, Size
from plait.foundation.data.resizing import GROUND
from plait.foundation.unified.generation.answering import Answerer, Pixels
from plait.foundation.unified.generation.image_decoding import Codes, Manner, painted
from plait.foundation.unified.holes import Fractions, blanked, codes_in
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer


@dataclass(frozen=True, eq=False)
class Hole:
    """A picture, as a square of the side that the encoder sees and one of the side that is painted, and the part of it
    that is not known.
    """

    seen: Pixels
    canvas: Pixels
    corners: Fractions


@dataclass(frozen=True, eq=False)
class Commission:
    """What is to be painted: a whole picture, or what belongs into a hole. `seed` decides all that is left open."""

    source: tuple[int, ...]
    hole: Hole | None
    seed: int

    @property
    def picture(self) -> Pixels | None:
        """As the encoder sees it: with its hole."""
        return self.hole and blanked(self.hole.seen, self.hole.corners)


class Painter:
    """Paints with the model that answers. All commissions of a call are painted in one batch."""

    def __init__(self, answerer: Answerer, tokenizer: ImageTokenizer) -> None:
        self.answerer, self.tokenizer = answerer, tokenizer

    @property
    def size(self) -> Size:
        return self.answerer.model.size

    def pictures(self, commissions: Sequence[Commission], manner: Manner) -> list[Pixels]:
        """The pictures, (canvas, canvas, 3). Raises InputError where a hole leaves nothing to be seen."""
        *_, last = self.growing(commissions, manner)
        return last

    @torch.inference_mode()
    def growing(self, commissions: Sequence[Commission], manner: Manner) -> Iterator[list[Pixels]]:
        """The pictures after each step; what is not painted yet is a neutral ground."""
        sources, count = [each.source for each in commissions], len(commissions)
        memory = self.answerer.read(sources, [each.picture for each in commissions])
        unguided = self.answerer.read([self.nothing] * count, [None] * count)
        known = torch.stack([self.known(each) for each in commissions]).to(self.answerer.model.start.device)
        seeds = [each.seed for each in commissions]
        for codes in painted(self.answerer.model, memory, unguided, known, seeds, manner):
            yield self.pixels(codes)

    @cached_property
    def nothing(self) -> tuple[int, ...]:
        return nothing_to_draw(self.answerer.vocabulary)

    def known(self, commission: Commission) -> Tensor:
        """The codes around a hole, row by row; -1 in it, and everywhere where there is no picture."""
        grid = self.size.codes
        if commission.hole is None:
            return torch.full((grid * grid,), -1)
        cut = blanked(commission.hole.canvas, commission.hole.corners)
        codes = self.tokenizer.encode(torch.from_numpy(cut)[None])[0].flatten()
        missing = codes_in(commission.hole.corners, self.size)
        if len(missing) == grid * grid:
            raise InputError(
                "the hole covers the whole picture: nothing is left to tell what was there",
                way_out="leave some of it, or paint a picture from words: plait run draw",
            )
        codes[missing] = -1
        return codes

    def pixels(self, codes: Codes) -> list[Pixels]:
        grid = self.size.codes
        squares = codes.view(-1, grid, grid)
        pictures = self.tokenizer.decode(squares.clamp(min=0))
        open_ = (squares < 0).repeat_interleave(SQUARE, 1).repeat_interleave(SQUARE, 2)
        return list(pictures.masked_fill(open_[..., None], GROUND).cpu().numpy())
