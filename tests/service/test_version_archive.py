"""A version as one .tar file: what is exported is read again, and hostile files are refused without a trace."""

import hashlib
import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.core.errors import InputError, SettingsError
from plait.service.models import version_archive
from plait.service.models.model_version import ModelVersion, TaughtExample, VersionManifest
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.version_archive import ADAPTER, CARD, FACTS, read_version
from tests.support.stored_versions import NAME, new_version, write_small_adapter

MANIFEST = VersionManifest({"rank": 1}, "c" * 64, (TaughtExample("7", "d" * 64),), 3, {"plait": "0.1.0"})


@pytest.fixture
def registry() -> ModelRegistry:
    return current_registry()


@pytest.fixture
def version(registry: ModelRegistry, tmp_path: Path) -> ModelVersion:
    file = write_small_adapter(tmp_path / "adapter.gguf")
    return registry.add_version(replace(new_version(), manifest=MANIFEST, run="0123", verdict='{"promote":true}'), file)


@pytest.fixture
def members(registry: ModelRegistry, version: ModelVersion, tmp_path: Path) -> dict[str, bytes]:
    """The files of an exported version."""
    registry.export(version, tmp_path / "whole.tar")
    with tarfile.open(tmp_path / "whole.tar") as archive:
        return {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]


def test_what_is_exported_is_read_again(
    registry: ModelRegistry, version: ModelVersion, members: Mapping[str, bytes], tmp_path: Path
) -> None:
    facts = read_version(tmp_path / "whole.tar", tmp_path / "out.gguf")
    assert (tmp_path / "out.gguf").read_bytes() == registry.file(version).read_bytes()
    assert (facts.name, facts.number, facts.manifest, facts.run) == (NAME, 1, MANIFEST, "0123")
    assert facts.verdict == '{"promote":true}' and list(members) == [FACTS, CARD, ADAPTER]
    card = members[CARD].decode()
    assert card.startswith(f"# {NAME}@1\n") and version.base_sha256 in card and "plait models add" in card


def test_an_export_overwrites_nothing(registry: ModelRegistry, version: ModelVersion, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_text("precious")
    with pytest.raises(SettingsError, match="exists already"):
        registry.export(version, tmp_path / "x.tar")
    with pytest.raises(SettingsError, match="cannot be written: No such file"):
        registry.export(version, tmp_path / "nowhere" / "x.tar")
    assert (tmp_path / "x.tar").read_text() == "precious" and not list(tmp_path.glob("*.unfinished"))


# ── hostile files ──


def entry(name: str, content: bytes, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def packed(*entries: tuple[tarfile.TarInfo, bytes], format: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def facts_with(members: Mapping[str, bytes], **changes: Any) -> bytes:
    return json.dumps({**json.loads(members[FACTS]), **changes}).encode()


def with_size(block: bytes, field: bytes) -> bytes:
    """A header with this size field, and the checksum that belongs to it."""
    changed = bytearray(block)
    changed[124:136] = field
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed[:512])
    return bytes(changed)


Members = Mapping[str, bytes]
HOSTILE: dict[str, Callable[[Members], bytes]] = {
    "empty": lambda _: b"",
    "no tar": lambda _: b"GGUF" * 1_000,
    "zip": lambda _: b"PK\x03\x04" + bytes(1_020),
    "cut off": lambda each: packed(*(entry(name, content) for name, content in each.items()))[:2_000],
    "way out": lambda each: packed(entry(f"../{ADAPTER}", each[ADAPTER])),
    "absolute": lambda each: packed(entry("/etc/passwd", b"x")),
    "unknown": lambda each: packed(*(entry(*pair) for pair in each.items()), entry("run.py", b"import os")),
    "twice": lambda each: packed(*(entry(*pair) for pair in each.items()), entry(FACTS, each[FACTS])),
    "link": lambda each: packed(entry(ADAPTER, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
    "hard link": lambda each: packed(entry(ADAPTER, b"", type=tarfile.LNKTYPE, linkname=FACTS)),
    "device": lambda each: packed(entry(ADAPTER, b"", type=tarfile.CHRTYPE)),
    "folder": lambda each: packed(entry(FACTS, b"", type=tarfile.DIRTYPE)),
    "sparse": lambda each: packed(entry(ADAPTER, each[ADAPTER], type=tarfile.GNUTYPE_SPARSE)),
    "long name": lambda each: packed(entry("a" * 300, b"x"), format=tarfile.GNU_FORMAT),
    "pax": lambda each: packed(entry("a" * 300, b"x"), format=tarfile.PAX_FORMAT),
    "negative size": lambda each: with_size(packed(entry(FACTS, b"")), b"\xff" * 12),
    "huge size": lambda each: with_size(packed(entry(FACTS, b"")), b"\x80" + b"\0" * 3 + b"\x7f" * 8),
    "size is text": lambda each: with_size(packed(entry(FACTS, b"")), b"a lot\0\0\0\0\0\0\0"),
    "without adapter": lambda each: packed(entry(FACTS, each[FACTS]), entry(CARD, each[CARD])),
    "other adapter": lambda each: packed(*(entry(*pair) for pair in {**each, ADAPTER: b"GGUF"}.items())),
    "no json": lambda each: packed(*(entry(*pair) for pair in {**each, FACTS: b"{"}.items())),
    "deep json": lambda each: packed(*(entry(*pair) for pair in {**each, FACTS: b"[" * 100_000}.items())),
    "pickle": lambda each: packed(*(entry(*pair) for pair in {**each, FACTS: b"\x80\x04]"}.items())),
    "no digest": lambda each: packed(
        *(entry(*pair) for pair in {**each, FACTS: facts_with(each, sha256="../../x")}.items())
    ),
    "newer": lambda each: packed(*(entry(*pair) for pair in {**each, FACTS: facts_with(each, format=2)}.items())),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_and_leaves_nothing(case: str, members: Members, tmp_path: Path) -> None:
    (tmp_path / "evil.tar").write_bytes(HOSTILE[case](members))
    before, started = {*tmp_path.rglob("*")}, time.monotonic()
    with pytest.raises(InputError) as caught:
        read_version(tmp_path / "evil.tar", tmp_path / "out.gguf")
    assert caught.value.hint and str(tmp_path / "evil.tar") in caught.value.message
    assert {*tmp_path.rglob("*")} == before and time.monotonic() - started < 2


def test_the_cases_are_refused_for_what_they_change(members: Members, tmp_path: Path) -> None:
    """Control: the same parts without a change are accepted."""
    (tmp_path / "sound.tar").write_bytes(packed(*(entry(*pair) for pair in members.items())))
    assert read_version(tmp_path / "sound.tar", tmp_path / "out.gguf").name == NAME


def test_more_bytes_than_accepted_are_refused_before_they_are_read(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sound.tar").write_bytes(packed(*(entry(*pair) for pair in members.items())))
    monkeypatch.setitem(version_archive.SIZES, ADAPTER, len(members[ADAPTER]) - 1)
    with pytest.raises(InputError, match=f"{ADAPTER} has .* bytes, and at most"):
        read_version(tmp_path / "sound.tar", tmp_path / "out.gguf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_a_changed_file_is_refused_or_has_the_same_adapter(members: Members, tmp_path: Path, data: Any) -> None:
    content = bytearray(packed(*(entry(*pair) for pair in members.items())))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    (tmp_path / "changed.tar").write_bytes(content)
    try:
        facts = read_version(tmp_path / "changed.tar", tmp_path / "out.gguf")
    except InputError:
        return
    assert hashlib.sha256((tmp_path / "out.gguf").read_bytes()).hexdigest() == facts.sha256
