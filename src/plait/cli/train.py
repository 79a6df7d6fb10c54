"""`plait train RECIPE`: weights of your own."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from plait.core.errors import MissingExtra, SettingsError


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The folder of the run.  [the recipe's run.out]")
@click.option(
    "--resume/--fresh", default=True, help="Go on from the newest checkpoint, or forget them.  [default: resume]"
)
@click.option("--steps", type=click.IntRange(1), help="Stop after so many steps; the schedule stays the recipe's.")
@click.option("--from", "weights", default="", help="Begin from a model: its name, its file or the folder of its run.")
def train(recipe: Path, out: Path | None, resume: bool, steps: int | None, weights: str) -> None:
    """Train a model by a recipe: `plait train recipes/nano.toml`.

    A run that was stopped, by Ctrl-C or by force, goes on where it stopped when the same command is given again.
    """
    sys.exit(trainer()(recipe, out, fresh=not resume, until=steps, weights=weights))


def trainer() -> Any:
    """What trains, found by entry point: it brings torch, which nothing else here needs."""
    for point in entry_points(group="plait.trainers", name="unified"):
        try:
            return point.load()
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.startswith("plait"):
                raise
            raise MissingExtra(
                f"training needs the package {missing.name}", way_out="pip install 'plait[train]'"
            ) from None
    raise SettingsError("nothing here can train", way_out="pip install 'plait[train]'")
