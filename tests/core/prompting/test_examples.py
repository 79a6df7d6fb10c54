"""Examples: seeds are read-only; added ones are durable and stored in the data folder."""

import os
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from plait.core.errors import InputError, SettingsError, error_text
from plait.core.prompting.retrieval import ExampleIndex, RowsFile
from plait.core.task.signature import Ref
from plait.core.task.task import Task, task
from plait.core.values.json_text import dumps
from tests.support.shout_examples import nearest_answers, write_seeds


class Lamp(BaseModel):
    name: str


@task
def choose(wish: str, lamps: list[Lamp]) -> Ref[Lamp] | None:
    """Which of {lamps} for {wish}?"""
    ...


def test_the_nearest_examples_come_first_then_the_newest(shout: Task[..., str]) -> None:
    file = write_seeds('{"text": "an apple", "answer": "A"}', "", '{"text": "a pear", "times": 2, "answer": "BB"}')
    before = file.read_bytes()
    shout.examples.add("C", text="wholly different")
    shout.examples.add("D", text="nothing like it", times=3)
    assert [example.answer for example in shout.examples] == ["D", "C", "A", "BB"]
    assert nearest_answers(shout, "an apple pie", 1) == ["A"]
    assert nearest_answers(shout, "ooo", 3) == ["D", "C", "BB"], "what is like none of them is shown the newest"
    assert next(example.inputs for example in shout.examples.seeds) == {"text": "an apple", "times": 1}
    assert file.read_bytes() == before
    assert nearest_answers(shout, "x", 0) == [] and len(nearest_answers(shout, "x", 9)) == 4


def test_a_corrected_example_replaces_the_earlier_one_for_the_same_input(shout: Task[..., str]) -> None:
    write_seeds('{"text": "an apple", "answer": "wrong"}', '{"text": "a pear", "answer": "P"}')
    shout.examples.add("right", text="an apple", times=1)
    assert nearest_answers(shout, "an apple", 2) == ["right", "P"]


def test_a_changed_file_is_read_at_the_next_call(shout: Task[..., str]) -> None:
    file = write_seeds('{"text": "an apple", "answer": "A"}')
    assert nearest_answers(shout, "an apple", 1) == ["A"]
    file.write_text('{"text": "an apple", "answer": "B"}\n{"text": "an apple tree", "answer": "C"}', "utf-8")
    assert nearest_answers(shout, "an apple", 2) == ["B", "C"]
    file.write_text('{"text": "an apple tree", "answer": "D"}', "utf-8")
    assert nearest_answers(shout, "an apple", 2) == ["D"]
    file.unlink()
    assert nearest_answers(shout, "an apple", 2) == []


@given(steps=st.lists(st.tuples(st.booleans(), st.sampled_from(["pear", "plum", "fig"]), st.booleans()), max_size=8))
def test_an_index_that_grew_equals_one_built_from_scratch(steps: list[tuple[bool, str, bool]]) -> None:
    with TemporaryDirectory() as folder:
        files = (Path(folder, "seeds.jsonl"), Path(folder, "added.jsonl"))
        sources = tuple(map(RowsFile, files))
        rebuilt = ExampleIndex(choose.declaration, sources)
        for number, (added, word, ended) in enumerate(steps):
            end = "\n" if ended else ""
            with files[added].open("a") as file:
                file.write(f'\n{{"wish": "{word} {number}", "lamps": [], "answer": null}}{end}')
            inputs = {"wish": "a plum", "lamps": []}
            anew = ExampleIndex(choose.declaration, sources).nearest(inputs, 9)
            assert rebuilt.nearest(inputs, 9) == anew
            assert len(anew) == number + 1


def test_without_files_there_are_no_examples(shout: Task[..., str]) -> None:
    assert list(shout.examples) == []


def test_an_added_example_is_in_the_next_prompt_and_on_disk(shout: Task[..., str], tmp_path: Path) -> None:
    shout.examples.add("HÄ 好", text="hä\n好")
    with sqlite3.connect(tmp_path / "data" / "plait.db") as database:
        rows = database.execute("SELECT row, task, author FROM examples").fetchall()
    database.close()
    row = {"text": "hä\n好", "times": 1, "answer": "HÄ 好", "fingerprint": shout.declaration.fingerprint}
    assert rows == [(dumps(row), "shout", "")]
    assert "HÄ 好" in str(shout.prompt("x")) and "HÄ 好" not in str(shout.using(shots=0).prompt("x"))


@pytest.mark.parametrize(
    ("answer", "inputs", "message"),
    [
        (1, {"text": "a"}, "this is not an example of shout\n    answer: Input should be a valid string    1"),
        ("A", {}, "text: is missing"),
        ("A", {"txt": "a"}, "did you mean text?"),
        ("A", {"text": 3}, "text: should be a text    3"),
    ],
)
def test_an_invalid_example_is_not_added(
    shout: Task[..., str], tmp_path: Path, answer: object, inputs: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        shout.examples.add(answer, **inputs)
    assert message in error_text(caught.value)
    assert not (tmp_path / "data").exists()


def test_a_reference_is_stored_by_index_and_resolved_again() -> None:
    lamps = [Lamp(name="hall"), Lamp(name="attic"), Lamp(name="hall")]
    choose.examples.add(Ref(lamps[2]), wish="light", lamps=lamps)
    choose.examples.add(None, wish="no light", lamps=lamps)
    none, one = choose.examples
    assert none.answer is None
    assert isinstance(one.answer, Ref) and (one.answer.index, one.answer.value) == (2, lamps[2])
    with pytest.raises(InputError, match="is not one of the objects that were passed in"):
        choose.examples.add(Ref(Lamp(name="cellar")), wish="light", lamps=lamps)
    assert len(choose.examples.added_examples) == 2


def test_a_reference_from_another_call_is_resolved_by_its_object() -> None:
    lamps = [Lamp(name="hall"), Lamp(name="attic")]
    choose.examples.add(Ref(lamps[0], 0), wish="light", lamps=lamps[::-1])
    assert choose.examples.added_examples[0].answer == Ref(lamps[0], 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_data_folder_is_reported(shout: Task[..., str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(SettingsError, match="Permission denied"):
        shout.examples.add("A", text="a")


def test_a_data_folder_that_is_a_file_is_reported(shout: Task[..., str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SettingsError) as caught:
        shout.examples.add("A", text="a")
    assert str(caught.value).startswith("the database cannot be created in ")
    assert caught.value.hint == "set PLAIT_DATA to a writable folder"


def test_undo_removes_the_newest_example_and_remove_any(shout: Task[..., str]) -> None:
    write_seeds('{"text": "an apple", "answer": "A"}')
    for answer in ("B", "C", "D"):
        shout.examples.add(answer, text=f"a {answer}")
    removed = shout.examples.undo()
    assert removed is not None and removed.answer == "D"
    assert [each.answer for each in shout.examples] == ["C", "B", "A"]
    first = list(shout.examples)[1]
    assert shout.examples.store.remove(first) and not shout.examples.store.remove(first)
    assert nearest_answers(shout, "a B", 3) == ["C", "A"] and shout.examples.count == 2
    shout.examples.add("E", text="an E")
    assert [each.answer for each in shout.examples] == ["E", "C", "A"]
    assert [shout.examples.undo() is not None for _ in range(3)] == [True, True, False]
    assert [each.answer for each in shout.examples] == ["A"], "seeds are never written to"
