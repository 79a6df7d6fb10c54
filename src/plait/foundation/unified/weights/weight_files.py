"""A model as one int8 safetensors file, and back.

Matrices and convolutions are whole numbers from -127 to 127 with one fp32 scale for each output row (`NAME.scale`); the
table of tokens has one for each token. Vectors stay fp32: together they are a hundredth of the weights.
"""

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import safetensors.torch
import torch
from jaxtyping import Float, Int8
from safetensors import SafetensorError
from torch import Tensor, nn

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import Card, beside
from plait.foundation.cards.header import Header, header, metadata, part
from plait.foundation.cards.sizes import Size
from plait.foundation.cards.vocabulary import Vocabulary, vocabulary
from plait.foundation.training.checkpoint import digest, size
from plait.foundation.training.checkpoints import flush, write
from plait.foundation.unified.image_tokenizer import VERSION
from plait.foundation.unified.model.unified_model import Unified

SCALE = ".scale"
HEADER = 2**18  # bytes that are left for what stands before the tensors; of base they are 40,000
STEPS = 127  # int8 without -128, so that the scale is the same on both sides of zero
AGAIN = "export it again with the Plait that trained it"
Tensors = Mapping[str, Tensor]


def save(file: Path, tensors: Tensors, shape: Size, words: Vocabulary, card: Card, largest: int | None = None) -> Card:
    """Writes the weights, in files of `largest` bytes at most if that is told, and beside them the card, with their
    sha256 in it, which is returned.

    Each file is whole or as it was. Raises CheckpointError where it cannot be written, or has other tensors than the
    shape asks for.
    """
    check({name: tuple(each.shape) for name, each in tensors.items()}, shapes(shape, words), file)
    shares = shared_out([quantised(*pair, file) for pair in tensors.items()], largest, file)
    told = metadata(shape, words.digest, replace(card, sha256=""))
    these: dict[str, str] = {}
    if len(shares) > 1:
        these = {"weights": digest(b"".join(map(safetensors.torch.save, shares))), "files": str(len(shares))}
    texts = [{**told, **these}, *[these] * (len(shares) - 1)]
    contents = [safetensors.torch.save(*pair) for pair in zip(shares, texts, strict=True)]
    card = replace(card, sha256=digest(b"".join(contents)))
    for number in range(len(contents), 0, -1):  # the first one last: where it is, all are
        put(part(file, number), contents[number - 1])
    save_card(card, file)
    return card


def shared_out(packed: Sequence[Tensors], largest: int | None, file: Path) -> list[dict[str, Tensor]]:
    """What goes into each file, in order. Raises CheckpointError where a tensor alone takes more."""
    room = math.inf if largest is None else largest - HEADER
    shares: list[dict[str, Tensor]] = [{}]
    for each in packed:
        bytes_ = sum(tensor.nbytes for tensor in each.values())
        if bytes_ > room:
            raise CheckpointError(
                f"{file} cannot lie in files of {size(largest or 0)}: {next(iter(each))} takes {size(bytes_)}",
                way_out=f"allow {size(bytes_ + HEADER)}",
            )
        if sum(tensor.nbytes for tensor in shares[-1].values()) + bytes_ > room:
            shares.append({})
        shares[-1].update(each)
    return shares


def save_card(card: Card, weights: Path) -> None:
    """Writes the card to its place beside the weights. Raises CheckpointError."""
    put(beside(weights), card.json().encode() + b"\n")


def load(file: Path) -> Unified:
    """The model with its weights in fp32, ready to answer.

    Raises CheckpointError where the file is damaged, or is of another format, shape or vocabulary.
    """
    told, words = header(file), vocabulary()
    check_words(told, words, file)
    check_codes(told, file)
    with torch.device("meta"):  # the shapes alone: what stands in the file is not believed before they agree
        model = Unified(told.size, words)
    try:
        packed = [safetensors.torch.load(each.read_bytes()) for each in told.files]
        tensors = dequantised({name: tensor for some in packed for name, tensor in some.items()})
    except (SafetensorError, KeyError, RuntimeError) as fault:  # the latter: scales of another length than their rows
        raise CheckpointError(f"{file} is damaged: {fault}", way_out=AGAIN) from None
    check({name: tuple(each.shape) for name, each in tensors.items()}, shapes_of(model), file)
    model.load_state_dict(tensors, assign=True)
    return model.requires_grad_(False).eval()


