"""What the processes of a run do together; each of it is nothing where there is one process."""

from pathlib import Path

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from plait.foundation.training.sharding import shard
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.recipe import Recipe


def rank_and_world_size() -> tuple[int, int]:
    """This process's rank, and how many there are."""
    return (distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else (0, 1)


def parallel_module(module: TrainingModule, recipe: Recipe) -> nn.Module:
    """Gradients are averaged over all processes, and weights are shared out where the recipe says so. A phase of
    pictures alone leaves the decoder without a gradient, one without paintings what stands for an unknown code; torch
    looks for such weights in each step, if it is told to.
    """
    if recipe.run.shard:
        shard(module)
        return module
    left_out = any(not phase.items or not phase.paintings for phase in recipe.schedule.phase)
    return DistributedDataParallel(module, find_unused_parameters=left_out)


def barrier() -> None:
    """Until all are here."""
    if distributed.is_initialized():
        distributed.barrier()


def broadcast_path(newest: Path | None) -> Path | None:
    """What rank 0 found, for all."""
    object_list = [newest]
    if distributed.is_initialized():
        distributed.broadcast_object_list(object_list)
    return object_list[0]


def should_stop(stop_requested: bool, device: torch.device) -> bool:
    """Whether any process was asked to stop: then all stop after the same step."""
    if not distributed.is_initialized():
        return stop_requested
    flag = torch.tensor(float(stop_requested), device=device)
    distributed.all_reduce(flag)
    return bool(flag)
