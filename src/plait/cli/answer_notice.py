"""The line below an answer of `plait run` on a terminal: its id, and the command that makes it an example."""

import re
import shlex
import sys
from collections.abc import Iterator, Mapping

import click

from plait.cli.flag_values import is_json_text, literal_text
from plait.cli.program_name import as_called
from plait.cli.recent_answers import LAST, is_kept
from plait.core.calls.answer_changes import UNION, WHOLE_ANSWER, type_at
from plait.core.engine.calibration import WHOLE
from plait.core.engine.validation import Completed
from plait.core.progress import is_terminal
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.span import join_path
from plait.core.values.value_type import ValueType

DOUBTFUL = 0.5  # a value of less confidence is named
MAX_NAMED = 4
MAX_LENGTH = 40  # characters of a value in the command
FLAG_PATH = re.compile(r"[A-Za-z_][\w.]*")


def print_notice(declaration: Declaration, inputs: Mapping[str, object], completed: Completed) -> None:
    """Prints the id to a person. A pipe or a file gets the answer alone; programs read the id from `--detailed`."""
    if is_terminal(sys.stderr) and completed.id:
        for line in (doubt(completed), as_called(notice(declaration, inputs, completed))):
            if line:
                click.echo(line, err=True)


def doubt(completed: Completed) -> str:
    """How likely all values are right, and which ones are doubtful, the worst first; "" where it is not calibrated."""
    values = dict(completed.confidence)
    whole = values.pop(WHOLE, None)
    if whole is None:
        return ""
    doubtful = sorted((each for each in values.items() if each[1] < DOUBTFUL), key=lambda each: each[1])
    named = ", ".join(f"{path} ({confidence:.0%})" for path, confidence in doubtful[:MAX_NAMED])
    more = f" and {len(doubtful) - MAX_NAMED} more" if len(doubtful) > MAX_NAMED else ""
    return f"all right: {whole:.0%} likely" + (f"  ·  doubtful: {named}{more}" if named else "")


def notice(declaration: Declaration, inputs: Mapping[str, object], completed: Completed) -> str:
    """The id, and a command that can be run as it is: a field with its present value, to be edited."""
    line = f"id {completed.id}"
    if not is_kept(completed.id):
        return line
    by_name = call_context(declaration, inputs, by_name=True)
    json_value = declaration.answer.encode(completed.value, by_name)
    flag = first_flag(declaration.answer, json_value, completed.confidence)
    return f"{line}  ·  " + (
        f"wrong? edit: plait correct {LAST} {flag}" if flag else f"right? plait correct {LAST} --right"
    )


def first_flag(answer: ValueType, json_value: Json, confidence: Mapping[str, float] | None = None) -> str:
    """The most doubtful value that fits on a line, else the first one, as a flag of `plait correct`; "" if there is
    none.
    """
    for path, leaf in sorted(leaves(answer, json_value, ""), key=lambda each: (confidence or {}).get(each[0], 1.0)):
        text = literal_text(leaf if isinstance(leaf, str) and not is_read_as_json(answer, path, leaf) else dumps(leaf))
        if 0 < len(text) <= MAX_LENGTH and text.isprintable() and FLAG_PATH.fullmatch(path or WHOLE_ANSWER):
            flag = f"--{(path or WHOLE_ANSWER).replace('_', '-')}"
            return f"{flag}{'=' if text.startswith('-') else ' '}{shlex.quote(text)}"
    return ""


def is_read_as_json(answer: ValueType, path: str, text: str) -> bool:
    """Whether `plait correct` reads the flag's text as JSON. A reference may be named: what is not JSON is a name."""
    value_type = type_at(answer, path)
    inner = value_type and (value_type.optional_type or value_type)
    if inner is None or inner.points_into is None:
        return inner is not None and inner.written_as_json
    return is_json_text(text)


def leaves(value_type: ValueType, json_value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """The values that contain no others, by dotted path. The path of an option of a union is that of the union.

    An object with any keys is one value: its keys may have dots.
    """
    inner = [] if "{}" in dict(value_type.children) else list(value_type.iter_json(json_value))
    if not inner:
        yield path, json_value
    for step, child, value in inner:
        below = path if value_type.name == UNION else join_path(path, step)
        yield from leaves(child, value, below)
