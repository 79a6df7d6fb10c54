"""Digests of files: the whole SHA-256, and the short form that answers report with their model."""

import hashlib
from functools import lru_cache
from pathlib import Path

DIGEST_LENGTH = 12  # hex digits of the short form


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file in hex digits: half a second for a gigabyte. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digest(path: Path) -> str:
    """The first DIGEST_LENGTH digits of the file's SHA-256. Every answer reports them with its model.

    Raises OSError.
    """
    return file_sha256(path)[:DIGEST_LENGTH]


def known_sha256(path: Path) -> str:
    """The SHA-256 of a file, computed once as long as the file stays the same; "" if there is none.

    A file counts as the same by inode, size and time of change, as for `make`.
    """
    try:
        status = path.stat()
    except OSError:
        return ""
    return sha256_at(path, (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=64)
def sha256_at(path: Path, state: tuple[int, int, int]) -> str:
    """The digest of a file in that state. `state` is only part of the key: it is new after each change.

    Raises OSError.
    """
    return file_sha256(path)
