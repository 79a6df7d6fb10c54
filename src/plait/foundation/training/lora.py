"""LoRA: a trainable change of low rank beside each frozen matrix (Hu et al. 2021, arXiv 2106.09685)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import sqrt
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plait.foundation.cards.adapter import FACTOR_SUFFIXES
from plait.foundation.training.linear import FrozenProduct, Linear, QuantizedLinear, linear


class LoraLinear(Linear):
    """A frozen matrix with an adapter. `lora_b` begins at zero: a new adapter changes nothing.

    A quantised matrix stays so (QLoRA, Dettmers et al. 2023, arXiv 2305.14314): it is dequantised for each product.
    """

    def __init__(self, base: Linear, rank: int, scale: float, generator: torch.Generator) -> None:
        with torch.device("meta"):
            super().__init__(base.in_features, base.out_features)
        self.weight, self.dequantize = base.weight, getattr(base, "dequantize", None)
        bound = 1 / sqrt(base.in_features)  # Kaiming's with a = sqrt(5), as in PEFT
        first = torch.empty(rank, base.in_features).uniform_(-bound, bound, generator=generator)
        self.lora_a = nn.Parameter(first.to(base.weight.device))
        self.lora_b = nn.Parameter(torch.zeros(base.out_features, rank, device=base.weight.device))
        self.scale, self.is_enabled = scale, True
        self.register_buffer("start_a", None, persistent=False)  # those of the adapter that training began with
        self.register_buffer("start_b", None, persistent=False)

    def keep_as_start(self) -> None:
        """Makes the adapter as it is now a part of the reference."""
        self.start_a, self.start_b = self.lora_a.detach().clone(), self.lora_b.detach().clone()

    def without_adapter(self) -> Linear:
        """The layer alone, with the same weight in memory."""
        if self.dequantize is not None:
            return QuantizedLinear(self.weight, self.dequantize, self.in_features)
        with torch.device("meta"):
            layer = Linear(self.in_features, self.out_features)
        layer.weight = self.weight
        return layer

    def matrix(self) -> Float[Tensor, "outside inside"]:
        return self.weight if self.dequantize is None else self.dequantize(self.weight)

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        if self.is_enabled:
            return LoraProduct.apply(input, self.matrix, self.lora_a, self.lora_b, self.scale)
        if self.start_a is not None:
            return LoraProduct.apply(input, self.matrix, self.start_a, self.start_b, self.scale)
        return FrozenProduct.apply(input, self.matrix)


class LoraProduct(torch.autograd.Function):
    """x Wᵀ + scale · x Aᵀ Bᵀ for a frozen W, which `matrix` gives.

    The second term is added in place, forward and backward: as separate operations it is written and read once more.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, matrix: Callable[[], Tensor], a: Tensor, b: Tensor, scale: float) -> Tensor:
        low = x.flatten(0, -2) @ a.T
        dtype = low.dtype  # that of autocast, which operations in place do not follow by themselves
        rows, a, b = x.flatten(0, -2).to(dtype), a.to(dtype), b.to(dtype)
        ctx.save_for_backward(rows, low, a, b)
        ctx.matrix, ctx.scale, ctx.shape = matrix, scale, x.shape
        output = linear(rows, matrix().to(dtype)).addmm_(low, b.T, alpha=scale)
        return output.unflatten(0, x.shape[:-1])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        rows, low, a, b = ctx.saved_tensors
        gradient = gradients[0].flatten(0, -2)
        # Narrow products with the narrow side first: 1,600 x 1,536 by 1,600 x 8 takes 1.2 ms instead of 8.3.
        of_b = ctx.scale * (low.T @ gradient).T
        of_low = ctx.scale * (b.T @ gradient.T).T
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = linear(gradient, ctx.matrix().T.to(gradient.dtype)).addmm_(of_low, a).view(ctx.shape)
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
def reference_adapters(model: nn.Module) -> Iterator[None]:
    """Within it the model computes as before its training, without adapters or with those that it began with: the
    reference of preference training.
    """
    modules = [module for _, module in adapters(model)]
    for module in modules:
        module.is_enabled = False
    try:
        yield
    finally:
        for module in modules:
            module.is_enabled = True