def check_words(told: Header, words: Vocabulary, file: Path) -> None:
    if told.vocabulary != words.digest:
        raise CheckpointError(
            f"{file} was made with another vocabulary: {told.vocabulary}, this Plait has {words.digest}",
            way_out="use it with the Plait that made it, whose commit is in its card, or train anew",
        )


def check_codes(told: Header, file: Path) -> None:
    if told.codes not in ("", VERSION):
        raise CheckpointError(
            f"{file} paints by the codes of {told.codes}, this Plait has {VERSION}",
            way_out="use it with the Plait that made it, whose commit is in its card, or train anew",
        )


def check(there: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Raises CheckpointError naming the first tensor that is missing, too many, or of another shape."""
    for name in sorted({*there, *wanted}):
        if name not in there:
            raise CheckpointError(f"{file} has no tensor {name}", way_out=AGAIN)
        if name not in wanted:
            raise CheckpointError(f"{file} has a tensor {name}, which its model has not", way_out=AGAIN)
        if there[name] != wanted[name]:
            raise CheckpointError(
                f"{file} has {name} as {spelled(there[name])}, its model takes {spelled(wanted[name])}", way_out=AGAIN
            )


def spelled(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def shapes(shape: Size, words: Vocabulary) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return shapes_of(Unified(shape, words))


def shapes_of(model: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(each.shape) for name, each in model.state_dict().items()}


def quantised(name: str, tensor: Tensor, file: Path) -> dict[str, Tensor]:
    """What stands in the file for one tensor of the model. Raises CheckpointError where it holds what is no number."""
    tensor = tensor.detach().cpu().float().contiguous()
    if not tensor.isfinite().all():
        raise CheckpointError(
            f"{file}: {name} holds what is no number", way_out="export an earlier checkpoint, from before it broke"
        )
    if tensor.ndim < 2:
        return {name: tensor}
    whole, scale = rounded(tensor.flatten(1))
    return {name: whole.view(tensor.shape), name + SCALE: scale}


def rounded(rows: Float[Tensor, "n d"]) -> tuple[Int8[Tensor, "n d"], Float[Tensor, " n"]]:
    """Whole numbers and what each row of them is multiplied by: at most half a scale away from what was."""
    scale = rows.abs().amax(1) / STEPS
    scale = torch.where(scale > 0, scale, 1.0)  # a row of zeros, and one too small for fp32 to divide by
    return (rows / scale[:, None]).round().clamp(-STEPS, STEPS).to(torch.int8), scale


def dequantised(packed: Tensors) -> dict[str, Tensor]:
    """The model's tensors in fp32. Raises KeyError for a matrix without scales."""
    return {
        name: unpacked(each, packed[name + SCALE]) if each.dtype == torch.int8 else each.float()
        for name, each in packed.items()
        if not (name.endswith(SCALE) and name.removesuffix(SCALE) in packed)
    }


def unpacked(whole: Int8[Tensor, "n ..."], scale: Float[Tensor, " n"]) -> Float[Tensor, "n ..."]:
    return whole.float() * scale.view(-1, *[1] * (whole.ndim - 1))


def put(file: Path, content: bytes) -> None:
    """Writes a file so that it is whole or as it was. Raises CheckpointError."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(unfinished, content)
        unfinished.rename(file)
        flush(file.parent)
    except OSError as fault:
        with suppress(OSError):
            unfinished.unlink()
        raise CheckpointError(
            f"{file} cannot be written: {fault.strerror}",
            details=(f"it needs {size(len(content))}",),
            way_out="make room, or choose another folder with --out",
        ) from None
