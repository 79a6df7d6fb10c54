"""Packs rows into batches without padding: documents one after another, up to a number of tokens.

The batches of all epochs follow from the rows, the limit and the seed, so a run resumes at any step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from jaxtyping import Int
from torch import Tensor

from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.token_row import TokenRow


@dataclass(frozen=True)
class TokenBatch:
    """Packed documents, the indices of the hidden states that predict a learned token, and these tokens."""

    token_ids: Int[Tensor, " m"]
    documents: PackedDocuments
    predicting: Int[Tensor, " k"]
    targets: Int[Tensor, " k"]


def pack_rows(rows: Sequence[TokenRow]) -> TokenBatch:
    """One batch of these rows."""
    token_ids, documents = PackedDocuments.pack([row.token_ids for row in rows])
    starts = [0, *torch.tensor(documents.lengths).cumsum(0).tolist()]
    predicting = [start + index for start, row in zip(starts, rows, strict=False) for index in row.predicting]
    targets = [id for row in rows for id in row.targets]
    return TokenBatch(token_ids, documents, torch.tensor(predicting), torch.tensor(targets))


def batch_plan(lengths: Sequence[int], max_tokens: int, epochs: int, seed: int) -> list[tuple[int, ...]]:
    """The numbers of the rows of each batch of all epochs; every row is in one batch of each epoch.

    A batch has at most `max_tokens` tokens, or one row. The order of rows differs from epoch to epoch.
    """
    random = Random(f"batches {seed}")
    plan: list[tuple[int, ...]] = []
    for _ in range(epochs):
        order = list(range(len(lengths)))
        random.shuffle(order)
        plan += filled_batches(order, lengths, max_tokens)
    return plan


def filled_batches(order: Sequence[int], lengths: Sequence[int], max_tokens: int) -> list[tuple[int, ...]]:
    """Consecutive rows, as many in each batch as fit."""
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    used = 0
    for row in order:
        if batch and used + lengths[row] > max_tokens:
            batches.append(tuple(batch))
            batch, used = [], 0
        batch.append(row)
        used += lengths[row]
    return [*batches, tuple(batch)] if batch else batches
