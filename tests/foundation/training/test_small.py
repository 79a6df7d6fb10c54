"""Training of a small network goes on from where it was stopped, with the same result."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from plait.core.errors import CheckpointError
from plait.foundation.training import small_networks
from plait.foundation.training.small_networks import NetworkRecipe, train_network

PLAN = NetworkRecipe(60, ("0",))


class Stop(Exception):
    pass


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))


def loss_of(learning: nn.Module, until: int = 60) -> small_networks.LossAtStep:
    def loss(step: int) -> Tensor:
        if step == until:
            raise Stop
        x = torch.randn(32, 4, generator=torch.Generator().manual_seed(step))
        return F.mse_loss(learning(x), x[:, :2] * x[:, 2:])

    return loss


def silent(line: str) -> None:
    pass


@pytest.mark.parametrize("stopped", [1, 19, 20, 21, 59])
def test_a_stopped_training_ends_as_an_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: int
) -> None:
    monkeypatch.setattr(small_networks, "SAVE_INTERVAL", 20)
    whole = network()
    unbroken = train_network(whole, loss_of(whole), PLAN, tmp_path / "whole.safetensors", silent)
    first = network()
    with pytest.raises(Stop):
        train_network(first, loss_of(first, stopped), PLAN, tmp_path / "cut.safetensors", silent)
    again = network()
    resumed = train_network(again, loss_of(again), PLAN, tmp_path / "cut.safetensors", silent)
    assert all(torch.equal(unbroken[name], resumed[name]) for name in unbroken)


def test_it_learns_and_tells(tmp_path: Path) -> None:
    learning, told = network(), list[str]()
    before = loss_of(learning)(0).item()
    train_network(
        learning, loss_of(learning, 600), NetworkRecipe(600, ("0",)), tmp_path / "it.safetensors", told.append
    )
    assert loss_of(learning)(0).item() < 0.7 * before
    assert told and told[0].startswith("step 50 of 600: loss ")


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    learning = network()
    train_network(learning, loss_of(learning), NetworkRecipe(2, ("0",)), tmp_path / "it.safetensors", silent)
    with pytest.raises(CheckpointError, match="is of another network"):
        train_network(nn.Linear(4, 2), loss_of(learning), PLAN, tmp_path / "it.safetensors", silent)
