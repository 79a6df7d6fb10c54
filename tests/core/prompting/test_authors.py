"""An example for its author is shown to nobody else; one for everyone is shown to all in the project."""

import hashlib
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plait import Task
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.project import OWNER, author_of_key
from tests.support.engine_requests import echo
from tests.support.shout_examples import write_seeds

AUTHORS = (OWNER, author_of_key("one"), author_of_key("two"))


def add(shout: Task[..., str], author: str, text: str, answer: str, visibility: Any = "author", id: str = "") -> None:
    Examples(shout.declaration, author).store.add(Example({"text": text, "times": 1}, answer, id), visibility)


def shots(shout: Task[..., str], author: str, text: str = "hello") -> set[object]:
    return {each.answer for each in select_shots(shout.declaration, {"text": text, "times": 1}, 20, author)}


def seen(shout: Task[..., str], author: str) -> list[object]:
    return [each.answer for each in Examples(shout.declaration, author)]


def test_an_author_sees_own_examples_and_those_for_everyone(shout: Task[..., str]) -> None:
    write_seeds('{"text": "seed", "answer": "S"}')
    shout.examples.add("E", text="everyone's")
    for number, author in enumerate(AUTHORS):
        add(shout, author, f"own {number}", f"own {number}")
    for number, author in enumerate(AUTHORS):
        assert seen(shout, author) == [f"own {number}", "E", "S"]
        assert shots(shout, author) == {f"own {number}", "E", "S"}
        assert Examples(shout.declaration, author).count == 3


def test_what_an_author_adds_for_everyone_is_shown_to_all(shout: Task[..., str]) -> None:
    add(shout, AUTHORS[1], "x", "X", "everyone")
    assert [seen(shout, author) for author in AUTHORS] == [["X"]] * 3


def test_an_author_removes_no_example_of_another(shout: Task[..., str]) -> None:
    add(shout, AUTHORS[1], "x", "X")
    (example,) = Examples(shout.declaration, AUTHORS[1])
    assert not Examples(shout.declaration, AUTHORS[2]).store.remove(example)
    assert shout.examples.undo() is None, "undo takes back what everyone sees"
    assert Examples(shout.declaration, AUTHORS[1]).store.remove(example) and seen(shout, AUTHORS[1]) == []


def test_the_own_example_of_an_input_comes_before_that_for_everyone(shout: Task[..., str]) -> None:
    add(shout, AUTHORS[1], "x", "mine")
    shout.examples.add("theirs", text="x")
    assert shots(shout, AUTHORS[1]) == {"mine"} and shots(shout, AUTHORS[2]) == {"theirs"}
    shout.examples.add("newer", text="x")
    assert shots(shout, AUTHORS[1]) == {"mine"} and shots(shout, AUTHORS[2]) == {"newer"}


def test_the_id_of_a_corrected_answer_stays_with_the_example(shout: Task[..., str]) -> None:
    add(shout, OWNER, "x", "X", id="abc-1")
    (example,) = shout.examples
    assert example.correction == "abc-1"
    assert [each.correction for each in select_shots(shout.declaration, {"text": "y", "times": 1})] == ["abc-1"]


def test_a_key_is_nowhere_in_the_data_folder(shout: Task[..., str], tmp_path: Path) -> None:
    digest = hashlib.sha256(b"a-secret-key-of-sixteen").digest()
    author = author_of_key("a-secret-key-of-sixteen")
    add(shout, author, "x", "X")
    content = b"".join(file.read_bytes() for file in tmp_path.rglob("*.db*"))
    assert author.encode() in content and digest.hex()[:16] not in author and b"secret" not in content


def test_corrections_of_an_earlier_form_are_found(shout: Task[..., str], load_source: Any) -> None:
    add(shout, OWNER, "x", "X")
    add(shout, AUTHORS[1], "y", "Y")
    source = Path("my_tasks.py").read_text().replace("Shout", "Cry")
    now = load_source(source, "shout")
    assert [each.answer for each in now.examples.earlier] == ["X"] and list(now.examples) == []


steps = st.lists(st.tuples(st.sampled_from(AUTHORS), st.sampled_from(["author", "everyone"])), max_size=8)


@settings(max_examples=12)  # each commit is on disk before the next one
@given(steps)
def test_nobody_ever_sees_what_is_for_another_author(added: list[tuple[str, str]]) -> None:
    for author in AUTHORS:
        for example in list(Examples(echo.declaration, author)):
            Examples(echo.declaration, author).store.remove(example)
    for number, (author, visibility) in enumerate(added):
        example = Example({"text": f"text {number}"}, f"{number}")
        Examples(echo.declaration, author).store.add(example, visibility)  # type: ignore[arg-type]
    for reader in AUTHORS:
        visible = {
            str(at) for at, (author, visibility) in enumerate(added) if visibility == "everyone" or author == reader
        }
        chosen = select_shots(echo.declaration, {"text": "text"}, 20, reader)
        assert (
            {each.answer for each in chosen} == visible == {each.answer for each in Examples(echo.declaration, reader)}
        )
