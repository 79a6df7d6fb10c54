"""Packs rows into one batch without padding, each beginning that several rows share once: same loss, same gradients."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.prefix_tree import PrefixTree
from plait.foundation.text.token_row import TokenRow


@dataclass(frozen=True)
class TokenBatch:
    """Packed documents, the indices of the hidden states that predict a learned token, these tokens, their weights.

    `counts` are the numbers of learned tokens of the rows, `last` the places of the rows' last tokens. `share` is how
    much the batch counts among those of several processes, on average 1.
    """

    token_ids: Int[Tensor, " m"]
    documents: PackedDocuments
    predicting: Int[Tensor, " k"]
    targets: Int[Tensor, " k"]
    weights: Float[Tensor, " k"]
    counts: tuple[int, ...]
    last: Int[Tensor, " n"]
    share: float = 1.0

    def to(self, device: torch.device) -> "TokenBatch":
        tensors = {name: each.to(device) for name, each in vars(self).items() if isinstance(each, Tensor)}
        return replace(self, **tensors)

    def mean_loss(self, log_probs: Float[Tensor, " k"]) -> Float[Tensor, ""]:
        """The weighted mean of the cross-entropies of the learned tokens, in nats."""
        return -(self.weights * log_probs).sum() / self.weights.sum()

    def row_sums(self, log_probs: Float[Tensor, " k"]) -> Float[Tensor, " n"]:
        """The log-probability of what is learned of each row."""
        return torch.stack([part.sum() for part in log_probs.split(self.counts)])


def pack_rows(rows: Sequence[TokenRow], *, sharing: bool = True) -> TokenBatch:
    """One batch of these rows; without `sharing` every row stands in it whole."""
    token_ids = [row.token_ids for row in rows]
    tree = PrefixTree.grow(token_ids) if sharing else PrefixTree.apart(token_ids)
    predicting = [tree.places[number][index] for number, row in enumerate(rows) for index in row.predicting]
    return TokenBatch(
        torch.tensor(tree.token_ids),
        PackedDocuments(tree.lengths, tree.parents),
        torch.tensor(predicting),
        torch.tensor([id for row in rows for id in row.targets]),
        torch.tensor([weight for row in rows for weight in row.target_weights]),
        tuple(len(row.learned) for row in rows),
        torch.tensor([places[-1] for places in tree.places]),
    )
