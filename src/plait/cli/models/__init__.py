"""`plait models`: list models and versions, add one, say which version answers."""

import click

from plait.cli.models.add import add
from plait.cli.models.alias import alias, rollback
from plait.cli.models.export import export
from plait.cli.models.listing import list_models
from plait.cli.models.remove import remove
from plait.cli.models.show import show
from plait.cli.models.verify import verify


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models: those in plait.toml, those shipped with Plait, and the embedded one.

    Below them stand the versions of the registry: adapters of a task, NAME@NUMBER. The bare name is an alias, which
    says which of its versions answers.
    """
    if context.invoked_subcommand is None:
        list_models()


@models.command("list")
def list_command() -> None:
    """List the models and the versions of the registry, as without a command."""
    list_models()


for command in (show, add, alias, rollback, remove, verify, export):
    models.add_command(command)
