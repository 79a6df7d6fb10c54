"""What learns: the model, the heads that only training has, their optimisers and the average of their weights."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.muon import Muon
from plait.foundation.unified.model.adapters import is_adapter_weight
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.load_balancing import load_balancing_loss, record_routes
from plait.foundation.unified.objectives.losses import (
    AuxiliaryHeads,
    Losses,
    TagLoss,
    TokenLoss,
    attention_loss,
    instruction_losses,
    painting_losses,
    picture_losses,
    row_index,
)
from plait.foundation.unified.objectives.painting_batches import PaintingBatch
from plait.foundation.unified.recipe import OptimizerConfig

# Muon is for matrices that map features to features. Pixels, tables, choices and single numbers are AdamW's.
ADAMW_WEIGHTS = ("table.weight", "stem.rgb.conv.weight", "heads.presence.weight", ".router.weight")


class LossBreakdown(NamedTuple):
    """For show: the loss of what was written by task, and the load of the `experts` as `load_balancing` tells it."""

    tasks: Losses
    experts: Losses


class TrainingModule(nn.Module):
    """All that has weights. `forward` gives the losses, so that torch's DistributedDataParallel can stand around it."""

    def __init__(
        self, model: UnifiedModel, vocabulary: Vocabulary, tasks: Sequence[str] = (), wide: bool = False
    ) -> None:
        super().__init__()
        self.model, self.tasks = model, tasks
        self.heads = AuxiliaryHeads(model.size.width)
        self.tag_loss, self.token_loss = TagLoss(vocabulary, wide), TokenLoss(vocabulary)

    def forward(
        self, batch: Batch, paintings: PaintingBatch | None = None, *, has_examples: bool = True
    ) -> tuple[Losses, LossBreakdown]:
        """The losses by name. Without `has_examples` only those of the pictures."""
        with record_routes(self.model) as routes:
            losses, by_task = self.example_losses(batch, has_examples=has_examples)
            losses = {**losses, **(self.painting_losses(paintings) if paintings else {})}
        balance_losses, load = load_balancing_loss(routes)
        return {**losses, **balance_losses}, LossBreakdown(by_task, load)

    def painting_losses(self, paintings: PaintingBatch) -> Losses:
        model = self.model
        _, memory = model.encode_text(
            model.encode_image(paintings.pictures), paintings.image_index, paintings.input_ids, paintings.attention_mask
        )
        return painting_losses(model, self.tag_loss, memory, paintings)

    def example_losses(self, batch: Batch, *, has_examples: bool) -> tuple[Losses, Losses]:
        model = self.model
        stem = model.stem(batch.pictures)
        images = model.encode_image_tokens(stem)
        table, location_loss = model.table.weight, self.token_loss.location_loss
        losses = picture_losses(table, self.heads, self.tag_loss, location_loss, stem, images.hidden_states, batch)
        if not has_examples:
            return losses, {}
        instructions, memory = model.encode_text(
            images, batch.image_index, batch.input_ids, batch.attention_mask, attention_maps=True
        )
        features, attention_maps = model.decode(memory, batch.target_ids, batch.target_mask, attention_maps=True)
        token_losses, id_losses = self.token_loss(model, features, batch)
        rows = row_index(batch.target_mask)
        tasks = batch.task_index[rows]
        attention_losses = {"about": attention_loss(attention_maps, batch.about_mask[batch.target_mask], rows)}
        by_task = {
            name: id_losses[tasks == number].mean() for number, name in enumerate(self.tasks) if (tasks == number).any()
        }
        pointer_losses = instruction_losses(
            table, self.heads, location_loss, instructions.hidden_states, instructions.attention_maps, batch
        )
        return {**losses, **pointer_losses, **attention_losses, **token_losses}, by_task


def freeze_all_but_adapters(module: TrainingModule) -> tuple[int, int]:
    """Holds all else of the model as it is; how many of its weights still learn, and how many there are. The heads that
    only training has learn on: a model that was exported comes without them.
    """
    for name, parameter in module.model.named_parameters():
        parameter.requires_grad_(is_adapter_weight(name))
    counts = [(each.numel(), each.requires_grad) for each in module.model.parameters()]
    return sum(count for count, is_trainable in counts if is_trainable), sum(count for count, _ in counts)


def optimizers(module: TrainingModule, config: OptimizerConfig) -> list[torch.optim.Optimizer]:
    """Muon and AdamW for what learns, each with the stem in a group of its own, whose rate goes by its own factor."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        muon = parameter.ndim >= 2 and not name.endswith(ADAMW_WEIGHTS)
        if parameter.requires_grad:
            groups.setdefault((muon, name.startswith("model.stem.")), []).append(parameter)

    def param_groups(muon: bool) -> list[dict[str, object]]:
        return [{"params": groups.get((muon, stem), []), "stem": stem} for stem in (False, True)]

    return [
        Muon(
            param_groups(True),
            config.muon_lr,
            config.muon_momentum,
            config.muon_weight_decay,
            config.newton_schulz_steps,
        ),
        torch.optim.AdamW(
            param_groups(False), config.adamw_lr, config.adamw_betas, eps=1e-10, weight_decay=config.adamw_weight_decay
        ),
    ]


def set_learning_rates(optimizer: torch.optim.Optimizer, factor: float, stem_factor: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = optimizer.defaults["lr"] * factor * (stem_factor if group["stem"] else 1.0)


class EMA:
    """Weights averaged over the steps, which are what is evaluated and shipped."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: dict[str, Tensor] = {name: each.detach().clone() for name, each in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """One step on; early steps weigh more, so that the average does not remember the random beginning."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        names, parameters = zip(*module.named_parameters(), strict=True)
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
            [self.weights[name] for name in names], list(parameters), share
        )

    @contextmanager
    def average_parameters(self, module: nn.Module) -> Iterator[None]:
        """While it is entered, the learner has these weights."""
        original = {name: each.detach().clone() for name, each in module.named_parameters()}
        self.copy_to(module, self.weights)
        try:
            yield
        finally:
            self.copy_to(module, original)

    @torch.no_grad()
    def copy_to(self, module: nn.Module, weights: Mapping[str, Tensor]) -> None:
        for name, parameter in module.named_parameters():
            parameter.copy_(weights[name])
