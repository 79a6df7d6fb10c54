"""int8 quantization: rows of integers from -127 to 127 with one fp32 scale each (`NAME.scale`).

Vectors stay fp32: together they are 1% of the weights.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from plait.core.errors import CheckpointError

SCALE_SUFFIX = ".scale"
INT8_MAX = 127  # int8 without -128, so that the range is symmetric


def quantize(name: str, tensor: Tensor, file: Path) -> dict[str, Tensor]:
    """Quantized form of a tensor by name in the file. Raises CheckpointError for values that are not finite."""
    tensor = tensor.detach().cpu().float().contiguous()
    if not tensor.isfinite().all():
        raise CheckpointError(f"{file}: {name} has values that are not finite", hint="export an earlier checkpoint")
    if tensor.ndim < 2:
        return {name: tensor}
    quantized, scale = quantize_rows(tensor.flatten(1))
    return {name: quantized.view(tensor.shape), name + SCALE_SUFFIX: scale}


def quantize_rows(rows: Float[Tensor, "n d"]) -> tuple[Int8[Tensor, "n d"], Float[Tensor, " n"]]:
    """Integers and the scale of each row; the error is at most half a scale."""
    scale = rows.abs().amax(1) / INT8_MAX
    scale = torch.where(scale > 0, scale, 1.0)  # for a row of zeros, or one too small to divide by in fp32
    return (rows / scale[:, None]).round().clamp(-INT8_MAX, INT8_MAX).to(torch.int8), scale


def dequantize(quantized: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors in fp32. Raises KeyError for a matrix without scales."""
    return {
        name: dequantize_rows(each, quantized[name + SCALE_SUFFIX]) if each.dtype == torch.int8 else each.float()
        for name, each in quantized.items()
        if not (name.endswith(SCALE_SUFFIX) and name.removesuffix(SCALE_SUFFIX) in quantized)
    }


def dequantize_rows(quantized: Int8[Tensor, "n ..."], scale: Float[Tensor, " n"]) -> Float[Tensor, "n ..."]:
    return quantized.float() * scale.view(-1, *[1] * (quantized.ndim - 1))
