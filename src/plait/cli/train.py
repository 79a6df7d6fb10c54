"""`plait train RECIPE`: train a model of your own: plait train recipes/nano.toml"""

import sys
from pathlib import Path

import click

from plait.core import plugins


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), help="The folder of the run.  [the recipe's run.out]")
@click.option(
    "--resume/--fresh", default=True, help="Go on from the newest checkpoint, or forget them.  [default: resume]"
)
@click.option("--steps", type=click.IntRange(1), help="Stop after so many steps; the schedule stays the recipe's.")
@click.option(
    "--seconds", type=click.IntRange(1), help="End after so much wall-clock time, with the decay of the rates complete."
)
@click.option("--from", "weights", default="", help="Begin from a model: its name, its file or the folder of its run.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Your own rows: .jsonl, .csv, .parquet, .tar, COCO .json, or a folder of them; more than once for more.",
)
def train(
    recipe: Path | None,
    out: Path | None,
    resume: bool,
    steps: int | None,
    seconds: int | None,
    weights: str,
    data: tuple[Path, ...],
) -> None:
    """Train a model by a recipe: `plait train recipes/nano.toml`.

    Without a recipe plait-nano learns from your own data: `plait train --data FOLDER`.

    A run that was stopped, by Ctrl-C or by force, goes on where it stopped when the same command is given again.
    """
    launch = plugins.load(plugins.TRAINERS, "unified")
    sys.exit(launch(recipe, out, fresh=not resume, until=steps, weights=weights, data=data, seconds=seconds))
