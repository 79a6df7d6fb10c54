"""Training of a small network that stands by itself: the image tokenizer, the judge.

Like the loop of the unified model it goes on from where it was stopped, with the same result: what a step learns from
follows from its number.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from plait.core.errors import CheckpointError
from plait.foundation.training.atomic_files import write_atomically
from plait.foundation.training.muon import Muon
from plait.foundation.training.optimizer_state import optimizer_tensors, restore_optimizers
from plait.foundation.unified.objectives.training_module import EMA, set_learning_rates
from plait.foundation.unified.recipe import Schedule

SAVE_INTERVAL = 250  # steps
REPORT_INTERVAL = 50
SCHEDULE = Schedule(warmup=50, decay=0.6, floor=0.02)
LossAtStep = Callable[[int], Tensor]  # of a step, counted from 0


@dataclass(frozen=True)
class NetworkRecipe:
    """`adamw_names` are the names of weights that map no features to features, and vectors."""

    steps: int
    adamw_names: Sequence[str]
    muon_lr: float = 0.02
    adamw_lr: float = 2e-3
    ema: float = 0.998
    schedule: Schedule = SCHEDULE


def train_network(
    network: nn.Module, loss: LossAtStep, recipe: NetworkRecipe, file: Path, report: Callable[[str], None]
) -> dict[str, Tensor]:
    """The averaged weights after all steps; every SAVE_INTERVAL steps `file` is left, from which it goes on."""
    optimizers = network_optimizers(network, recipe)
    ema = EMA(network, recipe.ema)
    first_step, seconds = restore(network, optimizers, ema, file)
    for step in range(first_step, recipe.steps):
        started = time.perf_counter()
        value = optimizer_step(network, loss(step), optimizers, recipe.schedule.factor(step, recipe.steps))
        ema.update(network, step)
        seconds += time.perf_counter() - started
        if (step + 1) % REPORT_INTERVAL == 0:
            report(f"step {step + 1:,} of {recipe.steps:,}: loss {value:.4f}, {seconds / 60:.1f} min")
        if (step + 1) % SAVE_INTERVAL == 0 or step + 1 == recipe.steps:
            save(network, optimizers, ema, file, step + 1, seconds)
    return ema.weights


def network_optimizers(network: nn.Module, recipe: NetworkRecipe) -> list[torch.optim.Optimizer]:
    parameters = list(network.named_parameters())
    muon = [each for name, each in parameters if each.ndim >= 2 and not name.startswith(tuple(recipe.adamw_names))]
    adamw = [each for name, each in parameters if each.ndim < 2 or name.startswith(tuple(recipe.adamw_names))]
    return [
        Muon([{"params": muon, "stem": False}], recipe.muon_lr, 0.95, 0.0, 3),
        torch.optim.AdamW(
            [{"params": adamw, "stem": False}], recipe.adamw_lr, (0.9, 0.95), eps=1e-10, weight_decay=0.0
        ),
    ]


def optimizer_step(
    network: nn.Module, loss: Tensor, optimizers: Sequence[torch.optim.Optimizer], factor: float
) -> float:
    """One step down the gradient; the loss."""
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    for optimizer in optimizers:
        set_learning_rates(optimizer, factor, 1.0)
        optimizer.step()
    return loss.item()


def save(
    network: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    ema: EMA,
    file: Path,
    step: int,
    seconds: float,
) -> None:
    """The file is whole or as it was. Raises CheckpointError."""
    tensors = {f"network/{name}": each.detach().contiguous() for name, each in network.named_parameters()}
    tensors |= {f"average/{name}": each.contiguous() for name, each in ema.weights.items()}
    optimizer_state = optimizer_tensors(optimizers, network.named_parameters())
    tensors |= {f"optimizer/{name}": each.contiguous() for name, each in optimizer_state.items()}
    write_atomically(file, safetensors.torch.save(tensors, {"at": json.dumps({"step": step, "seconds": seconds})}))


def restore(network: nn.Module, optimizers: Sequence[torch.optim.Optimizer], ema: EMA, file: Path) -> tuple[int, float]:
    """Sets everything as the file has it; the step to go on from, and the seconds spent. 0 where there is no file.

    Raises CheckpointError where it is of another network.
    """
    if not file.exists():
        return 0, 0.0
    with safetensors.safe_open(file, "pt") as content:
        at = json.loads(content.metadata()["at"])
        tensors = {name: content.get_tensor(name) for name in content.keys()}

    def with_prefix(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}

    try:
        network.load_state_dict(with_prefix("network/"))
    except RuntimeError:
        raise CheckpointError(f"{file} is of another network", hint="remove it to begin anew") from None
    ema.weights.update(with_prefix("average/"))
    restore_optimizers(optimizers, network.named_parameters(), with_prefix("optimizer/"))
    return at["step"], at["seconds"]
