"""That every expert gets something to do. Left alone a router soon sends nearly all to the few that were better at the
beginning, which then are all that learns.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.unified.model.experts import Experts

BALANCE = "balance"  # the loss, as a recipe calls it
# Where a recipe gives none. Switch (arXiv 2101.03961, section 2.2) has 0.01 beside one cross-entropy. Beside our nine
# losses the idlest of four experts got nothing with that after 120 steps of tiny, and half of an even share with this,
# with the same losses of what is written (benchmarks/growth.py).
BALANCE_WEIGHT = 0.1

Routes = Mapping[Experts, list[Float[Tensor, "m n"]]]


@contextmanager
def record_routes(model: nn.Module) -> Iterator[Routes]:
    """What the routers say while it is entered, by the experts that they choose from."""
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
    """The loss, and how much the busiest and the idlest expert of all layers get, where 1 is an even share; nothing
    where there are no experts.

    The loss is 1 where all is even, and the number of experts where one of them gets all: how often each is chosen
    times how likely it was (Switch, section 2.2, equation 4). All rows of a step that a layer saw count together, so
    that experts may still part what there is by its sort: cells, words, what is written and painted.
    """
    if not routes:
        return {}, {}
    probabilities = [experts.probabilities(torch.cat(logits)) for experts, logits in routes.items()]
    loads = [expert_load(each) for each in probabilities]
    losses = [(load * each.mean(0)).sum(-1).mean() for load, each in zip(loads, probabilities, strict=True)]
    all_loads = torch.cat([each.flatten() for each in loads])
    return {BALANCE: torch.stack(losses).mean()}, {"busiest": all_loads.max(), "idlest": all_loads.min()}


def expert_load(probabilities: Float[Tensor, "m g n/g"]) -> Float[Tensor, "g n/g"]:
    """How much of a group's rows each expert gets, as a multiple of an even share."""
    count = probabilities.shape[-1]
    return F.one_hot(probabilities.argmax(-1), count).float().mean(0) * count
