"""Weights that are shared out learn what they learn where each process has them all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from plait.foundation.training.sharding import full_tensor, shard_like, shard_state_dict, summon_full_params

RECIPE = """\
[model]
size = "tiny"
experts = 2
adapters = 4

[data.mixture]
locate = 0.5
matches = 0.5

[[schedule.phase]]
name = "stem"
steps = 2
pictures = 4
items = 0

[[schedule.phase]]
name = "joint"
steps = 4
pictures = 4
items = 2

[run]
processes = 2
log_every = 1
checkpoint_every = 3
evaluate_every = 5
"""
SHARED = RECIPE + "shard = true\n"


def train(folder: Path, text: str, *also: str) -> Path:
    """A run in two processes; its folder."""
    (folder / "two.toml").write_text(text)
    command = [sys.executable, "-m", "plait", "train", str(folder / "two.toml"), "--out", str(folder / "run"), *also]
    # Processors with AMX round the factors of products otherwise, to 1e-4 of a gradient.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert process.returncode == 0, process.stderr
    return folder / "run"


def readings(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "losses.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sharded_losses_equal_unsharded_ones_and_a_run_resumes_either_way(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("whole", "shared", "stopped")]
    for folder in folders:
        folder.mkdir()
    plain, shared = train(folders[0], RECIPE), train(folders[1], SHARED)
    train(folders[2], SHARED, "--steps", "4")
    stopped = train(folders[2], RECIPE)  # begun with parts, ended with the whole
    ours, theirs, broken = readings(shared), readings(plain), readings(stopped)
    assert len(ours) == len(theirs) == len(broken) == 6 and ours[4]["signs/rank"] >= 0
    for one, other, third in zip(ours, theirs, broken, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-5)
        assert one["optimizer/gradient"] == pytest.approx(other["optimizer/gradient"], rel=1e-4)
        assert third["loss"] == pytest.approx(one["loss"], rel=1e-5)
    for part in ("model", "ema", "optimizer"):
        resumed, expected = (
            safetensors.torch.load_file(run / "step-000006" / f"{part}.safetensors") for run in (shared, plain)
        )
        assert {name: each.shape for name, each in resumed.items()} == {n: each.shape for n, each in expected.items()}


def test_unsharded_tensors_are_already_complete() -> None:
    layer, tensor = torch.nn.Linear(2, 2), torch.ones(2, 2)
    assert full_tensor(tensor) is tensor and shard_like(tensor, layer.weight) is tensor
    assert shard_state_dict({"weight": tensor, "other": tensor}, layer) == {"weight": tensor, "other": tensor}
    with summon_full_params(layer):
        assert layer.weight.shape == (2, 2)
