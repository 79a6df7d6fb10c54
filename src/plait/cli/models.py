"""`plait models`: list the models."""

from pathlib import Path

import click

from plait.service.models.discovery import Model, known_models, no_chat_model_error


@click.command()
def models() -> None:
    """List the models: those in plait.toml, those shipped with Plait, and the embedded one."""
    installed = known_models()
    if not installed:
        raise no_chat_model_error("no model is installed")
    rows = [("name", "size", "context", "where"), *map(model_row, installed)]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for name, size, context, where in rows:
        click.echo(f"{name:<{widths[0]}}  {size:>{widths[1]}}  {context:>{widths[2]}}  {where}")


def model_row(model: Model) -> tuple[str, str, str, str]:
    config = model.config
    size = size_text(config.file) if config.file else "server"
    context = f"{config.context_length:,}" if config.context_length else "its own"
    return model.name, size, context, config.describe(model.name)


def size_text(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB" if path.is_file() else "missing"
