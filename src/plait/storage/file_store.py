"""Content-addressed files: each lies under its sha256, so the same bytes are kept once and can be verified."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.core.values.durable_files import create, make_private_folder
from plait.core.values.file_digest import file_sha256

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileStore:
    """The files below a folder: `folder/ab/cdef...`, the first two hex digits being a folder of their own."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Where the file of this digest lies, if it is there. Raises ValueError for what is no digest."""
        if not SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is not a sha256")
        return self.folder / sha256[:2] / sha256[2:]

    def add(self, content: bytes) -> str:
        """Keeps the bytes and returns their digest; durable on return. Raises OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists() or path.stat().st_size != len(content):
            make_private_folder(path.parent)
            create(path, content)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes of a file. Raises OSError, ValueError if they are others than when it was added."""
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"the file {self.path(sha256)} is damaged")
        return content

    def fault(self, sha256: str, size: int) -> str:
        """What is wrong with a file; "" if it has these bytes."""
        path = self.path(sha256)
        if not path.is_file():
            return "is missing"
        if path.stat().st_size != size:
            return f"has {path.stat().st_size:,} bytes instead of {size:,}"
        return "" if file_sha256(path) == sha256 else "has other bytes than when it was added"

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        """The digests of all files that lie in the store, whether their bytes fit or not."""
        for path in self.folder.glob("??/*"):
            if SHA256.fullmatch(sha256 := path.parent.name + path.name):
                yield sha256

    def strays(self) -> Iterator[Path]:
        """Files that are none of the store: what a killed write left, or what somebody else put there."""
        for path in self.folder.glob("**/*"):
            if path.is_file() and not SHA256.fullmatch(path.parent.name + path.name):
                yield path
