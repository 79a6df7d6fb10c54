"""A teacher answers rows without answers: its answers are learned, filtered by confidence, and never held out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError, ModelNotFound
from plait.core.evaluation.journal import Journal
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.learning import distill
from plait.learning.adapt import prepare_run
from plait.learning.adaptation import plan_of
from plait.learning.distill import Teacher, distilled_data, teacher_answers
from plait.learning.judged_run import AdaptOptions
from plait.learning.manifest import new_version
from plait.service.engines.llamacpp.config import Config
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
ANSWERS = ("red", "green", "blue", "yellow")


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    return load_source(COLOUR, "colour", "colours.py")


@pytest.fixture
def inputs() -> Path:
    rows = [{"thing": f"thing {number}", "note": "mine"} for number in range(12)]
    Path("inputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Path("inputs.jsonl")


@pytest.fixture
def tiny(tmp_path: Path) -> Model:
    file = TinyLlama(sharpness=4.0).write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{file}"\ncontext = 512\n')
    return Model("tiny", Config(path=file, context=512))


def answered(task: Any, file: Path, *confidences: float | None) -> None:
    """What an earlier command has kept of the teacher's answers."""
    journal = Journal.for_file("colour-teacher", file, [task.declaration.fingerprint, "big"])
    journal.prepare(fresh=True)
    for number, confidence in enumerate(confidences, 1):
        line = {"row": number, "answer": ANSWERS[number % 4], "confidence": confidence}
        journal.write_line(json.dumps(line))


@pytest.mark.model
def test_the_answers_of_a_teacher_are_kept_and_asked_for_once(
    colour: Any, inputs: Path, tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = teacher_answers(colour.declaration, inputs, "tiny")
    assert len(answers) == 12 and all(each.answer in ANSWERS for each in answers)
    assert answers[0].answer == colour.using("tiny")(thing="thing 0")
    monkeypatch.delattr(distill, "answer_row")
    assert [each.answer for each in teacher_answers(colour.declaration, inputs, "tiny")] == [
        each.answer for each in answers
    ]


@pytest.mark.model
def test_teacher_and_examples_are_learned_and_the_manifest_names_the_teacher(
    colour: Any, inputs: Path, tiny: Model
) -> None:
    colour.examples.add("yellow", thing="the sun")
    said: list[str] = []
    options = AdaptOptions(SftConfig(LoraConfig(rank=4)), teacher=Teacher("tiny", (inputs,)))
    plan = plan_of(colour.declaration, [], tiny, options, said.append)
    assert [each.inputs["thing"] for each in plan.examples] == ["the sun", *(f"thing {n}" for n in range(12))]
    assert not plan.split.held_out, "a teacher's answer is no right answer"
    assert "tiny answered 12 rows, of which 12 are learned" in said
    assert any(line.startswith("12 of them have no calibrated confidence") for line in said)
    run = prepare_run(plan, threads=1)
    assert run.row_count == 13
    run.adapter.write_bytes(b"")
    assert new_version(plan, run).manifest.config["teacher"] == "tiny"


def test_answers_of_little_confidence_are_left_out(colour: Any, inputs: Path) -> None:
    answered(colour, inputs, *[0.9, 0.5, None] * 4)
    said: list[str] = []
    data = distilled_data(colour.declaration, [], Teacher("big", (inputs,)), said.append)
    assert len(data.preferences) == 8 and not data.examples
    assert said[:2] == [
        "big answered 12 rows, of which 8 are learned",
        "4 of them have no calibrated confidence, and are not filtered by it",
    ]
    answered(colour, inputs, *[0.5] * 12)
    with pytest.raises(InputError, match=r"big gave no answer with a confidence of 0\.8"):
        distilled_data(colour.declaration, [], Teacher("big", (inputs,)), said.append)


def test_an_unknown_teacher_and_missing_inputs_are_refused(
    colour: Any, inputs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelNotFound, match="big"):
        teacher_answers(colour.declaration, inputs, "big")
    shell = Shell(monkeypatch, capsys)
    for arguments, message in (
        (["--teacher", "big"], "a teacher needs inputs to answer"),
        (["--inputs", "inputs.jsonl"], "--inputs is for a --teacher"),
        (["--teacher", "big", "--inputs", "inputs.jsonl", "--method", "dpo"], "learned by --method sft, not dpo"),
        (["--teacher", "big", "--inputs", "missing.jsonl"], "missing.jsonl cannot be read"),
    ):
        result = shell("adapt", "colours.py:colour", *arguments)
        assert result.code == 2 and message in result.err
