"""The command line: one file per verb; tasks are verbs of `plait run`, made from their inputs."""

import sys

import click

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

VERBS = {
    "run": "Ask a task: plait run extract_invoice --text @invoice.txt",
    "evaluate": "How good a model is at a task, beside what needs no model.",
    "show": "A task's path through the house: slots, prompt, grammar, who answers.",
    "chat": "Talk with a model.",
    "serve": "Serve tasks: endpoint, page and OpenAPI for each.",
    "up": "Start Plait in the background, if it does not run yet.",
    "down": "Stop what `plait up` started.",
    "models": "The models that can be asked.",
    "train": "Train a model of your own: plait train recipes/nano.toml",
    "export": "The weights of a training run as one file: plait export runs/nano --name mine",
    "optimize": "How a model is run fastest on this machine: plait optimize plait-nano",
    "search": 'The pictures in a folder that show what words say: plait search photos "a cat"',
    "new": "Begin a task or a kind of value of your own, with a test that passes.",
    "doctor": "What is installed, who answers what, and why it is slow.",
}
# The caller's own mistakes; 1 is what went wrong on the way.
USAGE_ERRORS = (InputError, ContextTooLong, TaskNotFound, ModelNotFound, DeclarationError, SettingsError)


class LazyGroup(click.Group):
    """Imports a verb's file when it is used, so that `plait --help` costs little more than click."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        file = {"down": "up"}.get(cmd_name, cmd_name)
        return getattr(import_module(f"plait.cli.{file}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plait")
def plait() -> None:
    """Generative AI from one declared task: a typed Python function whose body is a model you own."""


def main() -> None:
    """The entry point: errors in the words they have in Python and over HTTP; exit code 2 for the caller's mistakes."""
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
        # Whoever read the output has left (`| head`); there is nobody to tell.
        sys.stderr.close()
        sys.exit(141)
