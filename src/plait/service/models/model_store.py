"""The folder of added models: each file lies under its sha256, so that two commands never store it twice."""

import hashlib
import os
import shutil
from pathlib import Path

from plait.core.config import settings
from plait.core.errors import InputError, ServerError, SettingsError
from plait.core.values.durable_files import make_private_folder, sync_folder
from plait.service.models.download import CHUNK_BYTES, Download, Report, check_space, locked
from plait.service.models.model_content import HEAD_BYTES, check_head, check_name, weights_suffix
from plait.service.models.model_source import ModelSource


def models_folder() -> Path:
    return settings().data / "models"


def store_model(source: ModelSource, report: Report, sha256: str = "") -> Path:
    """The file in the folder of models. Raises InputError for what is no model or has another checksum."""
    check_name(source.file_name)
    folder = make_folder()
    if known := next(iter(folder.glob(f"{sha256}.*")) if sha256 else iter(()), None):
        return known
    part = folder / f".{hashlib.sha256(source.location.encode()).hexdigest()[:16]}.part"
    with locked(part.with_suffix(".lock")):
        stated = fetch(source, part, report)
        found = file_digest(part)
        for expected in filter(None, (sha256, stated)):
            if expected != found:
                discard(part)
                raise checksum_error(source, expected, found)
        return keep(part, found, source)


def fetch(source: ModelSource, part: Path, report: Report) -> str:
    """Writes the source to `part`. Returns the checksum that its hub states."""
    if source.is_remote:
        download = Download(source.location, part, lambda head: check_head(source.file_name, head[:HEAD_BYTES]), report)
        download.run()
        return download.sha256
    copy_file(Path(source.location), part, source.file_name)
    return ""


def copy_file(file: Path, part: Path, file_name: str) -> None:
    """Copies the file, which its owner may move or change later."""
    with file.open("rb") as stream:
        check_head(file_name, stream.read(HEAD_BYTES))
    check_space(part.parent, file.stat().st_size)
    try:
        shutil.copyfile(file, part)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SettingsError(
            f"{part.parent} cannot take {file}: {error.strerror}", hint="free some space, or set PLAIT_DATA"
        ) from None


def keep(part: Path, digest: str, source: ModelSource) -> Path:
    try:
        file = part.with_name(f"{digest}{weights_suffix(part, source.file_name)}")
    except InputError:
        discard(part)
        raise
    os.replace(part, file)
    sync_folder(file.parent)
    discard(part)
    return file


def discard(part: Path) -> None:
    for file in (part, part.with_suffix(".json"), part.with_suffix(".lock")):
        file.unlink(missing_ok=True)


def make_folder() -> Path:
    folder = models_folder()
    try:
        make_private_folder(folder)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be created: {error.strerror}", hint="set PLAIT_DATA to a writable folder"
        ) from None
    return folder


def file_digest(file: Path) -> str:
    """The sha256 of a file, as hex digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def checksum_error(source: ModelSource, expected: str, found: str) -> ServerError:
    return ServerError(
        f"{source.file_name} has another checksum than expected; it is removed",
        details=(f"expected {expected}", f"found    {found}"),
        hint="compare the checksum with the page of the file, then run it again, or try another mirror",
    )
