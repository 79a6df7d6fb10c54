"""Load-balancing loss for experts (Switch).

Without it the router collapses onto the few experts that were better at the beginning.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.unified.model.experts import Experts

BALANCE = "balance"  # name of the loss in a recipe
# Default weight. Switch (arXiv 2101.03961, section 2.2) has 0.01 beside one cross-entropy. Beside our nine losses, with
# 0.01 the idlest of four experts had no load after 120 steps of tiny; with this weight it had half of an even share, at
# equal losses of the text (benchmarks/growth.py).
BALANCE_WEIGHT = 0.1

Routes = Mapping[Experts, list[Float[Tensor, "m n"]]]


@contextmanager
def record_routes(model: nn.Module) -> Iterator[Routes]:
    """Context manager that records the logits of the routers, by layer of experts."""
    routes: dict[Experts, list[Tensor]] = {}

    def recorder(experts: Experts) -> Any:
        return lambda router, rows, logits: routes.setdefault(experts, []).append(logits)

    hooks = [each.router.register_forward_hook(recorder(each)) for each in model.modules() if isinstance(each, Experts)]
    try:
        yield routes
    finally:
        for hook in hooks:
            hook.remove()


def load_balancing_loss(routes: Routes) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Load-balancing loss, and the load of the busiest and the idlest expert over all layers, where 1 is an even share.

    Both are empty without experts. The loss is 1 if the load is even, and the number of experts if one of them gets
    everything: the share of each expert times its mean probability (Switch, section 2.2, equation 4). All rows of a
    step in a layer count together, so that experts may still specialise by kind of row: cells, input text, output text,
    image codes.
    """
    if not routes:
        return {}, {}
    probabilities = [experts.probabilities(torch.cat(logits)) for experts, logits in routes.items()]
    loads = [expert_load(each) for each in probabilities]
    losses = [(load * each.mean(0)).sum(-1).mean() for load, each in zip(loads, probabilities, strict=True)]
    all_loads = torch.cat([each.flatten() for each in loads])
    return {BALANCE: torch.stack(losses).mean()}, {"busiest": all_loads.max(), "idlest": all_loads.min()}


def expert_load(probabilities: Float[Tensor, "m g n/g"]) -> Float[Tensor, "g n/g"]:
    """Load of each expert in a group, as a multiple of an even share."""
    count = probabilities.shape[-1]
    return F.one_hot(probabilities.argmax(-1), count).float().mean(0) * count
