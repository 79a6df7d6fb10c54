"""Products with weights, through the library that is quickest.

torch multiplies by MKL, which keeps to AVX2 on AMD's processors: 576 rows of 192 features to 768 took 1.59 ms so, and
0.68 through oneDNN (one core, Zen 5), with the same errors of rounding; a step of nano's training took 0.68 s and 0.46
where one process has the machine. torch takes that way only where bf16 is permitted, and oneDNN makes use of that where
a processor has units for it (AMX). The permission is given for the product alone: attention took ten times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

ONEDNN_THRESHOLD = 1_300_000  # multiplications; smaller products are done sooner by MKL


class Linear(nn.Linear):
    """A linear map without a bias."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return linear(input, self.weight)


class Embedding(nn.Embedding):
    """A vector for each id, by which it is read, and weighed where one is to be written."""

    def logits(self, x: Float[Tensor, "... d"], ids: slice) -> Float[Tensor, "... ids"]:
        """The product of each row of x with the vectors of those ids."""
        return linear(x, self.weight[ids])


def linear(x: Float[Tensor, "... inside"], weight: Float[Tensor, "outside inside"]) -> Float[Tensor, "... outside"]:
    """The rows of x times each row of the weight; on the CPU through oneDNN where that is large."""
    if x.device.type != "cpu" or x.numel() * len(weight) < ONEDNN_THRESHOLD:
        return F.linear(x, weight)
    return OneDnnLinear.apply(x, weight)


class OneDnnLinear(torch.autograd.Function):
    """What torch's own product gives, forward and back."""

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
    """Products of matrices on the CPU go through oneDNN; those of attention are not to be among them."""
    setting = torch.backends.mkldnn.matmul  # pyright: ignore[reportAttributeAccessIssue]
    before, setting.fp32_precision = setting.fp32_precision, "bf16"
    try:
        yield
    finally:
        setting.fp32_precision = before
