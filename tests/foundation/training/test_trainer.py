"""The Trainer with a small objective: what it learns, what it resumes, what it refuses."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.core.errors import CheckpointError
from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import OptimizerConfig, RunConfig, TrainerConfig, TrainingPhase
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.training.run_log import LOSSES_FILE
from plait.foundation.training.trainer import Trainer, prepare_torch

RUN = RunConfig(seed=3, checkpoint_every=20, evaluate_every=0)


class Stop(Exception):
    pass


class Product(Objective[Tensor, nn.Module]):
    """Learns to multiply numbers, with dropout; stops, as a kill would, before a step."""

    def __init__(self, stop_before: int = -1, name: str = "product") -> None:
        super().__init__(nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.02), nn.Linear(16, 2)))
        self.stop_before, self.name = stop_before, name

    @property
    def fingerprint(self) -> RunFingerprint:
        return RunFingerprint({"network": self.name}, "", {})

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(self.module.named_parameters(), OptimizerConfig(), lambda name: name.startswith("0"))

    def batch(self, step: int) -> Tensor:
        if step == self.stop_before:
            raise Stop
        return torch.randn(32, 4, generator=torch.Generator().manual_seed(step))

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        return {"squares": F.mse_loss(self.parallel(batch), batch[:, :2] * batch[:, 2:])}


def trainer(folder: Path, steps: int = 60, stop_before: int = -1, name: str = "product") -> Trainer:
    device = prepare_torch(RUN)
    config = TrainerConfig("product", (TrainingPhase("all", steps, 32),), run=RUN)
    return Trainer(Product(stop_before, name), config, folder, device)


@pytest.mark.parametrize("stopped", [1, 19, 20, 21, 59])
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(tmp_path: Path, stopped: int) -> None:
    unbroken = trainer(tmp_path / "whole")
    assert unbroken.run() == 0
    cut = trainer(tmp_path / "cut", stop_before=stopped)
    with pytest.raises(Stop):
        cut.run()
    resumed = trainer(tmp_path / "cut")
    assert resumed.run() == 0
    assert all(torch.equal(each, resumed.ema.weights[name]) for name, each in unbroken.ema.weights.items())


def test_training_lowers_the_loss_and_shows_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trainer(tmp_path, 400)
    before = run.objective.loss(run.objective.batch(0))["squares"].item()
    run.run()
    assert run.objective.loss(run.objective.batch(0))["squares"].item() < 0.7 * before
    output = capsys.readouterr().err
    assert "product 1/400 all" in output and "trained to step 400 of 400" in output and "curves.png" in output


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path, 2).run()
    with pytest.raises(CheckpointError, match='this checkpoint has network "product", the recipe asks for "sum"'):
        trainer(tmp_path, name="sum").run()


def test_a_run_resumed_without_its_log_may_end_before_a_step_is_logged(tmp_path: Path) -> None:
    trainer(tmp_path).run(until=2)
    (tmp_path / LOSSES_FILE).unlink()
    resumed = trainer(tmp_path)
    assert resumed.run(until=4) == 0 and resumed.step == 4
