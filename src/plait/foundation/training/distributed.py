"""Collective operations of the processes of a run; with a single process they do nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from plait.foundation.training.sharding import shard

T = TypeVar("T")


def rank_and_world_size() -> tuple[int, int]:
    """Rank of this process and number of processes."""
    return (distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else (0, 1)


def parallel_module(module: nn.Module, layers: Sequence[nn.Module], *, shards: bool, unused: bool) -> nn.Module:
    """Wraps a module for all processes: DDP averages gradients, or FSDP2 shards weights if `shards`.

    With `unused`, torch searches each step for weights without a gradient.
    """
    if shards:
        shard(module, layers)
        return module
    return DistributedDataParallel(module, find_unused_parameters=unused)


def barrier() -> None:
    """Waits until all processes arrive."""
    if distributed.is_initialized():
        distributed.barrier()


def broadcast_path(newest: Path | None) -> Path | None:
    """Sends the path of rank 0 to all processes."""
    object_list = [newest]
    if distributed.is_initialized():
        distributed.broadcast_object_list(object_list)
    return object_list[0]


def gather(value: T) -> tuple[T, ...]:
    """The values of all processes, by rank."""
    if not distributed.is_initialized():
        return (value,)
    values: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return tuple(values)


def should_stop(stop_requested: bool, device: torch.device) -> bool:
    """Whether any process received a stop request; all then stop after the same step."""
    if not distributed.is_initialized():
        return stop_requested
    flag = torch.tensor(float(stop_requested), device=device)
    distributed.all_reduce(flag)
    return bool(flag)
