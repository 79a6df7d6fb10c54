"""Parts of the model made anew for the device by torch's compiler."""

from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.unified_model import Unified


def compile_fixed(model: Unified) -> None:
    """What is always of the same shape. Words are not, nor what each of several experts gets, and would be compiled
    again and again.
    """
    depths = (*model.encoder.depths, *model.decoder.depths)
    for part in (model.stem, *(each for each in depths if not isinstance(each.feed, Experts))):
        part.compile(dynamic=None)
