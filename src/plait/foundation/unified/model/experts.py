"""Sparse experts: several feed-forwards in the place of one, of which each row goes through one or a few.

Weights grow with their number, work does not. Every second layer has them, as in GShard (arXiv 2006.16668) and Switch
(arXiv 2101.03961), from the second on: in the lowest layer of each half a row is little more than its cell or its word.

Where several are used they are chosen as in M6-T (arXiv 2105.15082, "k top-1"): experts are parted into as many groups,
and each row takes the best one of each group. No expert has a limit of rows: they are sorted by expert and multiplied
expert by expert, so that what becomes of a row never depends on what stands beside it.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plait.foundation.cards.sizes import ModelSize
from plait.foundation.training.linear import Linear
from plait.foundation.unified.model.layers import FeedForward


def feed_forward(size: ModelSize, layer_index: int) -> "FeedForward | Experts":
    """What a layer does with each row by itself; `layer_index` counts from 0."""
    if size.experts and layer_index % 2:
        return Experts(size.width, size.experts, size.experts_used)
    return FeedForward(size.width)


class Experts(nn.Module):
    """Rows m of any shape, n experts in g groups. What an expert gives counts by the probability that it was chosen
    with, through which the router learns.
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
        """Of each expert within its group."""
        return logits.unflatten(-1, (self.experts_per_token, -1)).softmax(-1)

    def dispatch(self, rows: Float[Tensor, "m d"], chosen: Tensor) -> Float[Tensor, "m*g d"]:
        """What the chosen ones, (m * g) numbers of experts, say of the rows, in the order of the rows."""
        order = chosen.argsort(stable=True)
        counts = chosen.bincount(minlength=len(self.experts)).tolist()
        rows_by_expert = rows.index_select(0, order // self.experts_per_token).split(counts)
        # In learning those without a row are called, too: DistributedDataParallel waits for a gradient of each.
        pairs = zip(self.experts, rows_by_expert, strict=True)
        outputs = [expert(expert_rows) for expert, expert_rows in pairs if len(expert_rows) or torch.is_grad_enabled()]
        return torch.cat([rows[:0], *outputs]).index_select(0, order.argsort())
