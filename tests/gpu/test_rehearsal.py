"""All stages of `make gpu`, twice, with a tiny model on the CPU: the second run continues from the first."""

import json
from pathlib import Path

import pytest

from plait.foundation.cards.card import ModelCard, card_path, parse_card
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.weights.weight_files import load
from tools.gpu.__main__ import run
from tools.gpu.importing import WEIGHTS, placed
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


def plan(folder: Path) -> Plan:
    return Plan(True, SECONDS, folder / "out", folder / "runs", folder / WEIGHTS, 2)


def card(given: Plan) -> ModelCard:
    return parse_card(card_path(given.weights).read_bytes(), given.weights)


@pytest.mark.slow
@pytest.mark.timeout(4 * SECONDS)
def test_two_runs_leave_weights_card_and_scores_and_the_second_goes_on(tmp_path: Path) -> None:
    first = plan(tmp_path)
    assert run(first) == 0
    assert {file.name for file in first.out.iterdir()} == FILES
    told = json.loads((first.out / "gpu.json").read_text("utf-8"))
    assert told["seconds"] < SECONDS and [each["name"] for each in told["stages"]] == [
        "benchmarks",
        "training",
        "scores",
    ]
    assert SuiteReport.read(first.out / "scores.json").asked > 0 and card(first).scores
    steps = card(first).run.steps
    assert list(placed(first.out, tmp_path)) and plan(tmp_path).begun_from
    assert run(plan(tmp_path)) == 0
    assert card(first).data.begun_from == "plait-base" and card(first).run.steps > steps
    assert load(first.weights).size.name == "tiny"
