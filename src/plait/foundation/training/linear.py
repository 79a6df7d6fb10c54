"""Linear layers that use the faster library on the CPU.

torch multiplies by MKL, which is limited to AVX2 on AMD processors: 576 rows of 192 features to 768 take 1.59 ms, and
0.68 ms through oneDNN (one core, Zen 5), with the same rounding errors; a training step of nano takes 0.68 s and 0.46 s
with one process on the machine. torch uses oneDNN only if bf16 is permitted, and oneDNN then rounds factors to bf16 on
processors with units for it (AMX). The permission covers the product alone: attention took ten times as long with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

MATMUL = torch.backends.mkldnn.matmul  # pyright: ignore[reportAttributeAccessIssue]
Dequantize = Callable[[Tensor], Tensor]
ONEDNN_THRESHOLD = 1_300_000  # multiplications; MKL is faster for smaller products


class Linear(nn.Linear):
    """Linear layer without a bias."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def matrix(self) -> Float[Tensor, "outside inside"]:
        return self.weight

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return linear(input, self.weight)


class QuantizedLinear(Linear):
    """Linear layer whose frozen weight lies in memory in another form, of which `dequantize` makes the matrix."""

    def __init__(self, weight: Tensor, dequantize: Dequantize, in_features: int) -> None:
        with torch.device("meta"):
            super().__init__(in_features, len(weight))
        self.weight, self.dequantize = nn.Parameter(weight, requires_grad=False), dequantize

    def matrix(self) -> Float[Tensor, "outside inside"]:
        return self.dequantize(self.weight)

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return FrozenProduct.apply(input, self.matrix)


class FrozenProduct(torch.autograd.Function):
    """x Wᵀ for a frozen W that is made when it is needed, forward and backward, and not kept in between."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, matrix: Callable[[], Tensor]) -> Tensor:
        ctx.matrix = matrix
        return linear(x, matrix())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        return linear(gradient, ctx.matrix().T.to(gradient.dtype)), None


class Embedding(nn.Embedding):
    """Embedding of ids, tied: the same vectors give the logits of the output."""

    def logits(self, x: Float[Tensor, "... d"], ids: slice) -> Float[Tensor, "... ids"]:
        """Product of each row of x with the vectors of those ids."""
        return linear(x, self.weight[ids])

    def matrix(self) -> Float[Tensor, "ids d"]:
        return self.weight


class QuantizedEmbedding(Embedding):
    """Embedding whose frozen vectors lie in memory in another form; only those that are looked up are dequantised."""

    def __init__(self, weight: Tensor, dequantize: Dequantize, width: int) -> None:
        with torch.device("meta"):
            super().__init__(len(weight), width)
        self.weight, self.dequantize = nn.Parameter(weight, requires_grad=False), dequantize

    def matrix(self) -> Float[Tensor, "ids d"]:
        return self.dequantize(self.weight)

    def forward(self, input: Int[Tensor, " m"]) -> Float[Tensor, "m d"]:
        return self.dequantize(self.weight[input])


def linear(x: Float[Tensor, "... inside"], weight: Float[Tensor, "outside inside"]) -> Float[Tensor, "... outside"]:
    """Product of the rows of x with the rows of the weight; through oneDNN for large products on the CPU."""
    if x.device.type != "cpu" or x.numel() * len(weight) < ONEDNN_THRESHOLD or MATMUL.fp32_precision == "ieee":
        return F.linear(x, weight)
    return OneDnnLinear.apply(x, weight)


class OneDnnLinear(torch.autograd.Function):
    """Matrix product through oneDNN, forward and backward; in bf16 where the processor has AMX."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        with onednn():
            return F.linear(x, weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        of_x, of_weight = ctx.needs_input_grad
        (gradient,) = gradients
        with onednn():
            return (
                gradient @ weight if of_x else None,
                gradient.flatten(0, -2).T @ x.flatten(0, -2) if of_weight else None,
            )


@contextmanager
def onednn() -> Iterator[None]:
    """Enables oneDNN for matrix products on the CPU. Do not run attention inside."""
    with precision("bf16"):
        yield


@contextmanager
def full_precision() -> Iterator[None]:
    """No product rounds its factors: for what is compared with another program, where bf16 would be the difference.

    With AMX the log-probabilities of SmolLM2-135M differ by 0.003 nat (median; 0.04 at most) from those in here.
    """
    with precision("ieee"):
        yield


@contextmanager
def precision(name: str) -> Iterator[None]:
    before, MATMUL.fp32_precision = MATMUL.fp32_precision, name
    try:
        yield
    finally:
        MATMUL.fp32_precision = before
