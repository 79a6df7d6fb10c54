"""A trained model by what a person calls it: the name it ships under, a file of weights, the folder of a run."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from plait.core.errors import NoModel
from plait.core.nearest import did_you_mean
from plait.foundation.model.unified import Unified
from plait.foundation.training.checkpoint import load
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.vocabulary import vocabulary
from plait.foundation.weights import files, shipped
from plait.foundation.weights.header import SIZE


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
    return files.load(file)


def of_run(folder: Path) -> Unified:
    """The averaged weights of a run's newest checkpoint. Raises NoModel where there is none."""
    newest, _ = Checkpoints(folder).newest()
    if newest is None:
        raise NoModel(f"there is no checkpoint in {folder}", way_out="plait train recipes/nano.toml --out FOLDER")
    checkpoint = load(newest)
    model = Unified(SIZE.validate_python(checkpoint.state.made.model), vocabulary())
    model.load_state_dict(of_model(checkpoint.ema))
    return model.requires_grad_(False).eval()


def of_model(learner: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The model's own weights among those of what learns, without the heads that only training has."""
    return {name.removeprefix("model."): each for name, each in learner.items() if name.startswith("model.")}
