"""Experts learn, and what keeps all of them at work is a loss: without it they are left to a few."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.curves import log_entries
from plait.foundation.training.optimizers import set_learning_rates
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.launch import train
from plait.foundation.unified.model.experts import Experts
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.load_balancing import (
    BALANCE,
    BALANCE_WEIGHT,
    load_balancing_loss,
    record_routes,
)
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.objectives.training_module import (
    ADAMW_WEIGHTS,
    TrainingModule,
)
from plait.foundation.unified.objectives.unified_objective import loss_weights, unified_optimizers
from plait.foundation.unified.recipe import DataConfig, ModelConfig, OptimizerConfig, Phase, Recipe, Schedule
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.training_recipes import recipe_file

WORDS = vocabulary()
RECIPE = Recipe(
    ModelConfig("tiny", experts=4),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("joint", 2, 6, 4, paintings=6),)),
)
ROUTERS = ("model.encoder.layers.1.feed.router.weight", "model.decoder.layers.1.feed.router.weight")


@cache
def first_batches() -> tuple[object, object]:
    feed = BatchStream(RECIPE, WORDS, TASKS, encode=image_tokenizer().encode)
    return feed.batch(0), feed.painting_batch(0)


def learner() -> TrainingModule:
    torch.manual_seed(0)
    return TrainingModule(UnifiedModel(RECIPE.model.shape, WORDS), WORDS, TASKS)


def trained(learning: TrainingModule, steps: int, balanced: float) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The losses after so many steps on one batch, and the load of the experts."""
    together, weights = (
        unified_optimizers(learning, OptimizerConfig()),
        {**dict.fromkeys(LOSSES, 1.0), BALANCE: balanced},
    )
    for _ in range(steps):
        losses, _ = learning(*first_batches())
        for optimizer in together:
            optimizer.zero_grad()
        torch.stack([weights[name] * each for name, each in losses.items()]).sum().backward()
        for optimizer in together:
            set_learning_rates(optimizer, 1.0)
            optimizer.step()
    losses, losses_by_name = learning(*first_batches())
    return losses, losses_by_name.experts


def biased_learner() -> TrainingModule:
    """One whose routers send nearly all rows to the first expert."""
    learning = learner()
    rows: dict[nn.Module, list[Tensor]] = {each.router: [] for each in learning.modules() if isinstance(each, Experts)}
    hooks = [each.register_forward_hook(lambda router, bias, _: rows[router].append(bias[0])) for each in rows]
    learning(*first_batches())
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for router, bias in rows.items():
            router.weight[0] += torch.cat(bias).mean(0) * 0.1
    return learning


@pytest.mark.slow
def test_experts_learn_one_batch_and_every_router_gets_a_gradient() -> None:
    learning = learner()
    first, second = learning(*first_batches())
    assert set(first) == {*LOSSES, BALANCE} and 0 <= second.experts["idlest"] <= 1 <= second.experts["busiest"] <= 4
    first["text"].backward()
    gradients = {name: each.grad for name, each in learning.named_parameters()}
    assert all(gradients[name] is not None for name in ROUTERS)
    last, _ = trained(learning, 20, BALANCE_WEIGHT)
    assert all(last[name] < 0.85 * first[name] for name in ("text", "boxes", "tags", "codes"))


@pytest.mark.slow
def test_without_the_loss_routing_collapses_and_with_it_every_expert_is_used() -> None:
    (_, alone), (_, balanced) = (trained(biased_learner(), 20, weight) for weight in (0.0, 1.0))
    assert alone["busiest"] > 3.0 and balanced["busiest"] < 2.0
    assert alone["idlest"] < 0.1 and balanced["idlest"] > 0.4


def test_loss_and_load_are_in_the_log_of_a_run(tmp_path: Path) -> None:
    phases = (Phase("stem", 1, 4, 0, losses=("tags",)), Phase("joint", 1, 4, 2))
    recipe = replace(RECIPE, schedule=Schedule(phase=phases))
    assert train(recipe_file(tmp_path / "my.toml", recipe), tmp_path / "run", fresh=False, until=None) == 0
    for line in log_entries(tmp_path / "run" / "losses.jsonl"):
        load = [line["experts/idlest"], line["losses/balance"], line["experts/busiest"]]
        assert all(isinstance(each, float) for each in load) and load[0] <= 1 <= load[2]


def test_the_loss_is_1_for_even_routing_and_the_number_of_experts_for_collapse() -> None:
    module = Experts(4, 4, 1)
    with torch.no_grad():
        module.router.weight.copy_(torch.eye(4) * 50)
    for rows, loss, busiest, idlest in ((torch.eye(4), 1.0, 1.0, 1.0), (torch.eye(4)[:1].expand(9, 4), 4.0, 4.0, 0.0)):
        with record_routes(module) as routes:
            module(rows)
        losses, load = load_balancing_loss(routes)
        assert losses[BALANCE].item() == pytest.approx(loss)
        assert (load["busiest"].item(), load["idlest"].item()) == (busiest, idlest)


def test_router_probabilities_are_recorded_only_on_request() -> None:
    module = Experts(4, 4, 2)
    with record_routes(module) as routes:
        module(torch.randn(3, 4))
        module(torch.randn(2, 4))
    module(torch.randn(5, 4))
    assert [len(each) for each in routes[module]] == [3, 2]
    with record_routes(torch.nn.Linear(4, 4)) as none:
        assert load_balancing_loss(none) == ({}, {})


def test_routers_use_adamw_and_experts_muon() -> None:
    learning = learner()
    muon, adamw = unified_optimizers(learning, OptimizerConfig())
    of = {id(each): optimizer for optimizer in (muon, adamw) for g in optimizer.param_groups for each in g["params"]}
    named = {name: of[id(each)] for name, each in learning.named_parameters()}
    assert all(named[name] is adamw for name in ROUTERS)
    assert named["model.encoder.layers.1.feed.experts.3.up.weight"] is muon
    assert {name for name in ADAMW_WEIGHTS if not any(each.endswith(name) for each in named)} == set()


def test_load_balancing_is_on_in_each_phase_unless_the_recipe_disables_it() -> None:
    pictures = Phase("stem", 2, losses=("tags",))
    assert loss_weights(RECIPE, pictures)[BALANCE] == BALANCE_WEIGHT and loss_weights(RECIPE, pictures)["text"] == 0
    assert loss_weights(replace(RECIPE, losses={BALANCE: 0.0}), pictures)[BALANCE] == 0
