"""Whether a model that is run in another way still answers the same."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.values.json_value import Json
from plait.foundation.unified.generation.answering import GeneratedAnswer
from plait.foundation.unified.generation.painter import Painter, PaintRequest
from plait.types.box.box_formats import BINS

BIN_TOLERANCE = BINS // 100  # locations that a corner may move: a hundredth of the picture


def is_same_answer(one: GeneratedAnswer, other: GeneratedAnswer) -> bool:
    return one.is_complete == other.is_complete and is_same_value(one.json_value, other.json_value)


def is_same_value(one: Json, other: Json) -> bool:
    """The same words and truth values, and corners of boxes, the only whole numbers there are, nearly the same."""
    match one, other:
        case bool(), bool():
            return one == other
        case int(), int():
            return abs(one - other) <= BIN_TOLERANCE
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(is_same_value(one[key], other[key]) for key in one)
        case (str(), str()):
            return one == other
        case Sequence(), Sequence():
            return len(one) == len(other) and all(map(is_same_value, one, other))
        case _:
            return one == other


@torch.inference_mode()
def code_probabilities(painter: Painter, requests: Sequence[PaintRequest]) -> Float[Tensor, "n c codes"]:
    """Of each code of each picture, before anything of what is missing is painted."""
    answerer = painter.answerer
    memory = answerer.encode_instructions([each.input_ids for each in requests], [each.image for each in requests])
    known_codes = torch.stack([painter.known_codes(each) for each in requests])
    return answerer.model.code_logits(answerer.model.decode_masked(memory, known_codes)[0]).softmax(-1)


def total_variation(one: Float[Tensor, "n c codes"], other: Float[Tensor, "n c codes"]) -> float:
    """The share of probability that lies elsewhere: 0 where they are equal, 1 where they have nothing in common."""
    return float((one - other).abs().sum(-1).mean() / 2)
