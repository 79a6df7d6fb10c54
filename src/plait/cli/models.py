"""`plait models`: what can be asked."""

import click

from plait.service.models import EMBEDDED, ModelFile, missing, model_files


@click.command()
def models() -> None:
    """The models that can be asked: those of plait.toml, then the embedded one."""
    files = model_files()
    if not files:
        raise missing("no model is installed")
    rows = [("name", "size", "context", "file"), *map(row, files)]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for name, size, context, file in rows:
        click.echo(f"{name:<{widths[0]}}  {size:>{widths[1]}}  {context:>{widths[2]}}  {file}")


def row(file: ModelFile) -> tuple[str, str, str, str]:
    there = file.path.is_file()
    size = f"{file.path.stat().st_size / 1e6:,.0f} MB" if there else "missing"
    where = "embedded, SmolLM2-135M-Instruct (Apache-2.0)" if file.name == EMBEDDED else str(file.path)
    return file.name, size, f"{file.context:,}", where
