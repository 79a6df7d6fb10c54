"""The command line: one file per verb. The tasks are verbs of `plait run`, made from their inputs.

A verb is a module of this folder with a click command of its own name. Its docstring begins with its usage in
backquotes, followed by its short help: `plait chat`: talk with a model.
"""

import sys

import click

from plait.core import plugins
from plait.core.app import InstalledApp, installed_apps
from plait.core.errors import (
    ContextTooLong,
    DeclarationError,
    InputError,
    ModelNotFound,
    PlaitError,
    SettingsError,
    TaskNotFound,
    error_text,
)

# The caller's own mistakes: exit code 2. Any other error is 1.
USAGE_ERRORS = (InputError, ContextTooLong, TaskNotFound, ModelNotFound, DeclarationError, SettingsError)


def verbs() -> dict[str, str]:
    """The built-in verbs, each with its short help; no verb is imported."""
    summaries = {plugin.name: plugins.summary(plugin) for plugin in plugins.built_in(plugins.VERBS)}
    return {name: short_help(text) for name, text in summaries.items() if text.startswith(f"`plait {name}")}


def short_help(summary: str) -> str:
    """The words after the usage, which is in backquotes."""
    text = summary.rpartition("`: ")[2]
    return text[:1].upper() + text[1:]


class LazyGroup(click.Group):
    """Imports a verb's module when it is used, so that `plait --help` costs little more than click.

    Verbs of this folder come first, then those of other packages, then apps with commands: `plait APP COMMAND`.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(short_helps())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Raises SettingsError where the verb of another package cannot be imported."""
        if cmd_name in verbs() or any(each.name == cmd_name for each in plugins.external(plugins.VERBS)):
            return plugins.load(plugins.VERBS, cmd_name)
        return next((app_group(each) for each in apps_with_commands() if each.app.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(short_helps().items()))


def short_helps() -> dict[str, str]:
    """All verbs, each with its short help."""
    apps = {each.app.name: each.app.title_in("en") for each in apps_with_commands()}
    external = {each.name: f"From the package {each.distribution}." for each in plugins.external(plugins.VERBS)}
    return {**apps, **external, **verbs()}


def apps_with_commands() -> list[InstalledApp]:
    return [each for each in installed_apps() if each.app.commands]


def app_group(installed: InstalledApp) -> click.Group:
    commands: list[click.Command] = list(installed.parts(installed.app.commands))
    return click.Group(installed.app.name, commands=commands, help=installed.app.title_in("en"))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plait")
def plait() -> None:
    """Generative AI from one declared task: a typed Python function whose body is a model you own."""


def main() -> None:
    """The entry point: errors read as in Python and over HTTP; exit code 2 for the caller's mistakes."""
    try:
        sys.exit(plait(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except PlaitError as error:
        print(error_text(error), file=sys.stderr)
        sys.exit(2 if isinstance(error, USAGE_ERRORS) else 1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # The reader of the output has left (`| head`): nothing more can be printed.
        sys.stderr.close()
        sys.exit(141)
