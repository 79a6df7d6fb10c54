"""Folders that `datasets` saved: read by pyarrow alone, classes by their names, train learned from."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import BaseModel

from plait import Image
from plait.core.errors import InputError
from plait.core.task.task import task
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.data_files import HF_IMAGE, IMAGE, save_dataset, save_splits, write_parquet
from tests.support.shelf import PNG
from tests.support.user_row_sources import ROW, caption, find, write_jsonl

HELD: dict[str, Any] = {**ROW, "picture": HF_IMAGE}
FIRST = "data-00000-of-00001.arrow"


def test_every_row_of_every_shard_is_read_by_its_index(tmp_path: Path) -> None:
    rows = [{**HELD, "phrase": f"mug {at}"} for at in range(9)]
    opened = open_rows(save_dataset(tmp_path / "ds", rows, {"picture": IMAGE}, shards=2), find.declaration)
    assert [opened.sample(at).example.inputs["phrase"] for at in range(9)] == [row["phrase"] for row in rows]
    assert opened.sample(8).where == f"{tmp_path}/ds/data-00001-of-00002.arrow: row 4"
    assert opened.sample(8).example.inputs["picture"] == Image(PNG) and opened.name == f"{tmp_path}/ds (find)"


def test_class_numbers_become_names_at_any_depth(tmp_path: Path) -> None:
    class Tagged(BaseModel):
        what: str
        tags: list[str]

    @task
    def tagged(picture: Image, hint: str) -> list[Tagged]:
        """What is in {picture}? {hint}"""
        ...

    label = {"names": ["mug", "plate"], "_type": "ClassLabel"}
    text = {"dtype": "string", "_type": "Value"}
    answer = {"what": label, "tags": {"feature": label, "_type": "List"}}
    rows = [{"picture": HF_IMAGE, "hint": 1, "answer": [{"what": 0, "tags": [1, 0]}]}]
    for nested in ({"feature": answer, "_type": "List"}, {"feature": answer, "_type": "Sequence"}, [answer]):
        features = {"picture": IMAGE, "hint": label, "answer": nested, "other": text}
        example = (
            open_rows(save_dataset(tmp_path / str(len(str(nested))), rows, features), tagged.declaration)
            .sample(0)
            .example
        )
        assert example.inputs["hint"] == "plate" and example.answer == [Tagged(what="mug", tags=["plate", "mug"])]
    lists = [{**rows[0], "answer": {"what": [0], "tags": [[1]]}}]
    features = {"hint": label, "answer": {"feature": answer, "_type": "Sequence"}}
    example = open_rows(save_dataset(tmp_path / "lists", lists, features), tagged.declaration).sample(0).example
    assert example.answer == [Tagged(what="mug", tags=["plate"])]


def test_only_the_train_split_is_used(tmp_path: Path) -> None:
    folder = save_splits(tmp_path / "ds", train=[HELD] * 3, test=[HELD], validation=[HELD])
    rows = open_rows(folder, find.declaration)
    assert rows.length == 3 and rows.name == f"{folder}/train (find)"
    assert open_rows(folder / "test", find.declaration).length == 1
    other = save_splits(tmp_path / "other", one=[HELD], two=[HELD], test=[HELD])
    with pytest.raises(InputError, match="holds several sources") as caught:
        open_rows(other, find.declaration)
    assert caught.value.hint == "name one of them: one, two"
    with pytest.raises(InputError, match="saved dataset"):
        open_rows(save_splits(tmp_path / "none", test=[HELD]), find.declaration)


def test_shards_in_a_folder_named_data_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "README.md").write_text("---\ndataset_info: {}\n---\n")
    for at in range(2):
        write_parquet(data / f"train-{at:05}-of-00002-0123456789abcdef.parquet", [HELD] * 2)
    write_parquet(data / "test-00000-of-00001.parquet", [HELD])
    rows = open_rows(tmp_path, find.declaration)
    assert rows.length == 4 and rows.name == f"{data}/train-*.parquet (find)"


def test_paths_are_relative_to_the_folder(tmp_path: Path) -> None:
    folder = save_dataset(
        tmp_path / "ds", [{**ROW, "picture": {"bytes": None, "path": "shelf.png"}}], {"picture": IMAGE}
    )
    write_jsonl(folder)
    assert open_rows(folder, find.declaration).sample(0).example.inputs["picture"] == Image(PNG)


def test_the_digest_changes_with_the_name_of_a_class(tmp_path: Path) -> None:
    rows = [{"picture": HF_IMAGE, "answer": 0}]
    digests = set()
    for name in ("mug", "cup"):
        folder = save_dataset(tmp_path / name, rows, {"answer": {"names": [name], "_type": "ClassLabel"}})
        digests.add(open_rows(folder, caption.declaration).digest)
    assert len(digests) == 2


def test_a_truncated_stream_is_reported_and_its_complete_batches_are_used(tmp_path: Path) -> None:
    folder = save_dataset(tmp_path / "ds", [HELD] * 10, {"picture": IMAGE})
    file = folder / FIRST
    whole = file.read_bytes()
    file.write_bytes(whole[:-200])
    rows = open_rows(folder, find.declaration)
    assert rows.length == 8
    (bad,) = rows.bad_rows
    assert bad.where == f"{file}: row 9" and bad.reason.startswith("and the rest cannot be read: ")
    assert bad.reason.endswith("; the file may be truncated")
    for content in (b"", whole[:50], b"ARROW1\0\0" + whole, b"x" * 999):
        file.write_bytes(content)
        with pytest.raises(InputError, match=r"is not an Arrow stream|has no rows"):
            open_rows(folder, find.declaration)


def test_offsets_beyond_their_batch_are_refused_before_any_row_is_read(tmp_path: Path) -> None:
    folder = save_dataset(tmp_path / "ds", [{**HELD, "phrase": "the red mug"}] * 10, {"picture": IMAGE})
    file = folder / FIRST
    content = bytearray(file.read_bytes())
    texts = content.rindex(b"the red mugthe red mug")
    content[texts - 8 : texts] = b"\xff\xff\xff\x7f" * 2
    content[texts - 64 : texts - 60] = b"\0\0\0\0"
    file.write_bytes(content)
    rows = open_rows(folder, find.declaration)
    assert rows.bad_rows and rows.length <= 9


STATES: dict[str, tuple[Any, str]] = {
    "out of the folder": ({"_data_files": [{"filename": "../other.arrow"}]}, 'names "../other.arrow"'),
    "from the root": ({"_data_files": [{"filename": "/etc/passwd"}]}, 'names "/etc/passwd"'),
    "a number": ({"_data_files": [{"filename": 3}]}, "names 3"),
    "a link": ({"_data_files": [{"filename": "link.arrow"}]}, 'names "link.arrow"'),
    "no file": ({"_data_files": ["a.arrow"]}, "names no file"),
    "a file that is gone": ({"_data_files": [{"filename": "gone.arrow"}]}, r"gone\.arrow cannot be read"),
    "nothing": ({}, "has no rows"),
    "no object": ([1], "should contain an object"),
    "an order elsewhere": ({"_data_files": [], "_indices_data_files": [{"filename": "i"}]}, "has an index mapping"),
}


@pytest.mark.parametrize("what", STATES)
def test_a_state_file_with_paths_outside_its_folder_is_refused(what: str, tmp_path: Path) -> None:
    state, reason = STATES[what]
    folder = save_dataset(tmp_path / "ds", [HELD], {"picture": IMAGE})
    (folder / "link.arrow").symlink_to(folder / FIRST)
    (folder / "state.json").write_text(json.dumps(state))
    with pytest.raises(InputError, match=reason):
        open_rows(folder, find.declaration)


def test_dictionary_encoded_columns_are_refused(tmp_path: Path) -> None:
    folder = save_dataset(tmp_path / "ds", [HELD], {})
    table = pa.table({"phrase": pa.array(["a"]).dictionary_encode()})
    with pa.OSFile(str(folder / FIRST), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    with pytest.raises(InputError, match="holds phrase as numbers into a dictionary"):
        open_rows(folder, find.declaration)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no Parquet, WebDataset or saved dataset"):
        open_rows(tmp_path, find.declaration)
