"""What `make gpu` trains: weights that are small enough to ship, and that a later run continues from."""

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
from tests.support.tiny_weights import card, tiny
from tools.gpu.exporting import exported, summed
from tools.gpu.importing import SIZE
from tools.gpu.plan import LARGEST, NAME, RECIPE, Budget, Plan
from tools.gpu.training import AGAIN, recipe_file


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny weights under the name of the model that ships."""
    file = tmp_path_factory.mktemp("shipped") / f"{NAME}.safetensors"
    model = tiny(3)
    save(file, model.state_dict(), model.size, vocabulary(), card({"locate": "0123456789ab"}), LARGEST)
    return file


def test_the_recipe_of_base_ships_in_seventeen_megabytes() -> None:
    file = read_recipe(RECIPE)
    file.check_names(TASKS, LOSSES)
    sizes = expected_shapes(file.recipe.model.shape, vocabulary())
    int8 = sum(math.prod(shape) + 4 * shape[0] if len(shape) > 1 else 4 * math.prod(shape) for shape in sizes.values())
    assert 14_000_000 < int8 < SIZE - 300_000  # what stands before the tensors


def test_the_first_run_has_all_phases_and_ends_with_the_time(tmp_path: Path) -> None:
    recipe = recipe_file(400, None, rehearsal=False).recipe
    assert recipe.run.seconds == 400 and recipe.model.weights == ""
    assert [phase.items for phase in recipe.schedule.phase] == [0, 4]
    assert recipe.schedule.phase[0].time_share is not None


def test_a_later_run_reads_other_scenes_at_lower_rates_and_all_tasks_at_once(before: Path) -> None:
    first, later = (recipe_file(400, weights, rehearsal=False).recipe for weights in (None, before))
    assert later.model == replace(first.model, weights=str(before))
    assert [phase.name for phase in later.schedule.phase] == ["nine"]
    assert later.schedule.phase[0].lr_factor == AGAIN
    assert later.run.seed != first.run.seed


def test_a_later_run_begins_from_the_int8_weights_and_its_card_counts_both(tmp_path: Path, before: Path) -> None:
    recipe = recipe_file(60, before, rehearsal=True).recipe
    run = unified_trainer(replace(recipe, run=replace(recipe.run, loader_workers=0)), tmp_path / "base", tmp_path)
    run.start(fresh=True)
    known = load(before).state_dict()
    assert all(torch.equal(run.module.model.state_dict()[name], known[name]) for name in known)
    run.train_step()
    run.finish("")
    exported(tmp_path / "base", tmp_path, before)
    told = exported_card(tmp_path)
    assert told.run.steps == card({}).run.steps + 1 and told.data.begun_from == NAME
    assert told.run.watt_hours > card({}).run.watt_hours


def exported_card(folder: Path) -> ModelCard:
    from plait.foundation.cards.card import parse_card

    file = folder / f"{NAME}.json"
    return parse_card(file.read_bytes(), file)


def test_costs_add_up() -> None:
    one = card({})
    both = summed(one, one).run
    assert (both.steps, both.cpu_hours) == (2 * one.run.steps, 2 * one.run.cpu_hours)
    assert both.seed == one.run.seed


def test_nine_minutes_are_enough_for_all_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget.of(540)
    assert budget.trained + budget.scoring + budget.margin == 540
    assert budget.trained - budget.benchmarks >= 380
    monkeypatch.setenv("OUT", str(tmp_path))
    assert Plan.of(rehearsal=False).out == tmp_path
    monkeypatch.delenv("OUT")
    assert Plan.of(rehearsal=True).runs != Plan.of(rehearsal=False).runs
