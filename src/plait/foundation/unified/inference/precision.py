"""Linear layers and embeddings in int8 or bf16, for inference.

Int8 weights are those of the file (`unified.weights.weight_files`); rows of features are quantised at run time, each by
its own maximum. Measured on one core, Zen 5 with VNNI, for 64 rows of 384 features to 1,536: 0.86 ms with MKL in fp32,
with oneDNN 0.42 in fp32, 0.21 in bf16 and 0.15 in int8; for a single row 0.036, 0.036, 0.049 and 0.033.
"""

from typing import cast

import torch
from jaxtyping import Float, Int, Int8
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.inference_plan import Precision
from plait.foundation.training.linear import Embedding, Linear
from plait.foundation.training.quantization import INT8_MAX, quantize_rows
from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.unified_model import UnifiedModel


class Int8Linear(nn.Module):
    """`Linear` in int8 with exact int32 sums; only the rows of features are rounded."""

    whole: Int8[Tensor, "inside outside"]
    scale: Float[Tensor, " outside"]

    def __init__(self, weight: Float[Tensor, "outside inside"]) -> None:
        super().__init__()
        quantized, scale = quantize_rows(weight)
        self.register_buffer("whole", quantized.T.contiguous())
        self.register_buffer("scale", scale)

    def forward(self, x: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return int8_linear(x, self.whole, self.scale)


class Int8Embedding(nn.Module):
    """`Embedding` in int8."""

    whole: Int8[Tensor, "ids d"]
    scale: Float[Tensor, " ids"]

    def __init__(self, weight: Float[Tensor, "ids d"]) -> None:
        super().__init__()
        quantized, scale = quantize_rows(weight)
        self.register_buffer("whole", quantized)
        self.register_buffer("scale", scale)

    def forward(self, ids: Int[Tensor, "..."]) -> Float[Tensor, "... d"]:
        return F.embedding(ids, self.whole).float() * self.scale[ids][..., None]

    def logits(self, x: Float[Tensor, "... d"], ids: slice) -> Float[Tensor, "... ids"]:
        return int8_linear(x, self.whole[ids].T, self.scale[ids])


class BFloat16Linear(nn.Module):
    """`Linear` in bf16, with input and output in fp32."""

    weight: Tensor

    def __init__(self, weight: Float[Tensor, "outside inside"]) -> None:
        super().__init__()
        self.register_buffer("weight", weight.bfloat16())

    def forward(self, x: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return F.linear(x.bfloat16(), self.weight).float()


class BFloat16Embedding(nn.Module):
    """`Embedding` in bf16."""

    weight: Tensor

    def __init__(self, weight: Float[Tensor, "ids d"]) -> None:
        super().__init__()
        self.register_buffer("weight", weight.bfloat16())

    def forward(self, ids: Int[Tensor, "..."]) -> Float[Tensor, "... d"]:
        return F.embedding(ids, self.weight).float()

    def logits(self, x: Float[Tensor, "... d"], ids: slice) -> Float[Tensor, "... ids"]:
        return F.linear(x.bfloat16(), self.weight[ids]).float()


LAYERS_BY_PRECISION = {"bf16": (BFloat16Linear, BFloat16Embedding), "int8": (Int8Linear, Int8Embedding)}


def convert_precision(model: UnifiedModel, precision: Precision) -> UnifiedModel:
    """Converts linear layers and embeddings in place; the model can no longer be trained."""
    if precision != "fp32":
        replace_layers(model, *LAYERS_BY_PRECISION[precision])
    return model


def replace_layers(module: nn.Module, linear_type: type[nn.Module], embedding_type: type[nn.Module]) -> None:
    for name, layer in list(module.named_children()):
        if isinstance(module, Experts) and name == "router":
            continue  # routing stays as in fp32
        replacement = (
            linear_type if isinstance(layer, Linear) else embedding_type if isinstance(layer, Embedding) else None
        )
        if replacement is None:
            replace_layers(layer, linear_type, embedding_type)
        else:
            setattr(module, name, replacement(cast(Tensor, layer.weight).detach()))


def int8_linear(
    x: Float[Tensor, "... inside"], weight: Int8[Tensor, "inside outside"], scale: Float[Tensor, " outside"]
) -> Float[Tensor, "... outside"]:
    """Product in int8. `inside` must be at least 2: for a single feature torch 2.13 returns zero."""
    rows = x.flatten(0, -2)
    largest = rows.abs().amax(1, keepdim=True).clamp(min=1e-20) / INT8_MAX
    sums = torch._int_mm((rows / largest).round().to(torch.int8), weight)  # pyright: ignore[reportPrivateImportUsage]
    return (sums * largest * scale).view(*x.shape[:-1], len(scale))
