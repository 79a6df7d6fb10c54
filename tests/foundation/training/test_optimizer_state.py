"""Optimizer state is saved in a checkpoint and restored, so that the next step is the same."""

import pytest
import torch
from torch import nn

from plait.core.errors import CheckpointError
from plait.foundation.training.optimizer_state import optimizer_tensors, restore_optimizers


def train_model(seed: int, steps: int) -> tuple[nn.Module, list[torch.optim.Optimizer]]:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2))
    model = model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.SGD(model[0].parameters(), 0.1, momentum=0.9),
        torch.optim.AdamW(model[2].parameters(), 0.1),
    ]
    for step in range(steps):
        one_step(model, optimizers, step)
    return model, optimizers


def one_step(model: nn.Module, optimizers: list[torch.optim.Optimizer], step: int) -> None:
    model(torch.full((4, 3, 3, 3), 0.1 * step)).square().sum().backward()
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()


def test_the_next_step_after_restoring_equals_that_of_an_uninterrupted_run() -> None:
    model, optimizers = train_model(0, 3)
    tensors_before = {
        name: tensor.clone() for name, tensor in optimizer_tensors(optimizers, model.named_parameters()).items()
    }
    other, others = train_model(1, 1)
    other.load_state_dict(model.state_dict())
    restore_optimizers(others, other.named_parameters(), tensors_before)
    for each in ((model, optimizers), (other, others)):
        one_step(*each, 7)
    for (name, one), (_, two) in zip(model.named_parameters(), other.named_parameters(), strict=True):
        assert torch.equal(one, two), name


def test_without_optimizer_state_the_next_step_differs() -> None:
    model, optimizers = train_model(0, 3)
    other, others = train_model(1, 0)
    other.load_state_dict(model.state_dict())
    for each in ((model, optimizers), (other, others)):
        one_step(*each, 7)
    assert not torch.equal(model[2].weight, other[2].weight)  # type: ignore[index]


def test_optimizer_state_of_another_model_is_refused_by_name() -> None:
    model, optimizers = train_model(0, 1)
    with pytest.raises(CheckpointError, match=r"has state for 0\.stem\.weight\.momentum"):
        restore_optimizers(optimizers, model.named_parameters(), {"0.stem.weight.momentum": torch.zeros(2)})
