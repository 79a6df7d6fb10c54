"""`plait route`: models are compared on held-out rows, the cheapest that suffice are kept, and used by their name."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plait.cli.stale_routes import stale_by_version
from plait.core.evaluation import evaluate as evaluation
from plait.service.models.model_version import ModelVersion
from plait.service.models.route_registry import current_routes
from tests.support.route_tasks import ROUTE_TASKS, write_route_tasks, write_rows
from tests.support.running_server import CommandResult, Shell, needs_model, run_plait

TASK = "sorting.py:sort"
SECONDS = {"small": 0.05, "vain": 0.05, "large": 0.25, "mute": 0.25}
ROUTE = re.compile(r"→ small ≥ 0\.\d+, else large +\S+ +1\.000 \[0\.\d+, 1\.000\] +\d\.\d+ +small answers \d+%, large")


@pytest.fixture(scope="module")
def calibrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calibrations of small, large and vain, as the command writes them; mute cannot be calibrated."""
    folder = tmp_path_factory.mktemp("calibrated")
    write_route_tasks(folder)
    env = {"PLAIT_DATA": str(folder / "data"), "PLAIT_URL": "none"}
    for model in ("small", "large", "vain"):
        calibrate = ("evaluate", TASK, "--model", model, "--calibrate", "--at-once", "64")
        made = run_plait(*calibrate, env=env, cwd=folder, timeout=300)
        assert made.code == 0, made.err
    return folder / "calibrations"


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, calibrations: Path
) -> Shell:
    """A folder with the task and its calibrations."""
    monkeypatch.chdir(tmp_path)
    write_route_tasks(tmp_path)
    shutil.copytree(calibrations, tmp_path / "calibrations")
    monkeypatch.setattr(evaluation, "ask_model", with_known_seconds(evaluation.ask_model))
    return Shell(monkeypatch, capsys)


def with_known_seconds(whole: Any) -> Any:
    """What each model takes: on a busy machine the small one took longer than the large one."""

    async def ask_model(plan: Any, row: Any, *others: Any) -> Any:
        return replace(await whole(plan, row, *others), seconds=SECONDS.get(plan.options.model, 0.1))

    return ask_model


def route(shell: Shell, *arguments: str, models: str = "small,large") -> CommandResult:
    return shell("route", TASK, "--models", models, "--at-once", "16", *arguments)


def report(shell: Shell, *arguments: str, models: str = "small,large") -> Any:
    result = route(shell, "--json", *arguments, models=models)
    assert result.out.startswith("{"), result.err
    return {**json.loads(result.out), "code": result.code}


def kept(shell: Shell) -> bool:
    return shell("models", "show", "sort-route").code == 0


def test_a_route_is_printed_kept_and_answers_under_its_name(shell: Shell) -> None:
    made = route(shell)
    assert made.code == 0, made.err
    assert made.out.startswith("sort · 2 models · goal: as often right as the best model alone\n")
    assert ROUTE.search(made.out) and "not kept" not in made.out
    assert re.search(r"small: right \+0\.\d+ \[\+0\.\d+, \+0\.\d+\] \(better on \d+, worse on 0 of", made.out)
    assert re.search(r"large: right \+0\.000 .* may be chance\); \d\d% less time", made.out)
    assert "asking small\nasking large\n" in made.err and f"plait run {TASK} --model sort-route" in made.err
    answered = [json.loads(shell("run", TASK, "--model", "sort-route", "--detailed", "--text", word).out)
                for word in ("a777", "b777")]  # fmt: skip
    assert [(each["answer"], each["model"]) for each in answered] == [("a", "small@1"), ("b", "large@1")]


def test_the_report_is_json_as_well_and_adds_up(shell: Shell, tmp_path: Path) -> None:
    found = report(shell, "--out", "report.json")
    assert found.pop("code") == 0 and json.loads((tmp_path / "report.json").read_text()) == found
    assert found["choosing"] >= 20 and found["measuring"] >= 20 and found["choosing"] + found["measuring"] < 100
    chosen = found["curve"][found["chosen"]]
    assert [each["model"] for each in chosen["steps"]] == ["small", "large"] and chosen["estimate"] == 1
    assert sum(chosen["figures"]["shares"]) == pytest.approx(1)
    assert chosen["figures"]["right"]["count"] == found["measuring"]
    assert [each["model"] for each in found["models"]] == ["small", "large"] and found["objections"] == []
    estimates = [each["estimate"] for each in found["curve"]]
    assert estimates == sorted(set(estimates))


def test_the_same_command_finds_the_same_thresholds_and_rows(shell: Shell) -> None:
    def thresholds(found: Any) -> Any:
        points = [[each["threshold"] for each in point["steps"]] for point in found["curve"]]
        return points, found["choosing"], found["measuring"], [each["estimate"] for each in found["curve"]]

    assert thresholds(report(shell)) == thresholds(report(shell))


