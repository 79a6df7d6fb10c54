"""`plait models add`: a file, a URL or a file of a hub, kept under its checksum and named in plait.toml."""

import hashlib
import io
import os
import pickle
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.config import settings
from plait.core.errors import InputError, ServerError, SettingsError
from plait.foundation.cards.shipped import shipped_weights_files
from plait.service.engines.llamacpp.config import Config
from plait.service.models import download
from plait.service.models.model_content import check_head
from plait.service.models.model_source import parse_source
from plait.service.models.model_store import models_folder, store_model
from tests.support.gguf_files import raw_file, raw_tensor
from tests.support.mirror import Mirror, mirror
from tests.support.running_server import Shell, error_of


def gguf(floats: int) -> bytes:
    """A file with one tensor of so many numbers."""
    return raw_file([], [raw_tensor("a.weight", [floats])], tail=bytes(range(256)) * (floats // 64))


CONTENT = gguf(128_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
REPOSITORY = "hf:Org/Small-GGUF/small.gguf"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(download, "RETRY_WAIT", 0.001)
    monkeypatch.setattr(download, "RESERVE_BYTES", 0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with mirror(CONTENT) as running:
        monkeypatch.setenv("PLAIT_HUB", running.url)
        yield running


def store(text: str, sha256: str = "") -> Path:
    return store_model(parse_source(text), lambda done, total: None, sha256)


def left_over() -> list[str]:
    return [file.name for file in models_folder().iterdir()]


def test_a_file_of_a_hub_is_named_in_plait_toml(hub: Mirror, shell: Shell, folder: Path) -> None:
    (folder / "plait.toml").write_text("shots = 2 # few\n")
    result = shell("models", "add", REPOSITORY, "--sha256", f"sha256:{DIGEST.upper()}")
    assert result.code == 0, result.err
    file = models_folder() / f"{DIGEST}.gguf"
    assert file.read_bytes() == CONTENT and left_over() == [file.name]
    assert settings().models == {"small": Config(path=file)} and "+[models.small]\n" in result.out
    assert (folder / "plait.toml").read_text().startswith("shots = 2 # few\n")
    assert hub.heard == [("/Org/Small-GGUF/resolve/main/small.gguf", "")]

    listed = shell("models")
    assert listed.code == 0 and "small" in listed.out and "1 MB" in listed.out
    again = shell("models", "add", REPOSITORY)
    assert again.code == 2 and "already has [models.small]" in again.err and len(hub.heard) == 1
    other = shell("models", "add", REPOSITORY, "--name", "other", "--sha256", DIGEST)
    assert other.code == 0 and len(hub.heard) == 1, "a file that is there is not downloaded again"


def test_a_mirror_that_breaks_off_is_asked_for_the_rest(hub: Mirror) -> None:
    hub.break_after = [200_000, 100, 150_000]
    assert store(REPOSITORY).read_bytes() == CONTENT
    assert [asked for _, asked in hub.heard] == ["", *(f"bytes={done}-" for done in (196_608, 196_608, 327_680))]


def test_a_later_command_continues_an_unfinished_download(hub: Mirror) -> None:
    hub.break_after = [100_000, *[0] * 10]
    error = error_of(lambda: store(REPOSITORY))
    assert isinstance(error, ServerError) and "broke off, after 0.1 MB" in error.message
    assert "it continues where it ended" in error.hint and "PLAIT_HUB" in error.hint
    hub.break_after.clear()
    assert store(REPOSITORY).read_bytes() == CONTENT and hub.heard[-1][1] == "bytes=65536-"


def test_another_file_under_the_same_address_is_downloaded_from_its_beginning(hub: Mirror) -> None:
    hub.break_after = [100_000, *[0] * 10]
    error_of(lambda: store(REPOSITORY))
    hub.break_after.clear()
    hub.etag, hub.content = '"v2"', gguf(64)
    assert store(REPOSITORY).read_bytes() == gguf(64)


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_validator_or_ranges_a_download_starts_again(hub: Mirror, etag: str) -> None:
    hub.etag, hub.break_after = etag, [100_000]
    assert store(REPOSITORY).read_bytes() == CONTENT and {asked for _, asked in hub.heard} == {""}


def test_a_complete_part_is_finished(hub: Mirror) -> None:
    source = parse_source(REPOSITORY)
    part = models_folder() / f".{hashlib.sha256(source.location.encode()).hexdigest()[:16]}.part"
    models_folder().mkdir(parents=True)
    part.write_bytes(CONTENT)
    part.with_suffix(".json").write_text('{"validator": "\\"v1\\""}')
    assert store(REPOSITORY).read_bytes() == CONTENT and hub.heard == [(hub.heard[0][0], f"bytes={len(CONTENT)}-")]


def test_a_wrong_checksum_is_refused_and_the_file_removed(hub: Mirror) -> None:
    error = error_of(lambda: store(REPOSITORY, "0" * 64))
    assert isinstance(error, ServerError) and error.details == (f"expected {'0' * 64}", f"found    {DIGEST}")
    assert error.hint and not left_over()
    hub.linked_etag = f'"{"1" * 64}"'  # the checksum that a hub states itself
    assert "another checksum" in error_of(lambda: store(REPOSITORY)).message
    hub.linked_etag = f'"{DIGEST}"'
    assert store(REPOSITORY).stem == DIGEST


def archive(tensors: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", tensors)
    return file.getvalue()


@pytest.mark.parametrize(
    "content", [pickle.dumps({"w": 1.0}, 2), pickle.dumps({"w": 1.0}), archive(pickle.dumps(1))], ids=["2", "4", "zip"]
)
@pytest.mark.parametrize("name", ["model.gguf", "model.safetensors", "model"])
def test_a_pickle_is_refused_under_any_name(folder: Path, hub: Mirror, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    hub.content = content
    for source in (name, f"hf:Org/Small/{name}"):
        error = error_of(lambda source=source: store(source))
        assert isinstance(error, InputError) and "is a pickle: loading one runs the code in it" in error.message
    assert not [each for each in left_over() if not each.endswith(".lock")]


@given(st.integers(2, 5), st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_every_pickle_is_refused(protocol: int, value: object) -> None:
    assert isinstance(error_of(lambda: check_head("model.gguf", pickle.dumps(value, protocol))), InputError)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.PT", "model.pkl", "modeling_own.py", "w.ckpt"])
def test_pickles_and_code_are_refused_by_name_before_a_download(hub: Mirror, name: str) -> None:
    assert error_of(lambda: store(f"hf:Org/Small/{name}")).hint.startswith("take the GGUF file")
    assert not hub.heard


@pytest.mark.parametrize("content", [b"", b"<html>", b"GGU", b"\x10\x00\x00\x00\x00\x00\x00\x00{}"])
def test_what_is_no_model_is_refused(folder: Path, content: bytes) -> None:
    (folder / "model.gguf").write_bytes(content)
    assert "is not a model" in error_of(lambda: store("model.gguf")).message


def test_weights_that_plait_did_not_train_are_refused(folder: Path) -> None:
    (folder / "x.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    error = error_of(lambda: store("x.safetensors"))
    assert "holds weights that Plait did not train" in error.message and not left_over()


def test_a_local_file_is_copied(folder: Path, shell: Shell) -> None:
    weights = shipped_weights_files()[0]
    shutil.copy(weights, folder / "mine.safetensors")
    assert shell("models", "add", "mine.safetensors").code == 0
    (folder / "mine.safetensors").unlink()
    stored = settings().models["mine"].file
    assert stored is not None and stored.suffix == ".safetensors" and stored.read_bytes() == weights.read_bytes()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nothing.gguf", "nothing.gguf is not a file"),
        ("hf:Org/Small", "does not name one file"),
        ("hf:Org/Small/../../x.gguf", "does not name one file"),
        ("ftp://host/x.gguf", "is not the address of a file"),
        ("http://host:x/x.gguf", "is not the address of a file"),
        ("http://me:secret@host/x.gguf", "contains a user name or a password"),
    ],
)
def test_a_source_that_names_no_file_is_refused(source: str, message: str, shell: Shell) -> None:
    result = shell("models", "add", source)
    assert result.code == 2 and message in result.err and "→" in result.err and "secret" not in result.err


@pytest.mark.parametrize(("status", "words"), [(404, "check the names"), (401, "in a browser"), (503, "same command")])
def test_a_refusal_of_the_mirror_has_a_hint(hub: Mirror, status: int, words: str) -> None:
    hub.status = status
    error = error_of(lambda: store(REPOSITORY))
    assert isinstance(error, ServerError) and str(status) in error.message and words in error.hint


def test_a_mirror_that_is_not_there_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_HUB", "http://127.0.0.1:9")
    assert "broke off: " in error_of(lambda: store(REPOSITORY)).message


def test_a_revision_of_a_repository_can_be_named(hub: Mirror) -> None:
    store("hf:Org/Small-GGUF@v1.0/q4/small.gguf")
    assert hub.heard[0][0] == "/Org/Small-GGUF/resolve/v1.0/q4/small.gguf"


def test_a_full_disk_is_reported_before_and_while_it_fills(hub: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RESERVE_BYTES", 10**18)
    error = error_of(lambda: store(REPOSITORY))
    assert isinstance(error, SettingsError) and "are free in" in error.message and "PLAIT_DATA" in error.hint
    monkeypatch.setattr(download, "RESERVE_BYTES", 0)

    def fsync(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download.os, "fsync", fsync)
    error = error_of(lambda: store(REPOSITORY))
    assert "No space left on device" in error.message and "continues where it ended" in error.hint
    monkeypatch.undo()


def test_a_link_is_refused_before_the_download(hub: Mirror, shell: Shell, folder: Path) -> None:
    (folder / "shared.toml").write_text("")
    os.symlink("shared.toml", folder / "plait.toml")
    result = shell("models", "add", REPOSITORY)
    assert result.code == 2 and "is a link to" in result.err and not hub.heard
