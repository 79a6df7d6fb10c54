"""Right answers as a model reads them: in the order that it writes, with the ids that it finds likely at each position.

Each id is given the right ones before it, so that two models can be compared without generating.
"""

from collections.abc import Iterator, Sequence
from math import log

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.values.json_value import Json
from plait.foundation.training.linear import full_precision
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest

# A corner is learned as a bell over some bins, of which none has much: with 0.1 most boxes would have no such id.
MIN_PROBABILITY = 0.02

PositionedId = tuple[int, int, float]  # position in the answer, id, log-probability in nats


@torch.inference_mode()
def likely_answer_ids(answerer: Answerer, request: AnswerRequest, target_ids: Sequence[int]) -> list[PositionedId]:
    """The ids that a served model finds likely, also those half as likely as they have to be in the other model."""
    model, ids = answerer.model, torch.tensor([target_ids], device=answerer.model.start.device)
    with full_precision():
        memory = answerer.encode_instructions([request.input_ids], [request.image])
        hidden_states, _ = model.decode(memory, ids, torch.ones_like(ids, dtype=torch.bool))
        log_probs = model.logits(hidden_states).float().log_softmax(-1)
    return list(likely_ids(log_probs, MIN_PROBABILITY / 2))


@torch.inference_mode()
def likely_drawing_codes(answerer: Answerer, input_ids: tuple[int, ...]) -> list[PositionedId]:
    """The codes that a served model finds likely in a picture of which none is known."""
    model = answerer.model
    known = torch.full((1, model.size.code_grid**2), -1, device=model.start.device)
    with full_precision():
        memory = answerer.encode_instructions([input_ids], [None])
        log_probs = model.code_logits(model.decode_masked(memory, known)[0][0]).float().log_softmax(-1)
    return list(likely_ids(log_probs, MIN_PROBABILITY / 2))


def likely_ids(
    log_probs: Float[Tensor, "positions vocab"], min_probability: float = MIN_PROBABILITY
) -> Iterator[PositionedId]:
    positions, ids = (log_probs >= log(min_probability)).nonzero(as_tuple=True)
    yield from zip(positions.tolist(), ids.tolist(), log_probs[positions, ids].tolist(), strict=True)


def sort_left_to_right(json_value: Json) -> Json:
    """Sorts a list of things with boxes in the order of the worlds: a single order is learned sooner."""
    if not isinstance(json_value, list) or not all(isinstance(each, dict) for each in json_value):
        return json_value
    return sorted(json_value, key=first_box_center)


def first_box_center(item: Json) -> tuple[float, float]:
    """Twice the centre (x, y) of an item's first box; (0, 0) without a box."""
    assert isinstance(item, dict)
    boxes = (each for each in item.values() if isinstance(each, list) and len(each) == 4)
    x0, y0, x1, y1 = next(boxes, (0, 0, 0, 0))  # type: ignore[misc]
    return x0 + x1, y0 + y1  # type: ignore[operator, return-value]
