"""Module to train: the unified model, and the heads that only training uses."""

from collections.abc import Sequence

from torch import nn

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.objective import LossBreakdown
from plait.foundation.unified.model.adapters import is_adapter_weight
from plait.foundation.unified.model.unified_model import UnifiedModel, UnifiedOutput
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

# Muon is for matrices that map features to features. AdamW has pixels, embedding tables, routers and single numbers.
ADAMW_WEIGHTS = ("table.weight", "stem.rgb.conv.weight", "heads.presence.weight", ".router.weight")


class TrainingModule(nn.Module):
    """Everything with weights.

    `forward` returns the losses, so that torch's DistributedDataParallel can wrap the module.
    """

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
        """Losses by name. Without `has_examples` only those of the images."""
        with record_routes(self.model) as routes:
            losses, by_task = self.example_losses(batch, has_examples=has_examples)
            losses = {**losses, **(self.painting_losses(paintings) if paintings else {})}
        balance_losses, load = load_balancing_loss(routes)
        return {**losses, **balance_losses}, LossBreakdown(by_task, load)

    def painting_losses(self, paintings: PaintingBatch) -> Losses:
        model = self.model
        memory = model(paintings.pictures, paintings.image_index, paintings.input_ids, paintings.attention_mask).memory
        return painting_losses(model, self.tag_loss, memory, paintings)

    def example_losses(self, batch: Batch, *, has_examples: bool) -> tuple[Losses, Losses]:
        """Losses by name, and the loss of the written ids by task."""
        pictures: UnifiedOutput = self.model(batch.pictures)
        table, location_loss = self.model.table.weight, self.token_loss.location_loss
        stem, cells = pictures.image_tokens, pictures.images.hidden_states
        assert stem is not None
        losses = picture_losses(table, self.heads, self.tag_loss, location_loss, stem, cells, batch)
        if not has_examples:
            return losses, {}
        examples = (batch.image_index, batch.input_ids, batch.attention_mask, batch.target_ids, batch.target_mask)
        output: UnifiedOutput = self.model(pictures.images, *examples)
        assert output.text is not None and output.hidden_states is not None
        token_losses, id_losses = self.token_loss(self.model, output.hidden_states, batch)
        rows = row_index(batch.target_mask)
        tasks = batch.task_index[rows]
        about_loss = attention_loss(output.attention_maps, batch.about_mask[batch.target_mask], rows)
        by_task = {
            name: id_losses[tasks == number].mean() for number, name in enumerate(self.tasks) if (tasks == number).any()
        }
        pointer_losses = instruction_losses(
            table, self.heads, location_loss, output.text.hidden_states, output.text.attention_maps, batch
        )
        return {**losses, **pointer_losses, "about": about_loss, **token_losses}, by_task


def freeze_all_but_adapters(module: TrainingModule) -> tuple[int, int]:
    """Freezes all weights except adapters; returns the number of trainable weights and of all weights.

    The heads that only training uses stay trainable: an exported model comes without them.
    """
    for name, parameter in module.model.named_parameters():
        parameter.requires_grad_(is_adapter_weight(name))
    counts = [(each.numel(), each.requires_grad) for each in module.model.parameters()]
    return sum(count for count, is_trainable in counts if is_trainable), sum(count for count, _ in counts)
