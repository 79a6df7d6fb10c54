"""Decoding of image codes from an instruction: in parallel in a few steps, most confident codes first, or in raster
order.

Parallel decoding is MaskGIT (arXiv 2202.04200, section 3.2): each step samples all unknown codes and keeps the most
confident; the number left unknown follows a cosine schedule. Guidance moves the logits away from those without an
instruction (arXiv 2207.12598). Inpainting is the same call, started with the codes around the hole.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.unified.model.decoder import DecoderMemory
from plait.foundation.unified.model.unified_model import UnifiedModel

DecodingOrder = Literal["parallel", "raster"]
Codes = Int[Tensor, "n c"]


@dataclass(frozen=True)
class PaintSampling:
    """Sampling options of image generation. `steps`: number of parallel decoding steps. `guidance`: extrapolation
    beyond the conditional logits, 0 for none. `temperature`: of the samples, 0 takes the most likely code.
    `choice_temperature`: noise in the choice of codes to keep, falling to 0 at the last step. The defaults were the
    best of 27 settings, on 400 drawings and 400 restored pictures by plait-nano (docs/decisions/0004-painting.md).
    """

    steps: int = 8
    guidance: float = 0.0
    temperature: float = 0.25
    choice_temperature: float = 1.0
    order: DecodingOrder = "parallel"


DEFAULT_SAMPLING = PaintSampling()


def iter_codes(
    model: UnifiedModel,
    memory: DecoderMemory,
    unconditional_memory: DecoderMemory,
    known_codes: Codes,
    seeds: list[int],
    sampling: PaintSampling,
) -> Iterator[Codes]:
    """Yields the codes after each step; -1 marks an unknown code. `unconditional_memory` is the decoder memory without
    an instruction. The result of a row depends only on its seed, not on the other rows of the batch.

    Raises InputError if the known codes have another grid size or are already complete.
    """
    check_known_codes(known_codes, model)
    chance = [torch.Generator().manual_seed(seed) for seed in seeds]
    if sampling.order == "raster":
        yield from iter_raster_codes(model, memory, unconditional_memory, known_codes, chance, sampling)
        return
    missing = (known_codes < 0).sum(1)
    for step in range(sampling.steps):
        logits = guided_logits(model, memory, unconditional_memory, known_codes, sampling.guidance)
        sampled, confidence = sample_codes(logits, sampling.temperature, chance)
        progress = (step + 1) / sampling.steps
        confidence = confidence + sampling.choice_temperature * (1 - progress) * gumbel_noise(
            confidence.shape, chance
        ).to(confidence)
        known_codes = torch.where(
            most_confident(confidence, known_codes, masked_count(missing, progress)), sampled, known_codes
        )
        yield known_codes


def masked_count(initial_count: Int[Tensor, " n"], progress: float) -> Int[Tensor, " n"]:
    """Number of codes that may stay unknown after `progress`, the share of steps done; 0 after the last step."""
    return (initial_count * max(0.0, math.cos(math.pi / 2 * progress) - 1e-6)).floor().long()


def check_known_codes(known_codes: Codes, model: UnifiedModel) -> None:
    codes = model.size.code_grid**2
    if known_codes.shape[1] != codes:
        raise InputError(
            f"the mask has {known_codes.shape[1]:,} codes, {model.size.name} paints {codes:,}",
            hint=f"pass {model.size.code_grid} rows of {model.size.code_grid}",
        )
    if not bool((known_codes < 0).any(1).all()):
        raise InputError("the region to fill is empty", hint="name a region with an area")


def guided_logits(
    model: UnifiedModel, memory: DecoderMemory, unconditional_memory: DecoderMemory, known_codes: Codes, guidance: float
) -> Float[Tensor, "n c codes"]:
    conditional = model.code_logits(model.decode_masked(memory, known_codes)[0])
    if not guidance:
        return conditional
    return apply_guidance(
        conditional, model.code_logits(model.decode_masked(unconditional_memory, known_codes)[0]), guidance
    )


def apply_guidance(conditional: Tensor, unconditional: Tensor, guidance: float) -> Tensor:
    return conditional + guidance * (conditional - unconditional)


def sample_codes(
    logits: Float[Tensor, "n c codes"], temperature: float, generators: list[torch.Generator]
) -> tuple[Codes, Float[Tensor, "n c"]]:
    """A sampled code for each position, and its log-probability."""
    if temperature:
        logits = logits / temperature
        sampled = (logits + gumbel_noise(logits.shape, generators).to(logits)).argmax(-1)
    else:
        sampled = logits.argmax(-1)
    return sampled, logits.log_softmax(-1).gather(-1, sampled[..., None])[..., 0]


def gumbel_noise(shape: torch.Size, generators: list[torch.Generator]) -> Tensor:
    """Gumbel noise; the argmax of logits plus noise is a sample of their distribution. One generator per row."""
    uniform = torch.stack([torch.rand(shape[1:], generator=each) for each in generators])
    return -(-uniform.clamp(1e-9, 1 - 1e-7).log()).log()


def most_confident(
    confidence: Float[Tensor, "n c"], known_codes: Codes, max_masked: Int[Tensor, " n"]
) -> Bool[Tensor, "n c"]:
    """Mask of the most confident unknown codes of each row: all except `max_masked`."""
    uncertainty = torch.where(known_codes < 0, -confidence, -torch.inf)
    rank = uncertainty.argsort(1, descending=True).argsort(1)
    return (known_codes < 0) & (rank >= max_masked[:, None])


def iter_raster_codes(
    model: UnifiedModel,
    memory: DecoderMemory,
    unconditional_memory: DecoderMemory,
    known_codes: Codes,
    generators: list[torch.Generator],
    sampling: PaintSampling,
) -> Iterator[Codes]:
    """Generates codes in raster order, each from the codes before it, as OFA does. Raises InputError for a picture with
    a hole.
    """
    if bool((known_codes >= 0).any()):
        raise InputError("a hole is not filled in raster order", hint='leave the order "parallel"')
    caches = [model.new_kv_cache(len(known_codes), known_codes.shape[1]) for _ in range(2)]
    last_ids = None
    for position in range(known_codes.shape[1]):
        conditional, unconditional = (
            model.code_logits(model.step_hidden_states(each, cache, last_ids))
            for each, cache in zip((memory, unconditional_memory), caches, strict=True)
        )
        code, _ = sample_codes(
            apply_guidance(conditional, unconditional, sampling.guidance)[:, None], sampling.temperature, generators
        )
        known_codes = known_codes.clone()
        known_codes[:, position] = code[:, 0]
        last_ids = code[:, 0] + model.codes.start
        yield known_codes
