"""A trained model is taught more by its adapters alone: all else stays as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.core.errors import SettingsError
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.launch import train
from plait.foundation.unified.model.adapters import is_adapter_weight
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.training_module import TrainingModule, freeze_all_but_adapters
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.weights.export import export
from plait.foundation.unified.weights.model_lookup import load_initial_model, load_model
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.tiny_weights import save_tiny_weights, tiny_model
from tests.support.training_recipes import recipe_file

ADAPTERS = Recipe(
    ModelConfig("tiny", adapters=8),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("joint", 3, 4, 2, paintings=4),)),
    run=RunConfig(train="adapters"),
)


@pytest.fixture(scope="module")
def base_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a model without adapters."""
    file = tmp_path_factory.mktemp("plain") / "tiny.safetensors"
    save_tiny_weights(file, {"locate": "0123456789ab"})
    return file


def train_adapters(base_run: Path, folder: Path, until: int | None = None) -> int:
    recipe = replace(ADAPTERS, model=replace(ADAPTERS.model, weights=str(base_run)))
    return train(recipe_file(folder / "more.toml", recipe), folder / "run", fresh=False, until=until)


def test_adapter_training_changes_only_adapters_resumes_and_exports(
    base_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_adapters(base_run, tmp_path, until=2) == train_adapters(base_run, tmp_path) == 0
    assert f"{4 * 2 * 2 * 8 * 64:,} of" in capsys.readouterr().err
    before, run = load_model(str(base_run)).state_dict(), load_model(str(tmp_path / "run"))
    for name, each in run.state_dict().items():
        assert each.any() if is_adapter_weight(name) else torch.equal(each, before[name])
    file, card = export(tmp_path / "run", "taught", tmp_path)
    again = load_model(str(file))
    assert again.size == run.size and card.parameters == sum(each.numel() for each in run.parameters())
    for name, each in run.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], each, atol=0.02, rtol=0.02)


def test_the_number_of_trainable_weights_is_counted() -> None:
    learning = TrainingModule(UnifiedModel(ADAPTERS.model.shape, vocabulary()), vocabulary(), TASKS)
    learns, of = freeze_all_but_adapters(learning)
    assert learns == 4 * 2 * 2 * 8 * 64 and of == sum(each.numel() for each in learning.model.parameters())
    assert all(each.requires_grad for each in learning.heads.parameters())


def test_a_model_without_adapters_cannot_start_from_one_with_adapters(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_tiny_weights(tmp_path / "grown.safetensors", {}, UnifiedModel(ADAPTERS.model.shape, vocabulary()))
    with pytest.raises(SettingsError, match=r"grown.safetensors has adapters 8, and the recipe's model 0") as caught:
        load_initial_model(ModelConfig("tiny", weights=str(tmp_path / "grown.safetensors")))
    assert caught.value.hint == "write adapters = 8 under [model]"


def test_experts_survive_int8_export_and_are_listed_in_the_header(tmp_path: Path) -> None:
    torch.manual_seed(7)
    model = UnifiedModel(replace(tiny_model().size, experts=4, experts_used=2, adapters=4), vocabulary())
    save_tiny_weights(tmp_path / "grown.safetensors", {}, model)
    again = load_model(str(tmp_path / "grown.safetensors"))
    assert again.size == model.size
    for name, each in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], each, atol=0.02, rtol=0.02)
