"""Members of a .tar by byte offset. Nothing is unpacked, no link is followed, no object is loaded."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plait.core.errors import InputError
from plait.foundation.data.sources.bad_rows import BadRow
from plait.types.image.image import MAX_BYTES

PYTHON_OBJECT_SUFFIXES = (
    "pyd",
    "pickle",
    "pkl",
    "pth",
    "pt",
    "ten",
    "npy",
    "npz",
)  # loading such a member could run code in it
TAR_ERRORS = (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError)


@dataclass(frozen=True)
class TarMember:
    """Archive member.

    `key` is its path up to the first dot of the name, `extension` the rest. Members of a sample share the key.
    """

    key: str
    extension: str
    start: int
    size: int


@dataclass(frozen=True)
class UnusableMember:
    """A member called `name` that cannot be part of a sample."""

    key: str
    name: str
    reason: str


def iter_members(file: Path, bad_rows: list[BadRow]) -> Iterator[TarMember | UnusableMember]:
    """Members in the order of the archive. Errors of the archive as a whole go to `bad_rows`.

    Raises InputError if the file is not a .tar.
    """
    length, last = file.stat().st_size, "its beginning"
    try:
        with tarfile.open(file, "r:") as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # pyright: ignore[reportAttributeAccessIssue]  # tarfile keeps all that it saw
                last = printable(info.name)
                name = PurePosixPath(info.name).name
                if name and not info.isdir() and not name.startswith("."):  # macOS adds members such as ._000123.png
                    yield parse_member(info, length)
                if info.offset_data + info.size > length:
                    return  # reported for that member
            if not is_archive_end(file, archive.offset):
                bad_rows.append(BadRow(f"{file}", f"has no end marker after {last}: it may be truncated"))
    except TAR_ERRORS as error:
        if last == "its beginning":
            hint = "only plain .tar files are read: decompress it with gunzip"
            raise InputError(f"{file} is not a tar archive: {error}", hint=hint) from None
        bad_rows.append(BadRow(f"{file}", f"cannot be read after {last}: it may be truncated"))


def is_archive_end(file: Path, offset: int) -> bool:
    """Whether the archive ends at the offset.

    tarfile also stops at an invalid header, and at the end of a truncated file.
    """
    with file.open("rb") as stream:
        stream.seek(offset)
        block = stream.read(tarfile.BLOCKSIZE)
    return len(block) == tarfile.BLOCKSIZE and not any(block)


def parse_member(info: tarfile.TarInfo, archive_size: int) -> TarMember | UnusableMember:
    path = PurePosixPath(info.name)
    stem, _, extension = path.name.partition(".")
    member = TarMember(str(path.with_name(stem)), extension.lower(), info.offset_data, info.size)
    problem = member_problem(info, path, member, archive_size)
    return UnusableMember(member.key, printable(info.name), problem) if problem else member


def printable(name: str) -> str:
    """An untrusted name without characters that would control the terminal."""
    return "".join(filter(str.isprintable, name))


def member_problem(info: tarfile.TarInfo, path: PurePosixPath, tar_member: TarMember, archive_size: int) -> str:
    """Reason why a member is not used; "" if it is."""
    if path.is_absolute() or ".." in path.parts:
        return "has a name that leads out of the archive"
    if info.issym() or info.islnk():
        return f"is a link to {printable(info.linkname)}, and links are not followed"
    if not info.isreg() or info.issparse():
        return "is not a regular file"
    if tar_member.start + tar_member.size > archive_size:
        return "is truncated: the archive ends within it"
    if tar_member.extension.rpartition(".")[2] in PYTHON_OBJECT_SUFFIXES:
        return "may contain Python objects, which are never loaded: save it as .json"
    if tar_member.size > MAX_BYTES:
        return f"has more than the limit of {MAX_BYTES // 2**20} MiB"
    return ""
