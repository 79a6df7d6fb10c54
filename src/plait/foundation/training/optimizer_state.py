"""Optimizer state as tensors by name: `0.model.table.weight.exp_avg`.

Learning rates are not included: they follow from the recipe and the step.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from plait.core.errors import CheckpointError
from plait.foundation.training.checkpoint import Tensors
from plait.foundation.training.sharding import full_tensor, shard_like

NamedParameters = Iterable[tuple[str, nn.Parameter]]


def optimizer_tensors(optimizers: Sequence[Optimizer], parameters: NamedParameters) -> dict[str, Tensor]:
    """Optimizer state by name. `parameters` have their names in the model, as `named_parameters()` gives them."""
    return {
        f"{number}.{name}.{key}": full_tensor(torch.as_tensor(value))
        for name, parameter in parameters
        for number, optimizer in enumerate(optimizers)
        if parameter in optimizer.state
        for key, value in optimizer.state[parameter].items()
    }


def restore_optimizers(optimizers: Sequence[Optimizer], parameters: NamedParameters, tensors: Tensors) -> None:
    """Restores the optimizer state, on each parameter's own device. Raises CheckpointError for an unknown parameter."""
    by_name = dict(parameters)
    for optimizer in optimizers:
        optimizer.state.clear()
    for path, tensor in sorted(tensors.items()):  # in the same order in every process
        number, _, rest = path.partition(".")
        name, _, key = rest.rpartition(".")
        if name not in by_name or not number.isdigit() or int(number) >= len(optimizers):
            raise CheckpointError(
                f"the checkpoint's optimizer has state for {path}, which this model does not have",
                hint="use the version of Plait that wrote it (commit in state.json), or start again with --fresh",
            )
        parameter = by_name[name]
        # torch keeps step counters on the CPU, whatever the device of the parameter.
        value = tensor.clone() if tensor.ndim == 0 else tensor.to(parameter.device, copy=True)
        if value.shape == parameter.shape and value.ndim == 4:
            value = value.contiguous(memory_format=memory_format(parameter))
        if value.shape == parameter.shape:
            value = shard_like(value, parameter)
        optimizers[int(number)].state[parameter][key] = value


def memory_format(parameter: Tensor) -> torch.memory_format:
    channels_last = torch.channels_last
    return channels_last if parameter.is_contiguous(memory_format=channels_last) else torch.contiguous_format
