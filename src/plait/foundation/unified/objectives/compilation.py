"""Parts of the model made anew for the device by torch's compiler."""

from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.layers import compile_fixed_shapes
from plait.foundation.unified.model.unified_model import UnifiedModel


def compile_static_shapes(model: UnifiedModel) -> None:
    """What is always of the same shape. Words are not, nor what each of several experts gets, and would be compiled
    again and again.
    """
    depths = (*model.encoder.typed_layers, *model.decoder.typed_layers)
    model.stem.compile(dynamic=None)
    for layer in depths:
        if not isinstance(layer.feed, Experts):
            compile_fixed_shapes(layer, dynamic=None)
