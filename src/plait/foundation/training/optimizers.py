"""Optimizers of a training: Muon for matrices that map features to features, AdamW for all other weights."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import nn
from torch.optim import Optimizer

from plait.foundation.training.config import OptimizerConfig
from plait.foundation.training.muon import Muon

NamedParameters = Iterable[tuple[str, nn.Parameter]]


def new_optimizers(
    parameters: NamedParameters,
    config: OptimizerConfig,
    uses_adamw: Callable[[str], bool],
    group_of: Callable[[str], str] = lambda name: "",
) -> list[Optimizer]:
    """Muon and AdamW for the trainable parameters. AdamW gets vectors, and the names for which `uses_adamw` is true.

    `group_of` names the group of a parameter; each group has its own learning rate.
    """
    muon: dict[str, list[nn.Parameter]] = {}
    adamw: dict[str, list[nn.Parameter]] = {}
    for name, parameter in parameters:
        if parameter.requires_grad:
            groups = adamw if parameter.ndim < 2 or uses_adamw(name) else muon
            groups.setdefault(group_of(name), []).append(parameter)
    return [
        Muon(
            param_groups(muon),
            config.muon_lr,
            config.muon_momentum,
            config.muon_weight_decay,
            config.newton_schulz_steps,
        ),
        torch.optim.AdamW(
            param_groups(adamw), config.adamw_lr, config.adamw_betas, eps=1e-10, weight_decay=config.adamw_weight_decay
        ),
    ]


def param_groups(groups: dict[str, list[nn.Parameter]]) -> list[dict[str, object]]:
    return [{"params": groups[name], "name": name} for name in sorted(groups)] or [{"params": [], "name": ""}]


def set_learning_rates(optimizer: Optimizer, factor: float, group_factors: Mapping[str, float] | None = None) -> None:
    """Sets the learning rate of each group: that of the optimizer, times `factor`, times the group's factor by name."""
    for group in optimizer.param_groups:
        group["lr"] = optimizer.defaults["lr"] * factor * (group_factors or {}).get(group["name"], 1.0)
