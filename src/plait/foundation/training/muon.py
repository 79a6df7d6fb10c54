"""Muon: momentum with orthogonalised updates (Jordan et al. 2024, "Muon: an optimizer for hidden layers").

It is used for matrices of hidden layers, and for convolution filters as matrices (out, in * k * k): after 12,000 images
the stem names .41 of the cells with Muon and .02 with AdamW (docs/decisions/0003). `torch.optim.Muon` accepts only
parameters with two dimensions and multiplies the whole matrix in every iteration (`ns_steps`). Three iterations instead
of five take 0.10 s a step instead of 0.18 on one core.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from plait.foundation.training.linear import onednn
from plait.foundation.training.sharding import full_tensor, shard_like

# Coefficients of its quintic iteration: fast, with singular values near 1 instead of exactly 1.
A, B, C = 3.4445, -4.7750, 2.0315
OPTIONS = ("lr", "momentum", "decay", "iterations")


class Muon(torch.optim.Optimizer):
    """Muon optimizer. `lr` is the size of an update relative to an orthogonal matrix; a group's `factor` scales it."""

    def __init__(
        self, groups: Iterable[dict[str, object]], lr: float, momentum: float, decay: float, iterations: int
    ) -> None:
        super().__init__(groups, {"lr": lr, "momentum": momentum, "decay": decay, "iterations": iterations})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for shape in {parameter.shape for parameter in group["params"]}:
                same_shape = [each for each in group["params"] if each.shape == shape and each.grad is not None]
                if same_shape:
                    self.step_matrices(same_shape, **{name: group[name] for name in OPTIONS})

    def step_matrices(
        self, parameters: list[Tensor], lr: float, momentum: float, decay: float, iterations: int
    ) -> None:
        """Updates matrices of one shape.

        They are orthogonalised in one batch on a GPU, which one matrix does not fill, and one by one on a CPU, where a
        batch does not fit the cache (nano: 137 ms a step in one batch, 104 ms one by one). Sharded matrices are
        computed whole by each process, which keeps its own part.
        """
        directions = torch.stack([full_tensor(self.direction(each, momentum)).flatten(1) for each in parameters])
        parts = directions.split(len(parameters) if directions.is_cuda else 1)
        with onednn():
            updates = torch.cat([orthogonalize(part, iterations) for part in parts])
        updates *= max(1.0, directions.shape[1] / directions.shape[2]) ** 0.5
        for parameter, update in zip(parameters, updates, strict=True):
            parameter.mul_(1 - lr * decay)
            parameter.sub_(lr * shard_like(update.view(parameter.shape), parameter))

    def direction(self, parameter: Tensor, momentum: float) -> Tensor:
        """Gradient with Nesterov momentum."""
        assert parameter.grad is not None
        state = self.state[parameter]
        average = state.setdefault("momentum", torch.zeros_like(parameter))
        average.lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(average, momentum)


def orthogonalize(matrices: Float[Tensor, "m rows columns"], iterations: int) -> Float[Tensor, "m rows columns"]:
    """Brings the singular values of the matrices near 1, by Newton-Schulz iteration.

    An iteration multiplies x by a polynomial of its Gram matrix. All iterations run on the smaller side, and x is
    multiplied once at the end (nano: 104 ms a step, 163 ms with x in each iteration; one core, fp32).
    """
    x = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    gram = x @ x.mT
    factor = step = polynomial(gram)
    for _ in range(iterations - 1):
        gram = step @ (step @ gram)
        step = polynomial(gram)
        factor = step @ factor
    return (factor @ x).mT if matrices.shape[1] > matrices.shape[2] else factor @ x


def polynomial(gram: Float[Tensor, "m side side"]) -> Float[Tensor, "m side side"]:
    step = torch.baddbmm(gram, gram, gram, beta=B, alpha=C)
    step.diagonal(dim1=1, dim2=2).add_(A)
    return step
