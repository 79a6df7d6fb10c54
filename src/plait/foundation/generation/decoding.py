"""From logits to ids: at each step the likeliest id that the grammar admits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plait.foundation.generation.automaton import Automaton, Ints
from plait.foundation.model.decoder import Memory
from plait.foundation.model.unified import Unified


@dataclass(frozen=True)
class Step:
    """One id more for some rows of a batch, with the logits that it was chosen by."""

    rows: Ints
    ids: Ints
    logits: Tensor


@torch.inference_mode()
def steps(model: Unified, memory: Memory, automaton: Automaton, grammars: Ints, length: int) -> Iterator[Step]:
    """Steps until all answers are whole, or `length` ids long. Rows that are whole leave the batch."""
    rows, at = np.arange(len(grammars)), automaton.start(grammars)
    cache, chosen = model.cache(len(rows), length), None
    for _ in range(length):
        logits = model.step(memory, cache, chosen)
        allowed = torch.from_numpy(automaton.allowed(at)[:, : model.spoken]).to(logits.device)
        chosen = logits.masked_fill(~allowed, -torch.inf).argmax(-1)
        ids = chosen.cpu().numpy()
        yield Step(rows, ids, logits)
        at = automaton.next(at, ids)
        going = np.flatnonzero(~automaton.done(at))
        if not len(going):
            return
        if len(going) < len(rows):
            left = torch.from_numpy(going).to(logits.device)
            memory, chosen, rows, at = memory.of(left), chosen[left], rows[going], at[going]
            cache.keep(left)
