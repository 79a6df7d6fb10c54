"""A backup is complete or refused; what it replaces is moved aside."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from plait import Image
from plait.core.errors import SettingsError
from plait.storage.archive import MANIFEST, read_backup
from plait.storage.backup import back_up, back_up_database
from plait.storage.database import current_database
from plait.storage.fsck import check
from plait.storage.restore import restore
from plait.storage.row_copy import digests
from tests.support.shelf import encode_picture, shelf

PNG = encode_picture(shelf().resize((400, 300)), "PNG")
SEE = '''from plait import Image, task

@task
def see(picture: Image) -> str:
    """What is in {picture}?"""
    ...
'''


@pytest.fixture
def see(load_source: Callable[..., Any]) -> Any:
    """A task with one example, and a data folder with other files."""
    see = load_source(SEE, "see")
    see.examples.add("one", picture=Image(PNG))
    data = current_database().data
    for name in ("reports/a/1.json", "models/big.gguf", "runs/journal.jsonl", "up/8800.json"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    return see


def answers(see: Any) -> list[Any]:
    return [each.answer for each in see.examples]


def rows() -> Any:
    with current_database().read() as connection:
        return digests(connection)


def test_a_backup_restores_rows_and_files_byte_by_byte(see: Any, tmp_path: Path, monkeypatch: Any) -> None:
    before, file = rows(), tmp_path / "b.tar"
    manifest = back_up(current_database(), file)
    names = {each.path.partition("/")[0] for each in manifest.files}
    assert names == {"plait.db", "files", "reports"} and file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "elsewhere"))
    restored = restore(current_database(), file)
    assert restored.manifest == manifest and restored.former == ""
    assert rows() == before and answers(see) == ["one"] and check(current_database()) == []
    assert next(iter(see.examples)).inputs["picture"] == Image(PNG)
    assert (tmp_path / "elsewhere" / "reports/a/1.json").read_text() == "reports/a/1.json"
    left = {each.name for each in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"b.tar", "data", "elsewhere", "my_tasks.py"}, "nothing unfinished stays"


def test_models_are_in_a_backup_that_asks_for_them(see: Any, tmp_path: Path) -> None:
    manifest = back_up(current_database(), tmp_path / "b.tar", models=True)
    assert "models/big.gguf" in {each.path for each in manifest.files}


def test_what_is_there_is_kept_unless_it_is_to_be_replaced_and_moved_aside_then(see: Any, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    back_up(current_database(), file)
    see.examples.add("two", picture=Image(PNG))
    with pytest.raises(SettingsError, match="data is not empty") as caught:
        restore(current_database(), file)
    assert caught.value.hint == "plait restore FILE --replace moves what is there aside" and answers(see) == [
        "two",
        "one",
    ]
    restored = restore(current_database(), file, replace=True)
    assert answers(see) == ["one"], "a process that has the former database open sees the restored one"
    assert (Path(restored.former) / "plait.db").is_file() and (Path(restored.former) / "up/8800.json").is_file()
    assert (tmp_path / "data" / "models" / "big.gguf").is_file(), "what the backup lacks stays"
    see.examples.add("three", picture=Image(PNG))
    assert answers(see) == ["three", "one"]


def test_a_backup_of_the_rows_alone_replaces_the_rows_alone(see: Any, tmp_path: Path) -> None:
    file = back_up_database(current_database(), "test")
    see.examples.add("two", picture=Image(PNG))
    restored = restore(current_database(), file, replace=True)
    assert answers(see) == ["one"] and (tmp_path / "data" / "reports").is_dir()
    assert answers_of_backup(Path(restored.former)) == 2, "the former rows are a backup"


def answers_of_backup(file: Path) -> int:
    return read_backup(file, None).files[0].size and sum(1 for _ in restored_rows(file))


def restored_rows(file: Path) -> Any:
    from tempfile import TemporaryDirectory

    from plait.storage.database import database_at

    with TemporaryDirectory() as folder:
        database = database_at("", Path(folder))
        restore(database, file)
        with database.read() as connection:
            yield from connection.execute(text("SELECT id FROM examples")).all()
        database.close()


def test_a_backup_is_never_overwritten(see: Any, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("precious")
    with pytest.raises(SettingsError, match="exists already"):
        back_up(current_database(), tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "precious"


def test_a_backup_into_a_missing_folder_is_refused(see: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: No such file or directory"):
        back_up(current_database(), tmp_path / "nowhere" / "b.tar")


def test_an_empty_data_folder_has_an_empty_backup(tmp_path: Path) -> None:
    assert back_up(current_database(), tmp_path / "b.tar").files == ()


# ── damage ──


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_backup_that_was_cut_off_or_changed_is_refused_and_changes_nothing(
    see: Any, tmp_path: Path, data: Any
) -> None:
    whole = tmp_path / "whole.tar"
    if not whole.exists():
        back_up(current_database(), whole)
    content = bytearray(whole.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 12_000))]
    else:
        at = data.draw(st.sampled_from([at for at, byte in enumerate(content) if byte]))
        content[at] ^= data.draw(st.integers(1, 255))
    broken = tmp_path / "broken.tar"
    broken.write_bytes(content)
    before = rows()
    try:
        manifest = read_backup(broken, None)
    except SettingsError:
        with pytest.raises(SettingsError):
            restore(current_database(), broken, replace=True)
        assert rows() == before
    else:  # a bit of the manifest that says nothing of the files, such as the date, or of the owner of an entry
        assert manifest.files == read_backup(whole, None).files


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "files/../../evil", "a\\b", "./x"])
def test_no_name_leads_out_of_the_data_folder(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"evil"))
    with pytest.raises(SettingsError, match="is no file of a backup"):
        restore(current_database(), tmp_path / "evil.tar")
    assert [each.name for each in tmp_path.iterdir()] == ["evil.tar"]


def test_a_link_is_no_file_of_a_backup(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        entry = tarfile.TarInfo("files/x")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(SettingsError, match="is no file of a backup"):
        restore(current_database(), tmp_path / "evil.tar")


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"schema": "9999"}, "has the schema 9999"), ({"format": 2}, "is a backup of a newer Plait")],
)
def test_a_backup_of_a_newer_plait_is_refused(see: Any, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    back_up(current_database(), tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive, tarfile.open(tmp_path / "newer.tar", "w") as newer:
        for entry in archive:
            content = archive.extractfile(entry).read()  # type: ignore[union-attr]
            if entry.name == MANIFEST:
                content = json.dumps({**json.loads(content), **changes}).encode()
                entry.size = len(content)
            newer.addfile(entry, io.BytesIO(content))
    with pytest.raises(SettingsError, match=message):
        restore(current_database(), tmp_path / "newer.tar", replace=True)
    assert answers(see) == ["one"]
