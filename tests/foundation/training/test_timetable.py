"""A run with a time limit ends in time with its decay complete; a phase ends when its share of the time is used."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from plait.core.errors import SettingsError
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.timetable import Timetable
from plait.foundation.unified.launch import launch, unified_trainer
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.prefetching import PrefetchingStream
from plait.foundation.unified.objectives.unified_objective import trainer_config
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.recipe_file import read_recipe

PHASES = (Phase("stem", 40, 2, 0, losses=("cells",), time_share=0.4), Phase("joint", 1_000, 2, 1))
RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(mixture={"locate": 1.0}),
    schedule=Schedule(0, 0.5, 0.1, PHASES),
    run=RunConfig(seconds=100, evaluate_every=0),
)
SMALL = """\
[model]
size = "tiny"
[data.mixture]
locate = 1.0
[schedule]
warmup = 0
decay = 0.5
floor = 0.0
[[schedule.phase]]
name = "joint"
steps = 100000
pictures = 2
items = 1
[run]
log_every = 1
evaluate_every = 0
"""


def at(seconds: float, recipe: Recipe = RECIPE) -> Timetable:
    """The timetable of a session that began so many seconds ago."""
    return Timetable(trainer_config(recipe), time.monotonic() - seconds)


def test_learning_rates_decay_by_time_or_steps_whichever_is_further() -> None:
    assert at(0).lr_factor(0) == at(49).lr_factor(0) == 1.0
    assert at(75).lr_factor(0) == pytest.approx(0.5, abs=0.01)
    assert at(98).lr_factor(0) == at(500).lr_factor(0) == 0.1
    assert at(0).lr_factor(1_039) == 0.1
    assert not at(99).is_over and at(101).is_over


def test_without_a_time_limit_the_clock_has_no_effect() -> None:
    free = replace(RECIPE, run=RunConfig())
    assert [at(9_999, free).lr_factor(step) for step in (0, 780)] == [
        RECIPE.schedule.factor(s, 1_040) for s in (0, 780)
    ]
    assert not at(9_999, free).is_over and at(9_999, free).next_phase(3) is None


def test_a_phase_ends_at_its_time_share_except_the_last() -> None:
    assert at(39).next_phase(3) is None
    assert at(41).next_phase(3) == 40
    assert at(99).next_phase(40) is None


def test_workers_skip_the_same_steps() -> None:
    stream = PrefetchingStream(BatchStream(RECIPE, vocabulary(), ("locate",)), 1, 0)
    steps = [stream.next_step(0)]
    stream.skip_to(40)
    while steps[-1] < 40:
        stream.batches_at(steps[-1])
        steps.append(stream.next_step(steps[-1] + 1))
    assert steps[0] == 0 and steps[-1] == 40 and len(steps) <= 5  # one, the few that were made, and the first after


def test_a_run_continues_with_the_next_phase(tmp_path: Path) -> None:
    run = unified_trainer(RECIPE, tmp_path, tmp_path)
    run.start(fresh=False)
    run.train_step()
    assert run.step == 1
    run.timetable = at(41)
    run.train_step()
    assert run.step == 41
    run.finish("")


def test_a_run_ends_in_time_with_decayed_rates_and_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    began = time.monotonic()
    assert launch(tmp_path / "small.toml", tmp_path / "run", fresh=False, until=None, seconds=3) == 0
    assert time.monotonic() - began < 60  # 100,000 steps take hours; beside other work 3 seconds became 14
    rates = [json.loads(line)["optimizer/lr"] for line in (tmp_path / "run" / "losses.jsonl").read_text().splitlines()]
    assert rates[0] > 0.01 and rates[-1] < 0.3 * rates[0] and 2 < len(rates) < 1_000
    newest, _ = Checkpoints(tmp_path / "run").newest()
    assert newest and newest.name == f"step-{len(rates):06d}"


def test_a_time_limit_requires_a_single_process(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL + "processes = 2\nseconds = 5\n")
    with pytest.raises(SettingsError, match=r"small\.toml:\d+: run\.seconds limits the time"):
        read_recipe(tmp_path / "small.toml")
