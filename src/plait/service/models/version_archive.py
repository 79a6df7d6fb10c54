"""A version as one .tar file: adapter, facts in JSON and a card, to be added under another data folder.

Such files come from strangers: the tar is read block by block here and not by tarfile, which follows headers of other
kinds without a bound (CVE-2025-8194). Three regular files are expected, each of a known name and of a bounded size.
"""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import InputError, SettingsError
from plait.core.values.durable_files import sync_folder
from plait.core.values.quoting import quote
from plait.foundation.cards.adapter_files import is_gguf
from plait.service.models.adapter_check import MAX_ADAPTER_BYTES
from plait.service.models.model_version import ModelVersion, VersionManifest
from plait.service.models.version_text import version_card

FACTS, CARD, ADAPTER, UNIFIED_ADAPTER = "version.json", "card.md", "adapter.gguf", "adapter.safetensors"
ADAPTERS = (ADAPTER, UNIFIED_ADAPTER)  # an archive has one of them
# Bytes at most; there is a fact per taught example.
SIZES = {FACTS: 64_000_000, CARD: 1_000_000, **dict.fromkeys(ADAPTERS, MAX_ADAPTER_BYTES)}
FORMAT = 1
BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")
HINT = "plait models export NAME@NUMBER FILE.tar writes such a file"


@dataclass(frozen=True)
class VersionFacts:
    """What an archive says of its version."""

    format: int
    name: str
    number: int
    task: str
    fingerprint: str
    base: str
    base_sha256: str
    sha256: str
    manifest: VersionManifest
    run: str = ""
    verdict: str | None = None


FACTS_ADAPTER: TypeAdapter[VersionFacts] = TypeAdapter(VersionFacts)


# ── writing ──


def write_version(version: ModelVersion, file: Path, target: Path) -> None:
    """Writes a version with its file to a new .tar file; durable on return. Raises SettingsError."""
    if target.exists():
        raise SettingsError(f"{target} exists already", hint="name another file")
    unfinished = target.with_name(f".{target.name}.unfinished")
    adapter = ADAPTER if is_gguf(file) else UNIFIED_ADAPTER
    members = {FACTS: facts_json(version), CARD: version_card(version).encode(), adapter: file.read_bytes()}
    try:
        with unfinished.open("wb") as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
                for name, content in members.items():
                    entry = tarfile.TarInfo(name)
                    entry.size, entry.mode = len(content), 0o644
                    archive.addfile(entry, io.BytesIO(content))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, target)
        sync_folder(target.absolute().parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise SettingsError(
            f"{target} cannot be written: {error.strerror}", hint="free some space, or name another folder"
        ) from None


def facts_json(version: ModelVersion) -> bytes:
    names = ("name", "number", "task", "fingerprint", "base", "base_sha256", "sha256", "run", "verdict")
    values = {name: getattr(version, name) for name in names}
    return FACTS_ADAPTER.dump_json(VersionFacts(format=FORMAT, manifest=version.made_by, **values), indent=1)


# ── reading ──


def read_version(file: Path, target: Path) -> VersionFacts:
    """The facts of an archive, whose adapter is written to `target`. Raises InputError for another file."""
    try:
        with file.open("rb") as stream:
            contents = read_members(stream, file)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", hint=HINT) from None
    facts = parse_facts(contents[FACTS], file)
    adapter = next(contents[name] for name in ADAPTERS if name in contents)
    found = hashlib.sha256(adapter).hexdigest()
    if found != facts.sha256:
        raise InputError(
            f"{file} is damaged: its adapter has the sha256 {found[:12]}…, not {quote(facts.sha256[:12])}…",
            hint="copy or export it again",
        )
    target.write_bytes(adapter)
    return facts


def read_members(stream: BinaryIO, file: Path) -> Mapping[str, bytes]:
    contents: dict[str, bytes] = {}
    for entry in iter_entries(stream, file):
        if entry.name not in SIZES or entry.name in contents or not entry.isfile() or entry.issparse():
            refuse(file, f"it has the entry {quote(entry.name)}")
        if not 0 <= entry.size <= SIZES[entry.name]:
            refuse(file, f"{entry.name} has {entry.size:,} bytes, and at most {SIZES[entry.name]:,} are accepted")
        content = stream.read(entry.size)
        if len(content) < entry.size:
            refuse(file, f"it ends within {entry.name}")
        stream.seek(-entry.size % BLOCK, os.SEEK_CUR)
        contents[entry.name] = content
    for names in ((FACTS,), (CARD,), ADAPTERS):
        count = sum(name in contents for name in names)
        if count != 1:
            refuse(file, f"it has {'no' if not count else 'several of'} {' and '.join(names[: count or 1])}")
    return contents


def iter_entries(stream: BinaryIO, file: Path) -> Iterator[tarfile.TarInfo]:
    """The headers; the stream stands behind each, and at the next one when the caller goes on."""
    while len(block := stream.read(BLOCK)) == BLOCK and any(block):
        try:
            entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.TarError, ValueError, OverflowError):
            refuse(file, "it has a damaged header")
        yield entry


def parse_facts(content: bytes, file: Path) -> VersionFacts:
    try:
        facts = FACTS_ADAPTER.validate_json(content)
    except ValidationError as error:
        refuse(file, f"{FACTS} is wrong: {str(error).splitlines()[0]}")
    if facts.format != FORMAT:
        raise InputError(f"{file} was written by a newer Plait", hint="pip install --upgrade plait")
    if not SHA256.fullmatch(facts.base_sha256) or not SHA256.fullmatch(facts.sha256):
        refuse(file, f"{FACTS} has no sha256")
    return facts


def refuse(file: Path, reason: str) -> NoReturn:
    raise InputError(f"{file} is not an exported version: {reason}", hint=HINT)
