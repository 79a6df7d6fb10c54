"""Exponential moving average (EMA) of the weights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class EMA:
    """Averaged weights; these are evaluated and shipped."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: dict[str, Tensor] = {name: each.detach().clone() for name, each in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Updates the average. Early steps weigh more, so that the random initial weights are forgotten."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        names, parameters = zip(*module.named_parameters(), strict=True)
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
            [self.weights[name] for name in names], list(parameters), share
        )

    @contextmanager
    def average_parameters(self, module: nn.Module) -> Iterator[None]:
        """Context manager in which the module has the averaged weights."""
        original = {name: each.detach().clone() for name, each in module.named_parameters()}
        self.copy_to(module, self.weights)
        try:
            yield
        finally:
            self.copy_to(module, original)

    @torch.no_grad()
    def copy_to(self, module: nn.Module, weights: Mapping[str, Tensor]) -> None:
        for name, parameter in module.named_parameters():
            parameter.copy_(weights[name])
