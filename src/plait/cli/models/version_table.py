"""The table of versions below the models."""

from collections.abc import Iterator, Sequence

import click

from plait.cli.models.listing import print_table
from plait.service.models.model_version import ModelVersion, day
from plait.service.models.registry import ModelRegistry, current_registry


def print_versions() -> None:
    """Prints the versions of all projects that can answer, with a blank line before; nothing if there are none."""
    registry = current_registry()
    print_version_table(registry, registry.versions())


def print_version_table(registry: ModelRegistry, versions: Sequence[ModelVersion]) -> None:
    usable = [each for each in versions if not each.obstacle]
    if usable:
        click.echo()
        print_table(list(version_rows(registry, usable)), right=(1, 2))


def version_rows(registry: ModelRegistry, versions: Sequence[ModelVersion]) -> Iterator[tuple[str, ...]]:
    """A header and a row per version; the project only if there are several."""
    several = len({each.project for each in versions}) > 1
    yield ("version", "answers", "size", "made", "base", *(["project"] if several else []))
    for each in versions:
        share = dict(registry.alias(each.project, each.name, each.fingerprint).weights).get(each.number, 0)
        row = (each.label, f"{share} %" if share else "", f"{each.size / 1e6:,.1f} MB", day(each.created_at), each.base)
        yield (*row, *([each.project] if several else []))
