"""Preferences come from corrections, choices, marks and files; what teaches nothing is refused with its line."""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import plait
from plait import engine
from plait.core.calls.scope import use_transport
from plait.core.errors import InputError, SettingsError
from plait.core.prompting.example_rows import Example
from plait.foundation.text.adapt_request import DpoConfig, KtoConfig, LoraConfig, method_config, read_request
from plait.foundation.text.preference_row import MarkedRow, PreferenceRow, read_marked_rows, read_preference_rows
from plait.learning.adapt import plan_adaptation, prepare_run, train
from plait.learning.learned_rows import LearnedRow, learned_rows
from plait.learning.manifest import new_version
from plait.learning.preferences import MarkedAnswer, Preference, data_to_learn
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import Model
from tests.support.running_server import Shell
from tests.support.tiny_llama import TinyLlama

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {thing}?"""
    ...
'''
QUOTATION = '''from plait import Quoted, task

@task
def name(text: str) -> Quoted[str]:
    """Who is first in {text}?"""
    ...
'''
ANSWERS = ("red", "green", "blue", "yellow")


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    return load_source(COLOUR, "colour", "colours.py")


@pytest.fixture
def transport(colour: Any, tmp_path: Path) -> Iterator[LocalTransport]:
    """A transport in a project that records; its answers are red, green, blue, yellow in turn."""
    (tmp_path / "plait.toml").write_text("[recording]\nall = true\n")
    numbers = count()

    @engine.answers(colour)
    def answer(thing: str) -> Any:
        return ANSWERS[next(numbers) % 4]

    transport = LocalTransport()
    with use_transport(transport):
        yield transport
    transport.recorder.close()


def write(*rows: dict[str, Any]) -> list[Path]:
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [Path("rows.jsonl")]


def learn(task: Any, method: str, files: list[Path] | None = None) -> list[tuple[Any, ...]]:
    """What a method learns, as tuples of Python values."""
    found: list[tuple[Any, ...]] = []
    for each in data_to_learn(task.declaration, files or [], method, print).preferences:
        assert isinstance(each, Preference | MarkedAnswer)
        last = each.rejected.answer if isinstance(each, Preference) else each.is_right
        found.append((each.example.inputs["thing"], each.example.answer, last))
    return found


# ── what the project knows ──


def test_a_corrected_answer_is_chosen_and_the_models_own_rejected(colour: Any, transport: LocalTransport) -> None:
    wrong, right = colour.detailed("sky"), colour.detailed("grass")
    colour.correct(wrong.id, answer="blue")
    colour.correct(right.id)
    transport.recorder.flush()
    assert (wrong.value, right.value) == ("red", "green")
    assert learn(colour, "dpo") == [("sky", "blue", "red")]


def test_a_choice_is_a_pair_and_the_last_word_of_a_person_holds(colour: Any, transport: LocalTransport) -> None:
    one, other = colour.detailed("sky").id, colour.detailed("sky").id
    transport.recorder.flush()
    plait.feedback(one, better_than=other)
    assert learn(colour, "dpo") == [("sky", "red", "green")]
    plait.feedback(other, better_than=one)
    assert learn(colour, "dpo") == [("sky", "green", "red")]
    plait.feedback(one, better_than=other, user="another person")
    with pytest.raises(InputError, match="no choice between two"):
        learn(colour, "dpo")


def test_marks_need_no_pairs(colour: Any, transport: LocalTransport) -> None:
    marked, corrected = colour.detailed("sky"), colour.detailed("grass")
    colour.examples.add("yellow", thing="sun")
    transport.recorder.flush()
    plait.feedback(marked.id, right=False)
    colour.correct(corrected.id, answer="blue")
    assert sorted(learn(colour, "kto")) == [
        ("grass", "blue", True), ("grass", "green", False), ("sky", "red", False), ("sun", "yellow", True),
    ]  # fmt: skip


def test_an_answer_that_is_wrong_and_an_example_says_the_same_teaches_nothing(
    colour: Any, transport: LocalTransport
) -> None:
    marked, other = colour.detailed("sky"), colour.detailed("grass")
    colour.examples.add(marked.value, thing="sky")
    transport.recorder.flush()
    plait.feedback(marked.id, right=False)
    plait.feedback(other.id, right=False)
    assert learn(colour, "kto") == [("sky", "red", True), ("grass", "green", False)]


def test_without_pairs_or_wrong_marks_the_error_says_where_they_come_from(colour: Any) -> None:
    colour.examples.add("yellow", thing="sun")
    with pytest.raises(InputError, match="colour has no pairs of answers") as pairs:
        learn(colour, "dpo")
    assert pairs.value.hint.startswith("--data FILE takes rows with the columns answer and rejected")
    with pytest.raises(InputError, match="colour has no answer that is marked wrong") as marks:
        learn(colour, "kto")
    assert marks.value.hint.startswith("--method sft")


# ── files ──


def test_rows_of_files_have_a_rejected_answer_or_a_mark(colour: Any) -> None:
    row = {"thing": "sky", "answer": "blue"}
    assert learn(colour, "dpo", write({**row, "rejected": "red"})) == [("sky", "blue", "red")]
    assert learn(colour, "kto", write({**row, "right": True}, {**row, "right": False})) == [
        ("sky", "blue", True), ("sky", "blue", False),
    ]  # fmt: skip
    Path("rows.csv").write_text("thing,answer,rejected,right\nsky,blue,red,false\n")
    assert learn(colour, "dpo", [Path("rows.csv")]) == [("sky", "blue", "red")]
    assert learn(colour, "kto", [Path("rows.csv")]) == [("sky", "blue", False)]


@pytest.mark.parametrize(
    ("method", "columns", "message"),
    [
        ("dpo", {}, r"rows\.jsonl:2 has no rejected"),
        ("dpo", {"rejected": "blue"}, r'rows\.jsonl:2 rejects the very answer that it chooses: "blue"'),
        ("dpo", {"rejected": "pink"}, r"rows\.jsonl:2 \(column rejected\) has an invalid answer"),
        ("kto", {}, r"rows\.jsonl:2 has no right"),
        ("kto", {"right": "perhaps"}, r'rows\.jsonl:2 has the mark "perhaps"'),
    ],
)
def test_a_row_that_teaches_nothing_is_refused_with_its_line(
    colour: Any, method: str, columns: dict[str, Any], message: str
) -> None:
    row = {"thing": "sky", "answer": "blue"}
    with pytest.raises(InputError, match=message):
        learn(colour, method, write({**row, "rejected": "red", "right": False}, {**row, **columns}))


def test_an_input_that_is_called_like_a_column_is_refused(load_source: Callable[..., Any]) -> None:
    task = load_source(COLOUR.replace("thing", "rejected"), "colour")
    with pytest.raises(InputError, match="rejected is an input of colour"):
        data_to_learn(task.declaration, write({"rejected": "sky", "answer": "blue"}), "dpo", print)


def test_preferences_with_the_inputs_of_held_out_rows_are_left_out(colour: Any) -> None:
    rows = [{"thing": f"thing {n}", "answer": "red", "rejected": "blue"} for n in range(12)]
    Path("held_out").mkdir()
    Path("held_out/colour.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:2]))
    data = data_to_learn(colour.declaration, write(*rows), "dpo", print)
    model = Model("tiny", Config(path=Path("tiny.gguf")))
    plan = plan_adaptation(colour.declaration, model, data.examples, DpoConfig(), data.preferences)
    assert [each.example for each in plan.preferences] == list(plan.examples) and len(plan.examples) == 10
    with pytest.raises(InputError, match=r"colour has 9 pairs of answers to learn from, 2 more are held out"):
        plan_adaptation(colour.declaration, model, data.examples, DpoConfig(), data.preferences[:-1])


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    assert method_config("kto", learning_rate=0.5) == KtoConfig(learning_rate=0.5)
    with pytest.raises(SettingsError, match="'ppo' is no method to adapt a model") as caught:
        method_config("ppo")
    assert caught.value.hint == "choose from sft, dpo, kto, grpo, reward"


def test_the_shell_names_what_is_missing(
    colour: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = Shell(monkeypatch, capsys)("adapt", "colours.py:colour", "--method", "dpo")
    assert result.code == 2 and "colour has no pairs of answers" in result.err
    with pytest.raises(SettingsError, match="'ppo' is no method"):
        colour.adapt(method="ppo")


# ── with the engine ──


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model("tiny", Config(path=TinyLlama().write(tmp_path_factory.mktemp("tiny") / "tiny.gguf"), context=512))


def encode(task: Any, tiny: Model, *items: Preference | MarkedAnswer) -> list[LearnedRow]:
    async def run() -> list[LearnedRow]:
        assert isinstance(tiny.config, Config)
        model = LlamaCpp("tiny", tiny.config.path, 512, 1)
        try:
            return await learned_rows(task.declaration, items, model, LlamaRowTokenizer(model), 512)
        finally:
            await model.aclose()

    return asyncio.run(run())


@pytest.mark.model
def test_both_answers_of_a_pair_follow_one_prompt(colour: Any, tiny: Model) -> None:
    def example(answer: str) -> Example:
        return Example({"thing": "sky"}, answer)

    pair = Preference("rows.jsonl:1", example("blue"), example("red"), is_recorded=False)
    mark = MarkedAnswer("rows.jsonl:2", example("red"), False)
    rows = encode(colour, tiny, pair, mark)
    assert isinstance(rows[0], PreferenceRow) and isinstance(rows[1], MarkedRow)
    assert rows[0].chosen.prompt == rows[0].rejected.prompt == rows[1].row.prompt
    assert rows[0].chosen.answer != rows[0].rejected.answer == rows[1].row.answer and not rows[1].is_right


@pytest.mark.model
def test_an_answer_that_the_grammar_does_not_admit_is_refused_unless_it_was_recorded(
    load_source: Callable[..., Any], tiny: Model
) -> None:
    task = load_source(QUOTATION, "name")

    def example(answer: str) -> Example:
        return Example({"text": "Ann met Bob"}, answer)

    pair = Preference("rows.jsonl:1", example("Ann"), example("Bob"), is_recorded=False)
    absent = Preference("rows.jsonl:2", example("Ann"), example("Eve"), is_recorded=False)
    with pytest.raises(InputError, match=r"rows\.jsonl:2, the rejected answer: the grammar of name does not admit"):
        encode(task, tiny, pair, absent)
    recorded = Preference("the correction of 1", example("Ann"), example("Eve"))
    assert len(encode(task, tiny, recorded, pair)) == 1, "nobody can mend what was recorded"


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_a_run_of_a_method_ends_with_an_adapter_whose_manifest_names_it(colour: Any, tiny: Model, method: str) -> None:
    rows = [{"thing": f"thing {n}", "answer": ANSWERS[n % 4], "rejected": ANSWERS[(n + 1) % 4]} for n in range(12)]
    marked = [{**row, "right": n % 2 == 0} for n, row in enumerate(rows)]
    data = data_to_learn(colour.declaration, write(*marked), method, print)
    config = method_config(method, LoraConfig(rank=4), epochs=1)
    plan = plan_adaptation(colour.declaration, tiny, data.examples, config, data.preferences)
    run = prepare_run(plan, threads=1)
    assert read_request(run.request_file) == run.request and run.row_count == 12
    read = read_preference_rows if method == "dpo" else read_marked_rows
    assert len(read(run.request.rows, 100_000)) == 12
    assert train(run).exists()
    assert new_version(plan, run).manifest.config["method"] == method
