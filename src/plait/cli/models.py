"""`plait models`: what can be asked."""

import click

from plait.service.models import EMBEDDED, Model, ModelServer, known_models, missing


@click.command()
def models() -> None:
    """The models that can be asked: those of plait.toml, then the embedded one."""
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
    there = model.path.is_file()
    size = f"{model.path.stat().st_size / 1e6:,.0f} MB" if there else "missing"
    where = "embedded, SmolLM2-135M-Instruct (Apache-2.0)" if model.name == EMBEDDED else str(model.path)
    return model.name, size, f"{model.context:,}", where
