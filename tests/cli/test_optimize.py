"""`plait optimize`: its table, what it writes to plait.toml, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plait.cli import optimize as verb
from plait.cli.optimize import append_settings, optimizable_model, optimize, toml_table, trial_table
from plait.core.config import settings
from plait.core.errors import InputError, ModelNotFound, SettingsError, error_text
from plait.service.engines.unified.config import Config
from plait.service.models.discovery import Model, find_model

pytest.importorskip("torch")

from plait.foundation.cards.inference_plan import InferencePlan
from plait.foundation.unified.inference.trial import OptimizationResult, Parity, PlanTrial, ScoredTrial

NOW = ScoredTrial(PlanTrial(InferencePlan(1), {"ask": 12.0, "draw": 90.0}, Parity(80, 80, 0.0)), 1.0)
BEST = ScoredTrial(PlanTrial(InferencePlan(2, "int8", True), {"ask": 8.0, "draw": 40.0}, Parity(79, 80, 0.012)), 1.8)
UNLIKE = ScoredTrial(PlanTrial(InferencePlan(2, "bf16"), {"ask": 6.0, "draw": 30.0}, Parity(60, 80, 0.2)), 2.4)
FOUND = OptimizationResult("plait-nano", BEST, (NOW, UNLIKE, BEST))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shipped() -> Model:
    model = find_model("plait-nano")
    assert isinstance(model.config, Config)
    return model


def run_optimize(*arguments: str) -> Result:
    return CliRunner().invoke(optimize, list(arguments))


def test_the_table_marks_the_best_plan_and_plans_that_change_answers() -> None:
    head, now, unlike, best = trial_table(FOUND, 0.98).splitlines()
    assert head.split() == ["speedup", "same", "answers", "ask", "ms", "draw", "ms"]
    assert now.split()[0] == "fp32," and unlike.startswith("✗  bf16, 2 threads")
    assert best.startswith("→  int8, 2 threads, compiled") and "79 of 80, 1.2% of codes" in best


def test_the_written_plan_is_used_from_the_next_call_on(folder: Path) -> None:
    (folder / "plait.toml").write_text("port = 8899\n")
    append_settings(shipped(), FOUND)
    assert settings().port == 8899
    assert settings().models == {"plait-nano": Config(threads=2, arithmetic="int8", compiled=True)}
    assert shipped().config.plan == BEST.trial.plan
    with pytest.raises(SettingsError, match=r"plait.toml already has \[models.plait-nano\]") as caught:
        append_settings(shipped(), FOUND)
    assert toml_table(shipped(), FOUND) in caught.value.hint


def test_a_file_of_weights_is_written_with_its_path(folder: Path) -> None:
    table = toml_table(Model("mine", Config(path=folder / "mine.safetensors")), FOUND)
    (folder / "plait.toml").write_text(table)
    assert settings().models["mine"] == Config(
        path=folder / "mine.safetensors", threads=2, arithmetic="int8", compiled=True
    )


def test_a_table_without_a_path_belongs_to_a_shipped_model(folder: Path) -> None:
    (folder / "plait.toml").write_text('[models.plait-nan]\narithmetic = "int8"\n')
    with pytest.raises(SettingsError, match="Plait ships no model called plait-nan"):
        find_model("plait-nan")


def test_with_json_all_trials_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb.plugins, "load", lambda *_: lambda *_: FOUND)
    report = json.loads(run_optimize("plait-nano", "--json").stdout)
    assert report["best"] == {
        "threads": 2, "arithmetic": "int8", "compiled": True, "gain": 1.8, "milliseconds": {"ask": 8.0, "draw": 40.0},
        "same_answers": 79, "questions": 80, "code_variation": 0.012,
    }  # fmt: skip
    assert [each["arithmetic"] for each in report["tried"]] == ["fp32", "bf16", "int8"]


def test_without_a_faster_plan_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    same = replace(FOUND, best=NOW)
    monkeypatch.setattr(verb.plugins, "load", lambda *_: lambda *_: same)
    assert "no other settings are clearly faster" in run_optimize("plait-nano", "--write").output
    assert not (folder / "plait.toml").exists()


def test_a_model_of_another_engine_and_a_missing_one_are_refused(folder: Path) -> None:
    (folder / "plait.toml").write_text('[models.far]\nurl = "http://127.0.0.1:9/v1"\n')
    assert isinstance(
        fault := run_optimize("far").exception, InputError
    ) and "far runs on the engine openai, which has no settings to optimize" in error_text(fault)
    assert isinstance(
        fault := run_optimize("plait-nan").exception, ModelNotFound
    ) and "did you mean plait-nano?" in error_text(fault)


def test_a_file_of_weights_is_a_table_with_its_path(folder: Path) -> None:
    (folder / "plait.toml").write_text("threads = 3\n")
    assert optimizable_model("mine.safetensors") == Model("mine", Config(path=Path("mine.safetensors"), threads=3))
