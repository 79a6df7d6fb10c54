"""`plait models`: list models and versions, add one, say which version answers."""

from importlib import import_module

import click

from plait.cli.models.listing import list_models

COMMANDS = {
    "list": "listing",
    "show": "show",
    "add": "add",
    "alias": "alias",
    "rollback": "alias",
    "remove": "remove",
    "verify": "verify",
    "export": "export",
}


class ModelsGroup(click.Group):
    """Imports the module of a command on use: most of them load SQLAlchemy, which a list without versions spares."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"plait.cli.models.{COMMANDS[cmd_name]}")
        return getattr(module, "list_command" if cmd_name == "list" else cmd_name)


@click.group(cls=ModelsGroup, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models: those in plait.toml, those shipped with Plait, and the embedded one.

    Below them stand the versions of the registry: adapters of a task, NAME@NUMBER. The bare name is an alias, which
    says which of its versions answers. The routes of `plait route` come last.
    """
    if context.invoked_subcommand is None:
        list_models()
