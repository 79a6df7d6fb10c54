"""The recipe of `make gpu`: its weights are small enough to ship, and a later run continues from them."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.foundation.cards.card import ModelCard
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.launch import unified_trainer
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.recipe_file import read_recipe
from plait.foundation.unified.weights.weight_files import expected_shapes, load, save
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.tiny_weights import tiny_card, tiny_model
from tools.gpu.exporting import add_earlier_run, export_run
from tools.gpu.importing import MAX_TOTAL_BYTES
from tools.gpu.plan import MAX_FILE_BYTES, NAME, RECIPE, Budget, Plan
from tools.gpu.training import CONTINUED_LR_FACTOR, recipe_file


@pytest.fixture(scope="module")
def earlier_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny weights with the name of the shipped model."""
    file = tmp_path_factory.mktemp("shipped") / f"{NAME}.safetensors"
    model = tiny_model(3)
    save(file, model.state_dict(), model.size, vocabulary(), tiny_card({"locate": "0123456789ab"}), MAX_FILE_BYTES)
    return file


def test_the_weights_of_the_base_recipe_fit_in_seventeen_megabytes() -> None:
    file = read_recipe(RECIPE)
    file.check_names(TASKS, LOSSES)
    sizes = expected_shapes(file.recipe.model.shape, vocabulary())
    int8 = sum(math.prod(shape) + 4 * shape[0] if len(shape) > 1 else 4 * math.prod(shape) for shape in sizes.values())
    assert 14_000_000 < int8 < MAX_TOTAL_BYTES - 300_000  # the header before the tensors


def test_the_first_run_has_all_phases_and_a_time_limit(tmp_path: Path) -> None:
    recipe = recipe_file(400, None, rehearsal=False).recipe
    assert recipe.run.seconds == 400 and recipe.model.weights == ""
    assert [phase.items for phase in recipe.schedule.phase] == [0, 4]
    assert recipe.schedule.phase[0].time_share is not None


def test_a_later_run_uses_other_scenes_lower_rates_and_all_tasks(earlier_weights: Path) -> None:
    first, later = (recipe_file(400, weights, rehearsal=False).recipe for weights in (None, earlier_weights))
    assert later.model == replace(first.model, weights=str(earlier_weights))
    assert [phase.name for phase in later.schedule.phase] == ["nine"]
    assert later.schedule.phase[0].lr_factor == CONTINUED_LR_FACTOR
    assert later.run.seed != first.run.seed


def test_a_later_run_starts_from_the_int8_weights_and_its_card_counts_both(
    tmp_path: Path, earlier_weights: Path
) -> None:
    recipe = recipe_file(60, earlier_weights, rehearsal=True).recipe
    run = unified_trainer(replace(recipe, run=replace(recipe.run, loader_workers=0)), tmp_path / "base", tmp_path)
    run.start(fresh=True)
    initial = load(earlier_weights).state_dict()
    assert all(torch.equal(run.module.model.state_dict()[name], initial[name]) for name in initial)
    run.train_step()
    run.finish("")
    export_run(tmp_path / "base", tmp_path, earlier_weights)
    new_card = exported_card(tmp_path)
    assert new_card.run.steps == tiny_card({}).run.steps + 1 and new_card.data.begun_from == NAME
    assert new_card.run.watt_hours > tiny_card({}).run.watt_hours


def exported_card(folder: Path) -> ModelCard:
    from plait.foundation.cards.card import parse_card

    file = folder / f"{NAME}.json"
    return parse_card(file.read_bytes(), file)


def test_the_costs_of_runs_add_up() -> None:
    one = tiny_card({})
    both = add_earlier_run(one, one).run
    assert (both.steps, both.cpu_hours) == (2 * one.run.steps, 2 * one.run.cpu_hours)
    assert both.seed == one.run.seed


def test_the_time_budget_of_nine_minutes_covers_all_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget.of(540)
    assert budget.training_end + budget.scoring + budget.margin == 540
    assert budget.training_end - budget.benchmarks >= 380
    monkeypatch.setenv("OUT", str(tmp_path))
    assert Plan.of(rehearsal=False).out == tmp_path
    monkeypatch.delenv("OUT")
    assert Plan.of(rehearsal=True).runs != Plan.of(rehearsal=False).runs
