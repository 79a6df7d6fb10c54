"""Batches that other processes make ahead are those that the feed makes by itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.launch import train
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.painting_batches import PaintingBatch
from plait.foundation.unified.objectives.prefetching import PrefetchingStream, batch_stream, pack_batch, unpack_batch
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.training_recipes import recipe_file

MIXTURE = dict.fromkeys(TASKS, 1.0)
RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(1.0, MIXTURE),
    schedule=Schedule(phase=(Phase("read", 3, 6, 2), Phase("paint", 5, 4, 1, paintings=3))),
    losses={},
    run=RunConfig(seed=4, checkpoint_every=3, evaluate_every=0),
)
FEED = BatchStream(RECIPE, vocabulary(), TASKS, encode=image_tokenizer().encode)


def are_equal(one: Batch | PaintingBatch | None, other: Batch | PaintingBatch | None) -> bool:
    if one is None or other is None:
        return one is other
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


@pytest.mark.slow
def test_prefetched_batches_equal_direct_ones_and_leave_the_random_state_unchanged() -> None:
    before = torch.get_rng_state()
    ahead = PrefetchingStream(FEED, 2, first_step=2)
    for step in range(2, RECIPE.steps):
        batch, paintings = ahead.batches_at(step)
        assert are_equal(batch, FEED.batch(step)) and are_equal(paintings, FEED.painting_batch(step))
        assert not are_equal(batch, FEED.batch(step + 1))  # the control
    assert torch.equal(torch.get_rng_state(), before)


def test_a_batch_arrives_unchanged() -> None:
    batch = FEED.batch(1)
    assert are_equal(unpack_batch(pack_batch(batch)), batch)


def test_without_worker_processes_the_stream_itself_is_used() -> None:
    assert batch_stream(0, FEED, 0) is FEED


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / f"step-{RECIPE.steps:06}" / "model.safetensors")


def run(folder: Path, loader_workers: int, until: int | None = None) -> None:
    recipe = replace(RECIPE, run=replace(RECIPE.run, loader_workers=loader_workers))
    assert train(recipe_file(folder / "it.toml", recipe), folder, fresh=False, until=until) == 0


@pytest.mark.slow
def test_a_run_with_loader_workers_ends_with_the_same_weights_also_when_resumed(tmp_path: Path) -> None:
    run(tmp_path / "alone", 0)
    run(tmp_path / "fed", 2, until=4)
    run(tmp_path / "fed", 2)
    alone, fed = weights(tmp_path / "alone"), weights(tmp_path / "fed")
    assert all(torch.equal(alone[name], fed[name]) for name in alone)


TOML = """
[model]
size = "tiny"

[data.mixture]
locate = 1.0

[[schedule.phase]]
name = "long"
steps = 100000
pictures = 4
items = 1

[run]
loader_workers = 2
evaluate_every = 0
"""


@pytest.fixture
def training(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`plait train` in a group of its own, a few steps on its way."""
    (tmp_path / "long.toml").write_text(TOML)
    command = [sys.executable, "-m", "plait", "train", "long.toml", "--out", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        while "long · " not in (line := process.stdout.readline()):
            assert line, "it ended before its first step"
        yield process
        if is_running(process):
            os.killpg(process.pid, signal.SIGKILL)


def is_running(process: "subprocess.Popen[str]") -> bool:
    """Whether anything of its group still runs."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def has_exited(process: "subprocess.Popen[str]", within: float) -> bool:
    end = time.monotonic() + within
    while is_running(process) and time.monotonic() < end:
        time.sleep(0.1)
    return not is_running(process)


@pytest.mark.slow
def test_ctrl_c_ends_the_step_and_all_processes(training: "subprocess.Popen[str]") -> None:
    assert is_running(training)
    os.killpg(training.pid, signal.SIGINT)  # as a terminal does: to all of them
    output, _ = training.communicate(timeout=240)
    assert training.returncode == 130 and "the same command resumes" in output and "Traceback" not in output, output
    assert has_exited(training, within=20)


@pytest.mark.slow
def test_a_killed_run_leaves_no_worker_processes(training: "subprocess.Popen[str]") -> None:
    training.kill()
    training.wait(timeout=240)
    assert has_exited(training, within=30)
