"""LoRA: a trainable change of low rank beside each frozen matrix (Hu et al. 2021, arXiv 2106.09685)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import sqrt
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plait.foundation.cards.adapter import FACTOR_SUFFIXES
from plait.foundation.training.linear import Linear, linear


class LoraLinear(Linear):
    """A frozen matrix with an adapter. `lora_b` begins at zero: a new adapter changes nothing."""

    def __init__(self, base: Linear, rank: int, scale: float, generator: torch.Generator) -> None:
        with torch.device("meta"):
            super().__init__(base.in_features, base.out_features)
        self.weight = base.weight
        bound = 1 / sqrt(base.in_features)  # Kaiming's with a = sqrt(5), as in PEFT
        first = torch.empty(rank, base.in_features).uniform_(-bound, bound, generator=generator)
        self.lora_a = nn.Parameter(first.to(base.weight.device))
        self.lora_b = nn.Parameter(base.weight.new_zeros(base.out_features, rank))
        self.scale, self.is_enabled = scale, True

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        if not self.is_enabled:
            return linear(input, self.weight)
        return LoraProduct.apply(input, self.weight, self.lora_a, self.lora_b, self.scale)


class LoraProduct(torch.autograd.Function):
    """x Wᵀ + scale · x Aᵀ Bᵀ for a frozen W.

    The second term is added in place, forward and backward: as separate operations it is written and read once more.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
        rows = x.flatten(0, -2)
        low = rows @ a.T
        ctx.save_for_backward(rows, low, weight, a, b)
        ctx.scale, ctx.shape = scale, x.shape
        output = linear(rows, weight).addmm_(low, b.T, alpha=scale)
        return output.unflatten(0, x.shape[:-1])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        rows, low, weight, a, b = ctx.saved_tensors
        gradient = gradients[0].flatten(0, -2)
        # Narrow products with the narrow side first: 1,600 x 1,536 by 1,600 x 8 takes 1.2 ms instead of 8.3.
        of_b = ctx.scale * (low.T @ gradient).T
        of_low = ctx.scale * (b.T @ gradient.T).T
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = linear(gradient, weight.T).addmm_(of_low, a).view(ctx.shape)
        return of_x, None, of_low.T @ rows, of_b, None


class AdapterParameters(nn.Module):
    """The trainable parameters of a model's adapters. Checkpoints hold these alone, not the frozen model."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        for name, weight in adapter_weights(model).items():
            assert isinstance(weight, nn.Parameter)
            self.register_parameter(name.replace(".", "_"), weight)


def adapters(model: nn.Module) -> Iterator[tuple[str, LoraLinear]]:
    """Adapted matrices by the names of their modules, in the order of the model."""
    for name, module in model.named_modules():
        if isinstance(module, LoraLinear):
            yield name, module


def adapter_weights(model: nn.Module) -> Mapping[str, Tensor]:
    """Trainable parameters by the names that they have in files: NAME.weight.lora_a, NAME.weight.lora_b."""
    return {
        f"{name}.weight{suffix}": getattr(module, suffix.removeprefix("."))
        for name, module in adapters(model)
        for suffix in FACTOR_SUFFIXES
    }


@contextmanager
def adapters_disabled(model: nn.Module) -> Iterator[None]:
    """Within it the model computes as without adapters: the reference of preference training."""
    modules = [module for _, module in adapters(model)]
    for module in modules:
        module.is_enabled = False
    try:
        yield
    finally:
        for module in modules:
            module.is_enabled = True
