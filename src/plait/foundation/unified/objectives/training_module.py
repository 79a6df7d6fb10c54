"""What learns: the model, the heads that only training has, their optimisers and the average of their weights."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.muon import Muon
from plait.foundation.unified.model.adapters import of_adapters
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.load_balancing import balance, routed
from plait.foundation.unified.objectives.losses import (
    Auxiliary,
    Losses,
    Tags,
    Writing,
    missed,
    painting_losses,
    read_losses,
    rows_of,
    seen_losses,
)
from plait.foundation.unified.objectives.painting_batches import Paintings
from plait.foundation.unified.recipe import Optimizer

# Muon is for matrices that map features to features. Pixels, tables, choices and single numbers are AdamW's.
ADAMW = ("table.weight", "stem.rgb.conv.weight", "heads.presence.weight", ".router.weight")


class Shown(NamedTuple):
    """For show: the loss of what was written by task, and the load of the `experts` as `balance` tells it."""

    tasks: Losses
    experts: Losses


class Learner(nn.Module):
    """All that has weights. `forward` gives the losses, so that torch's DistributedDataParallel can stand around it."""

    def __init__(self, model: Unified, vocabulary: Vocabulary, tasks: Sequence[str] = (), wide: bool = False) -> None:
        super().__init__()
        self.model, self.tasks = model, tasks
        self.heads = Auxiliary(model.size.width)
        self.tags, self.writing = Tags(vocabulary, wide), Writing(vocabulary)

    def forward(self, batch: Batch, paintings: Paintings | None = None, *, asked: bool = True) -> tuple[Losses, Shown]:
        """The losses by name. Without `asked` those of the pictures alone."""
        with routed(self.model) as routes:
            losses, by_task = self.written(batch, asked=asked)
            losses = {**losses, **(self.painted(paintings) if paintings else {})}
        uneven, load = balance(routes)
        return {**losses, **uneven}, Shown(by_task, load)

    def painted(self, paintings: Paintings) -> Losses:
        model = self.model
        _, memory = model.read(model.see(paintings.pictures), paintings.which, paintings.source, paintings.words)
        return painting_losses(model, self.tags, memory, paintings)

    def written(self, batch: Batch, *, asked: bool) -> tuple[Losses, Losses]:
        model = self.model
        stem = model.stem(batch.pictures)
        seen = model.look(stem)
        table, locations = model.table.weight, self.writing.locations
        losses = seen_losses(table, self.heads, self.tags, locations, stem, seen.tokens, batch)
        if not asked:
            return losses, {}
        read, memory = model.read(seen, batch.which, batch.source, batch.words, looks=True)
        features, looks = model.write(memory, batch.target, batch.written, looks=True)
        written, each = self.writing(model, features, batch)
        row = rows_of(batch.written)
        task = batch.task[row]
        about = {"about": missed(looks, batch.about[batch.written], row)}
        by_task = {
            name: each[task == number].mean() for number, name in enumerate(self.tasks) if (task == number).any()
        }
        found = read_losses(table, self.heads, locations, read.tokens, read.looks, batch)
        return {**losses, **found, **about, **written}, by_task


def teach_adapters_alone(learner: Learner) -> tuple[int, int]:
    """Holds all else of the model as it is; how many of its weights still learn, and how many there are. The heads that
    only training has learn on: a model that was exported comes without them.
    """
    for name, parameter in learner.model.named_parameters():
        parameter.requires_grad_(of_adapters(name))
    every = [(each.numel(), each.requires_grad) for each in learner.model.parameters()]
    return sum(count for count, learns in every if learns), sum(count for count, _ in every)


def optimizers(learner: Learner, told: Optimizer) -> list[torch.optim.Optimizer]:
    """Muon and AdamW for what learns, each with the stem in a group of its own, whose rate goes by its own factor."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in learner.named_parameters():
        muon = parameter.ndim >= 2 and not name.endswith(ADAMW)
        if parameter.requires_grad:
            groups.setdefault((muon, name.startswith("model.stem.")), []).append(parameter)

    def of(muon: bool) -> list[dict[str, object]]:
        return [{"params": groups.get((muon, stem), []), "stem": stem} for stem in (False, True)]

    return [
        Muon(of(True), told.muon_lr, told.muon_momentum, told.muon_weight_decay, told.newton_schulz_steps),
        torch.optim.AdamW(of(False), told.adamw_lr, told.adamw_betas, eps=1e-10, weight_decay=told.adamw_weight_decay),
    ]


def set_rates(optimizer: torch.optim.Optimizer, factor: float, stem_factor: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = optimizer.defaults["lr"] * factor * (stem_factor if group["stem"] else 1.0)


class Average:
    """Weights averaged over the steps, which are what is evaluated and shipped."""

    def __init__(self, learner: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: dict[str, Tensor] = {name: each.detach().clone() for name, each in learner.named_parameters()}

    @torch.no_grad()
    def follow(self, learner: nn.Module, step: int) -> None:
        """One step on; early steps weigh more, so that the average does not remember the random beginning."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        names, own = zip(*learner.named_parameters(), strict=True)
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
            [self.weights[name] for name in names], list(own), share
        )

    @contextmanager
    def standing_in(self, learner: nn.Module) -> Iterator[None]:
        """While it is entered, the learner has these weights."""
        own = {name: each.detach().clone() for name, each in learner.named_parameters()}
        self.give(learner, self.weights)
        try:
            yield
        finally:
            self.give(learner, own)

    @torch.no_grad()
    def give(self, learner: nn.Module, weights: Mapping[str, Tensor]) -> None:
        for name, parameter in learner.named_parameters():
            parameter.copy_(weights[name])
