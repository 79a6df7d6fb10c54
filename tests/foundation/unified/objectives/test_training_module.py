from dataclasses import replace

import pytest
import torch

from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.ema import EMA
from plait.foundation.training.muon import orthogonalize
from plait.foundation.training.optimizers import set_learning_rates
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.losses import LOSSES, LocationLoss, attention_loss
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.unified_objective import unified_optimizers
from plait.foundation.unified.recipe import DataConfig, ModelConfig, OptimizerConfig, Phase, Recipe, Schedule
from plait.foundation.unified.worlds.task_items import TASKS

WORDS = vocabulary()
RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("stem", 2, 4, 0), Phase("joint", 2, 6, 5, paintings=12))),
)
FEED = BatchStream(RECIPE, WORDS, TASKS, encode=image_tokenizer().encode)


def learner() -> TrainingModule:
    torch.manual_seed(0)
    return TrainingModule(UnifiedModel(SIZES["tiny"], WORDS), WORDS, TASKS)


def test_every_loss_falls_when_overfitting_one_batch() -> None:
    learning, batch, paintings = learner(), FEED.batch(2), FEED.painting_batch(2)
    steps = unified_optimizers(learning, OptimizerConfig())
    first, paint_losses = learning(batch, paintings)
    assert set(first) == set(LOSSES) and set(paint_losses.tasks) <= set(TASKS) and not paint_losses.experts
    for _ in range(25):
        losses, _ = learning(batch, paintings)
        for optimizer in steps:
            optimizer.zero_grad()
        sum(losses.values()).backward()
        for optimizer in steps:
            set_learning_rates(optimizer, 1.0)
            optimizer.step()
    last, _ = learning(batch, paintings)
    assert all(last[name] < 0.8 * first[name] for name in LOSSES), {
        n: (float(first[n]), float(last[n])) for n in LOSSES
    }


def test_pictures_without_text_train_the_stem_and_not_the_decoder() -> None:
    learning = learner()
    losses, _ = learning(FEED.batch(0), has_examples=False)
    sum(losses.values()).backward()
    assert set(losses) == {"tags", "cells"}
    assert learning.model.stem.rgb.conv.weight.grad is not None
    assert all(each.grad is None for each in learning.model.decoder.parameters())


@pytest.mark.parametrize("size", ["tiny", pytest.param("base", marks=pytest.mark.slow)])
def test_each_model_size_trains_on_scenes_of_its_picture_size(size: str) -> None:
    recipe = replace(RECIPE, model=ModelConfig(size), schedule=Schedule(phase=(Phase("joint", 2, 2, 2, paintings=2),)))
    torch.manual_seed(0)
    learning = TrainingModule(UnifiedModel(SIZES[size], WORDS), WORDS, TASKS)
    feed = BatchStream(recipe, WORDS, TASKS, encode=image_tokenizer().encode)
    batch, paintings = feed.batch(0), feed.painting_batch(0)
    assert paintings and paintings.codes.shape == (2, SIZES[size].code_grid ** 2)
    assert batch.pictures.shape == (2, SIZES[size].side, SIZES[size].side, 3)
    losses, _ = learning(batch, paintings)
    sum(losses.values()).backward()
    assert set(losses) == set(LOSSES) and all(torch.isfinite(each) for each in losses.values())


def test_samples_depend_only_on_the_step_and_are_divided_among_ranks() -> None:
    again = BatchStream(RECIPE, WORDS, TASKS).batch(3)
    whole = FEED.batch(3)
    assert torch.equal(whole.pictures, again.pictures) and torch.equal(whole.target_ids, again.target_ids)
    halves = [BatchStream(RECIPE, WORDS, TASKS, rank, 2).batch(3).pictures for rank in range(2)]
    assert torch.equal(torch.stack(halves, 1).flatten(0, 1), whole.pictures)
    assert not torch.equal(FEED.batch(2).pictures, whole.pictures)


def test_a_text_without_a_picture_has_no_image_index() -> None:
    batch = FEED.batch(2)
    restored = batch.task_index == TASKS.index("restore_text")
    assert restored.any() and (batch.image_index[restored] == -1).all() and (batch.image_index[~restored] >= 0).all()


def test_attention_on_the_target_only_has_zero_loss() -> None:
    targets = torch.tensor([[True, False, True], [False, False, False], [False, True, False]])
    look = torch.tensor([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).log()
    assert attention_loss((look,), targets, torch.tensor([0, 0, 1])) == 0
    even = torch.full((3, 3), 1 / 3).log()
    torch.testing.assert_close(
        attention_loss((even,), targets, torch.tensor([0, 0, 1])),
        (torch.tensor(1.5).log() + torch.tensor(3.0).log()) / 2,
    )


def test_long_answers_do_not_outweigh_short_ones() -> None:
    targets = torch.tensor([[True, False]] * 10)
    look = torch.tensor([[1.0, 0.0]] * 9 + [[0.1, 0.9]]).log()
    alone = attention_loss((look,), targets, torch.tensor([0] * 9 + [1]))
    torch.testing.assert_close(alone, -torch.tensor(0.1).log() / 2)


def test_neighbouring_locations_have_a_lower_loss() -> None:
    locations = LocationLoss(WORDS)
    log_probs = torch.full((3, len(WORDS.bins)), -20.0)
    log_probs[0, 100], log_probs[1, 102], log_probs[2, 300] = 0, 0, 0
    right, near, far = locations.loss(log_probs, torch.tensor([100, 100, 100])).tolist()
    assert right < near < far


def test_updates_are_nearly_orthogonal_and_agree_with_the_muon_of_torch() -> None:
    torch.manual_seed(0)
    matrices = torch.randn(3, 24, 60)
    singular = torch.linalg.svdvals(orthogonalize(matrices, 5))
    assert singular.min() > 0.5 and singular.max() < 1.3
    ours, theirs = torch.nn.Parameter(matrices[0].clone()), torch.nn.Parameter(matrices[0].clone())
    from plait.foundation.training.muon import Muon

    one = Muon([{"params": [ours]}], 0.02, 0.95, 0.0, 5)
    other = torch.optim.Muon([theirs], lr=0.02, momentum=0.95, weight_decay=0.0, ns_steps=5)
    gradient = torch.randn(24, 60)
    ours.grad, theirs.grad = gradient.clone(), gradient.clone()
    one.step()
    other.step()
    steps = (ours - matrices[0]).flatten(), (theirs - matrices[0]).flatten()
    assert torch.nn.functional.cosine_similarity(*steps, dim=0) > 0.999


def test_ema_weights_are_swapped_in_and_restored() -> None:
    learning = learner()
    average = EMA(learning, 0.5)
    before = learning.model.start.detach().clone()
    with torch.no_grad():
        learning.model.start.add_(2.0)
    average.update(learning, 1_000)
    with average.average_parameters(learning):
        torch.testing.assert_close(learning.model.start.detach(), before + 1.0)
    torch.testing.assert_close(learning.model.start.detach(), before + 2.0)
