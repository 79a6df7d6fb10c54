"""Tables added to plait.toml: nothing that stood there changes, and nothing is lost."""

import os
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import SettingsError
from plait.core.values import durable_files
from plait.service.models.settings_edit import add_models
from tests.support.running_server import error_of

TABLE = {"url": "http://127.0.0.1:1/v1", "name": 'a "model"'}
FILES = [
    b"",
    b"# only a comment",
    b'port = 8899 # mine\n\n[models.old]\npath = "x.gguf"   # here\n\n# the end\n',
    b'[models.old]\npath = "x.gguf"\n[models.other]\npath = "y.gguf"',
    b'models = { old = { path = "x.gguf" } } # short\nport = 1\n',
    b'models.old.path = "x.gguf"\n',
    b'port = 1\r\n[models.old]\r\npath = "x.gguf"\r\n',
    '\ufeffdata = "Größe"\n'.encode(),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plait.toml"


@pytest.mark.parametrize("content", FILES)
def test_a_table_is_added_and_the_rest_stays(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o640)
    edit = add_models(file, {"new": TABLE})
    assert file.read_bytes() == content, "nothing is written before"
    edit.write()
    old, new = (tomllib.loads(each.decode("utf-8-sig")) for each in (content, file.read_bytes()))
    assert new["models"].pop("new") == TABLE
    assert {**new, "models": new["models"]} == {"models": {}, **old}
    assert list(new["models"]) == list(old.get("models", {})), "the first model stays the first"
    if b"models = {" not in content:
        assert file.read_bytes().startswith(content)
    assert b"# short" in file.read_bytes() or b"# short" not in content
    assert file.read_bytes().count(b"\r\n") in (0, file.read_bytes().count(b"\n"))
    assert edit.backup.read_bytes() == content and file.stat().st_mode & 0o777 == 0o640


comments = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20).map(lambda text: f"# {text}")
values = st.sampled_from(["1", '"text"', "[1,\n 2]", "{ a = 1 }", "'''\n[models.x]\n'''", "2026-05-03"])
lines = st.lists(comments | values | st.just(""), max_size=8)


@given(lines, st.booleans(), st.text("abc-_7", min_size=1, max_size=6), st.text(max_size=12))
def test_every_comment_and_value_survives(lines: list[str], ended: bool, name: str, text: str) -> None:
    text = "".join(each for each in text if not 0xD800 <= ord(each) < 0xE000)
    keyed = [line if line[:1] in ("", "#") else f"key{number} = {line}" for number, line in enumerate(lines)]
    content = ("\n".join(keyed) + "\n" * ended).encode()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plait.toml"
        file.write_bytes(content)
        add_models(file, {name: {"url": text}}).write()
        written = file.read_bytes()
    assert written.startswith(content)
    assert tomllib.loads(written.decode()) == {**tomllib.loads(content.decode()), "models": {name: {"url": text}}}


def test_a_file_is_created_where_there_is_none(file: Path) -> None:
    edit = add_models(file, {"new": TABLE, "newer": TABLE})
    assert edit.diff.startswith("--- /dev/null\n+++ plait.toml\n") and "+[models.newer]\n" in edit.diff
    edit.write()
    assert list(tomllib.loads(file.read_text())["models"]) == ["new", "newer"] and not edit.backup.exists()


def test_a_name_in_use_and_a_broken_file_are_refused(file: Path) -> None:
    file.write_text('[models.old]\npath = "x"\n')
    error = error_of(lambda: add_models(file, {"old": TABLE}))
    assert error.message == "plait.toml already has [models.old]" and "url = " in error.hint
    file.write_text("[models.old\n")
    assert "is not TOML" in error_of(lambda: add_models(file, {"new": TABLE})).message


def test_a_link_is_refused_with_both_ways_on(file: Path) -> None:
    shared = file.with_name("shared.toml")
    shared.write_text("port = 1\n")
    file.symlink_to(shared)
    error = error_of(lambda: add_models(file, {"new": TABLE}))
    assert isinstance(error, SettingsError) and f"is a link to {shared}" in error.message
    assert "[models.new]" in error.hint and f"cp --remove-destination {shared} {file}" in error.hint
    assert shared.read_text() == "port = 1\n" and file.is_symlink()


def test_a_file_that_changed_while_the_question_stood_is_left_as_it_is(file: Path) -> None:
    edit = add_models(file, {"new": TABLE})
    file.write_text("port = 2\n")
    assert "was changed in the meantime" in error_of(edit.write).message and file.read_text() == "port = 2\n"


def test_a_full_disk_leaves_the_file_as_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("port = 2\n")
    edit = add_models(file, {"new": TABLE})
    real = os.write

    def write(handle: int, data: bytes) -> int:
        if b"models" in bytes(data):
            raise OSError(28, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(durable_files.os, "write", write)
    error = error_of(edit.write)
    monkeypatch.undo()
    assert "No space left on device; it is left as it is" in error.message and error.hint
    assert file.read_text() == "port = 2\n" and not file.with_name(".plait.toml.unfinished").exists()
