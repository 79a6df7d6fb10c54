"""The tar file of a backup: the files, and last a manifest with their sha256.

The manifest comes last, so a backup that was cut off has none and is refused.
"""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import SettingsError

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK_BYTES = 1 << 20

Scope = Literal["all", "database"]
Report = Callable[[int, int], None]  # bytes so far, bytes in all


@dataclass(frozen=True)
class BackupFile:
    """A file of a backup; its path is relative to the data folder."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `schema` is "" without a database; a backup of scope "database" has no other file."""

    format: int
    created: str
    plait: str
    scope: Scope
    schema: str
    files: tuple[BackupFile, ...]


def write_tar(target: Path, scope: Scope, schema: str, paths: Mapping[str, Path], report: Report) -> Manifest:
    """Writes the files under their names and the manifest; durable on return. Raises OSError."""
    total, done = sum(path.stat().st_size for path in paths.values()), 0
    files: list[BackupFile] = []
    with target.open("wb") as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, path in paths.items():
                files.append(add_to_tar(archive, name, path))
                done += files[-1].size
                report(done, total)
            created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            manifest = Manifest(FORMAT, created, version("plait"), scope, schema, tuple(files))
            content = json.dumps(asdict(manifest), indent=1).encode()
            archive.addfile(tar_entry(MANIFEST, len(content)), io.BytesIO(content))
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


def add_to_tar(archive: tarfile.TarFile, name: str, path: Path) -> BackupFile:
    """Adds a file as it is now; one that grows meanwhile is taken up to its present size."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        hashed = HashingReader(stream)
        archive.addfile(tar_entry(name, size), cast(BinaryIO, hashed))
    return BackupFile(name, size, hashed.digest.hexdigest())


def tar_entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
    return entry


class HashingReader:
    """A stream that computes the sha256 of what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(size)
        self.digest.update(chunk)
        return chunk


# ── reading ──


def read_backup(file: Path, folder: Path | None) -> Manifest:
    """Verifies every file of a backup, and writes them below `folder` if there is one. Raises SettingsError."""
    found: dict[str, BackupFile] = {}
    content = b""
    try:
        with tarfile.open(file, mode="r:") as archive:
            for entry in archive:
                stream = archive.extractfile(entry) if entry.isfile() else None
                if stream is None or not is_safe(entry.name):
                    raise damage(file, f"{entry.name!r} is no file of a backup")
                if entry.name == MANIFEST:
                    content = stream.read()
                    continue
                found[entry.name] = unpack(stream, entry.name, folder)
    except (tarfile.TarError, EOFError) as error:
        raise damage(file, str(error)) from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}", hint="plait restore FILE.tar") from None
    manifest = parse_manifest(file, content)
    promised = {each.path: each for each in manifest.files}
    differing = sorted(name for name in promised.keys() | found.keys() if promised.get(name) != found.get(name))
    if differing:
        raise damage(file, f"{differing[0]} is another file than the manifest says")
    return manifest


def is_safe(name: str) -> bool:
    """Whether a name stays below the folder that it is unpacked in."""
    parts = name.split("/")
    return not name.startswith("/") and all(part not in ("", ".", "..") for part in parts) and "\\" not in name


def unpack(stream: IO[bytes], name: str, folder: Path | None) -> BackupFile:
    """Reads a file of the tar, and writes it below `folder` if there is one, readable by its owner alone."""
    hashed = HashingReader(stream)
    target = None if folder is None else folder / name
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    with open(target or os.devnull, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        while chunk := hashed.read(CHUNK_BYTES):
            size += out.write(chunk)
        out.flush()
        if target is not None:
            os.fsync(out.fileno())
    return BackupFile(name, size, hashed.digest.hexdigest())


def parse_manifest(file: Path, content: bytes) -> Manifest:
    try:
        manifest = TypeAdapter(Manifest).validate_json(content)
    except ValidationError:
        raise damage(file, "it has no manifest, so it was cut off or is none") from None
    if manifest.format != FORMAT:
        raise SettingsError(
            f"{file} is a backup of a newer Plait ({manifest.plait})", hint="pip install --upgrade plait"
        )
    return manifest


def damage(file: Path, reason: str) -> SettingsError:
    return SettingsError(f"{file} is not a complete backup: {reason}", hint="take another backup")
