"""The command line: one module per verb. `plait run` makes a subcommand of each task, with a flag per input.

A verb is a module of this folder with a click command of the same name. Its docstring begins with the usage in
backquotes, followed by the short help: `plait chat`: talk with a model.
"""

import sys

import click

from plait.cli.program_name import as_called
from plait.cli.standard_streams import prepare_streams
from plait.core import plugins
from plait.core.app import InstalledApp, installed_apps
from plait.core.errors import (
    AnswerNotFound,
    ContextTooLong,
    DeclarationError,
    InputError,
    ModelNotFound,
    PlaitError,
    SettingsError,
    TaskNotFound,
    error_text,
)

# Mistakes of the caller exit with code 2, all other errors with 1.
USAGE_ERRORS = (
    InputError,
    ContextTooLong,
    TaskNotFound,
    AnswerNotFound,
    ModelNotFound,
    DeclarationError,
    SettingsError,
)


def verbs() -> dict[str, str]:
    """Maps each built-in verb to its short help, without importing the verb."""
    summaries = {plugin.name: plugins.summary(plugin) for plugin in plugins.built_in(plugins.VERBS)}
    return {name: short_help(text) for name, text in summaries.items() if text.startswith(f"`plait {name}")}


def short_help(summary: str) -> str:
    """The text after the usage in backquotes."""
    text = summary.rpartition("`: ")[2]
    return text[:1].upper() + text[1:]


class LazyGroup(click.Group):
    """A click group that imports a verb's module on use, so that `plait --help` costs little more than click itself.

    The order is: verbs of this folder, verbs of other packages, then apps with commands (`plait APP COMMAND`).
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(short_helps())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb or app. Raises SettingsError if another package's verb cannot be imported."""
        if cmd_name in verbs() or any(each.name == cmd_name for each in plugins.external(plugins.VERBS)):
            return plugins.load(plugins.VERBS, cmd_name)
        return next((app_group(each) for each in apps_with_commands() if each.app.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(short_helps().items()))


def short_helps() -> dict[str, str]:
    """Maps each verb to its short help."""
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
    """The entry point.

    Errors have the same text as in Python and over HTTP; the caller's mistakes exit with code 2.
    """
    prepare_streams()
    try:
        sys.exit(plait(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except PlaitError as error:
        error.hint = as_called(error.hint)
        click.echo(error_text(error), err=True)
        sys.exit(2 if isinstance(error, USAGE_ERRORS) else 1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # The reader closed the pipe (`| head`), so nothing more can be printed.
        sys.stderr.close()
        sys.exit(141)
