"""Whether a LoRA adapter can be served with a base model, by their headers alone.

llama.cpp's parser of model files is native code that aborts on some mistakes, so an adapter passes these checks first.
"""

import math
import re

from plait.core.errors import CheckpointError
from plait.core.values.quoting import quote
from plait.foundation.cards.adapter import FACTOR_SUFFIXES, MAX_RANK, AdapterHeader, check_base
from plait.foundation.cards.gguf.adapter import ALPHA, adapted_weights, read_adapter_header
from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.cards.gguf.values import GgufValueType

ACTIVATED = "adapter.alora."  # keys of adapters that begin in the middle of a prompt
FACTOR_FORMATS = ("F32", "F16", "BF16", "Q8_0")
PROJECTION = re.compile(r"blk\.\d+\.(attn_q|attn_k|attn_v|attn_qkv|attn_output|ffn_gate|ffn_up|ffn_down)\.weight")
TRAIN_HINT = "train it as a plain LoRA of attention and feed-forward projections"
BASE_HINT = "use it with the model that it was trained on"


def check_adapter(header: GgufHeader, base: GgufHeader, base_sha256: str) -> AdapterHeader:
    """Facts of an adapter. Raises CheckpointError if it is no plain LoRA, damaged, or of another model than `base`."""
    adapter = read_adapter_header(header)
    check_activation(header)
    check_alpha(header)
    if adapter.architecture != base.architecture:
        raise refusal(
            header, f"adapts the architecture {quote(adapter.architecture)}, not {base.architecture!r}", BASE_HINT
        )
    check_base(header.file, adapter, base.file, base_sha256)
    for name in adapted_weights(header):
        check_factors(header, name)
        check_shapes(header, base, name)
    return adapter


def check_activation(header: GgufHeader) -> None:
    """Refuses activated LoRA: llama.cpp keeps what another adapter computed of the prompt before it."""
    for key in header.metadata:
        if key.startswith(ACTIVATED):
            raise refusal(header, f"begins in the middle of a prompt: it has the metadata {quote(key)}", TRAIN_HINT)


def check_alpha(header: GgufHeader) -> None:
    alpha = header.real(ALPHA)
    if header.metadata[ALPHA].value_type != GgufValueType.FLOAT32:
        header.refuse(ALPHA, "a number of 32 bits")
    if not (math.isfinite(alpha) and alpha > 0):
        raise refusal(header, f"has {ALPHA} = {alpha}, which should be a number above 0", "convert it again")


def check_factors(header: GgufHeader, name: str) -> None:
    """Refuses all but projections, large ranks, and formats that llama.cpp cannot multiply."""
    if not PROJECTION.fullmatch(name):
        raise refusal(header, f"adapts {quote(name)}, which is no projection of a layer", TRAIN_HINT)
    first, second = (header.tensors[name + suffix] for suffix in FACTOR_SUFFIXES)
    for suffix, factor in zip(FACTOR_SUFFIXES, (first, second), strict=True):
        if factor.tensor_type.name not in FACTOR_FORMATS:
            stored = f"stores {quote(name + suffix)} as {factor.tensor_type.name}"
            raise refusal(header, stored, f"store it as one of {', '.join(FACTOR_FORMATS)}")
    if first.shape[0] > MAX_RANK:
        raise refusal(
            header, f"adapts {quote(name)} with rank {first.shape[0]}", f"train it with a rank up to {MAX_RANK}"
        )


def check_shapes(header: GgufHeader, base: GgufHeader, name: str) -> None:
    if name not in base.tensors:
        raise refusal(header, f"adapts {quote(name)}, which {base.file.name} does not have", BASE_HINT)
    first, second = (header.tensors[name + suffix].shape for suffix in FACTOR_SUFFIXES)
    adapted, actual = (second[0], first[1]), base.tensors[name].shape
    if adapted != actual:
        raise refusal(header, f"adapts {quote(name)} as {adapted}, which is {actual} in {base.file.name}", BASE_HINT)


def refusal(header: GgufHeader, reason: str, hint: str) -> CheckpointError:
    return CheckpointError(f"the adapter {header.file} cannot be served: it {reason}", hint=hint)
