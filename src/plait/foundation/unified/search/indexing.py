"""Updates the index of a folder: only new and changed pictures are encoded.

Ctrl-C keeps all embeddings made so far; a kill loses at most the last SAVE_EVERY pictures.
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

BATCH_SIZE = 32  # pictures per batch
SAVE_EVERY = 1_024  # pictures; encoding of that many photographs takes some seconds
MAX_ERRORS_SHOWN = 3  # unreadable pictures reported by name

LogFunction = Callable[[str], None]


@dataclass(frozen=True)
class IndexBuilder:
    """Builds the index of one folder for a model name; `log` reports skipped pictures to the user."""

    folder: Path
    model: str
    embedder: Embedder
    log: LogFunction

    def build(self, files: tuple[ImageFile, ...]) -> EmbeddingIndex:
        """The index of all readable files. Raises InputError if no file can be read."""
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
        """Saves the index and returns True; a failure is only logged, since the search works without it and only the
        next one takes longer.
        """
        try:
            save_index(index, file, version)
        except CheckpointError as error:
            self.log(f"the index cannot be cached: {error.message}; set PLAIT_DATA to another folder")
        return True

    def embed_batches(self, files: Sequence[ImageFile]) -> Iterator[EmbeddingIndex]:
        """Yields one index per batch; unreadable pictures are reported at the end."""
        progress, errors = CountProgress("search", len(files), "images indexed"), list[InputError]()
        for start in range(0, len(files), BATCH_SIZE):
            batch = files[start : start + BATCH_SIZE]
            yield self.embed_batch(batch, errors)
            progress.update(start + len(batch), len(errors))
        for error in errors[:MAX_ERRORS_SHOWN]:
            self.log(f"skipped: {error.message}")
        if len(errors) > MAX_ERRORS_SHOWN:
            self.log(f"skipped: {len(errors) - MAX_ERRORS_SHOWN} more pictures that cannot be read")

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
    """The picture as a square of the model's side. Raises InputError if it cannot be read."""
    return letterbox_image(Image(file), side)
