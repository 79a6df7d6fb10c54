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
    help="Your own rows: a table, a folder of them, or the export of an annotation tool; may be repeated.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the pictures that --data names.  [default: beside the data, or in a folder near it]",
)
@click.option("--check", is_flag=True, help="Print what is in --data, and what is left out and why; train nothing.")
@click.option("--strict", is_flag=True, help="Refuse boxes over the edge of their picture; otherwise they are clipped.")
def train(
    recipe: Path | None,
    out: Path | None,
    resume: bool,
    steps: int | None,
    seconds: int | None,
    weights: str,
    data: tuple[Path, ...],
    images: Path | None,
    check: bool,
    strict: bool,
) -> None:
    """Train a model by a recipe: `plait train recipes/nano.toml`.

    Without a recipe plait-nano learns from your own data: `plait train --data FOLDER`. It may be an export of COCO,
    YOLO, Pascal VOC, CVAT, Label Studio or Roboflow as it is; what is called val, valid or test is held out.

    After an interruption, the same command resumes the run.
    """
    if check and not data:
        raise click.UsageError("--check looks at --data, and there is none")
    launch = plugins.load(plugins.TRAINERS, "unified")
    chosen = {"weights": weights, "data": data, "seconds": seconds, "images": images, "check": check, "strict": strict}
    sys.exit(launch(recipe, out, fresh=not resume, until=steps, **chosen))
