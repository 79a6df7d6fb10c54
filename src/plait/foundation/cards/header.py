"""What stands at the beginning of a file of weights, read without torch: whose they are, and what they can do.

safetensors: eight bytes of length, so much JSON, then the tensors. The JSON names each tensor with its place in the
file, which also tells whether the file is whole, and holds texts of our own under `__metadata__`. Weights that are to
lie in several files lie in NAME.safetensors, NAME.safetensors.2 and so on; the first one tells how many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import Card, card_of
from plait.foundation.cards.sizes import Size
from plait.foundation.unified.image_tokenizer import VERSION

FORMAT = "plait-unified-1"
LONGEST = 16 * 2**20  # bytes of JSON: far more than the tensors of any size of ours need
WAY_OUT = "plait export RUN_FOLDER writes such a file"


@dataclass(frozen=True)
class Tensor:
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


@dataclass(frozen=True)
class Header:
    """`codes` is the image tokenizer's version, "" in a file from before there was one. Weights lie in all `files`."""

    size: Size
    vocabulary: str
    codes: str
    card: Card
    tensors: Mapping[str, Tensor]
    files: tuple[Path, ...]


SIZE = TypeAdapter(Size)
TEXTS = TypeAdapter(dict[str, str])
TENSORS = TypeAdapter(dict[str, Tensor])
PARTS = TypeAdapter(dict[str, object])


def metadata(size: Size, vocabulary: str, card: Card) -> dict[str, str]:
    """The texts that stand in a file."""
    return {
        "format": FORMAT,
        "size": SIZE.dump_json(size).decode(),
        "vocabulary": vocabulary,
        "codes": VERSION,
        "card": card.json(),
    }


def part(file: Path, number: int) -> Path:
    """The file of a number, counted from 1, that weights lie in."""
    return file if number == 1 else file.with_name(f"{file.name}.{number}")


def header(file: Path) -> Header:
    """Raises CheckpointError where they are no whole files of the unified model's weights, or not of the same."""
    texts, tensors = told_by(file)
    first = read(texts, tensors, file)
    count = texts.get("files", "1")
    files = tuple(part(file, number + 1) for number in range(int(count) if count.isdecimal() else 1))
    for each in files[1:]:
        if not each.exists():
            raise CheckpointError(
                f"{file} lies in {count} files, and {each.name} is missing", way_out="copy all of them"
            )
        others, more = told_by(each)
        if others.get("weights") != texts.get("weights"):
            raise CheckpointError(f"{each} is of other weights than {file}", way_out="copy all files of one export")
        tensors = {**tensors, **more}
    return replace(first, tensors=tensors, files=files)


def told_by(file: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The texts of one file, and its tensors. Raises CheckpointError where it is not whole."""
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            told = content.read(length) if length <= LONGEST else b""
            whole = 8 + length
            there = file.stat().st_size
    except OSError as fault:
        raise CheckpointError(f"{file} cannot be read: {fault.strerror}", way_out="name a file that is there") from None
    try:
        parts = PARTS.validate_json(told)
        texts = TEXTS.validate_python(parts.pop("__metadata__", {}))
        tensors = TENSORS.validate_python(parts)
    except ValidationError:
        raise CheckpointError(f"{file} is no safetensors file, or is cut short", way_out=WAY_OUT) from None
    whole += max((each.data_offsets[1] for each in tensors.values()), default=0)
    if there != whole:
        raise CheckpointError(
            f"{file} is damaged: it has {there:,} bytes, and should have {whole:,}", way_out="copy or export it again"
        )
    return texts, tensors


def read(texts: Mapping[str, str], tensors: Mapping[str, Tensor], file: Path) -> Header:
    said = texts.get("format", "")
    if said != FORMAT:
        what = f"is in the format {said!r}" if said else "does not say that it holds weights of the unified model"
        raise CheckpointError(f"{file} {what}; this Plait reads {FORMAT}", way_out=WAY_OUT)
    try:
        size = SIZE.validate_json(texts.get("size", ""))
    except ValidationError:
        raise CheckpointError(f"{file} does not tell the size of its model", way_out=WAY_OUT) from None
    return Header(
        size,
        texts.get("vocabulary", ""),
        texts.get("codes", ""),
        card_of(texts.get("card", ""), file),
        tensors,
        (file,),
    )
