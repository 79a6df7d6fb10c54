"""The lists of `plait models`: models, then versions of the registry."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from plait.service.models.discovery import Model, known_models, no_chat_model_error
from plait.service.models.model_version import ModelVersion, day
from plait.service.models.registry import ModelRegistry, current_registry


def list_models() -> None:
    installed = known_models()
    if not installed:
        raise no_chat_model_error("no model is installed")
    print_table([("name", "size", "context", "where"), *map(model_row, installed)], right=(1, 2))
    registry = current_registry()
    versions = [each for each in registry.versions() if not each.obstacle]
    if versions:
        click.echo()
        print_table(list(version_rows(registry, versions)), right=(1, 2))


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


def size_text(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB" if path.is_file() else "missing"


def version_rows(registry: ModelRegistry, versions: Sequence[ModelVersion]) -> Iterator[tuple[str, ...]]:
    """A header and a row per version; the project only if there are several."""
    several = len({each.project for each in versions}) > 1
    yield ("version", "answers", "size", "made", "base", *(["project"] if several else []))
    for each in versions:
        share = dict(registry.alias(each.project, each.name, each.fingerprint).weights).get(each.number, 0)
        row = (each.label, f"{share} %" if share else "", f"{each.size / 1e6:,.1f} MB", day(each.created_at), each.base)
        yield (*row, *([each.project] if several else []))
