"""Agreement of answers between two execution plans."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.values.json_value import Json
from plait.foundation.unified.generation.answering import GeneratedAnswer
from plait.foundation.unified.generation.painter import Painter, PaintRequest
from plait.types.box.box_formats import BINS

BIN_TOLERANCE = BINS // 100  # bins that a corner may move: 1% of the side of the picture


def is_same_answer(one: GeneratedAnswer, other: GeneratedAnswer) -> bool:
    return one.is_complete == other.is_complete and is_same_value(one.json_value, other.json_value)


def is_same_value(one: Json, other: Json) -> bool:
    """Equality of two answers, with a tolerance of BIN_TOLERANCE for box corners, which are the only integers in
    answers.
    """
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
    """Probabilities of all codes of each picture, before the first decoding step."""
    answerer = painter.answerer
    memory = answerer.encode_instructions([each.input_ids for each in requests], [each.image for each in requests])
    known_codes = torch.stack([painter.known_codes(each) for each in requests])
    return answerer.model.code_logits(answerer.model.decode_masked(memory, known_codes)[0]).softmax(-1)


def total_variation(one: Float[Tensor, "n c codes"], other: Float[Tensor, "n c codes"]) -> float:
    """Mean total variation distance: 0 for equal distributions, 1 for disjoint ones."""
    return float((one - other).abs().sum(-1).mean() / 2)
