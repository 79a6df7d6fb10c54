"""From an instruction to the codes of a picture: the surest ones first, in a few steps, or one after another.

Parallel decoding is MaskGIT's (arXiv 2202.04200, section 3.2): in each step all codes that are not known are drawn,
the surest are kept, and how many may stay open falls as a cosine. Guidance moves away from what would be painted
without the instruction (arXiv 2207.12598). A hole is filled by the same call, begun from the codes around it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from plait.core.errors import InputError
from plait.foundation.unified.model.decoder import Memory
from plait.foundation.unified.model.unified_model import Unified

Order = Literal["parallel", "raster"]
Codes = Int[Tensor, "n c"]


@dataclass(frozen=True)
class Manner:
    """How it is painted. `steps` are of parallel decoding; `guidance` is how far to go beyond what the instruction
    makes likelier, 0 not at all; `temperature` is that of the draws, 0 takes the likeliest; `choice` how much chance
    decides which codes are kept, falling to nothing with the last step. What is usual was best of 27 manners, of 400
    drawings and 400 restored pictures by plait-nano (docs/decisions/0004-painting.md).
    """

    steps: int = 8
    guidance: float = 0.0
    temperature: float = 0.25
    choice: float = 1.0
    order: Order = "parallel"


USUAL = Manner()


def painted(
    model: Unified, memory: Memory, unguided: Memory, known: Codes, seeds: list[int], manner: Manner
) -> Iterator[Codes]:
    """The codes after each step, -1 where one is not known yet. `unguided` is what the model looks at where nothing was
    asked. What is painted for a row follows from its seed, whatever stands beside it.

    Raises InputError where the known codes are of another grid, or are all there already.
    """
    check(known, model)
    chance = [torch.Generator().manual_seed(seed) for seed in seeds]
    if manner.order == "raster":
        yield from in_raster_order(model, memory, unguided, known, chance, manner)
        return
    missing = (known < 0).sum(1)
    for step in range(manner.steps):
        logits = guided(model, memory, unguided, known, manner.guidance)
        chosen, sure = drawn(logits, manner.temperature, chance)
        left = (step + 1) / manner.steps
        sure = sure + manner.choice * (1 - left) * gumbel(sure.shape, chance).to(sure)
        known = torch.where(kept(sure, known, still_open(missing, left)), chosen, known)
        yield known


def still_open(missing: Int[Tensor, " n"], left: float) -> Int[Tensor, " n"]:
    """How many codes may be unknown after a share of the steps; none after the last."""
    return (missing * max(0.0, math.cos(math.pi / 2 * left) - 1e-6)).floor().long()


def check(known: Codes, model: Unified) -> None:
    codes = model.size.codes**2
    if known.shape[1] != codes:
        raise InputError(
            f"the mask has {known.shape[1]:,} codes, {model.size.name} paints {codes:,}",
            way_out=f"pass {model.size.codes} rows of {model.size.codes}",
        )
    if not bool((known < 0).any(1).all()):
        raise InputError("nothing is to be painted: the hole is empty", way_out="name a region with an area")


def guided(
    model: Unified, memory: Memory, unguided: Memory, known: Codes, guidance: float
) -> Float[Tensor, "n c codes"]:
    asked = model.code_logits(model.paint(memory, known)[0])
    if not guidance:
        return asked
    return beyond(asked, model.code_logits(model.paint(unguided, known)[0]), guidance)


def beyond(asked: Tensor, plain: Tensor, guidance: float) -> Tensor:
    return asked + guidance * (asked - plain)


def drawn(
    logits: Float[Tensor, "n c codes"], temperature: float, chance: list[torch.Generator]
) -> tuple[Codes, Float[Tensor, "n c"]]:
    """A code for each place, and the log-probability that it has."""
    if temperature:
        logits = logits / temperature
        chosen = (logits + gumbel(logits.shape, chance).to(logits)).argmax(-1)
    else:
        chosen = logits.argmax(-1)
    return chosen, logits.log_softmax(-1).gather(-1, chosen[..., None])[..., 0]


def gumbel(shape: torch.Size, chance: list[torch.Generator]) -> Tensor:
    """Noise whose maximum with logits is a draw by their probabilities; each row from a seed of its own."""
    even = torch.stack([torch.rand(shape[1:], generator=each) for each in chance])
    return -(-even.clamp(1e-9, 1 - 1e-7).log()).log()


def kept(sure: Float[Tensor, "n c"], known: Codes, open_: Int[Tensor, " n"]) -> Bool[Tensor, "n c"]:
    """The surest of what is not known, all but `open_` of each row."""
    unsure = torch.where(known < 0, -sure, -torch.inf)
    rank = unsure.argsort(1, descending=True).argsort(1)
    return (known < 0) & (rank >= open_[:, None])


def in_raster_order(
    model: Unified, memory: Memory, unguided: Memory, known: Codes, chance: list[torch.Generator], manner: Manner
) -> Iterator[Codes]:
    """Row by row from the top left, each code from those before it; as OFA paints. It fills no hole."""
    if bool((known >= 0).any()):
        raise InputError("a hole is not filled in raster order", way_out='leave the order "parallel"')
    caches = [model.cache(len(known), known.shape[1]) for _ in range(2)]
    chosen = None
    for place in range(known.shape[1]):
        asked, plain = (
            model.code_logits(model.features(each, cache, chosen))
            for each, cache in zip((memory, unguided), caches, strict=True)
        )
        code, _ = drawn(beyond(asked, plain, manner.guidance)[:, None], manner.temperature, chance)
        known = known.clone()
        known[:, place] = code[:, 0]
        chosen = code[:, 0] + model.codes.start
        yield known
