"""All stages of `make gpu`, twice, with a tiny model on the CPU: the second run continues from the first."""

import json
from pathlib import Path

import pytest

from plait.foundation.cards.card import ModelCard, card_path, parse_card
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.weights.weight_files import load
from tools.gpu.__main__ import run
from tools.gpu.importing import WEIGHTS, import_results
from tools.gpu.plan import Plan

SECONDS = 150
FILES = {
    "curves.png",
    "gpu.json",
    "log.txt",
    "losses.jsonl",
    "plait-base.json",
    "plait-base.safetensors",
    "scores.json",
}


def make_plan(folder: Path) -> Plan:
    return Plan(True, SECONDS, folder / "out", folder / "runs", folder / WEIGHTS, 2)


def read_card(plan: Plan) -> ModelCard:
    return parse_card(card_path(plan.weights).read_bytes(), plan.weights)


@pytest.mark.slow
@pytest.mark.timeout(4 * SECONDS)
def test_two_runs_write_weights_card_scores_and_curves_and_the_second_continues_the_first(tmp_path: Path) -> None:
    first = make_plan(tmp_path)
    assert run(first) == 0
    assert {file.name for file in first.out.iterdir()} == FILES
    report = json.loads((first.out / "gpu.json").read_text("utf-8"))
    assert report["seconds"] < SECONDS and [each["name"] for each in report["stages"]] == [
        "benchmarks",
        "training",
        "scores",
    ]
    assert SuiteReport.read(first.out / "scores.json").asked > 0 and read_card(first).scores
    steps = read_card(first).run.steps
    assert list(import_results(first.out, tmp_path)) and make_plan(tmp_path).initial_weights
    assert run(make_plan(tmp_path)) == 0
    assert read_card(first).data.begun_from == "plait-base" and read_card(first).run.steps > steps
    assert load(first.weights).size.name == "tiny"