def test_an_interrupted_run_asks_nothing_twice(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str | None, int]] = []
    whole = evaluation.ask_model

    async def ask_model(plan: Any, row: Any, *others: Any) -> Any:
        asked.append((plan.options.model, row.number))
        if len(asked) == 70:
            raise KeyboardInterrupt
        return await whole(plan, row, *others)

    monkeypatch.setattr(evaluation, "ask_model", ask_model)
    assert route(shell).code == 130 and {model for model, _ in asked} == {"small", "large"}
    before, asked[:] = set(asked[:50]), asked[:0]
    again = route(shell)
    assert again.code == 0 and "were answered by an earlier run" in again.err
    assert not before & set(asked) and {model for model, _ in asked} == {"large"}
    assert not [*(tmp_path / "data" / "runs").glob("route-*")]


# ── goals ──


def test_a_lower_goal_chooses_the_small_model_alone_and_says_so(shell: Shell) -> None:
    made = route(shell, "--min-accuracy", "0.3")
    assert made.code == 0 and "goal: at least 0.3 of the answers right" in made.out
    assert "routing does not pay: small alone keeps the goal, and the cheapest model alone is sure enough" in made.out
    assert (
        json.loads(shell("run", TASK, "--model", "sort-route", "--detailed", "--text", "b1").out)["model"] == "small@1"
    )


def test_a_risk_needs_rows_enough_to_be_shown(shell: Shell) -> None:
    assert report(shell, "--risk", "0.1")["goal"] == "at most 0.1 of them wrong"
    refused = route(shell, "--risk", "0.001")
    assert refused.code == 1 and "not kept: no route keeps the goal: the best is right in 1.000" in refused.out


def test_confidence_that_says_nothing_leaves_the_large_model_alone(shell: Shell) -> None:
    made = route(shell, models="vain,large")
    assert made.code == 0 and "routing does not pay: large alone keeps the goal, and no cheaper one helps" in made.out


def test_a_model_without_confidence_is_the_last_one(shell: Shell) -> None:
    found = report(shell, models="mute,small")
    steps = found["curve"][found["chosen"]]["steps"]
    assert [each["model"] for each in steps] == ["small", "mute"] and steps[1]["calibration"] == ""
    assert found["notes"] == ["mute has no confidence, since it is not calibrated: it can only be the last"]


@needs_model
def test_without_models_all_that_can_answer_are_candidates(shell: Shell) -> None:
    refused = shell("route", TASK)
    assert refused.code == 2 and "2 of 5 models have no confidence" in refused.err
    assert "mute: it is not calibrated; smollm2: it is not calibrated" in refused.err


# ── the name ──


def test_the_route_is_listed_shown_rolled_back_and_removed(shell: Shell) -> None:
    assert route(shell, "--min-accuracy", "0.3").code == route(shell).code == 0
    listed = shell("models").out.splitlines()
    assert re.fullmatch(r"sort-route +sort +1\.000 +0\.\d+ +small ≥ 0\.\d+, else large", listed[-1])
    shown = shell("models", "show", "sort-route").out
    assert "state    as measured" in shown and f"anew     plait route {TASK} --models small,large\n" in shown
    assert shown.count("goal: ") == 2
    back = shell("models", "rollback", "sort-route")
    assert back.out == "sort-route → small\n" and "returns to small ≥ " in back.err
    assert shell("models", "remove", "sort-route").out == "removed sort-route\n"
    gone = shell("run", TASK, "--model", "sort-route", "--text", "a1")
    assert gone.code == 2 and "no model is called 'sort-route'" in gone.err
    assert shell("models", "rollback", "sort-route").out == "sort-route → small\n"
    assert "has no versions" in shell("models", "alias", "sort-route", "1").err


def test_another_name_and_file_stand_in_the_command_that_measures_anew(shell: Shell, tmp_path: Path) -> None:
    write_rows(tmp_path / "more.jsonl", [f"{letter}{number}" for number in range(500, 560) for letter in "ab"])
    made = route(shell, "--as", "quick", "--data", "more.jsonl", "--min-accuracy", "0.9")
    assert made.code == 0, made.err
    shown = shell("models", "show", "quick").out
    command = f"plait route {TASK} --models small,large --data more.jsonl --min-accuracy 0.9 --as quick"
    assert f"anew     {command}\n" in shown
    assert shell(*command.split()[1:]).code == 0


def test_a_route_of_which_a_model_is_calibrated_anew_is_stale(shell: Shell, tmp_path: Path) -> None:
    assert route(shell).code == 0
    file = tmp_path / "calibrations" / "sort.small.json"
    content = json.loads(file.read_text())
    content["answers"]["bias"] += 1
    file.write_text(json.dumps(content))
    os.utime(file, (1, 1))
    shown = shell("models", "show", "sort-route").out
    assert "state    stale: small has another calibration now" in shown
    assert (
        json.loads(shell("run", TASK, "--model", "sort-route", "--detailed", "--text", "a1").out)["model"] == "large@1"
    )


