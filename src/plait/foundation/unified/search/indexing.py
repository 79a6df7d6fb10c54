"""Brings what is kept of a folder up to date: only pictures that are new or changed are looked at.

Ctrl-C keeps what was made so far, and so does a kill, but for the last KEPT_EVERY pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.calls.batch import Progress
from plait.core.errors import CheckpointError, InputError
from plait.foundation.data.resizing import squared
from plait.foundation.unified.generation.answering import Pixels
from plait.foundation.unified.search.embedding import Embedder
from plait.foundation.unified.search.folder import File
from plait.foundation.unified.search.index import Index, keep, kept, nothing, place
from plait.types.image.image import Image

AT_ONCE = 32  # pictures that are encoded together
KEPT_EVERY = 1_024  # pictures: some seconds of photographs
SHOWN = 3  # of the pictures that cannot be read

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Gathering:
    """Of one folder, by a model as it was called; `tell` says to a person what is passed over."""

    folder: Path
    model: str
    embedder: Embedder
    tell: Tell

    def index(self, files: tuple[File, ...]) -> Index:
        """Of those of the files that can be read. Raises InputError where none can be."""
        file, version = place(self.folder, self.model), self.embedder.version
        before = kept(file, version)
        index = before.of(files)
        saved = before.files == index.files
        try:
            for more in self.looked_at(self.new(files, index)):
                index, saved = index.and_(more), False
                if len(index.files) % KEPT_EVERY < len(more.files):
                    saved = self.saved(index, file, version)
        finally:
            if not saved:
                self.saved(index, file, version)
        if not index.files:
            raise InputError(f"none of the {len(files)} pictures in {self.folder} can be read")
        return index

    def new(self, files: tuple[File, ...], index: Index) -> list[File]:
        there = set(index.files)
        return [file for file in files if file not in there]

    def saved(self, index: Index, file: Path, version: str) -> bool:
        """True, with a word where it could not be: a search is as good without, and only takes longer next time."""
        try:
            keep(index, file, version)
        except CheckpointError as fault:
            self.tell(f"nothing is kept for the next search: {fault.message}; PLAIT_DATA names another folder")
        return True

    def looked_at(self, new: Sequence[File]) -> Iterator[Index]:
        """A part at a time; pictures that cannot be read are told at the end."""
        progress, faults = Progress("new pictures", len(new)), list[InputError]()
        for first in range(0, len(new), AT_ONCE):
            part = new[first : first + AT_ONCE]
            yield self.part(part, faults)
            progress.tell(first + len(part), len(faults))
        for fault in faults[:SHOWN]:
            self.tell(f"passed over: {fault.message}")
        if len(faults) > SHOWN:
            self.tell(f"passed over: {len(faults) - SHOWN} more pictures that cannot be read")

    def part(self, files: Sequence[File], faults: list[InputError]) -> Index:
        there: list[File] = []
        squares: list[Pixels] = []
        for file in files:
            try:
                squares.append(square(self.folder / file.path, self.embedder.model.size.side))
                there.append(file)
            except InputError as fault:
                faults.append(fault)
        return Index(tuple(there), self.embedder.embeddings(squares)) if squares else nothing()


def square(file: Path, side: int) -> Pixels:
    """The picture as the model's square. Raises InputError where it cannot be read."""
    return squared(Image(file), side)
