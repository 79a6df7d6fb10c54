"""Header of a weights file, read without torch: the model's size, vocabulary and card.

safetensors: eight bytes of length, a JSON header of that length, then the tensors. The JSON lists each tensor with its
offsets, from which a truncated file is detected, and has our own texts under `__metadata__`. Sharded weights are in
NAME.safetensors, NAME.safetensors.2 and so on; the first file has their number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import ModelCard, parse_card
from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION, ModelSize

FORMAT = "plait-unified-1"
MAX_HEADER_BYTES = 16 * 2**20  # bytes of JSON: far more than the tensors of our largest size need
EXPORT_HINT = "plait export RUN_FOLDER writes such a file"


@dataclass(frozen=True)
class TensorInfo:
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


@dataclass(frozen=True)
class WeightsHeader:
    """Header of a model's weights, which are in all `files`.

    `codes` is the version of the image tokenizer; older files have none: "".
    """

    size: ModelSize
    vocabulary_digest: str
    image_tokenizer_version: str
    card: ModelCard
    tensors: Mapping[str, TensorInfo]
    files: tuple[Path, ...]


SIZE_ADAPTER = TypeAdapter(ModelSize)
TEXTS_ADAPTER = TypeAdapter(dict[str, str])
TENSORS_ADAPTER = TypeAdapter(dict[str, TensorInfo])
PARTS_ADAPTER = TypeAdapter(dict[str, object])


def metadata(size: ModelSize, vocabulary: str, card: ModelCard) -> dict[str, str]:
    """Metadata texts of a weights file."""
    return {
        "format": FORMAT,
        "size": SIZE_ADAPTER.dump_json(size).decode(),
        "vocabulary": vocabulary,
        "codes": IMAGE_TOKENIZER_VERSION,
        "card": card.to_json(),
    }


def numbered_file(file: Path, number: int) -> Path:
    """Path of the shard with a number, counted from 1."""
    return file if number == 1 else file.with_name(f"{file.name}.{number}")


def read_header(file: Path) -> WeightsHeader:
    """Reads the header of a model's weights.

    Raises CheckpointError if a file is incomplete, is not of the unified model, or if the files are of different
    models.
    """
    texts, tensors = read_file_header(file)
    first = parse_header(texts, tensors, file)
    count = texts.get("files", "1")
    files = tuple(numbered_file(file, number + 1) for number in range(int(count) if count.isdecimal() else 1))
    for each in files[1:]:
        if not each.exists():
            raise CheckpointError(
                f"{file} is split into {count} files, and {each.name} is missing", hint="copy all of them"
            )
        other_texts, other_tensors = read_file_header(each)
        if other_texts.get("weights") != texts.get("weights"):
            raise CheckpointError(f"{each} belongs to other weights than {file}", hint="copy all files of one export")
        tensors = {**tensors, **other_tensors}
    return replace(first, tensors=tensors, files=files)


def read_file_header(file: Path) -> tuple[dict[str, str], dict[str, TensorInfo]]:
    """Metadata and tensors of one file. Raises CheckpointError if the file is incomplete."""
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            header_bytes = content.read(length) if length <= MAX_HEADER_BYTES else b""
            expected_length = 8 + length
            actual_length = file.stat().st_size
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
    try:
        parts = PARTS_ADAPTER.validate_json(header_bytes)
        texts = TEXTS_ADAPTER.validate_python(parts.pop("__metadata__", {}))
        tensors = TENSORS_ADAPTER.validate_python(parts)
    except ValidationError:
        raise CheckpointError(f"{file} is not a safetensors file, or is truncated", hint=EXPORT_HINT) from None
    expected_length += max((each.data_offsets[1] for each in tensors.values()), default=0)
    if actual_length != expected_length:
        raise CheckpointError(
            f"{file} is damaged: it has {actual_length:,} bytes, and should have {expected_length:,}",
            hint="copy or export it again",
        )
    return texts, tensors


def parse_header(texts: Mapping[str, str], tensors: Mapping[str, TensorInfo], file: Path) -> WeightsHeader:
    file_format = texts.get("format", "")
    if file_format != FORMAT:
        problem = (
            f"is in the format {file_format!r}" if file_format else "is not marked as weights of the unified model"
        )
        raise CheckpointError(f"{file} {problem}; this Plait reads {FORMAT}", hint=EXPORT_HINT)
    try:
        size = SIZE_ADAPTER.validate_json(texts.get("size", ""))
    except ValidationError:
        raise CheckpointError(f"{file} has no size of its model", hint=EXPORT_HINT) from None
    return WeightsHeader(
        size,
        texts.get("vocabulary", ""),
        texts.get("codes", ""),
        parse_card(texts.get("card", ""), file),
        tensors,
        (file,),
    )
