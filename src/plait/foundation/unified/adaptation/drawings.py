"""Drawings to learn from: instructions, and the codes of the pictures that they describe.

Each picture is encoded once; what of it is known to the model in a step is random, as at some moment of generation.
"""

import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import torch
from jaxtyping import Int
from torch import Tensor

from plait.core.errors import InputError
from plait.core.evaluation.rows import read_rows
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.file_digest import known_sha256
from plait.foundation.cards.instruction import (
    BOX_FORMAT,
    CONTEXT_LENGTH,
    instruction_ids,
    texts,
    unconditional_instruction_ids,
    wording_of,
)
from plait.foundation.cards.sizes import ModelSize
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.resizing import letterbox_image
from plait.foundation.unified.image_tokenizer.shipped import encode_picture
from plait.foundation.unified.objectives.batches import UNKNOWN, pad_rows
from plait.foundation.unified.objectives.painting_batches import (
    UNCONDITIONAL_SHARE,
    PaintingBatch,
    blank_picture,
    sample_known_count,
)
from plait.types.image import Image


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture to draw: the ids of its instruction, and its codes row by row."""

    input_ids: tuple[int, ...]
    codes: Int[Tensor, " c"]


@dataclass(frozen=True, eq=False)
class DrawingRows:
    """The rows of a file, whose answers are pictures, as a source of drawings."""

    file: Path
    declaration: Declaration
    size: ModelSize

    @property
    def name(self) -> str:
        return f"{self.file} ({self.declaration.name})"

    @property
    def digest(self) -> str:
        return known_sha256(self.file)

    @property
    def length(self) -> int:
        return len(self.drawings)

    def sample(self, index: int) -> Drawing:
        return self.drawings[index]

    @cached_property
    def drawings(self) -> list[Drawing]:
        """Raises InputError for a row that cannot be learned."""
        rows = [(row.where, row.example()) for row in read_rows(self.declaration, self.file)]
        return [Drawing(self.input_ids(where, example), self.codes(example)) for where, example in rows]

    def input_ids(self, where: str, example: Example) -> tuple[int, ...]:
        declaration, inputs = self.declaration, example.inputs
        context = call_context(declaration, inputs, by_name=True, box_format=BOX_FORMAT)
        words = (text for each in declaration.parameters for text in texts(each.value_type, inputs[each.name]))
        ids = instruction_ids(declaration, inputs, context, wording_of(declaration, words), vocabulary())
        if len(ids) > CONTEXT_LENGTH:
            raise InputError(
                f"{where} has {len(ids):,} ids, and {CONTEXT_LENGTH} are read", hint="shorten its description"
            )
        return tuple(ids)

    def codes(self, example: Example) -> Int[Tensor, " c"]:
        return encode_picture(letterbox_image(cast(Image, example.answer), self.size.canvas))


def drawing_batch(drawings: list[Drawing], size: ModelSize, rng: random.Random) -> PaintingBatch:
    """The batch of a step: some without their description, for guidance, each with some of its codes known."""
    unconditional = unconditional_instruction_ids(vocabulary())
    ids = [unconditional if rng.random() < UNCONDITIONAL_SHARE else each.input_ids for each in drawings]
    codes = torch.stack([each.codes for each in drawings])
    known = torch.full_like(codes, -1)
    for row in range(len(drawings)):
        positions = rng.sample(range(codes.shape[1]), sample_known_count(codes.shape[1], rng))
        known[row, positions] = codes[row, positions]
    return painting_batch(ids, codes, known, size)


def painting_batch(
    input_ids: list[tuple[int, ...]], codes: Int[Tensor, "n c"], known: Int[Tensor, "n c"], size: ModelSize
) -> PaintingBatch:
    """A batch of pictures without a hole, of whose contents nothing is known."""
    source = torch.from_numpy(pad_rows(input_ids, vocabulary().pad))
    count = len(input_ids)
    return PaintingBatch(
        blank_picture(size),
        torch.full((count,), -1),
        source,
        source != vocabulary().pad,
        codes,
        known,
        torch.zeros(count, dtype=torch.bool),
        torch.full_like(codes, UNKNOWN),
        torch.zeros(count, dtype=torch.long),
    )
