"""`plait run TASK`: call a task: plait run extract_invoice --text @invoice.txt"""

import re
import sys
from typing import cast

import click

from plait.cli import picture_output
from plait.cli.answer_notice import print_notice
from plait.cli.flag_values import flag_text
from plait.cli.growing_answer import wait_for_answer
from plait.cli.readable_answer import indented, is_bare, readable_text
from plait.cli.recent_answers import keep_answer
from plait.cli.standard_streams import echo_json
from plait.core.calls.transport import Call
from plait.core.engine.envelope import envelope
from plait.core.engine.validation import Completed
from plait.core.errors import InputError
from plait.core.progress import is_terminal
from plait.core.task.declaration import Declaration, Parameter
from plait.core.task.options import OPTIONS, Options, parse_options
from plait.core.values.inputs import inputs_from_json, json_from_texts
from plait.core.values.json_text import dumps
from plait.core.values.value_type import IMAGE
from plait.service.catalog import AnyTask, Catalog, find_task
from plait.types.image import Image

OUT_HELP = "File for the image. Default: standard output, if it is not a terminal."
PARAMETER_PREFIX = "parameter_"  # prefix of an input's option name, so that it cannot clash with the command's options


class TaskGroup(click.Group):
    """Tasks as commands: built-in ones by name, others as FILE.py:NAME."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [task.declaration.name for task in Catalog.of_project()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        task, _ = find_task(cmd_name)
        return TaskCommand(task, cmd_name)


@click.command(cls=TaskGroup, subcommand_metavar="TASK [--INPUT VALUE]...")
def run() -> None:
    """Call a task: `plait run extract_invoice --text @invoice.txt`. FILE.py:NAME calls a task of your own.

    @FILE reads the value from a file, @- from standard input; a value that begins with @ is written @@, and after @=
    every value is taken as it stands. On a terminal the line below the answer has its id; --detailed prints it for
    programs.
    """


class TaskCommand(click.Command):
    """A task's command. An unknown option is reported as an input that the task does not have."""

    def __init__(self, task: AnyTask, address: str) -> None:
        self.task, self.address = task, address
        declaration = task.declaration
        super().__init__(
            declaration.name,
            params=[*map(parameter_option, declaration.parameters), *common_options(), *image_options(declaration)],
            help=str(declaration.instruction),
            callback=self.answer,
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, [*args])
        except click.NoSuchOption as unknown:
            # Parsed as another input, with its value, so that all mistakes in the inputs are reported together.
            name = re.sub(r"\W", "_", unknown.option_name.lstrip("-"))
            self.params.append(click.Option([unknown.option_name, f"{PARAMETER_PREFIX}{name}"]))
            return self.parse_args(ctx, args)

    def answer(
        self,
        as_json: bool,
        detailed: bool,
        rows: str | None,
        fresh: bool,
        out: str | None = None,
        **option_texts: str | None,
    ) -> None:
        declaration = self.task.declaration
        is_image = declaration.answer.media == IMAGE and not (as_json or detailed) and rows is None
        if is_image:
            picture_output.check_output(out)
        options = parse_options(
            {name: text for name, text in option_texts.items() if name in OPTIONS and text is not None}
        )
        flags = {
            name.removeprefix(PARAMETER_PREFIX): text
            for name, text in option_texts.items()
            if name.startswith(PARAMETER_PREFIX) and text is not None
        }
        if rows is not None:
            if flags:
                raise InputError(
                    f"--rows cannot be combined with {', '.join(f'--{flag}' for flag in flags)}",
                    hint="remove the flags: every input is a column of the file",
                )
            from plait.cli.rows import answer_rows

            sys.exit(answer_rows(self.task, rows, options, fresh=fresh))
        texts = {name: flag_text(declaration.parameter(name), name, text) for name, text in flags.items()}
        inputs = inputs_from_json(declaration, json_from_texts(declaration, texts))
        if is_image:
            completed = self.completed(inputs, options, streamed=is_terminal(sys.stderr))
            picture_output.write_image(cast(Image, completed.value), out)
            print_notice(declaration, inputs, completed)
            return
        if detailed:
            completed = self.completed(inputs, options, streamed=is_terminal(sys.stderr))
            json_value = envelope(completed, declaration, inputs)
            echo_json(dumps(json_value) if as_json else indented(json_value))
            return
        self.print_answer(inputs, options, as_json)

    def print_answer(self, inputs: dict[str, object], options: Options, as_json: bool) -> None:
        declaration = self.task.declaration
        as_text = declaration.is_plain_text and not as_json
        # A terminal shows the answer as it grows; a pipe gets only a complete answer, never a partial one.
        live = is_terminal(sys.stdout) if as_text else is_terminal(sys.stderr)
        completed = self.completed(inputs, options, streamed=live, to_screen=live and as_text)
        if not (live and as_text):
            self.print_completed(completed, inputs, as_json)
        print_notice(declaration, inputs, completed)

    def print_completed(self, completed: Completed, inputs: dict[str, object], as_json: bool) -> None:
        if as_json:
            echo_json(dumps(completed.json_value))
        else:
            text = readable_text(self.task.declaration, inputs, completed.json_value)
            (click.echo if is_bare(self.task.declaration) else echo_json)(text)

    def completed(
        self, inputs: dict[str, object], options: Options, *, streamed: bool, to_screen: bool = False
    ) -> Completed:
        """The answer, kept for `plait correct`."""
        call = Call(self.task.declaration, inputs, options, tuple(self.task.code_engines), streamed=streamed)
        completed = wait_for_answer(call, to_screen=to_screen)
        keep_answer(self.address, call, completed)
        return completed


def parameter_option(parameter: Parameter) -> click.Option:
    description = getattr(parameter.value_type, "description", "")
    shape = parameter.value_type.describe()
    help_text = f"{shape} ({description})" if description else shape
    return click.Option(
        [f"--{parameter.name.replace('_', '-')}", f"{PARAMETER_PREFIX}{parameter.name}"],
        metavar=parameter.value_type.name.upper(),
        help=help_text,
    )


def common_options() -> list[click.Parameter]:
    return [
        *option_flags(for_images=False),
        click.Option(
            ["--json", "as_json"], is_flag=True, help="Print the answer as JSON on one line, even if it is text."
        ),
        click.Option(
            ["--detailed"],
            is_flag=True,
            help="Print the answer with its id, model, usage, and the places in the input where quoted values stand.",
        ),
        click.Option(
            ["--rows"],
            metavar="FILE",
            help="Answer each row of a .csv or .jsonl file with a column per input. - is standard input.",
        ),
        click.Option(["--fresh"], is_flag=True, help="With --rows: discard the answers of an earlier run."),
    ]


def image_options(declaration: Declaration) -> list[click.Parameter]:
    if declaration.answer.media != IMAGE:
        return []
    return [*option_flags(for_images=True), click.Option(["--out"], help=OUT_HELP)]


def option_flags(*, for_images: bool) -> list[click.Parameter]:
    return [
        click.Option([f"--{name.replace('_', '-')}"], help=definition.help)
        for name, definition in OPTIONS.items()
        if definition.for_images == for_images
    ]
