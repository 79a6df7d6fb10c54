"""Digests of model files, computed once as long as a file stays the same.

A model's file is compared with the digest that its adapters name before they are used together.
"""

from functools import lru_cache
from pathlib import Path

from plait.service.supervisor.child_process import file_sha256


def digest_of(file: Path) -> str:
    """The sha256 of a file, computed once as long as it stays the same; "" if there is none."""
    try:
        status = file.stat()
    except OSError:
        return ""
    return digest_at(file, (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=64)
def digest_at(file: Path, state: tuple[int, int, int]) -> str:
    """Half a second for a gigabyte."""
    return file_sha256(file)
