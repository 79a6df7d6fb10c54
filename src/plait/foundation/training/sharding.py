"""Weights shared out among the processes of a run, for models that one card does not hold with all that training keeps
of them: each process has a part of every weight, of what the optimisers remember of it and of its average. The whole
of it is gathered for the losses and their gradients, and let go after them.

By torch's FSDP2 (`fully_shard`) around all that learns at once. Not around each layer: it gathers when a module is
called, and words go through methods of the layers that have other names.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from torch import Tensor, nn


def shard(module: nn.Module) -> None:
    """Leaves each process its part of the weights; the module is as before where it is called."""
    from torch.distributed.fsdp import fully_shard  # 1.5 s

    fully_shard(module)


def full_tensor(tensor: Tensor) -> Tensor:
    """All of a tensor that may be shared out. All processes have to ask for it together."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor  # pyright: ignore[reportAttributeAccessIssue]


def shard_like(tensor: Tensor, like: Tensor) -> Tensor:
    """This process's part of a tensor that each has, shared out as `like` is; all of it where that is not."""
    if not hasattr(like, "placements"):
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(like, DTensor)
    return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)


def shard_state_dict(tensors: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Each as the module has the weight of that name."""
    state_dict = module.state_dict()
    return {name: shard_like(each, state_dict[name]) if name in state_dict else each for name, each in tensors.items()}


@contextmanager
def summon_full_params(module: nn.Module) -> Iterator[None]:
    """While it is entered, each process has all weights, for what is done without calling the learner itself."""
    is_sharded = hasattr(module, "unshard")
    if is_sharded:
        module.unshard()  # pyright: ignore[reportCallIssue]
    try:
        yield
    finally:
        if is_sharded:
            module.reshard()  # pyright: ignore[reportCallIssue]
