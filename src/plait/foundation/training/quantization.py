"""Tensors as int8: rows of whole numbers from -127 to 127 with one fp32 scale each (`NAME.scale`).

Vectors stay fp32: together they are a hundredth of the weights.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from plait.core.errors import CheckpointError

SCALE_SUFFIX = ".scale"
INT8_MAX = 127  # int8 without -128, so that the scale is the same on both sides of zero


def quantize(name: str, tensor: Tensor, file: Path) -> dict[str, Tensor]:
    """What stands in the file for one tensor of the model. Raises CheckpointError where it holds what is no number."""
    tensor = tensor.detach().cpu().float().contiguous()
    if not tensor.isfinite().all():
        raise CheckpointError(
            f"{file}: {name} holds what is no number", hint="export an earlier checkpoint, from before it broke"
        )
    if tensor.ndim < 2:
        return {name: tensor}
    quantized, scale = quantize_rows(tensor.flatten(1))
    return {name: quantized.view(tensor.shape), name + SCALE_SUFFIX: scale}


def quantize_rows(rows: Float[Tensor, "n d"]) -> tuple[Int8[Tensor, "n d"], Float[Tensor, " n"]]:
    """Whole numbers and what each row of them is multiplied by: at most half a scale away from what was."""
    scale = rows.abs().amax(1) / INT8_MAX
    scale = torch.where(scale > 0, scale, 1.0)  # a row of zeros, and one too small for fp32 to divide by
    return (rows / scale[:, None]).round().clamp(-INT8_MAX, INT8_MAX).to(torch.int8), scale


def dequantize(quantized: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The model's tensors in fp32. Raises KeyError for a matrix without scales."""
    return {
        name: dequantize_rows(each, quantized[name + SCALE_SUFFIX]) if each.dtype == torch.int8 else each.float()
        for name, each in quantized.items()
        if not (name.endswith(SCALE_SUFFIX) and name.removesuffix(SCALE_SUFFIX) in quantized)
    }


def dequantize_rows(quantized: Int8[Tensor, "n ..."], scale: Float[Tensor, " n"]) -> Float[Tensor, "n ..."]:
    return quantized.float() * scale.view(-1, *[1] * (quantized.ndim - 1))
