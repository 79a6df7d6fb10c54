"""`plait export RUN_FOLDER`: the weights of a training run as one file that a model is made of."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from plait.core.errors import MissingExtra, SettingsError

WAY_OUT = "pip install 'plait[train]'"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--name", help="What the model is called.  [the folder's name]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Where the files go.  [here]")
def export(run: Path, name: str | None, out: Path) -> None:
    """Write the newest weights of a run as NAME.safetensors, with its card NAME.json beside it.

    A table in plait.toml makes a model of it: [models.NAME] and path = "NAME.safetensors".
    """
    file, card = exporter()(run, name or run.resolve().name, out)
    click.echo(f"{file}  {card.parameters:,} parameters after {card.run.steps:,} steps, for {', '.join(card.tasks)}")
    click.echo(f'to use it, write in plait.toml:\n\n[models.{card.name}]\npath = "{file}"')


def exporter() -> Any:
    """What writes weights, found by entry point as what trains is."""
    for point in entry_points(group="plait.exporters", name="unified"):
        try:
            return point.load()
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.startswith("plait"):
                raise
            raise MissingExtra(f"exporting needs the package {missing.name}", way_out=WAY_OUT) from None
    raise SettingsError("nothing here can export weights", way_out=WAY_OUT)
