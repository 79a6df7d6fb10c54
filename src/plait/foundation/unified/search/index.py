"""What a model has made of the pictures of a folder, kept in Plait's data folder: the pictures' own is left alone.

One safetensors file a folder and model: the embeddings, and in its header which files they are of and by what they were
made. What is damaged, or made by other weights, is as good as none: it can all be made again.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from plait.core.config import settings
from plait.foundation.unified.search.embedding import Embeddings
from plait.foundation.unified.search.folder import File
from plait.foundation.unified.search.query import names
from plait.foundation.unified.weights.weight_files import put


@dataclass(frozen=True, eq=False)
class Index:
    """Row by row: a file and its embedding."""

    files: tuple[File, ...]
    embeddings: Embeddings

    def of(self, files: tuple[File, ...]) -> "Index":
        """Those of the files that it has, in their order."""
        rows = {file: row for row, file in enumerate(self.files)}
        there = tuple(file for file in files if file in rows)
        return Index(there, self.embeddings[[rows[file] for file in there]])

    def and_(self, other: "Index") -> "Index":
        return Index((*self.files, *other.files), np.concatenate((self.embeddings, other.embeddings)))


def nothing() -> Index:
    return Index((), np.zeros((0, len(names())), np.float16))


def place(folder: Path, model: str) -> Path:
    """Where the index of a folder is kept, for a model as it was called."""
    key = hashlib.sha256(f"{folder.resolve()}\n{model}".encode(errors="surrogateescape")).hexdigest()[:16]
    return settings().data / "search" / f"{folder.resolve().name or 'root'}-{key}.safetensors"


def kept(file: Path, version: str) -> Index:
    """What stands in the file; nothing where there is none, it is damaged, or another version has made it."""
    try:
        with safe_open(file, "np") as content:
            told = content.metadata() or {}
            files, embeddings = read(told.get("files", "")), content.get_tensor("embeddings")
    except (OSError, SafetensorError, ValueError, TypeError):
        return nothing()
    fits = embeddings.shape == (len(files), len(names())) and embeddings.dtype == np.float16
    return Index(files, embeddings) if fits and told.get("version") == version else nothing()


def keep(index: Index, file: Path, version: str) -> None:
    """Writes it; the file is whole or as it was. Raises CheckpointError where it cannot be written."""
    told = {"version": version, "files": written(index.files)}
    put(file, safetensors.numpy.save({"embeddings": np.ascontiguousarray(index.embeddings)}, told))


def written(files: tuple[File, ...]) -> str:
    """As JSON in ASCII: the name of a file may be bytes that are no UTF-8."""
    return json.dumps([(file.path, file.size, file.written) for file in files])


def read(told: str) -> tuple[File, ...]:
    """Raises ValueError or TypeError for what `written` has not written."""
    return tuple(File(str(path), int(size), int(changed)) for path, size, changed in json.loads(told))
