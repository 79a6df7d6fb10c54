"""`plait connect`: find model servers on this machine and add their models to plait.toml."""

import click

from plait.cli.settings_change import offer_change
from plait.cli.up import health
from plait.core.calls import event_loop
from plait.core.config import FILE_NAME, settings
from plait.core.errors import ModelNotFound, ServerError
from plait.core.suggestions import did_you_mean
from plait.service.models.discovery import known_models
from plait.service.models.local_servers import USUAL_PORTS, LocalServer, ServedModel, find_servers, new_models
from plait.service.models.settings_edit import add_models
from plait.service.task_files import settings_file


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--port", "ports", type=click.IntRange(1, 65_535), multiple=True,
              help="Port to look at, instead of those of Ollama, llama.cpp, vLLM and LM Studio.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Write without asking.")
def connect(models: tuple[str, ...], ports: tuple[int, ...], yes: bool) -> None:
    """Find OpenAI-compatible servers on this machine, and add their models, or only each MODEL, to plait.toml.

    Shows the change and asks before it writes. Looks at 127.0.0.1 only: at ports 11434 (Ollama), 8080 (llama.cpp),
    8000 (vLLM) and 1234 (LM Studio).
    """
    servers = running_servers(ports or tuple(USUAL_PORTS))
    for server in servers:
        click.echo(f"{server.software}  {server.url}  {', '.join(server.models) or 'has no models'}")
    check_names(models, servers)
    taken = [model.name for model in known_models()]
    added = new_models(servers, list(settings().models.values()), taken, models)
    if not added:
        click.echo(f"{FILE_NAME} has all of these models already")
        return
    edit = add_models(settings_file(), {model.name: model.table for model in added})
    if offer_change(edit, yes=yes, command="plait connect"):
        click.echo(usage_text(added))


def running_servers(ports: tuple[int, ...]) -> list[LocalServer]:
    """The servers on these ports, without Plait itself. Raises ServerError if there is none."""
    found = event_loop.run(find_servers(ports))
    servers = [server for server in found if health(server.url.removesuffix("/v1")) is None]
    if not servers:
        raise ServerError(
            f"no model server answers on this machine, at ports {', '.join(map(str, ports))}",
            hint="start one (ollama serve), or name its port: plait connect --port 9000",
        )
    return servers


def check_names(models: tuple[str, ...], servers: list[LocalServer]) -> None:
    known = [model for server in servers for model in server.models]
    for model in models:
        if model not in known:
            raise ModelNotFound(
                f"no server has a model called {model!r}",
                hint=did_you_mean(model, known, f"there are {', '.join(known)}"),
            )


def usage_text(added: list[ServedModel]) -> str:
    first = next(iter(settings().models))
    return (
        f"{first} now answers whatever it can; another model: --model {added[-1].name}, or move its table to the top\n"
        "to a table whose model reads no pictures, add: pictures = false"
    )
