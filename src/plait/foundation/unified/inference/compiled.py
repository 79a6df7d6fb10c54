"""The layers that paint, compiled: all codes of a picture at once, of which the work is the same each time.

What is written token after token grows with each one and is not compiled: a step of base took 10.6 ms so, else 5.9.
"""

from itertools import product
from shutil import which

import torch

from plait.core.errors import EngineError
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.model.layers import compile_fixed_shapes
from plait.foundation.unified.model.unified_model import UnifiedModel

WARMUP_BATCH_SIZES, WARMUP_LENGTHS = (
    (1, 2, 3),
    (5, 9),
)  # paintings and ids of their words; what torch takes for any, it has to see twice


def compile_decoder_layers(model: UnifiedModel, vocabulary: Vocabulary) -> UnifiedModel:
    """The model with those layers compiled for paintings of any number and words of any length. Takes a minute, and
    some seconds where torch has kept it from another time.

    From here on nothing in this process is compiled anew: another shape is calculated as it always was. Raises
    EngineError where there is nothing to compile with.
    """
    if not can_compile():
        raise EngineError(
            "compiled = true needs a C++ compiler, and there is no g++", hint="install g++, or take it out again"
        )
    for layer in model.decoder.typed_layers:
        compile_fixed_shapes(layer, dynamic=True)
    with torch.inference_mode():
        for paintings, length in product(WARMUP_BATCH_SIZES, WARMUP_LENGTHS):
            run_once(model, vocabulary, paintings, length)
    torch.compiler.set_stance("eager_on_recompile")
    return model


def can_compile() -> bool:
    return which("g++") is not None


def run_once(model: UnifiedModel, vocabulary: Vocabulary, batch_size: int, length: int) -> None:
    side = model.size.side
    image_features = model.encode_image(torch.zeros(1, side, side, 3, dtype=torch.uint8))
    source = torch.full((batch_size, length), vocabulary.picture)
    image_index = torch.zeros(batch_size, dtype=torch.long)
    _, memory = model.encode_text(image_features, image_index, source, torch.ones_like(source, dtype=torch.bool))
    model.decode_masked(memory, torch.full((batch_size, model.size.code_grid**2), -1))
