"""What the boxes of a person's own row tell, beyond the ids themselves: where in the picture to look for each of them.

In the worlds all that is known. Of a row only its boxes are: each is a thing, and what stands beside a box is about it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.holes import FractionalBox
from plait.foundation.unified.objectives.encoded_examples import Things, TokenizedExample
from plait.types.box.frames import BINS

IDS_PER_BOX = 4


def example_boxes(example: TokenizedExample, vocabulary: Vocabulary) -> tuple[FractionalBox, ...]:
    """Those of the question, then those of the answer."""

    def box(ids: Sequence[int]) -> FractionalBox:
        left, top, right, bottom = ((id - vocabulary.bins.start) / (BINS - 1) for id in ids)
        return left, top, right, bottom

    sides = (example.input_ids, example.target_ids)
    return tuple(box(side[at : at + IDS_PER_BOX]) for side in sides for at in box_starts(side, vocabulary))


def add_grounding(example: TokenizedExample, text_positions: Sequence[int], vocabulary: Vocabulary) -> TokenizedExample:
    """The example with what its ids are about; `words` are the places of the question's own text.

    A box in the question names itself, and where it is the only one the answer is about it. Of an answer each box
    begins what is about it. Words that are answered by one box name it: the id behind them stands for all of them.
    """
    asked, found = (box_starts(side, vocabulary) for side in (example.input_ids, example.target_ids))
    names: list[Things | None] = [None] * len(example.input_ids)
    for number, at in enumerate(asked):
        names[at : at + IDS_PER_BOX] = [(number,)] * IDS_PER_BOX
    if not asked and len(found) == 1 and text_positions:
        names[min(max(text_positions) + 1, len(names) - 1)] = (0,)
    begins = [*found, len(example.target_ids)]
    about: list[Things | None] = [(0,) if len(asked) == 1 and not found else None] * len(example.target_ids)
    for number, (at, end) in enumerate(pairwise(begins), len(asked)):
        about[at:end] = [(number,)] * (end - at)
    about = [None if id == vocabulary.close else things for id, things in zip(example.target_ids, about, strict=True)]
    return replace(example, names=tuple(names), about=tuple(about))


def box_starts(ids: Sequence[int], vocabulary: Vocabulary) -> list[int]:
    """Where each box begins: locations stand in fours."""
    places = [place for place, id in enumerate(ids) if id in vocabulary.bins]
    return places[::IDS_PER_BOX]
