"""Log-probabilities of right answers, each token given the right ones before it, by the model that was trained."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from math import log
from pathlib import Path

import torch

from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.token_row import TokenRow, read_token_rows
from plait.foundation.training.distributed import rank_and_world_size
from plait.foundation.training.likely_tokens import (
    MIN_POSITIONS,
    MIN_PROBABILITY,
    LikelyToken,
    write_likely_tokens,
)
from plait.foundation.training.linear import full_precision


def write_parity_file(model: TextDecoder, rows_file: Path, file: Path) -> None:
    """Writes the likely tokens of the rows of a file, computed with the weights in memory.

    Not with those of the adapter's file: a mistake made in writing it would be the same on both sides.
    """
    rows = read_token_rows(rows_file, model.config.num_tokens)
    rows_sha256 = hashlib.sha256(rows_file.read_bytes()).hexdigest()
    tokens = tuple(likely_tokens(model, rows))  # by all processes, if they share the weights
    if rank_and_world_size()[0] == 0:
        write_likely_tokens(file, rows_sha256, tokens)


def likely_tokens(model: TextDecoder, rows: Sequence[TokenRow]) -> Iterator[LikelyToken]:
    """The first MIN_POSITIONS likeliest tokens, of probability MIN_PROBABILITY or more: those of the answers, and if
    these have fewer, those of the prompts. Rows that are not needed are not computed.
    """
    answers = (row_tokens(model, n, row, range(len(row.answer))) for n, row in enumerate(rows))
    prompts = (row_tokens(model, n, row, range(1 - len(row.prompt), 0)) for n, row in enumerate(rows))
    return islice(chain.from_iterable(chain(answers, prompts)), MIN_POSITIONS)


def row_tokens(model: TextDecoder, number: int, row: TokenRow, positions: range) -> Iterator[LikelyToken]:
    """The likely tokens at some positions, counted from where the answer begins."""
    start = len(row.prompt) + positions.start
    values, ids = next_log_probs(model, row.token_ids, slice(start - 1, start - 1 + len(positions))).max(-1)
    for position, value, id in zip(positions, values.tolist(), ids.tolist(), strict=True):
        if value >= log(MIN_PROBABILITY):
            yield LikelyToken(number, position, id, value)


@torch.no_grad()
def next_log_probs(model: TextDecoder, token_ids: Sequence[int], wanted: slice) -> torch.Tensor:
    """Log-probabilities of every next token after the wanted ones, shape (wanted, vocabulary)."""
    packed_ids, documents = PackedDocuments.pack([token_ids])
    with full_precision():
        hidden_states = model(packed_ids.to(model.token_embd.weight.device), documents)
        return model.logits(hidden_states[wanted]).float().log_softmax(-1)
