from dataclasses import dataclass, replace
from pathlib import Path

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.data_url import picture_in
from plait.core.values.value_type import Beside, Json, Kind, WireError, inside
from plait.types.image.image import Image
from plait.types.image.opening import size_on_disk

SMALLEST = 16  # pixels of the shorter side: a single image token of the smallest model


@dataclass(frozen=True)
class Header:
    """`path` is what the row says; `length` in bytes, `size` in pixels as the picture is looked at."""

    path: str
    length: int
    size: tuple[int, int]


@dataclass(frozen=True)
class HeaderKind(Kind):
    """A path, meant from `folder`, or a data URL."""

    folder: Path

    def encode(self, value: object, beside: Beside) -> Json:
        return value.path if isinstance(value, Header) else None

    def decode(self, wire: Json, beside: Beside) -> Header:
        if not isinstance(wire, str) or not wire.strip():
            raise WireError("should be the path of a picture", wire)
        try:
            found = sent(wire) if wire.startswith("data:") else self.on_disk(wire)
        except WireError as fault:
            raise WireError(str(fault), wire) from None
        width, height = found.size
        if min(found.size) < SMALLEST:
            raise WireError(f"has {width} x {height} pixels, and {SMALLEST} x {SMALLEST} are the least", wire)
        return found

    def on_disk(self, path: str) -> Header:
        file = self.folder / Path(path).expanduser()
        try:
            return Header(path, file.stat().st_size, size_on_disk(file))
        except OSError as fault:
            raise WireError(f"cannot be read: {fault.strerror}", path) from None


def sent(url: str) -> Header:
    try:
        content = picture_in(url).content
    except ValueError as fault:
        raise WireError(str(fault), url) from None
    image = Image(content)
    image.check()
    return Header(url, len(content), image.size)


def by_header(declaration: Declaration, folder: Path) -> Declaration:
    """The task, its pictures taken by their headers. Raises InputError where they are no slots of their own."""
    odd = [slot.name for slot in declaration.slots if slot.pictured and slot.kind.name != "image"]
    odd += ["the answer"] if any(kind.name == "image" for _, kind in inside(declaration.answer)) else []
    if odd:
        raise InputError(
            f"{declaration.name} cannot be trained on: {odd[0]} holds pictures",
            way_out="a model is taught by pictures in slots of their own: picture: Image",
        )
    slots = tuple(
        replace(slot, kind=HeaderKind(folder), annotation=object) if slot.pictured else slot
        for slot in declaration.slots
    )
    return replace(declaration, slots=slots)
