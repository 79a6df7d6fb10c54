"""`plait correct ID`: make an answer, with the right values, an example: plait correct last --currency EUR"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from plait.cli.answer_notice import first_flag
from plait.cli.flag_values import expand_text, is_json_text
from plait.cli.program_name import as_called
from plait.cli.recent_answers import find_kept
from plait.core.calls import corrections, event_loop
from plait.core.calls.answer_changes import WHOLE_ANSWER, type_at
from plait.core.calls.answer_log import RecordedAnswer
from plait.core.calls.transport import transport
from plait.core.config import settings
from plait.core.engine.protocol import is_adapted, name_of_model
from plait.core.errors import AnswerNotFound, InputError, PlaitError
from plait.core.evaluation.rows import DatasetRow, count_rows, read_rows
from plait.core.prompting.example_rows import Example, example_to_json
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.inputs import json_from_text, to_input_error
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.service.answer_feedback import store_watched_correction
from plait.service.catalog import AnyTask, Catalog, find_task

FLAG = re.compile(r"--([\w.-]+)(?:=(.*))?", re.DOTALL)


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("id")
@click.option("--right", is_flag=True, help="The answer is right as it is.")
@click.option("--undo", is_flag=True, help="Take the correction back.")
@click.option("--task", metavar="TASK", help="The task of an answer of a server, if it is in a file of your own.")
@click.option("--rows", metavar="FILE", help="Add every row of a file, with inputs and answer, to the task named ID.")
@click.pass_context
def correct(ctx: click.Context, id: str, right: bool, undo: bool, task: str | None, rows: str | None) -> None:
    """Make an answer an example: `plait correct ID --FIELD VALUE`, or --right if it is right.

    ID stands in the output of `plait run --detailed`; `last` is the last answer. A field inside others is
    --lines.0.price, the whole answer --answer. Values are written as inputs of `plait run` are, and a reference as its
    name or its position.

    The last 20 answers of `plait run` can be corrected, and those of a server for an hour. For an older one write its
    inputs and the right answer as a row of a .csv or .jsonl file: `plait correct TASK --rows corrected.jsonl`.
    """
    if rows is not None:
        click.echo(add_rows(find_task(id)[0].declaration, Path(rows)))
        return
    answer = find_answer(id, task)
    texts = parse_flags(ctx.args)
    if undo + right + bool(texts) != 1:
        raise InputError(
            "what is right? Pass --right alone, --undo alone, or the fields with their right values",
            hint=f"plait correct {id} --right\nplait correct {id} {example_flag(answer)}",
        )
    if undo:
        answer.undo()
        click.echo(f"taken back: {answer.id} is no example any more")
        return
    changes = {path: json_of_flag(answer.task.declaration, path, text) for path, text in texts.items()}
    answer.correct(changes)
    done = f"corrected {', '.join(changes)}" if changes else "marked as right"
    click.echo(f"{done}: {effect_of(answer)}")
    click.echo(as_called(f"plait correct {answer.id} --undo takes it back"), err=True)


def effect_of(answer: "Answer") -> str:
    """What the correction changes: an adapted model is asked without examples."""
    declaration, model = answer.task.declaration, answer.kept.completed.model if answer.kept else ""
    if not is_adapted(model, declaration.name):
        return "an example for similar inputs from now on"
    learned = as_called(f"plait adapt {task_address(declaration)}")
    return f"an example, which {name_of_model(model)} is not shown; its next version learns it: {learned}"


@dataclass(frozen=True)
class Answer:
    """An answer to correct: one that `plait run` kept, otherwise one that a server remembers."""

    id: str
    task: AnyTask
    kept: RecordedAnswer | None = None

    def correct(self, changes: Mapping[str, Json]) -> None:
        """Corrects it where it was given, so that the prompts there show it."""
        try:
            corrections.correct(self.task.declaration, self.id, changes)
        except PlaitError as error:
            if isinstance(error, InputError) or self.kept is None or asks_another_machine():
                raise
            store_watched_correction(self.kept, changes)

    def undo(self) -> None:
        """Takes the correction back. Raises AnswerNotFound if there is none."""
        declaration = self.task.declaration
        undone = event_loop.run(transport().undo_correction(declaration, self.id))
        undone = (
            self.kept is not None and corrections.remove_correction(declaration, self.id, self.kept.author)
        ) or undone
        if not undone:
            raise AnswerNotFound(f"the answer {self.id} has no correction", hint=f"plait correct {self.id} --right")


def asks_another_machine() -> bool:
    return settings().url not in ("", "none")


def find_answer(id: str, address: str | None) -> Answer:
    """The answer of that id. Raises AnswerNotFound, InputError."""
    try:
        kept = find_kept(id)
        return Answer(kept.record.id, kept.task, kept.record)
    except AnswerNotFound:
        fingerprint = id.partition("-")[0]
        tasks = [find_task(address)[0]] if address else list(Catalog.of_project())
        task = next((each for each in tasks if each.declaration.fingerprint == fingerprint), None)
        if task is None:
            raise
        return Answer(id, task)


def parse_flags(arguments: Sequence[str]) -> dict[str, str]:
    """The texts of `--FIELD VALUE` and `--FIELD=VALUE`, by field. Raises InputError."""
    texts: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        flag = rest.pop(0)
        match = FLAG.fullmatch(flag)
        if match is None or (match[2] is None and not rest):
            raise InputError(f"{flag} should be a field with its value", hint="write --FIELD VALUE")
        texts[match[1].replace("-", "_")] = rest.pop(0) if match[2] is None else match[2]
    return texts


def json_of_flag(declaration: Declaration, path: str, text: str) -> Json:
    """The JSON form of a value. A field that does not exist is reported later, with all other faults."""
    value_type = type_at(declaration.answer, path)
    text = expand_text(path, text)
    inner = value_type and (value_type.optional_type or value_type)
    is_name = inner is not None and inner.points_into is not None and not is_json_text(text)
    try:
        return text if value_type is None or is_name else json_from_text(value_type, text, f"--{path}")
    except InvalidValue as error:
        raise to_input_error(f"{declaration.name} cannot accept this correction", path, error) from None


def example_flag(answer: Answer) -> str:
    """A field with its present value, or a valid one if the answer is not kept here."""
    answer_type = answer.task.declaration.answer
    json_value = answer.kept.completed.json_value if answer.kept else answer_type.placeholder()
    return first_flag(answer_type, json_value) or f"--{WHOLE_ANSWER} {shlex.quote(dumps(json_value))}"


def add_rows(declaration: Declaration, file: Path) -> str:
    """Adds every row of a file as an example for everyone in the project. Raises InputError, and then adds none."""
    count_rows(file)
    examples = [checked_example(declaration, row) for row in read_rows(declaration, file)]
    store = Examples(declaration).store
    for example in examples:
        store.add(example)
    return f"{len(examples)} examples added to {declaration.name}"


def checked_example(declaration: Declaration, row: DatasetRow) -> Example:
    """The example of a row. Raises InputError with its line, also if a quoted value does not stand in the inputs."""
    example = row.example()
    try:
        example_to_json(declaration, example)
    except InputError as error:
        raise InputError(f"{row.where} is not an example", problems=error.problems) from None
    return example
