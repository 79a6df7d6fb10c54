"""Finds a trained model by name: a shipped name, a weight file, or a run folder."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from plait.core.errors import CheckpointError, ModelNotFound, SettingsError
from plait.core.suggestions import did_you_mean
from plait.foundation.cards.header import SIZE_ADAPTER
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import Checkpoint, load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.recipe import ModelConfig
from plait.foundation.unified.weights import weight_files


def load_model(name: str, other_names: tuple[str, ...] = ()) -> UnifiedModel:
    """Loads the model for inference. Raises ModelNotFound, whose list of available names includes `other_names`, and
    CheckpointError.
    """
    path = Path(name)
    if path.is_dir():
        return load_run(path)
    shipped = {file.stem: file for file in shipped_weights_files()}
    file = path if path.suffix == ".safetensors" else shipped.get(name)
    if file is None:
        raise ModelNotFound(
            f"no trained model is called {name!r}",
            hint=did_you_mean(
                name, shipped, f"there are {', '.join((*shipped, *other_names))}, files of weights and folders of runs"
            ),
        )
    return weight_files.load(file)


def load_run(folder: Path) -> UnifiedModel:
    """Loads the averaged weights of a run's newest checkpoint. Raises ModelNotFound if there is none, and
    CheckpointError.
    """
    checkpoint = newest_checkpoint(folder)
    if checkpoint is None:
        raise ModelNotFound(f"there is no checkpoint in {folder}", hint="plait train recipes/nano.toml --out FOLDER")
    model = UnifiedModel(SIZE_ADAPTER.validate_python(checkpoint.state.made.model), vocabulary())
    model.load_state_dict(model_weights(checkpoint.ema))
    return model.requires_grad_(False).eval()


def newest_checkpoint(run: Path) -> Checkpoint | None:
    """The newest complete checkpoint of a run. Raises CheckpointError for one with another vocabulary."""
    newest, _ = Checkpoints(run).newest() if run.is_dir() else (None, ())
    if newest is None:
        return None
    checkpoint, digest = load(newest), vocabulary().digest
    if checkpoint.state.made.vocabulary != digest:
        raise CheckpointError(
            f"{newest} was made with another vocabulary: {checkpoint.state.made.vocabulary}, this Plait has {digest}",
            hint=f"use it with the version of Plait that wrote it, commit {checkpoint.state.commit}, or train again",
        )
    return checkpoint


def load_initial_model(model_settings: ModelConfig) -> UnifiedModel:
    """The pretrained model that a recipe starts from, with adapters of the recipe's rank or none. Raises ModelNotFound,
    and SettingsError for another model size.
    """
    pretrained = load_model(model_settings.weights)
    pretrained_size, recipe_size = ({**vars(size), "name": ""} for size in (pretrained.size, model_settings.shape))
    pretrained_size["adapters"] = pretrained_size["adapters"] or recipe_size["adapters"]
    differing = [name for name in pretrained_size if pretrained_size[name] != recipe_size[name]]
    if differing:
        name, size = differing[0], pretrained.size.name
        is_named_size = SIZES.get(size) == pretrained.size and model_settings.size != size
        lines = (
            [f'size = "{size}"']
            if is_named_size
            else [f"{each} = {toml_value(pretrained_size[each])}" for each in differing]
        )
        raise SettingsError(
            f"{model_settings.weights} has {name} {toml_value(pretrained_size[name])}, "
            f"and the recipe's model {toml_value(recipe_size[name])}",
            hint=f"write {', '.join(lines)} under [model]",
        )
    return pretrained


def toml_value(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def model_weights(training_weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The model's own weights, without the heads that only training uses."""
    return {name.removeprefix("model."): each for name, each in training_weights.items() if name.startswith("model.")}
