"""The lists of `plait models`: models, adapters that come with tasks, then versions of the registry."""

from collections.abc import Sequence

import click

from plait.service.catalog import Catalog
from plait.service.models.discovery import Model, known_models, no_chat_model_error, size_text
from plait.service.models.shipped_adapters import shipped_models
from plait.service.version_routing import may_have_database


@click.command("list")
def list_command() -> None:
    """List the models and the versions of the registry, as without a command."""
    list_models()


def list_models() -> None:
    installed = known_models()
    if not installed:
        raise no_chat_model_error("no model is installed")
    print_models([*installed, *models_of_tasks(installed)])
    if may_have_database():
        from plait.cli.models.routes import print_routes  # loads SQLAlchemy: 0.2 seconds
        from plait.cli.models.version_table import print_versions

        print_versions()
        print_routes()


def models_of_tasks(installed: Sequence[Model]) -> list[Model]:
    """These models with the adapters that come with installed tasks."""
    return shipped_models(installed, (each.declaration for each in Catalog.all_installed()))


def print_models(models: Sequence[Model]) -> None:
    print_table([("name", "size", "context", "where"), *map(model_row, models)], right=(1, 2))


def print_table(rows: Sequence[tuple[str, ...]], right: tuple[int, ...]) -> None:
    """Prints rows in columns, those numbered `right` aligned to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            f"{cell:>{widths[column]}}" if column in right else f"{cell:<{widths[column]}}"
            for column, cell in enumerate(row)
        )
        click.echo("  ".join(cells).rstrip())


def model_row(model: Model) -> tuple[str, str, str, str]:
    config = model.config
    size = size_text(config.file) if config.file else "server"
    context = f"{config.context_length:,}" if config.context_length else "its own"
    return model.name, size, context, config.describe(model.name)
