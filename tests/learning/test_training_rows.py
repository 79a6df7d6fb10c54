"""Rows to learn from: what is refused has its line and a hint, what is doubtful is named, exports of chats are read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.learning.training_rows import examples_to_learn

TASKS = '''from typing import Literal
from pydantic import BaseModel
from plait import task

class Note(BaseModel):
    title: str
    stars: int

@task
def mood(text: str, place: str = "here") -> Literal["good", "bad"]:
    """Is {text} good or bad {place}?"""
    ...

@task
def note(text: str) -> Note:
    """Note of {text}"""
    ...

@task
def echo(text: str) -> str:
    """Repeat {text}"""
    ...

@task
def pair(first: str, second: str) -> str:
    """Join {first} and {second}"""
    ...
'''


@pytest.fixture
def tasks(load_source: Callable[..., Any]) -> Any:
    return load_source(TASKS)


def learn(task: Any, *rows: Any, said: list[str] | None = None) -> list[Any]:
    """The examples of a file of these rows."""
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    messages: list[str] = []
    examples = examples_to_learn(task.declaration, [Path("rows.jsonl")], messages.append)
    if said is not None:
        said += messages
    return [(*each.inputs.values(), each.answer) for each in examples]


def refusal(task: Any, *rows: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        learn(task, *rows)
    return caught.value.message, caught.value.hint


def test_other_columns_are_the_authors_own_and_misspelled_inputs_are_refused(tasks: Any) -> None:
    assert learn(tasks.mood, {"text": "a", "answer": "good", "language": "en"}) == [("a", "here", "good")]
    message, hint = refusal(tasks.mood, {"text": "a", "plase": "there", "answer": "good"})
    assert message == 'rows.jsonl:1 has a column "plase", which is no input of mood' and hint == "did you mean place?"
    _, hint = refusal(tasks.mood, {"text": "a", "anwser": "good"})
    assert hint == "did you mean answer?"


def test_contradictory_rows_are_both_named_and_left_out(tasks: Any) -> None:
    said: list[str] = []
    rows = [{"text": "a", "answer": "good"}, {"text": "b", "answer": "bad"}, {"text": "a", "answer": "bad"}]
    assert learn(tasks.mood, *rows, rows[1], said=said) == [("b", "here", "bad")]
    assert said[0] == "left out: rows.jsonl:1 and rows.jsonl:3 have the same inputs and different answers"


def test_few_examples_and_equal_answers_are_warned_of(tasks: Any) -> None:
    said: list[str] = []
    learn(tasks.mood, *({"text": f"text {n}", "answer": "good"} for n in range(10)), said=said)
    assert said == [
        "warning: 10 examples are few; a task takes some hundred",
        "warning: all examples have the same answer, so mood will learn to give that one always",
    ]


def test_of_the_examples_of_a_task_the_newest_counts(tasks: Any) -> None:
    for answer in ("bad", "good"):
        tasks.mood.examples.add(answer, text="a")
    said: list[str] = []
    (example,) = examples_to_learn(tasks.mood.declaration, [], said.append)
    assert example.answer == "good"


def test_a_row_of_a_hundred_megabytes_is_refused_before_it_is_parsed(tasks: Any) -> None:
    with Path("rows.jsonl").open("wb") as file:
        file.write(b'{"text": "a", "answer": "good"}\n{"text": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'", "answer": "good"}\n')
    with pytest.raises(InputError, match=r"rows\.jsonl:2 has more than 4 MB, too much for one row"):
        examples_to_learn(tasks.mood.declaration, [Path("rows.jsonl")], print)


CHATS = {
    "ShareGPT": {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]},
    "Alpaca": {"instruction": "Answer.", "input": "Q", "output": "A"},
    "OpenAI": {"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Q"},
                            {"role": "assistant", "content": "A"}]},
}  # fmt: skip


def with_answer(name: str, answer: str) -> Any:
    return json.loads(json.dumps(CHATS[name]).replace('"A"', json.dumps(answer)))


@pytest.mark.parametrize("name", CHATS)
def test_exports_of_chats_become_rows(tasks: Any, name: str) -> None:
    assert learn(tasks.echo, CHATS[name]) == [("Q", "A")]
    assert learn(tasks.mood, with_answer(name, "good")) == [("Q", "here", "good")]
    ((text, note),) = learn(tasks.note, with_answer(name, '{"title": "T", "stars": 2}'))
    assert (text, note.title, note.stars) == ("Q", "T", 2)


@pytest.mark.parametrize("name", CHATS)
def test_exports_that_do_not_fit_are_refused_with_the_reason(tasks: Any, name: str) -> None:
    message, hint = refusal(tasks.pair, CHATS[name])
    assert message == f"rows.jsonl:1 is a row of {name}, and pair takes more than one text: first, second"
    assert hint.endswith("first, second, answer")
    message, _ = refusal(tasks.note, with_answer(name, "{title"))
    assert message == 'rows.jsonl:1 has an answer that is no JSON: "{title"'
    message, _ = refusal(tasks.mood, with_answer(name, "great"))
    assert message == "rows.jsonl:1 has an invalid answer"


def test_a_chat_of_several_turns_is_refused(tasks: Any) -> None:
    turns = [*CHATS["ShareGPT"]["conversations"], {"from": "human", "value": "And?"}]
    message, hint = refusal(tasks.echo, {"conversations": turns})
    assert "with human, gpt, human, and a task learns one question with one answer" in message
    assert hint == "keep one message of the user and the answer to it in each row"
    message, _ = refusal(tasks.echo, {"messages": []})
    assert "with nothing" in message


def test_corrections_of_every_author_are_learned_and_shown_to_nobody_else(tasks: Any) -> None:
    declaration = tasks.mood.declaration
    for author, text, answer in (("key-a", "a rainy day", "bad"), ("key-b", "a sunny day", "good")):
        Examples(declaration, author).store.add(Example({"text": text, "place": "here"}, answer), "author")
    tasks.mood.examples.add("good", text="a free day", place="here")
    learned = {each.inputs["text"]: each.answer for each in examples_to_learn(declaration, [], lambda line: None)}
    assert learned == {"a rainy day": "bad", "a sunny day": "good", "a free day": "good"}
    seen = {each.inputs["text"] for each in Examples(declaration, "key-a")}
    assert seen == {"a rainy day", "a free day"}, "the control: what one author sees"


def test_of_two_authors_who_correct_the_same_inputs_the_later_one_is_learned(tasks: Any) -> None:
    declaration = tasks.mood.declaration
    for author, answer in (("key-b", "good"), ("key-a", "bad")):
        Examples(declaration, author).store.add(Example({"text": "a grey day", "place": "here"}, answer), "author")
    (learned,) = examples_to_learn(declaration, [], lambda line: None)
    assert learned.answer == "bad"
