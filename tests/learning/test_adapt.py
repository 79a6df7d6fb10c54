"""Adapting a model: what is learned, what is refused before anything is written, and what a run leaves behind."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plait.core.config import settings
from plait.core.errors import InputError, SettingsError
from plait.foundation.cards.adapter import MAX_RANK
from plait.foundation.text.adapt_request import (
    DpoConfig,
    LoraConfig,
    SftConfig,
    chosen_lora,
    effective_config,
    read_request,
)
from plait.foundation.unified.adaptation.request import PictureAdaptConfig
from plait.learning.adapt import plan_adaptation, prepare_run, run_lock, train
from plait.learning.adapt_plan import AdapterRun
from plait.learning.adaptation import disk_errors
from plait.learning.unified_backend import UnifiedBackend
from plait.service.core_budget import AnsweringMark
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.unified.config import Config as UnifiedConfig
from plait.service.models.discovery import Model, find_model
from plait.storage import DATABASE_FILE
from tests.support.running_server import Shell, run_plait
from tests.support.tiny_llama import TinyLlama

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {thing}?"""
    ...
'''
ANSWERS = ("red", "green", "blue", "yellow")
CONFIG = SftConfig(LoraConfig(rank=4), learning_rate=1e-2, batch_tokens=200)


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    """A task with twelve examples and, of these, two that are held out."""
    colour = load_source(COLOUR, "colour", "colours.py")
    rows = [{"thing": f"thing {number}", "answer": ANSWERS[number % 4]} for number in range(12)]
    for folder, chosen in (("seeds", rows), ("held_out", rows[10:])):
        Path(folder).mkdir()
        Path(folder, "colour.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
    return colour


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A tiny model with the vocabulary of the embedded one, which the engine serves."""
    return Model("tiny", Config(path=TinyLlama().write(tmp_path_factory.mktemp("tiny") / "tiny.gguf"), context=512))


def test_held_out_rows_are_never_learned(colour: Any) -> None:
    plan = plan_adaptation(colour.declaration, find_model("smollm2"), colour.examples, CONFIG)
    assert len(plan.examples) == 10 and plan.split.left_out == 2
    assert {each.inputs["thing"] for each in plan.examples} == {f"thing {number}" for number in range(10)}
    assert "adapters" in str(plan.folder) and colour.declaration.fingerprint in plan.folder.name


def test_too_few_examples_are_refused_with_their_number(colour: Any) -> None:
    examples = list(colour.examples)
    with pytest.raises(InputError, match=r"colour has 4 examples to learn from, 2 more are held out; 10 are the least"):
        plan_adaptation(colour.declaration, find_model("smollm2"), examples[6:], CONFIG)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (Config(path=Path("a.gguf"), adapter=Path("b.gguf")), "has an adapter already"),
        (object(), "is no file of weights"),
    ],
)
def test_a_model_that_cannot_be_adapted_is_refused(colour: Any, config: Any, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"mine {reason}, so it cannot be adapted"):
        plan_adaptation(colour.declaration, Model("mine", config), colour.examples, CONFIG)


def test_a_rank_that_could_not_be_served_is_refused_before_anything_is_trained() -> None:
    assert LoraConfig(rank=MAX_RANK).rank == MAX_RANK
    with pytest.raises(SettingsError, match=f"an adapter of rank {MAX_RANK + 1}: 1 to {MAX_RANK} are possible"):
        LoraConfig(rank=MAX_RANK + 1)


def test_a_chosen_rate_and_rank_are_kept_and_what_was_not_chosen_is_usual_for_the_model(
    colour: Any, tiny: Model, tmp_path: Path
) -> None:
    plan = plan_adaptation(colour.declaration, tiny, colour.examples.seeds, SftConfig())
    assert plan.config == SftConfig(LoraConfig(), 1e-3)
    preferences = effective_config(DpoConfig(chosen_lora(4)))
    assert preferences == DpoConfig(LoraConfig(4, 8.0), 2e-4)

    nano = Model("nano", UnifiedConfig(path=tmp_path / "nano.safetensors"))
    assert UnifiedBackend().config(nano, SftConfig()) == PictureAdaptConfig(8, 16.0, 5e-3)
    chosen = SftConfig(chosen_lora(8), learning_rate=1e-3)
    assert UnifiedBackend().config(nano, chosen) == PictureAdaptConfig(8, 16.0, 1e-3)


def test_one_process_at_a_time_works_on_a_run(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        with pytest.raises(SettingsError, match=f"another process works in .*: it has the number {os.getpid()}"):
            with run_lock(tmp_path):
                pass
    with run_lock(tmp_path):
        pass


# ── with the engine ──


@pytest.fixture
def run(colour: Any, tiny: Model) -> AdapterRun:
    return prepare_run(plan_adaptation(colour.declaration, tiny, colour.examples, CONFIG), threads=1)


@pytest.mark.model
def test_a_run_is_written_down_and_the_same_plan_has_the_same_folder(run: AdapterRun, colour: Any, tiny: Model) -> None:
    assert read_request(run.request_file) == run.request and run.row_count == 10
    assert run.request.fingerprint == colour.declaration.fingerprint
    plan = plan_adaptation(colour.declaration, tiny, colour.examples, CONFIG)
    assert prepare_run(plan, threads=1).request.folder == run.request.folder
    other = replace(plan, config=replace(CONFIG, seed=1))
    assert prepare_run(other, threads=1).request.folder != run.request.folder


@pytest.mark.model
def test_a_run_ends_with_an_adapter_and_is_not_repeated(run: AdapterRun) -> None:
    adapter = train(run)
    assert adapter.name == "adapter.gguf" and adapter.parent == run.request.folder
    modified = adapter.stat().st_mtime_ns
    assert train(run) == adapter and adapter.stat().st_mtime_ns == modified


@pytest.mark.model
@pytest.mark.slow
def test_a_run_that_paused_for_answers_has_the_same_adapter(run: AdapterRun, tmp_path: Path) -> None:
    untouched = shutil.copytree(run.request.folder, tmp_path / "untouched")
    pauses: list[tuple[bool, float]] = []
    mark = AnsweringMark(settings().data)
    mark.__enter__()
    answering = threading.Timer(3.0, mark.__exit__, (None, None, None))
    answering.start()
    paused = train(run, lambda *each: pauses.append(each)).read_bytes()
    answering.join()
    assert pauses[0][0] and not pauses[-1][0] and pauses[-1][1] > 0
    shutil.rmtree(run.request.folder)
    untouched.rename(run.request.folder)
    assert not run.is_finished and train(run).read_bytes() == paused


@pytest.mark.model
def test_a_run_that_fails_says_so_and_how_to_go_on(run: AdapterRun, monkeypatch: pytest.MonkeyPatch) -> None:
    (run.request.folder / "rows.jsonl").write_text("broken\n")
    with pytest.raises(SettingsError, match="ended with code 1 before its adapter was done") as caught:
        train(run)
    assert caught.value.hint == "the same command resumes it"


@pytest.mark.slow
@pytest.mark.model
def test_likely_tokens_of_other_rows_are_computed_again(run: AdapterRun) -> None:
    train(run)
    assert run.is_finished and len(run.parity_examples) == 12
    rows = run.request.parity_rows
    assert rows
    adapter = run.adapter.read_bytes()
    rows.write_bytes(rows.read_bytes().split(b"\n")[0] + b"\n")
    assert not run.is_finished and train(run).read_bytes() == adapter
    assert run.is_finished and run.likely_tokens and {each.row for each in run.likely_tokens.tokens} <= {0}


def test_a_file_without_rows_or_none_at_all_is_refused(
    colour: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch, capsys)
    result = shell("adapt", "colours.py:colour", "--data", "missing.jsonl")
    assert result.code == 2 and "missing.jsonl cannot be read" in result.err
    Path("empty.jsonl").write_text("")
    result = shell("adapt", "colours.py:colour", "--data", "empty.jsonl")
    assert result.code == 2 and "empty.jsonl has no rows" in result.err


def test_a_data_folder_that_cannot_be_written_is_reported_before_anything_is_trained(
    colour: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "file"))
    result = Shell(monkeypatch, capsys)("adapt", "colours.py:colour")
    assert result.code == 2 and "cannot be written: File exists" in result.err
    assert "the same command goes on" in result.err


def test_a_full_disk_loses_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "rows.jsonl"))
    with pytest.raises(SettingsError, match=r"rows\.jsonl cannot be written: No space left on device"):
        with disk_errors(tmp_path):
            raise error
    with pytest.raises(FileNotFoundError), disk_errors(tmp_path):
        raise FileNotFoundError(errno.ENOENT, "no such file")


def test_a_database_of_a_newer_plait_is_reported_before_anything_is_trained(colour: Any, tmp_path: Path) -> None:
    colour.examples.add("red", thing="the sun")
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")
    result = run_plait("adapt", "colours.py:colour", cwd=tmp_path)
    assert result.code == 2 and "9999" in result.err and not list((tmp_path / "data").glob("adapters/*/*/*/rows.jsonl"))


def test_a_process_that_ignores_ctrl_c_listens_to_it_while_it_adapts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert Shell(monkeypatch, capsys)("adapt", "missing.py:colour").code != 0
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
