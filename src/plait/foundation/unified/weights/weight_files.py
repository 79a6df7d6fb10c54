"""A model as one int8 safetensors file, and back.

Matrices and convolutions are integers from -127 to 127 with one fp32 scale per output row (`NAME.scale`); the token
table has one scale per token. Vectors stay fp32: together they are 1% of the weights.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import ModelCard, card_path
from plait.foundation.cards.header import WeightsHeader, metadata, numbered_file, read_header
from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION, ModelSize
from plait.foundation.cards.vocabulary import Vocabulary, vocabulary
from plait.foundation.training.atomic_files import format_size, write_atomically
from plait.foundation.training.checkpoint import digest
from plait.foundation.training.frozen_network import EXPORT_AGAIN_HINT, check_shapes, state_dict_shapes
from plait.foundation.training.quantization import dequantize, quantize
from plait.foundation.unified.model.unified_model import UnifiedModel

HEADER_RESERVE = 2**18  # bytes reserved for the safetensors header; plait-base needs 40,000
Tensors = Mapping[str, Tensor]


def save(
    file: Path,
    tensors: Tensors,
    model_size: ModelSize,
    vocab: Vocabulary,
    card: ModelCard,
    max_bytes: int | None = None,
) -> ModelCard:
    """Writes the weights, split into files of at most `max_bytes` bytes if given, and beside them the card with their
    sha256; returns that card.

    Each file is written atomically. Raises CheckpointError if a file cannot be written or the tensors differ from those
    of the model size.
    """
    check_shapes({name: tuple(each.shape) for name, each in tensors.items()}, expected_shapes(model_size, vocab), file)
    shares = split_into_files([quantize(*pair, file) for pair in tensors.items()], max_bytes, file)
    header_texts = metadata(model_size, vocab.digest, replace(card, sha256=""))
    set_texts: dict[str, str] = {}
    if len(shares) > 1:
        set_texts = {"weights": digest(b"".join(map(safetensors.torch.save, shares))), "files": str(len(shares))}
    texts = [{**header_texts, **set_texts}, *[set_texts] * (len(shares) - 1)]
    contents = [safetensors.torch.save(*pair) for pair in zip(shares, texts, strict=True)]
    card = replace(card, sha256=digest(b"".join(contents)))
    for number in range(len(contents), 0, -1):  # the first file is written last: if it exists, all do
        write_atomically(numbered_file(file, number), contents[number - 1])
    save_card(card, file)
    return card


def split_into_files(quantized: Sequence[Tensors], max_bytes: int | None, file: Path) -> list[dict[str, Tensor]]:
    """The tensors of each file, in order. Raises CheckpointError if a single tensor exceeds `max_bytes`."""
    capacity = math.inf if max_bytes is None else max_bytes - HEADER_RESERVE
    shares: list[dict[str, Tensor]] = [{}]
    for each in quantized:
        bytes_ = sum(tensor.nbytes for tensor in each.values())
        if bytes_ > capacity:
            raise CheckpointError(
                f"{file} cannot be split into files of {format_size(max_bytes or 0)}: "
                f"{next(iter(each))} takes {format_size(bytes_)}",
                hint=f"allow {format_size(bytes_ + HEADER_RESERVE)}",
            )
        if sum(tensor.nbytes for tensor in shares[-1].values()) + bytes_ > capacity:
            shares.append({})
        shares[-1].update(each)
    return shares


def save_card(card: ModelCard, weights: Path) -> None:
    """Writes the card beside the weights. Raises CheckpointError."""
    write_atomically(card_path(weights), card.to_json().encode() + b"\n")


def load(file: Path) -> UnifiedModel:
    """Loads the model with fp32 weights, ready for inference.

    Raises CheckpointError if the file is damaged or has another format, shape or vocabulary.
    """
    file_header, vocab = read_header(file), vocabulary()
    check_vocabulary(file_header, vocab, file)
    check_image_tokenizer(file_header, file)
    with torch.device("meta"):  # shapes only: nothing of the file is loaded before they agree
        model = UnifiedModel(file_header.size, vocab)
    try:
        quantized = [safetensors.torch.load(each.read_bytes()) for each in file_header.files]
        tensors = dequantize({name: tensor for some in quantized for name, tensor in some.items()})
    except (SafetensorError, KeyError, RuntimeError) as error:  # RuntimeError: scales and rows of different lengths
        raise CheckpointError(f"{file} is damaged: {error}", hint=EXPORT_AGAIN_HINT) from None
    check_shapes({name: tuple(each.shape) for name, each in tensors.items()}, state_dict_shapes(model), file)
    model.load_state_dict(tensors, assign=True)
    return model.requires_grad_(False).eval()


def check_vocabulary(file_header: WeightsHeader, vocab: Vocabulary, file: Path) -> None:
    if file_header.vocabulary_digest != vocab.digest:
        raise CheckpointError(
            f"{file} was made with another vocabulary: {file_header.vocabulary_digest}, this Plait has {vocab.digest}",
            hint="use it with the version of Plait that wrote it (its commit is in its card), or train again",
        )


def check_image_tokenizer(file_header: WeightsHeader, file: Path) -> None:
    if file_header.image_tokenizer_version not in ("", IMAGE_TOKENIZER_VERSION):
        raise CheckpointError(
            f"{file} uses the image codes of {file_header.image_tokenizer_version}, "
            f"this Plait has {IMAGE_TOKENIZER_VERSION}",
            hint="use it with the version of Plait that wrote it (its commit is in its card), or train again",
        )


def expected_shapes(model_size: ModelSize, vocab: Vocabulary) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return state_dict_shapes(UnifiedModel(model_size, vocab))
