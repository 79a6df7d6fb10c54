"""Attention targets from the boxes of a user's row: where in the image to look for each id.

In the worlds all contents are known. Of a user's row only the boxes are: each box is a thing, and the text beside a box
is about it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.holes import FractionalBox
from plait.foundation.unified.objectives.encoded_examples import Things, TokenizedExample
from plait.types.box.box_formats import BINS

IDS_PER_BOX = 4


def example_boxes(example: TokenizedExample, vocabulary: Vocabulary) -> tuple[FractionalBox, ...]:
    """Boxes of the question, then those of the answer."""

    def box(ids: Sequence[int]) -> FractionalBox:
        left, top, right, bottom = ((id - vocabulary.bins.start) / (BINS - 1) for id in ids)
        return left, top, right, bottom

    sides = (example.input_ids, example.target_ids)
    return tuple(box(side[at : at + IDS_PER_BOX]) for side in sides for at in box_starts(side, vocabulary))


def add_grounding(example: TokenizedExample, text_positions: Sequence[int], vocabulary: Vocabulary) -> TokenizedExample:
    """Adds attention targets to the example. `text_positions` are positions of the question's own text.

    A box in the question names itself; if it is the only one, the answer is about it. In an answer, each box begins the
    ids that are about it. Words answered by a single box name that box: the id after them stands for all of them.
    """
    input_boxes, target_boxes = (box_starts(side, vocabulary) for side in (example.input_ids, example.target_ids))
    input_things: list[Things | None] = [None] * len(example.input_ids)
    for number, at in enumerate(input_boxes):
        input_things[at : at + IDS_PER_BOX] = [(number,)] * IDS_PER_BOX
    if not input_boxes and len(target_boxes) == 1 and text_positions:
        input_things[min(max(text_positions) + 1, len(input_things) - 1)] = (0,)
    starts = [*target_boxes, len(example.target_ids)]
    target_things: list[Things | None] = [(0,) if len(input_boxes) == 1 and not target_boxes else None] * len(
        example.target_ids
    )
    for number, (at, end) in enumerate(pairwise(starts), len(input_boxes)):
        target_things[at:end] = [(number,)] * (end - at)
    target_things = [
        None if id == vocabulary.close else things for id, things in zip(example.target_ids, target_things, strict=True)
    ]
    return replace(example, input_things=tuple(input_things), target_things=tuple(target_things))


def box_starts(ids: Sequence[int], vocabulary: Vocabulary) -> list[int]:
    """Start position of each box: a box has four locations."""
    positions = [position for position, id in enumerate(ids) if id in vocabulary.bins]
    return positions[::IDS_PER_BOX]
