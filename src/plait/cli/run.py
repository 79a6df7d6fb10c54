"""`plait run TASK`: a command per task, made from its slots."""

import json
import re
import sys
from typing import cast

import click

from plait.cli import picture_output
from plait.cli.flag_values import flag_text
from plait.core.calls import event_loop
from plait.core.calls.transport import Call, transport
from plait.core.engine.protocol import Piece
from plait.core.engine.validation import Answered, Event, SoFar
from plait.core.errors import InputError
from plait.core.task.declaration import Declaration, Slot
from plait.core.task.options import Options, options_in
from plait.core.values.inputs import inputs_from_wire, wire_from_texts
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Json, outline
from plait.service.catalog import AnyTask, Catalog, find
from plait.types.image.value import Image

OPTIONS = (
    ("model", "Which model answers."),
    ("seed", "A whole number: the same answer again."),
    ("temperature", "0 is the likeliest answer, 1 a lively one."),
    ("timeout", "Seconds for the whole call."),
    ("shots", "How many examples go into the prompt."),
    ("wording", "Other words for the task, such as zh."),
)
PAINTING = (
    ("steps", "In how many steps the picture is painted; 8 are usual."),
    ("guidance", "How far to go beyond what was asked; 0 is not at all."),
    ("order", "Its codes in parallel, or in raster order, one after another."),
    ("out", "The file that it is written to; through a pipe it goes as it is."),
)


SLOT = "slot_"  # begins the name of a slot's parameter, so that it meets none of the command's own


class Tasks(click.Group):
    """Tasks as commands: built-in ones by name, others as FILE.py:NAME."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [task.declaration.name for task in Catalog.built_in()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        task, _ = find(cmd_name)
        return Asking(task)


@click.command(cls=Tasks, subcommand_metavar="TASK [--SLOT VALUE]...")
def run() -> None:
    """Ask a task: `plait run extract_invoice --text @invoice.txt`. FILE.py:NAME asks a task of your own.

    A value is taken as it stands; @FILE is what stands in a file, @- standard input, @@ a plain @.
    """


class Asking(click.Command):
    """A task's command. An option it does not know is a slot that the task does not have: said in Plait's words."""

    def __init__(self, task: AnyTask) -> None:
        self.task = task
        declared = task.declaration
        super().__init__(
            declared.name,
            params=[*map(slot_option, declared.slots), *common_options(), *picture_options(declared)],
            help=str(declared.instruction),
            callback=self.ask,
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, [*args])
        except click.NoSuchOption as unknown:
            # Read as one more slot, with its value: what is wrong with the slots is told for all of them at once.
            name = re.sub(r"\W", "_", unknown.option_name.lstrip("-"))
            self.params.append(click.Option([unknown.option_name, f"{SLOT}{name}"]))
            return self.parse_args(ctx, args)

    def ask(self, as_json: bool, rows: str | None, fresh: bool, out: str | None = None, **given: str | None) -> None:
        declared = self.task.declaration
        painted = declared.answer.name == "image" and not as_json and rows is None
        if painted:
            picture_output.check(out)
        names = {name for name, _ in (*OPTIONS, *PAINTING)}
        options = options_in({name: text for name, text in given.items() if name in names and text is not None})
        slots = {
            name.removeprefix(SLOT): text for name, text in given.items() if name.startswith(SLOT) and text is not None
        }
        if rows is not None:
            if slots:
                raise InputError(
                    f"--rows already says what {', '.join(slots)} is", way_out="leave the flag or the column out"
                )
            from plait.cli.rows import answer_rows

            sys.exit(answer_rows(self.task, rows, options, fresh=fresh))
        texts = {name: flag_text(declared.slot(name), name, text) for name, text in slots.items()}
        inputs = inputs_from_wire(declared, wire_from_texts(declared, texts))
        if painted:
            call = Call(declared, inputs, options, tuple(self.task.by_code), streamed=sys.stderr.isatty())
            picture_output.deliver(cast(Image, watched(call, to_screen=False).value), out)
            return
        self.show(inputs, options, as_json)

    def show(self, inputs: dict[str, object], options: Options, as_json: bool) -> None:
        declared = self.task.declaration
        as_text = declared.bare and not as_json
        # A terminal sees the answer grow; a pipe gets it whole, so that nothing half is ever processed further.
        live = sys.stdout.isatty() if as_text else sys.stderr.isatty()
        call = Call(declared, inputs, options, tuple(self.task.by_code), streamed=live)
        answered = watched(call, to_screen=live and as_text)
        if not (live and as_text):
            click.echo(str(answered.wire) if as_text else shown(answered.wire, as_json))


def slot_option(slot: Slot) -> click.Option:
    said = getattr(slot.kind, "description", "")
    shape = outline(slot.kind)
    words = f"{shape} ({said})" if said else shape
    return click.Option(
        [f"--{slot.name.replace('_', '-')}", f"{SLOT}{slot.name}"], metavar=slot.kind.name.upper(), help=words
    )


def common_options() -> list[click.Parameter]:
    flags: list[click.Parameter] = [click.Option([f"--{name}"], help=words) for name, words in OPTIONS]
    return [
        *flags,
        click.Option(["--json", "as_json"], is_flag=True, help="The answer as JSON on one line, a text too."),
        click.Option(["--rows"], metavar="FILE", help="A .csv or .jsonl file: a slot per column, an answer per row."),
        click.Option(["--fresh"], is_flag=True, help="With --rows: forget what an earlier run has answered."),
    ]


def picture_options(declared: Declaration) -> list[click.Parameter]:
    flags: list[click.Parameter] = [click.Option([f"--{name}"], help=words) for name, words in PAINTING]
    return flags if declared.answer.name == "image" else []


def watched(call: Call, *, to_screen: bool) -> Answered:
    """The answer, with what there is of it shown on the way."""
    last: Event | None = None
    told = 0
    for last in event_loop.iterate(transport().answer(call)):
        if to_screen and isinstance(last, Piece):
            click.echo(last.text, nl=False)
        elif isinstance(last, SoFar) and sys.stderr.isatty():
            told += 1
            far = (
                f"step {told}"
                if call.declaration.answer.name == "image"
                else f"{len(dumps(last.wire))} characters so far"
            )
            click.echo(f"\r{call.declaration.name}: {far} ", nl=False, err=True)
    if told:
        click.echo("\r\033[K", nl=False, err=True)
    if to_screen:
        click.echo()
    assert isinstance(last, Answered)
    return last


def shown(wire: Json, as_json: bool) -> str:
    """On one line for a program, indented for a person."""
    return dumps(wire) if as_json else json.dumps(wire, ensure_ascii=False, indent=2)
