"""A trained model by what a person calls it: the name it ships under, a file of weights, the folder of a run."""

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
    """The model, ready to answer. Raises NoModel, with `also` among the names that there are; CheckpointError."""
    path = Path(name)
    if path.is_dir():
        return load_run(path)
    known = {file.stem: file for file in shipped_weights_files()}
    file = path if path.suffix == ".safetensors" else known.get(name)
    if file is None:
        raise ModelNotFound(
            f"no trained model is called {name!r}",
            hint=did_you_mean(
                name, known, f"there are {', '.join((*known, *other_names))}, files of weights and folders of runs"
            ),
        )
    return weight_files.load(file)


def load_run(folder: Path) -> UnifiedModel:
    """The averaged weights of a run's newest checkpoint. Raises NoModel where there is none; CheckpointError."""
    checkpoint = newest_checkpoint(folder)
    if checkpoint is None:
        raise ModelNotFound(f"there is no checkpoint in {folder}", hint="plait train recipes/nano.toml --out FOLDER")
    model = UnifiedModel(SIZE_ADAPTER.validate_python(checkpoint.state.made.model), vocabulary())
    model.load_state_dict(model_weights(checkpoint.ema))
    return model.requires_grad_(False).eval()


def newest_checkpoint(run: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a run. Raises CheckpointError for one that was made with other words."""
    newest, _ = Checkpoints(run).newest() if run.is_dir() else (None, ())
    if newest is None:
        return None
    checkpoint, here = load(newest), vocabulary().digest
    if checkpoint.state.made.vocabulary != here:
        raise CheckpointError(
            f"{newest} was made with another vocabulary: {checkpoint.state.made.vocabulary}, this Plait has {here}",
            hint=f"use it with the Plait that made it, commit {checkpoint.state.commit}, or train anew",
        )
    return checkpoint


def load_initial_model(model_settings: ModelConfig) -> UnifiedModel:
    """The model that a recipe's model begins from, with adapters of its shape or none. Raises NoModel, and
    SettingsError for one of another shape.
    """
    known = load_model(model_settings.weights)
    there, here = ({**vars(size), "name": ""} for size in (known.size, model_settings.shape))
    there["adapters"] = there["adapters"] or here["adapters"]
    differing = [name for name in there if there[name] != here[name]]
    if differing:
        name, size = differing[0], known.size.name
        of_the_dial = SIZES.get(size) == known.size and model_settings.size != size
        lines = [f'size = "{size}"'] if of_the_dial else [f"{each} = {toml_value(there[each])}" for each in differing]
        raise SettingsError(
            f"{model_settings.weights} has {name} {toml_value(there[name])}, and the recipe's model {toml_value(here[name])}",
            hint=f"write {', '.join(lines)} under [model]",
        )
    return known


def toml_value(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def model_weights(training_weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The model's own weights among those of what learns, without the heads that only training has."""
    return {name.removeprefix("model."): each for name, each in training_weights.items() if name.startswith("model.")}
