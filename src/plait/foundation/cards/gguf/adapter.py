"""Header of a LoRA adapter as a GGUF file: which model it belongs to, what it was trained for, rank and alpha.

llama.cpp names the two factors of the change of a weight NAME.lora_a and NAME.lora_b and multiplies their product by
alpha / rank. The other keys are ours: without the digest of its base an adapter would fit any model of equal shape.
"""

from plait.core.errors import CheckpointError
from plait.foundation.cards.adapter import FACTOR_SUFFIXES, AdapterHeader
from plait.foundation.cards.gguf.header import ARCHITECTURE, GgufHeader
from plait.foundation.cards.gguf.values import GgufValue

ALPHA = "adapter.lora.alpha"
BASE_SHA256, TASK, FINGERPRINT = "plait.base.sha256", "plait.task", "plait.task.fingerprint"


def adapter_metadata(header: AdapterHeader) -> dict[str, GgufValue]:
    """The metadata of the file of an adapter."""
    texts = {
        ARCHITECTURE: header.architecture,
        "general.type": "adapter",
        "adapter.type": "lora",
        BASE_SHA256: header.base_sha256,
        TASK: header.task,
        FINGERPRINT: header.fingerprint,
    }
    return {key: GgufValue.text(text) for key, text in texts.items()} | {ALPHA: GgufValue.real(header.alpha)}


def read_adapter_header(header: GgufHeader) -> AdapterHeader:
    """Facts of an adapter's file. Raises CheckpointError if it is none, or more than a LoRA adapter."""
    kind = header.text("general.type", "model"), header.text("adapter.type", "")
    if kind != ("adapter", "lora"):
        raise CheckpointError(
            f"{header.file} is no LoRA adapter: it is a {' '.join(kind).strip()}",
            hint="plait adapt makes an adapter; convert others with llama.cpp's convert_lora_to_gguf.py",
        )
    return AdapterHeader(
        architecture=header.architecture,
        rank=adapter_rank(header),
        alpha=header.real(ALPHA),
        base_sha256=header.text(BASE_SHA256, ""),
        task=header.text(TASK, ""),
        fingerprint=header.text(FINGERPRINT, ""),
    )


def adapter_rank(header: GgufHeader) -> int:
    """The largest rank. Raises CheckpointError unless every tensor is a factor whose counterpart is there and fits."""
    ranks = [pair_rank(header, name) for name in adapted_weights(header)]
    if not ranks:
        raise CheckpointError(f"{header.file} is an adapter without tensors", hint="train it again")
    return max(ranks)


def adapted_weights(header: GgufHeader) -> tuple[str, ...]:
    """Names of the weights that the adapter changes, in the order of the file."""
    names = dict.fromkeys(weight_name(header, name) for name in header.tensors)
    for name in names:
        missing = [name + suffix for suffix in FACTOR_SUFFIXES if name + suffix not in header.tensors]
        if missing:
            raise CheckpointError(f"{header.file} has no tensor {missing[0]!r}", hint="convert the adapter again")
    return tuple(names)


def weight_name(header: GgufHeader, tensor_name: str) -> str:
    for suffix in FACTOR_SUFFIXES:
        if tensor_name.endswith(suffix):
            return tensor_name.removesuffix(suffix)
    raise CheckpointError(
        f"{header.file} has the tensor {tensor_name!r}, which is no factor of LoRA",
        hint="train without DoRA and without modules_to_save: llama.cpp cannot serve them",
    )


def pair_rank(header: GgufHeader, name: str) -> int:
    first, second = (header.tensors[name + suffix].shape for suffix in FACTOR_SUFFIXES)
    if len(first) != 2 or len(second) != 2 or first[0] != second[1]:
        raise CheckpointError(
            f"{header.file} has factors of {name!r} that do not fit: {first} and {second}", hint="convert it again"
        )
    return first[0]


def adapted_layers(header: GgufHeader) -> tuple[tuple[str, ...], int]:
    """Projections with adapters, and the number of the lowest layer that has them. Raises CheckpointError."""
    names = adapted_weights(header)
    parts = [name.split(".") for name in names]
    if any(len(each) != 4 or each[0] != "blk" or not each[1].isdecimal() for each in parts):
        raise misfit_error(header, min(names))
    return tuple(dict.fromkeys(each[2] for each in parts)), min(int(each[1]) for each in parts)


def misfit_error(header: GgufHeader, name: str) -> CheckpointError:
    return CheckpointError(
        f"{header.file} does not fit the model at {name!r}", hint="use it with the model it was made for"
    )
