"""Whether a model that is run in another way still answers the same."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.values.value_type import Json
from plait.foundation.unified.generation.answering import Answered
from plait.foundation.unified.generation.painter import Commission, Painter
from plait.types.box.frames import BINS

NEAR = BINS // 100  # locations that a corner may move: a hundredth of the picture


def alike(one: Answered, other: Answered) -> bool:
    return one.whole == other.whole and same(one.wire, other.wire)


def same(one: Json, other: Json) -> bool:
    """The same words and truth values, and corners of boxes, the only whole numbers there are, nearly the same."""
    match one, other:
        case bool(), bool():
            return one == other
        case int(), int():
            return abs(one - other) <= NEAR
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case (str(), str()):
            return one == other
        case Sequence(), Sequence():
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return one == other


@torch.inference_mode()
def probabilities(painter: Painter, commissions: Sequence[Commission]) -> Float[Tensor, "n c codes"]:
    """Of each code of each picture, before anything of what is missing is painted."""
    answerer = painter.answerer
    memory = answerer.read([each.source for each in commissions], [each.picture for each in commissions])
    known = torch.stack([painter.known(each) for each in commissions])
    return answerer.model.code_logits(answerer.model.paint(memory, known)[0]).softmax(-1)


def moved(one: Float[Tensor, "n c codes"], other: Float[Tensor, "n c codes"]) -> float:
    """The share of probability that lies elsewhere: 0 where they are equal, 1 where they have nothing in common."""
    return float((one - other).abs().sum(-1).mean() / 2)
