"""Compiles parts of the model for the device with torch's compiler."""

from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.layers import compile_fixed_shapes
from plait.foundation.unified.model.unified_model import UnifiedModel


def compile_static_shapes(model: UnifiedModel) -> None:
    """Compiles the parts with static shapes.

    Text and the batches of single experts vary in shape, and would be compiled again and again.
    """
    depths = (*model.encoder.typed_layers, *model.decoder.typed_layers)
    model.stem.compile(dynamic=None)
    for layer in depths:
        if not isinstance(layer.feed, Experts):
            compile_fixed_shapes(layer, dynamic=None)
