"""What the processes of a run do together; with one process each of it does nothing."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from plait.foundation.training.sharding import shard


def rank_and_world_size() -> tuple[int, int]:
    """This process's rank, and how many there are."""
    return (distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else (0, 1)


def parallel_module(module: nn.Module, layers: Sequence[nn.Module], *, shards: bool, unused: bool) -> nn.Module:
    """The module as all processes train it: gradients are averaged over them, weights sharded where `shards`. With
    `unused` torch looks in each step for weights that have no gradient.
    """
    if shards:
        shard(module, layers)
        return module
    return DistributedDataParallel(module, find_unused_parameters=unused)


def barrier() -> None:
    """Returns when all processes are here."""
    if distributed.is_initialized():
        distributed.barrier()


def broadcast_path(newest: Path | None) -> Path | None:
    """The path that rank 0 has, in all processes."""
    object_list = [newest]
    if distributed.is_initialized():
        distributed.broadcast_object_list(object_list)
    return object_list[0]


def should_stop(stop_requested: bool, device: torch.device) -> bool:
    """Whether any process is to stop: then all stop after the same step."""
    if not distributed.is_initialized():
        return stop_requested
    flag = torch.tensor(float(stop_requested), device=device)
    distributed.all_reduce(flag)
    return bool(flag)
