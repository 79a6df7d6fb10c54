"""`plait export RUN_FOLDER`: write the weights of a training run to model files."""

from pathlib import Path

import click

from plait.core import plugins


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the model.  [the folder's name]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for the files.  [.]")
@click.option(
    "--largest",
    type=click.FloatRange(min=1),
    help="Maximum size of a file in MiB; larger weights are split.  [one file]",
)
def export(run: Path, name: str | None, out: Path, largest: float | None) -> None:
    """Write the newest weights of a run as NAME.safetensors, with its card NAME.json beside it.

    To use the model, add a table to plait.toml: [models.NAME] with path = "NAME.safetensors".
    """
    run_exporter = plugins.load(plugins.EXPORTERS, "unified")
    file, card = run_exporter(run, name or run.resolve().name, out, round(largest * 2**20) if largest else None)
    click.echo(f"{file}  {card.parameters:,} parameters after {card.run.steps:,} steps, for {', '.join(card.tasks)}")
    click.echo(f'to use it, add to plait.toml:\n\n[models.{card.name}]\npath = "{file}"')
