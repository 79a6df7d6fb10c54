"""Training goes on from what another model knew."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError, ModelNotFound, SettingsError
from plait.foundation.training.checkpoint import load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.trainer import Trainer
from plait.foundation.unified.launch import launch, train, unified_trainer
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, Schedule
from plait.foundation.unified.weights.export import export
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.training_recipes import recipe_file

RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("joint", 2, 4, 1),)),
)
PHASE = '[[schedule.phase]]\nname = "all"\nsteps = 3\n'


def test_a_run_resumes_without_the_model_it_started_from(tmp_path: Path, earlier_run: Path) -> None:
    gone = tmp_path / "gone"
    shutil.copytree(earlier_run, gone)
    recipe = replace(RECIPE, model=ModelConfig("tiny", weights=str(gone)))
    file = recipe_file(tmp_path / "tiny.toml", recipe)
    assert train(file, tmp_path / "run", fresh=False, until=1) == 0
    shutil.rmtree(gone)
    assert train(file, tmp_path / "run", fresh=False, until=None) == 0


def test_a_run_with_another_vocabulary_is_refused(tmp_path: Path, earlier_run: Path) -> None:
    checkpoint = load(newest_step(earlier_run))
    fingerprint = replace(checkpoint.state.made, vocabulary="deadbeef0123")
    Checkpoints(tmp_path).save(replace(checkpoint, state=replace(checkpoint.state, made=fingerprint)))
    for use in (lambda: load_model(str(tmp_path)), lambda: export(tmp_path, "x", tmp_path)):
        with pytest.raises(CheckpointError, match="another vocabulary: deadbeef0123"):
            use()


def newest_step(folder: Path) -> Path:
    newest, _ = Checkpoints(folder).newest()
    assert newest is not None
    return newest


def started_trainer(folder: Path, weights: str, size: str = "tiny") -> Trainer:
    run = unified_trainer(replace(RECIPE, model=ModelConfig(size, weights=weights)), folder, folder)
    run.start(fresh=False)
    return run


@pytest.fixture(scope="module")
def earlier_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("earlier")
    assert train(recipe_file(folder / "tiny.toml", RECIPE), folder, fresh=False, until=None) == 0
    return folder


def test_weights_and_ema_start_from_the_other_model(tmp_path: Path, earlier_run: Path) -> None:
    run = started_trainer(tmp_path, str(earlier_run))
    for name, known in load_model(str(earlier_run)).state_dict().items():
        assert torch.equal(run.module.model.state_dict()[name], known)
        assert torch.equal(run.ema.weights[f"model.{name}"], known)
    run.train_step()
    run.finish("")
    assert all(each.requires_grad for each in run.module.parameters())


def test_a_started_run_resumes_from_its_own_checkpoint(tmp_path: Path, earlier_run: Path) -> None:
    recipe = tmp_path / "on.toml"
    recipe.write_text('[model]\nsize = "tiny"\n[data.mixture]\nlocate = 1.0\n' + PHASE)
    for until in (2, 3):
        assert launch(recipe, tmp_path / "run", fresh=False, until=until, weights=str(earlier_run)) == 0
    with pytest.raises(Exception, match=r"model\.weights"):
        launch(recipe, tmp_path / "run", fresh=False, until=None)


def test_a_model_of_another_shape_is_refused_with_its_size(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="plait-nano has width 192, and the recipe's model 64") as caught:
        started_trainer(tmp_path, "plait-nano")
    assert caught.value.hint == 'write size = "nano" under [model]'


def test_an_unknown_model_is_reported_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no trained model is called 'plait-nana'") as caught:
        started_trainer(tmp_path, "plait-nana")
    assert "plait-nano" in caught.value.hint
