"""Training that is killed anywhere and started again ends in the very weights that it would have had."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import killed_training as killing
from tests.support.training_recipes import two_phases


def train_with_kills(folder: Path, kills: int, *also: str, stem: int = 8, joint: int = 16) -> dict[str, float]:
    (folder / "tiny.toml").write_text(two_phases(stem, joint))
    command = [sys.executable, killing.__file__, str(folder / "tiny.toml"), str(folder), str(kills), *also]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def results(folder: Path, steps: int = 24) -> Iterator[dict[str, bytes]]:
    """The results of the uninterrupted run, then those of each killed run."""
    for run in [folder / "unbroken", *sorted(folder.glob("broken-*"))]:
        weights = {file.name: file.read_bytes() for file in (run / f"step-{steps:06}").glob("*.safetensors")}
        assert len(weights) == 3
        yield {**weights, "losses.jsonl": (run / "losses.jsonl").read_bytes()}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_run_ends_in_the_same_weights_and_the_same_log(tmp_path: Path) -> None:
    counts = train_with_kills(tmp_path, 1, stem=4, joint=5)
    unbroken, *broken = results(tmp_path, 9)
    assert counts["killed"] == 1
    assert all(each == unbroken for each in broken)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_fifty_kills_end_in_the_same_weights_and_the_same_log(tmp_path: Path) -> None:
    counts = train_with_kills(tmp_path, 50)
    unbroken, *broken = results(tmp_path)
    assert counts["killed"] == 50 and counts["runs"] == len(broken)
    assert counts["lost"] > 8  # steps after the last checkpoint, done and lost: fewer on a machine that has other work
    for each in broken:
        for name, content in unbroken.items():
            assert each[name] == content, name


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_test_detects_lost_optimizer_state(tmp_path: Path) -> None:
    """The control: one checkpoint of the first run is left without what its optimisers remember."""
    counts = train_with_kills(tmp_path, 1, "forget")
    unbroken, broken, *_ = results(tmp_path)
    assert counts["forgotten"] == 1
    assert broken["model.safetensors"] != unbroken["model.safetensors"]
