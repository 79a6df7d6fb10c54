"""Sparse experts: several feed-forwards instead of one; each row goes through one or a few of them.

The number of weights grows with the number of experts, the work per row does not. Every second layer has experts, as in
GShard (arXiv 2006.16668) and Switch (arXiv 2101.03961), starting with the second: in the lowest layer of the encoder
and the decoder a row holds little more than its cell or its word.

Several experts per row are chosen as in M6-T (arXiv 2105.15082, "k top-1"): experts are divided into as many groups,
and each row uses the best expert of each group. Experts have no capacity limit: rows are sorted by expert and
multiplied expert by expert, so the result of a row never depends on the other rows of its batch.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.training.linear import Linear
from plait.foundation.unified.model.layers import FeedForward


def feed_forward(size: ModelSize, layer_index: int) -> "FeedForward | Experts":
    """The feed-forward of a layer: dense or with experts. `layer_index` counts from 0."""
    if size.experts and layer_index % 2:
        return Experts(size.width, size.experts, size.experts_used)
    return FeedForward(size.width)


class Experts(nn.Module):
    """Router and n experts in g groups, for m rows. The output of an expert is weighted by its routing probability,
    which gives the router its gradient.
    """

    def __init__(self, width: int, num_experts: int, experts_per_token: int) -> None:
        super().__init__()
        self.experts_per_token = experts_per_token
        self.router = Linear(width, num_experts)
        self.experts = nn.ModuleList(FeedForward(width) for _ in range(num_experts))

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        rows = x.flatten(0, -2)
        with torch.autocast(x.device.type, enabled=False):  # in bf16 routers diverge (Switch, section 2.4)
            shares, chosen = self.probabilities(self.router(rows.float())).max(-1)
        group_offsets = torch.arange(0, len(self.experts), len(self.experts) // self.experts_per_token, device=x.device)
        outputs = self.dispatch(rows, (chosen + group_offsets).flatten())
        return (outputs.unflatten(0, shares.shape) * shares[..., None]).sum(1).to(x.dtype).view_as(x)

    def probabilities(self, logits: Float[Tensor, "m n"]) -> Float[Tensor, "m g n/g"]:
        """Routing probability of each expert within its group."""
        return logits.unflatten(-1, (self.experts_per_token, -1)).softmax(-1)

    def dispatch(self, rows: Float[Tensor, "m d"], chosen: Tensor) -> Float[Tensor, "m*g d"]:
        """Runs the chosen experts on their rows; `chosen` has m * g expert indices. The output keeps the order of the
        rows.
        """
        order = chosen.argsort(stable=True)
        counts = chosen.bincount(minlength=len(self.experts)).tolist()
        rows_by_expert = rows.index_select(0, order // self.experts_per_token).split(counts)
        # In training, experts without rows are called too: DistributedDataParallel waits for the gradient of each.
        pairs = zip(self.experts, rows_by_expert, strict=True)
        outputs = [expert(expert_rows) for expert, expert_rows in pairs if len(expert_rows) or torch.is_grad_enabled()]
        return torch.cat([rows[:0], *outputs]).index_select(0, order.argsort())
