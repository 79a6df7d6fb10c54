"""Log-probabilities of right answers by the model in training, for the process that compares a server with it.

The trainer makes its batches as in training, with its adapters beside the matrices; the server reads requests, with the
adapter of the file added to its matrices (generation/right_answers.py): what both share is the model alone.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

import torch

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.likely_tokens import MIN_POSITIONS, LikelyToken, write_likely_tokens
from plait.foundation.training.linear import full_precision
from plait.foundation.unified.adaptation.drawings import Drawing, DrawingRows, painting_batch
from plait.foundation.unified.adaptation.objective import readable_rows
from plait.foundation.unified.adaptation.request import PictureAdaptRequest
from plait.foundation.unified.generation.right_answers import PositionedId, likely_ids
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Sample, collate
from plait.foundation.unified.objectives.encoded_examples import task_declaration

Ids: TypeAlias = tuple[int, ...]
RightAnswer: TypeAlias = tuple[Ids, Iterator[PositionedId]]  # all ids of a row, and those likely in its answer


def write_parity_file(model: UnifiedModel, request: PictureAdaptRequest) -> None:
    """Writes the likely ids of the answers of the rows of parity, computed with the weights in memory."""
    answers = list(right_answers(model, request))
    share = -(-MIN_POSITIONS // max(len(answers), 1))  # of each row, since one mistake may concern a few of them
    chosen = (spread(list(likely), share) for _, likely in answers)
    tokens = [LikelyToken(number, *each) for number, likely in enumerate(chosen) for each in likely]
    sha256 = hashlib.sha256(request.parity_rows.read_bytes()).hexdigest()
    write_likely_tokens(request.parity_file, sha256, tokens, tuple(token_ids for token_ids, _ in answers))


def spread(likely: list[PositionedId], count: int) -> list[PositionedId]:
    """So many of the ids, at equal distances."""
    return [likely[index * len(likely) // count] for index in range(count)] if len(likely) > count else likely


def right_answers(model: UnifiedModel, request: PictureAdaptRequest) -> Iterator[RightAnswer]:
    """The right answers of the rows of parity."""
    declaration = task_declaration(request.trained_task)
    if declaration.answer.media:
        drawings = DrawingRows(request.parity_rows, declaration, model.size).drawings
        yield from ((drawing_ids(each), likely_codes(model, each)) for each in drawings)
        return
    rows = readable_rows(replace(request, rows=request.parity_rows), model.size.side)
    for sample in map(rows.sample, range(rows.length)):
        (example,) = sample.examples
        yield (*example.input_ids, *example.target_ids), likely_answers(model, sample)


def drawing_ids(drawing: Drawing) -> Ids:
    return (*drawing.input_ids, *drawing.codes.tolist())


@torch.no_grad()
def likely_answers(model: UnifiedModel, sample: Sample) -> Iterator[PositionedId]:
    """The likely ids of one answer, each given the right ones before it."""
    batch = collate([sample], vocabulary(), model.size.grid).to(model.start.device)
    answers = (batch.image_index, batch.input_ids, batch.attention_mask, batch.target_ids, batch.target_mask)
    with full_precision():
        hidden_states = model(batch.pictures, *answers).hidden_states
        log_probs = model.logits(hidden_states).float().log_softmax(-1)
    return likely_ids(log_probs)


@torch.no_grad()
def likely_codes(model: UnifiedModel, drawing: Drawing) -> Iterator[PositionedId]:
    """The likely codes of one picture of which none is known."""
    codes = drawing.codes[None]
    batch = painting_batch([drawing.input_ids], codes, torch.full_like(codes, -1), model.size).to(model.start.device)
    with full_precision():
        memory = model(batch.pictures, batch.image_index, batch.input_ids, batch.attention_mask).memory
        features, _ = model.decode_masked(memory, batch.known_codes)
        log_probs = model.code_logits(features[0]).float().log_softmax(-1)
    return likely_ids(log_probs)