def test_commands_that_make_a_route_stale_say_so(shell: Shell, tmp_path: Path) -> None:
    assert route(shell).code == 0
    write_rows(tmp_path / "more.jsonl", [f"{letter}{number}" for number in range(500, 560) for letter in "ab"])
    made = shell("evaluate", TASK, "--model", "small", "--data", "more.jsonl", "--calibrate")
    command = f"measure it anew: plait route {TASK} --models small,large"
    assert f"the route sort-route is stale: small has another calibration now; {command}" in made.err
    kept_route = current_routes().routes()[0]
    project, form = kept_route.project, kept_route.fingerprint
    promoted = ModelVersion(project, "small/sort", "sort", form, "small", "b", "a", 1, "{}", "", number=2)
    assert list(stale_by_version(promoted)) == [
        f"the route sort-route is stale: small answers as small/sort@2 now; {command}"
    ]
    assert not [*stale_by_version(replace(promoted, base="other", name="other/sort"))]


# ── refusals ──


@pytest.mark.parametrize(
    ("arguments", "why", "hint"),
    [
        (["--models", "small"], "1 models were named, and a route is made of two to 5", "--models smollm2,gpu-box"),
        (["--models", "small,smal"], "no model is called 'smal'", "did you mean small?"),
        (["--models", "small,small"], "small is the same model twice", "leave one of them out"),
        (["--models", "small,large", "--as", "large"], "large is the name of a model", "--as sort-route"),
        (["--models", "small,large", "--as", "a/b"], "cannot be the name of a route", "--as mail-route"),
        (["--models", "small,large", "--risk", "0.1", "--min-accuracy", "0.9"], "are two goals", "choose one"),
        (["--models", "small,large", "--rows", "30"], "20 of each are needed", "half are for calibrations"),
        (["--models", "small,large", "--out", "report.md"], "--out takes a .json file", "--out route.json"),
        (["--models", "small,large", "--data", "none.jsonl"], "none.jsonl does not exist", "printf"),
    ],
)
def test_what_makes_no_route_is_refused_before_any_model_is_asked(
    shell: Shell, arguments: list[str], why: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_model(*arguments: Any) -> Any:
        raise AssertionError("a model was asked")

    monkeypatch.setattr(evaluation, "ask_model", ask_model)
    result = shell("route", TASK, *arguments)
    assert result.code == 2 and why in result.err and hint in result.err and not kept(shell)


def test_two_models_without_confidence_are_refused_with_the_commands(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "calibrations" / "sort.large.json").unlink()
    result = route(shell, models="mute,large,small")
    assert result.code == 2 and "2 of 3 models have no confidence, and only the last of a route" in result.err
    assert f"plait evaluate {TASK} --model large --calibrate" in result.err


def test_the_name_of_a_route_of_another_task_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "letters.py").write_text(
        ROUTE_TASKS.replace("def sort(", "def letter(").replace("sort.code", "letter.code")
    )
    assert route(shell, "--as", "quick").code == 0
    refused = shell(
        "route", "letters.py:letter", "--models", "small,large", "--data", "held_out/sort.jsonl", "--as", "quick"
    )
    assert refused.code == 2 and "quick is a route of sort" in refused.err and "--as letter-route" in refused.err


def test_a_route_is_not_a_model_of_a_route(shell: Shell) -> None:
    assert route(shell).code == 0
    refused = route(shell, models="sort-route,large")
    assert refused.code == 2 and "sort-route is a route, and a route is made of models" in refused.err
    calibrated = shell("evaluate", TASK, "--model", "sort-route", "--calibrate")
    assert calibrated.code == 2 and "sort-route is a route, and one model is needed here" in calibrated.err


def test_a_task_without_held_out_rows_is_refused_with_a_row_to_write(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "held_out" / "sort.jsonl").unlink()
    result = route(shell)
    assert result.code == 2 and "has no held-out rows" in result.err and "printf" in result.err


def test_a_calibration_of_another_version_is_noticed_with_the_first_answer(shell: Shell, tmp_path: Path) -> None:
    late = '''
class Late(Small):
    """Its version is known from its first answer on, as that of a server."""
    name, digest = "small", ""

    async def chat(self, *arguments):
        self.digest = "2"
        async for each in super().chat(*arguments):
            yield each

sort.code_engines[0] = ChatEngine(Late())
'''
    (tmp_path / "late.py").write_text(ROUTE_TASKS + late)
    result = shell("route", "late.py:sort", "--models", "small,large")
    assert result.code == 2 and "small answers as small@2, and its calibration is that of small@1" in result.err
    assert "plait evaluate late.py:sort --model small --calibrate" in result.err


def test_evaluation_answers_by_the_route_too(shell: Shell) -> None:
    assert route(shell).code == 0
    evaluated = shell("evaluate", TASK, "--model", "sort-route", "--limit", "20")
    assert evaluated.code == 0 and "small@1, large@1" in evaluated.out
