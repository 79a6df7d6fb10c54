"""Storage of embeddings, in Plait's data folder; the folder of the pictures is not modified.

One safetensors file per folder and model: the embeddings, with their files and the embedder version in its header. A
damaged file, or one of other weights, is ignored and rebuilt.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from plait.core.config import settings
from plait.core.values.durable_files import make_private_folder
from plait.foundation.training.atomic_files import write_atomically
from plait.foundation.unified.search.embedding import Embeddings
from plait.foundation.unified.search.folder import ImageFile
from plait.foundation.unified.search.query import name_columns


@dataclass(frozen=True, eq=False)
class EmbeddingIndex:
    """Files and their embeddings, row by row."""

    files: tuple[ImageFile, ...]
    embeddings: Embeddings

    def select(self, files: tuple[ImageFile, ...]) -> "EmbeddingIndex":
        """The index restricted to the given files, in their order."""
        rows = {file: row for row, file in enumerate(self.files)}
        indexed = tuple(file for file in files if file in rows)
        return EmbeddingIndex(indexed, self.embeddings[[rows[file] for file in indexed]])

    def merge(self, other: "EmbeddingIndex") -> "EmbeddingIndex":
        return EmbeddingIndex((*self.files, *other.files), np.concatenate((self.embeddings, other.embeddings)))


def empty_index() -> EmbeddingIndex:
    return EmbeddingIndex((), np.zeros((0, len(name_columns())), np.float16))


def index_path(folder: Path, model: str) -> Path:
    """Path of the index of a folder and a model name."""
    key = hashlib.sha256(f"{folder.resolve()}\n{model}".encode(errors="surrogateescape")).hexdigest()[:16]
    return settings().data / "search" / f"{folder.resolve().name or 'root'}-{key}.safetensors"


def load_index(file: Path, version: str) -> EmbeddingIndex:
    """Loads the index; empty if the file is missing, damaged or of another version."""
    try:
        with safe_open(file, "np") as content:
            metadata = content.metadata() or {}
            files, embeddings = files_from_json(metadata.get("files", "")), content.get_tensor("embeddings")
    except (OSError, SafetensorError, ValueError, TypeError):
        return empty_index()
    fits = embeddings.shape == (len(files), len(name_columns())) and embeddings.dtype == np.float16
    return EmbeddingIndex(files, embeddings) if fits and metadata.get("version") == version else empty_index()


def save_index(index: EmbeddingIndex, file: Path, version: str) -> None:
    """Writes the index atomically. Raises CheckpointError if it cannot be written."""
    metadata = {"version": version, "files": files_to_json(index.files)}
    with suppress(OSError):  # reported by the write
        make_private_folder(file.parent)
    write_atomically(file, safetensors.numpy.save({"embeddings": np.ascontiguousarray(index.embeddings)}, metadata))


def files_to_json(files: tuple[ImageFile, ...]) -> str:
    """ASCII JSON, since a file name may contain bytes that are not UTF-8."""
    return json.dumps([(file.path, file.size, file.modified_ns) for file in files])


def files_from_json(json_text: str) -> tuple[ImageFile, ...]:
    """The inverse of `files_to_json`. Raises ValueError or TypeError for invalid content."""
    return tuple(ImageFile(str(path), int(size), int(modified_ns)) for path, size, modified_ns in json.loads(json_text))
