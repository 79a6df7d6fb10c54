"""`plait models`: what can be asked."""

from pathlib import Path

import click

from plait.core.errors import CheckpointError
from plait.service.engines.unified.engine import CONTEXT, EXTRA, Native
from plait.service.models.discovery import EMBEDDED, Model, ModelServer, UnifiedFile, known_models, missing


@click.command()
def models() -> None:
    """The models that can be asked: those of plait.toml, the ones that came with Plait, the embedded one."""
    known = known_models()
    if not known:
        raise missing("no model is installed")
    rows = [("name", "size", "context", "where"), *map(row, known)]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for name, size, context, where in rows:
        click.echo(f"{name:<{widths[0]}}  {size:>{widths[1]}}  {context:>{widths[2]}}  {where}")


def row(model: Model) -> tuple[str, str, str, str]:
    if isinstance(model, ModelServer):
        server = model.server
        called = f"{server.name} on " if server.name else ""
        return model.name, "server", f"{server.context:,}" if server.context else "its own", called + server.url
    if isinstance(model, UnifiedFile):
        return model.name, size(model.path), f"{CONTEXT:,}", unified(model)
    where = "embedded, SmolLM2-135M-Instruct (Apache-2.0)" if model.name == EMBEDDED else str(model.path)
    return model.name, size(model.path), f"{model.context:,}", where


def size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB" if path.is_file() else "missing"


def unified(model: UnifiedFile) -> str:
    """What it is for; where it cannot be used, what to do."""
    if not model.path.is_file():
        return str(model.path)
    engine = Native(model.name, model.path)
    try:
        card = engine.card
    except CheckpointError as error:
        return error.message
    if engine.lacks:
        return f"needs {', '.join(engine.lacks)}: {EXTRA}"
    return f"{card.parameters / 1e6:,.1f} million parameters ({card.licence}), for {', '.join(card.tasks)}"
