"""`plait models`: list the models."""

from pathlib import Path

import click

from plait.core.errors import CheckpointError
from plait.service.engines.unified.engine import CONTEXT_LENGTH, INSTALL_UNIFIED, UnifiedEngine
from plait.service.models.discovery import EMBEDDED, Model, ModelServer, UnifiedFile, known_models, no_chat_model_error


@click.command()
def models() -> None:
    """The models that can be asked: those of plait.toml, the ones that came with Plait, the embedded one."""
    installed = known_models()
    if not installed:
        raise no_chat_model_error("no model is installed")
    rows = [("name", "size", "context", "where"), *map(model_row, installed)]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for name, size, context, where in rows:
        click.echo(f"{name:<{widths[0]}}  {size:>{widths[1]}}  {context:>{widths[2]}}  {where}")


def model_row(model: Model) -> tuple[str, str, str, str]:
    if isinstance(model, ModelServer):
        server = model.server
        name_text = f"{server.name} on " if server.name else ""
        return model.name, "server", f"{server.context:,}" if server.context else "its own", name_text + server.url
    if isinstance(model, UnifiedFile):
        return model.name, size_text(model.path), f"{CONTEXT_LENGTH:,}", unified_description(model)
    where = "embedded, SmolLM2-135M-Instruct (Apache-2.0)" if model.name == EMBEDDED else str(model.path)
    return model.name, size_text(model.path), f"{model.context:,}", where


def size_text(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB" if path.is_file() else "missing"


def unified_description(model: UnifiedFile) -> str:
    """What it is for; where it cannot be used, what to do."""
    if not model.path.is_file():
        return str(model.path)
    engine = UnifiedEngine(model.name, model.path)
    try:
        card = engine.card
    except CheckpointError as error:
        return error.message
    if engine.missing_packages:
        return f"needs {', '.join(engine.missing_packages)}: {INSTALL_UNIFIED}"
    return f"{card.parameters / 1e6:,.1f} million parameters ({card.licence}), for {', '.join(card.tasks)}"
