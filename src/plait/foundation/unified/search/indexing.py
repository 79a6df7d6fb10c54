"""Brings what is kept of a folder up to date: only pictures that are new or changed are looked at.

Ctrl-C keeps what was made so far, and so does a kill, but for the last SAVE_EVERY pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError, InputError
from plait.core.progress import CountProgress
from plait.foundation.data.resizing import letterbox_image
from plait.foundation.unified.generation.answering import Pixels
from plait.foundation.unified.search.embedding import Embedder
from plait.foundation.unified.search.folder import ImageFile
from plait.foundation.unified.search.index import EmbeddingIndex, empty_index, index_path, load_index, save_index
from plait.types.image import Image

BATCH_SIZE = 32  # pictures that are encoded together
SAVE_EVERY = 1_024  # pictures: some seconds of photographs
MAX_ERRORS_SHOWN = 3  # of the pictures that cannot be read

LogFunction = Callable[[str], None]


@dataclass(frozen=True)
class IndexBuilder:
    """Of one folder, by a model as it was called; `log` says to a person what is passed over."""

    folder: Path
    model: str
    embedder: Embedder
    log: LogFunction

    def build(self, files: tuple[ImageFile, ...]) -> EmbeddingIndex:
        """Of those of the files that can be read. Raises InputError where none can be."""
        file, version = index_path(self.folder, self.model), self.embedder.version
        stored = load_index(file, version)
        index = stored.select(files)
        is_saved = stored.files == index.files
        try:
            for batch in self.embed_batches(self.new_files(files, index)):
                index, is_saved = index.merge(batch), False
                if len(index.files) % SAVE_EVERY < len(batch.files):
                    is_saved = self.save(index, file, version)
        finally:
            if not is_saved:
                self.save(index, file, version)
        if not index.files:
            raise InputError(f"none of the {len(files)} pictures in {self.folder} can be read")
        return index

    def new_files(self, files: tuple[ImageFile, ...], index: EmbeddingIndex) -> list[ImageFile]:
        indexed = set(index.files)
        return [file for file in files if file not in indexed]

    def save(self, index: EmbeddingIndex, file: Path, version: str) -> bool:
        """True, with a word where it could not be: a search is as good without, and only takes longer next time."""
        try:
            save_index(index, file, version)
        except CheckpointError as error:
            self.log(f"nothing is kept for the next search: {error.message}; PLAIT_DATA names another folder")
        return True

    def embed_batches(self, files: Sequence[ImageFile]) -> Iterator[EmbeddingIndex]:
        """A part at a time; pictures that cannot be read are told at the end."""
        progress, errors = CountProgress("search", len(files), "images indexed"), list[InputError]()
        for start in range(0, len(files), BATCH_SIZE):
            batch = files[start : start + BATCH_SIZE]
            yield self.embed_batch(batch, errors)
            progress.update(start + len(batch), len(errors))
        for error in errors[:MAX_ERRORS_SHOWN]:
            self.log(f"passed over: {error.message}")
        if len(errors) > MAX_ERRORS_SHOWN:
            self.log(f"passed over: {len(errors) - MAX_ERRORS_SHOWN} more pictures that cannot be read")

    def embed_batch(self, files: Sequence[ImageFile], errors: list[InputError]) -> EmbeddingIndex:
        readable: list[ImageFile] = []
        squares: list[Pixels] = []
        for file in files:
            try:
                squares.append(load_square(self.folder / file.path, self.embedder.model.size.side))
                readable.append(file)
            except InputError as error:
                errors.append(error)
        return EmbeddingIndex(tuple(readable), self.embedder.embeddings(squares)) if squares else empty_index()


def load_square(file: Path, side: int) -> Pixels:
    """The picture as the model's square. Raises InputError where it cannot be read."""
    return letterbox_image(Image(file), side)
