"""`plait train RECIPE`: train a model of your own: plait train recipes/nano.toml"""

import sys
from pathlib import Path

import click

from plait.core import plugins


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [run.out of the recipe]")
@click.option(
    "--resume/--fresh", default=True, help="Resume from the newest checkpoint, or start again.  [default: resume]"
)
@click.option(
    "--steps", type=click.IntRange(1), help="Stop after this many steps; the schedule stays as in the recipe."
)
@click.option(
    "--seconds", type=click.IntRange(1), help="Finish within this time, including the decay of the learning rates."
)
@click.option("--from", "weights", default="", help="Start from a model: its name, a weights file or a run folder.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Your own rows: .jsonl, .csv, .parquet, .tar, COCO .json, or a folder of them; may be repeated.",
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

    After an interruption, the same command resumes the run.
    """
    launch = plugins.load(plugins.TRAINERS, "unified")
    sys.exit(launch(recipe, out, fresh=not resume, until=steps, weights=weights, data=data, seconds=seconds))
