"""`plait evaluate --suite NAME`: evaluates a model that Plait trained, on generated questions."""

from collections.abc import Mapping
from pathlib import Path

import click

from plait.core import plugins
from plait.core.errors import InputError
from plait.core.evaluation.suites import Suite


def evaluate_suite(
    name: str,
    task: str | None,
    limit: int | None,
    out: tuple[str, ...],
    as_json: bool,
    model: str | None = None,
    **others: object,
) -> None:
    """Evaluates a model on all tasks of the suite, or on one task, and prints and writes the report."""
    refuse_options(others)
    for file in out:
        if Path(file).suffix != ".json":
            raise InputError(f"--out takes .json for a suite, not {file}")
        if not Path(file).parent.is_dir():
            raise InputError(f"--out {file}: there is no folder {Path(file).parent}")
    suite: Suite = plugins.load(plugins.SUITES, name)
    report = suite(model or "", [task] if task else [], limit, lambda line: click.echo(line, err=True))
    click.echo(report.json() if as_json else str(report))
    for file in out:
        report.save(file)
        click.echo(f"wrote {file}", err=True)


def refuse_options(others: Mapping[str, object]) -> None:
    """Raises InputError for options that do not apply to a suite."""
    flags = [f"--{name.replace('_', '-')}" for name, value in others.items() if value not in (None, (), False)]
    if flags:
        raise InputError(
            f"{', '.join(flags)} cannot be combined with --suite",
            hint="--suite takes a TASK, --model, --limit, --out and --json",
        )
