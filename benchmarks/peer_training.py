"""Training speed of Hugging Face's `Trainer`; `benchmarks.training_speed` runs this in the peers' Python."""

# pyright: reportMissingImports=false
# The missing packages are in the peers' environment.
import tempfile
import time
from collections.abc import Callable
from typing import Any, cast
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments

from benchmarks.measurement_process import serve
from benchmarks.training_speed import VARIANTS, last_phase_batch, recipe
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.model.layers import SequencePacking
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.unified_objective import loss_weights
from plait.foundation.unified.worlds.task_items import TASKS

STEPS = 2  # per measurement
NO_LABEL = -100


class PlainTransformer(nn.Module):
    """Our architecture in the style of transformers. With `shared`, a picture is encoded once for all its rows."""

    def __init__(self, model: UnifiedModel, shared: bool) -> None:
        super().__init__()
        self.model, self.shared = model, shared

    def forward(
        self,
        pixel_values: Tensor,
        picture_of_row: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        decoder_input_ids: Tensor,
        labels: Tensor,
    ) -> dict[str, Tensor]:
        # With padding computed, packing is only another view of the tensor.
        unpacked = {"pack": lambda _, x: x.flatten(0, 1), "pad": lambda self, x: x.unflatten(0, self.mask.shape)}
        rows = torch.arange(len(input_ids)).where(picture_of_row >= 0, -1)
        pictures, image_index = (
            (pixel_values, picture_of_row) if self.shared else (pixel_values[picture_of_row.clamp(min=0)], rows)
        )
        with patch.multiple(SequencePacking, **unpacked):
            _, memory = self.model.encode_text(
                self.model.encode_image(pictures), image_index, input_ids, attention_mask
            )
            features, _ = self.model.decode(memory, decoder_input_ids, labels != NO_LABEL)
        return {"loss": F.cross_entropy(self.model.logits(features), labels.flatten(), ignore_index=NO_LABEL)}


class OurLosses(nn.Module):
    """Our own training module, with all its losses."""

    def __init__(self, learner: TrainingModule, weights: dict[str, float]) -> None:
        super().__init__()
        self.learner, self.weights = learner, weights

    def forward(self, **batch: Tensor) -> dict[str, Tensor]:
        losses, _ = self.learner(Batch(**batch))
        return {"loss": sum((self.weights[name] * each for name, each in losses.items()), torch.zeros(()))}


class RepeatedBatch(Dataset[dict[str, Tensor]]):
    """A dataset that repeats one batch."""

    def __init__(self, batch: dict[str, Tensor]) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return self.batch


class Clock(TrainerCallback):
    """Callback that measures CPU seconds from the start of the first step to the end of the last."""

    def on_step_begin(self, args: TrainingArguments, state: Any, control: Any, **others: Any) -> None:
        if state.global_step == 0:
            self.started = time.process_time()

    def on_step_end(self, args: TrainingArguments, state: Any, control: Any, **others: Any) -> None:
        self.taken = time.process_time() - self.started


def main() -> None:
    torch.set_num_threads(1)
    run_recipe, vocab = recipe(), vocabulary()
    batch = last_phase_batch(run_recipe)

    def build_model(variant: str) -> nn.Module:
        torch.manual_seed(run_recipe.run.seed)
        learner = TrainingModule(UnifiedModel(run_recipe.model.shape, vocab), vocab, TASKS)
        ours = variant == "learner"
        return (
            OurLosses(learner, loss_weights(run_recipe, run_recipe.schedule.phase[-1]))
            if ours
            else PlainTransformer(learner.model, variant != "plain")
        )

    def build_rows(variant: str) -> dict[str, Tensor]:
        if variant == "learner":
            return dict(vars(batch))
        return {
            "pixel_values": batch.pictures,
            "picture_of_row": batch.image_index,
            "input_ids": batch.input_ids,
            "attention_mask": batch.attention_mask,
            "decoder_input_ids": batch.target_ids,
            "labels": batch.target_ids.masked_fill(~batch.target_mask, NO_LABEL),
        }

    with tempfile.TemporaryDirectory() as folder:
        serve({form: step_timer(build_model(form), build_rows(form), folder) for form in VARIANTS})


def step_timer(model: nn.Module, batch: dict[str, Tensor], folder: str) -> Callable[[], float]:
    arguments = TrainingArguments(
        folder,
        per_device_train_batch_size=1,
        max_steps=STEPS,
        use_cpu=True,
        logging_strategy="no",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )

    def seconds() -> float:
        clock = Clock()
        trainer = Trainer(
            model,
            arguments,
            train_dataset=RepeatedBatch(batch),
            data_collator=lambda rows: cast("Any", rows[0]),
            callbacks=[clock],
        )
        trainer.train()
        return clock.taken / STEPS

    return seconds


if __name__ == "__main__":
    main()
