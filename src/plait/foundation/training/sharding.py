"""Weights sharded over the processes of a run, for models whose training state does not fit on one GPU.

Each process has a part of every weight, of its optimizer state and of its average. FSDP2 (`fully_shard`) gathers
the weights of a layer when the layer is called, and frees them afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from torch import Tensor, nn


def shard(module: nn.Module, layers: Sequence[nn.Module] = ()) -> None:
    """Shards the module. `layers` are gathered one at a time, the rest of the module at once."""
    from torch.distributed.fsdp import fully_shard  # takes 1.5 s

    for layer in layers:
        fully_shard(layer)
    fully_shard(module)


def full_tensor(tensor: Tensor) -> Tensor:
    """The whole of a tensor that may be sharded. All processes must call this together."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor  # pyright: ignore[reportAttributeAccessIssue]


def shard_like(tensor: Tensor, like: Tensor) -> Tensor:
    """This process's part of a whole tensor, sharded like `like`; the whole tensor if `like` is not sharded."""
    if not hasattr(like, "placements"):
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(like, DTensor)
    return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)


def shard_state_dict(tensors: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Shards each tensor like the weight of the same name in the module, in the same order in every process.

    A file gives its tensors in another order to each process, and weights are gathered in the order that they have.
    """
    state_dict = module.state_dict()
    return {
        name: shard_like(tensors[name], state_dict[name]) if name in state_dict else tensors[name]
        for name in sorted(tensors)
    }


@contextmanager
def summon_full_params(module: nn.Module) -> Iterator[None]:
    """Context manager in which each process has all weights, for code that does not call the module itself."""
    sharded = [each for each in module.modules() if hasattr(each, "unshard")]
    for each in sharded:
        each.unshard()  # pyright: ignore[reportCallIssue]
    try:
        yield
    finally:
        for each in sharded:
            each.reshard()  # pyright: ignore[reportCallIssue]
