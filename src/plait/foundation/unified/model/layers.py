"""Layers of the encoder and the decoder: attention, feed-forward, norm, packing of texts.

Shapes: n sequences, q queries, k keys, h heads, e features per head, d = h * e. Norms are RMS norms without gain,
queries and keys are normalised per head (QK-norm, arXiv 2010.04245), there are no biases, and output projections start
at zero, so that a new layer is the identity (nanochat, modded-nanogpt: dev/LOG.md).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.training.linear import Linear


def norm(x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
    return F.rms_norm(x, (x.shape[-1],))


@dataclass(frozen=True)
class SequencePacking:
    """Texts of different lengths: m ids end to end for operations per token, n padded rows of t for attention.

    A batch of mixed tasks is more padding than text (0.46 of the source positions and 0.26 of the target positions are
    ids), and products with weights are most of the work: padding for attention only reduced a step from 1.06 s to 0.62
    s on one core.
    """

    mask: Bool[Tensor, "n t"]

    @cached_property
    def indices(self) -> Int[Tensor, " m"]:
        return self.mask.flatten().nonzero()[:, 0]

    def pack(self, x: Shaped[Tensor, " n t *rest"]) -> Shaped[Tensor, " m *rest"]:
        return x.flatten(0, 1).index_select(0, self.indices)

    def pad(self, x: Float[Tensor, " m *rest"]) -> Float[Tensor, " n t *rest"]:
        return x.new_zeros(self.mask.numel(), *x.shape[1:]).index_copy(0, self.indices, x).unflatten(0, self.mask.shape)


KeysAndValues = tuple[Float[Tensor, "n k h e"], Float[Tensor, "n k h e"]]


class Attention(nn.Module):
    """Multi-head attention; its keys and values may be computed once and reused."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query, self.key = Linear(width, width), Linear(width, width)
        self.value, self.out = Linear(width, width), Linear(width, width)
        # The product of unit vectors is at most 1: without a learned scale no head could single out one key of many.
        self.sharpness = nn.Parameter(torch.full((num_heads,), math.log(8.0)))
        nn.init.zeros_(self.out.weight)

    def forward(
        self,
        x: Float[Tensor, "... d"],
        keys_and_values: KeysAndValues | None = None,
        mask: Tensor | None = None,
        *,
        prefix: KeysAndValues | None = None,
        packing: SequencePacking | None = None,
    ) -> tuple[Float[Tensor, "... d"], Float[Tensor, "n q h e"], KeysAndValues]:
        """Returns the attention output, the queries, and the keys and values: by default those of x itself, after
        `prefix`. With `packing`, x is packed.
        """
        if keys_and_values is None:
            keys_and_values = self.keys_and_values(x)
            if packing is not None:
                keys_and_values = packing.pad(keys_and_values[0]), packing.pad(keys_and_values[1])
            if prefix is not None:
                keys, values = keys_and_values
                keys_and_values = torch.cat((prefix[0], keys), 1), torch.cat((prefix[1], values), 1)
        queries = self.queries(x) if packing is None else packing.pad(self.queries(x))
        attended = attention(queries, *keys_and_values, mask)
        return self.out(attended if packing is None else packing.pack(attended)), queries, keys_and_values

    def split_heads(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... h e"]:
        return x.unflatten(-1, (self.num_heads, -1))

    def queries(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... h e"]:
        return F.normalize(self.split_heads(self.query(x)), dim=-1) * self.sharpness.exp()[:, None]

    def keys_and_values(self, x: Float[Tensor, "... d"]) -> tuple[Float[Tensor, "... h e"], Float[Tensor, "... h e"]]:
        return F.normalize(self.split_heads(self.key(x)), dim=-1), self.split_heads(self.value(x))


def compile_fixed_shapes(layer: nn.Module, dynamic: bool | None) -> None:
    """Compiles what a layer does with pictures. Packed texts change shape with each batch and would be recompiled."""
    eager, compiled = layer.forward, torch.compile(layer.forward, dynamic=dynamic)

    def forward(*inputs: Any, packing: SequencePacking | None = None, **others: Any) -> Any:
        return compiled(*inputs, **others) if packing is None else eager(*inputs, packing=packing, **others)

    layer.forward = forward


def attention(
    queries: Float[Tensor, "n q h e"],
    keys: Float[Tensor, "n k h e"],
    values: Float[Tensor, "n k h e"],
    mask: Bool[Tensor, "n _ k"] | Bool[Tensor, "q k"] | None = None,
) -> Float[Tensor, "n q d"]:
    """Scaled dot-product attention; `mask` is True where a key may be attended to."""
    mask = mask[:, None] if mask is not None and mask.ndim == 3 else mask
    heads = (each.transpose(1, 2) for each in (queries, keys, values))
    return F.scaled_dot_product_attention(*heads, attn_mask=mask, scale=1.0).transpose(1, 2).flatten(2)


def attention_log_probs(
    queries: Float[Tensor, "n q e"], keys: Float[Tensor, "n k e"], mask: Bool[Tensor, "n _ k"]
) -> Float[Tensor, "n q k"]:
    """Attention log-probabilities of one head, which SDPA computes internally but does not return."""
    return (queries @ keys.mT).masked_fill(~mask, -torch.inf).log_softmax(-1)


class FeedForward(nn.Module):
    """Feed-forward with hidden size four times the width and squared ReLU (Primer, arXiv 2109.08668)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up, self.down = Linear(width, 4 * width), Linear(4 * width, width)
        nn.init.zeros_(self.down.weight)

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        return self.down(F.relu(self.up(x)).square())


def sinusoidal_positions(positions: Float[Tensor, " p"], width: int) -> Float[Tensor, "p {width}"]:
    """Sinusoidal position embeddings (Vaswani et al. 2017, section 3.5): no table, so lengths and grids may change."""
    steps = torch.arange(width // 2, dtype=torch.float32) / (width // 2)
    angles = positions[:, None] * (10_000.0**-steps)
    return torch.cat((angles.sin(), angles.cos()), -1)
