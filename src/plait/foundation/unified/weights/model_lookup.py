"""A trained model by what a person calls it: the name it ships under, a file of weights, the folder of a run."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from plait.core.errors import CheckpointError, NoModel, SettingsError
from plait.core.suggestions import did_you_mean
from plait.foundation.cards.header import SIZE
from plait.foundation.cards.shipped import shipped
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import Checkpoint, load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.recipe import Model
from plait.foundation.unified.weights import weight_files


def trained(name: str, also: tuple[str, ...] = ()) -> Unified:
    """The model, ready to answer. Raises NoModel, with `also` among the names that there are; CheckpointError."""
    path = Path(name)
    if path.is_dir():
        return of_run(path)
    known = {file.stem: file for file in shipped()}
    file = path if path.suffix == ".safetensors" else known.get(name)
    if file is None:
        raise NoModel(
            f"no trained model is called {name!r}",
            way_out=did_you_mean(
                name, known, f"there are {', '.join((*known, *also))}, files of weights and folders of runs"
            ),
        )
    return weight_files.load(file)


def of_run(folder: Path) -> Unified:
    """The averaged weights of a run's newest checkpoint. Raises NoModel where there is none; CheckpointError."""
    checkpoint = newest_of(folder)
    if checkpoint is None:
        raise NoModel(f"there is no checkpoint in {folder}", way_out="plait train recipes/nano.toml --out FOLDER")
    model = Unified(SIZE.validate_python(checkpoint.state.made.model), vocabulary())
    model.load_state_dict(of_model(checkpoint.ema))
    return model.requires_grad_(False).eval()


def newest_of(run: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a run. Raises CheckpointError for one that was made with other words."""
    newest, _ = Checkpoints(run).newest() if run.is_dir() else (None, ())
    if newest is None:
        return None
    checkpoint, here = load(newest), vocabulary().digest
    if checkpoint.state.made.vocabulary != here:
        raise CheckpointError(
            f"{newest} was made with another vocabulary: {checkpoint.state.made.vocabulary}, this Plait has {here}",
            way_out=f"use it with the Plait that made it, commit {checkpoint.state.commit}, or train anew",
        )
    return checkpoint


def alike(told: Model) -> Unified:
    """The model that a recipe's model begins from, with adapters of its shape or none. Raises NoModel, and
    SettingsError for one of another shape.
    """
    known = trained(told.weights)
    there, here = ({**vars(size), "name": ""} for size in (known.size, told.shape))
    there["adapters"] = there["adapters"] or here["adapters"]
    differing = [name for name in there if there[name] != here[name]]
    if differing:
        name, size = differing[0], known.size.name
        of_the_dial = SIZES.get(size) == known.size and told.size != size
        lines = [f'size = "{size}"'] if of_the_dial else [f"{each} = {spelled(there[each])}" for each in differing]
        raise SettingsError(
            f"{told.weights} has {name} {spelled(there[name])}, and the recipe's model {spelled(here[name])}",
            way_out=f"write {', '.join(lines)} under [model]",
        )
    return known


def spelled(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def of_model(learner: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The model's own weights among those of what learns, without the heads that only training has."""
    return {name.removeprefix("model."): each for name, each in learner.items() if name.startswith("model.")}
