"""The layers that paint, compiled: all codes of a picture at once, of which the work is the same each time.

What is written token after token grows with each one and is not compiled: a step of base took 10.6 ms so, else 5.9.
"""

from itertools import product
from shutil import which

import torch

from plait.core.errors import EngineError
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.model.unified_model import Unified

BATCHES, LENGTHS = (1, 2, 3), (5, 9)  # paintings and ids of their words; what torch takes for any, it has to see twice


def compiled(model: Unified, vocabulary: Vocabulary) -> Unified:
    """The model with those layers compiled for paintings of any number and words of any length. Takes a minute, and
    some seconds where torch has kept it from another time.

    From here on nothing in this process is compiled anew: another shape is calculated as it always was. Raises
    EngineError where there is nothing to compile with.
    """
    if not can_compile():
        raise EngineError(
            "compiled = true needs a C++ compiler, and there is no g++", way_out="install g++, or take it out again"
        )
    for layer in model.decoder.depths:
        layer.compile(dynamic=True)
    with torch.inference_mode():
        for paintings, length in product(BATCHES, LENGTHS):
            paint(model, vocabulary, paintings, length)
    torch.compiler.set_stance("eager_on_recompile")
    return model


def can_compile() -> bool:
    return which("g++") is not None


def paint(model: Unified, vocabulary: Vocabulary, paintings: int, length: int) -> None:
    side = model.size.side
    seen = model.see(torch.zeros(1, side, side, 3, dtype=torch.uint8))
    source = torch.full((paintings, length), vocabulary.picture)
    which = torch.zeros(paintings, dtype=torch.long)
    _, memory = model.read(seen, which, source, torch.ones_like(source, dtype=torch.bool))
    model.paint(memory, torch.full((paintings, model.size.codes**2), -1))
