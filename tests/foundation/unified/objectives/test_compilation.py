"""Layers with fixed shapes may be compiled: the losses and the names of weights are the same."""

from dataclasses import replace

import pytest
import torch

from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.compilation import compile_static_shapes
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.worlds.task_items import TASKS

RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("nine", 2, 4, 3, paintings=4),)),
)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::Warning")  # of the compiler itself
def test_compiled_training_equals_eager_training() -> None:
    words = vocabulary()
    feed = BatchStream(RECIPE, words, TASKS, encode=image_tokenizer().encode)
    torch.manual_seed(0)
    plain = TrainingModule(UnifiedModel(SIZES["tiny"], words), words, TASKS)
    fast = TrainingModule(UnifiedModel(SIZES["tiny"], words), words, TASKS)
    compile_static_shapes(fast.model)
    fast.load_state_dict(plain.state_dict())
    for step in range(2):
        batches = feed.batch(step), feed.painting_batch(step)
        both = [sum(each(*batches)[0].values()) for each in (plain, fast)]
        torch.testing.assert_close(*both, rtol=1e-3, atol=1e-3)
        for each in both:
            each.backward()
    ours, theirs = ({name: each.grad for name, each in of.named_parameters()} for of in (plain, fast))
    assert ours.keys() == theirs.keys()
    for name, gradient in ours.items():
        other = theirs[name]
        assert (gradient is None) == (other is None)
        if gradient is not None and other is not None:
            torch.testing.assert_close(gradient, other, rtol=2e-2, atol=2e-2)


def test_compilation_is_not_part_of_the_run_fingerprint() -> None:
    assert replace(RECIPE, run=RunConfig(compile=True)).digest == replace(RECIPE, run=RunConfig()).digest
