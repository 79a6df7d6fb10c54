"""`plait verify ANSWER --input FILE`: check an answer against its inputs by its certificate."""

import sys
from pathlib import Path
from typing import Any

import click

from plait.cli.standard_streams import echo_json
from plait.core.errors import InputError
from plait.core.values.json_text import dumps, loads
from plait.core.values.quoting import shorten
from plait.service.catalog import find_task
from plait.service.verification import STATUSES, Verification, VerifiedLeaf, read_certificate
from plait.service.verification import verify as verify_answer

MAX_VALUE = 40  # characters of a value in a line


@click.command()
@click.argument("answer")
@click.option(
    "--input",
    "inputs",
    metavar="[NAME=]FILE",
    multiple=True,
    help="An input as it was answered: a text, an image, or a JSON value. NAME may be left out if there is only one.",
)
@click.option("--task", "task_name", metavar="FILE:NAME", help="The task, to compute its computed fields again.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(answer: str, inputs: tuple[str, ...], task_name: str | None, as_json: bool) -> None:
    """Check an answer that `plait run TASK --detailed` or HTTP wrote. ANSWER is its file; - is standard input.

    References and quotations are proved by the inputs, without a model and without the task's code. Computed fields
    are claimed, unless --task is given. What the model wrote or chose is free: nothing proves it.
    """
    envelope = read_answer(answer)
    task = None if task_name is None else find_task(task_name)[0]
    result = verify_answer(envelope, input_files(envelope, inputs), task)
    if as_json:
        echo_json(dumps(verification_json(result)))
        return
    for line in verification_lines(result):
        click.echo(line)


def read_answer(file: str) -> dict[str, Any]:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", hint="pass the file of the answer") from None
    envelope = loads(content, "the answer" if file == "-" else file)
    return envelope if isinstance(envelope, dict) else {"answer": envelope}


def input_files(envelope: dict[str, Any], inputs: tuple[str, ...]) -> dict[str, Any]:
    """The files of the inputs by name. A file alone belongs to the only input of the task."""
    names = list(read_certificate(envelope).inputs)
    files: dict[str, Any] = {}
    for each in inputs:
        name, separator, file = each.partition("=")
        if not separator or (name not in names and Path(each).exists()):
            name, file = names[0] if len(names) == 1 else "", each
        if not name:
            raise InputError(f"--input {each} does not say which input it is", hint=f"--input {names[0]}={each}")
        path = Path(file)
        if not path.is_file():
            raise InputError(f"--input {each}: there is no file {file}", hint=f"--input {name}=FILE")
        files[name] = path
    return files


def verification_lines(result: Verification) -> list[str]:
    rows = [leaf_cells(leaf) for leaf in result.leaves]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        f"  {path:<{widths[0]}}  {value:<{widths[1]}}  {status:<{widths[2]}}  {basis}".rstrip()
        for path, value, status, basis in rows
    ]
    counts = ", ".join(f"{result.count(status)} {status}" for status in STATUSES)
    not_compared = f"; not compared: {', '.join(result.not_compared)}" if result.not_compared else ""
    return [f"{result.task}  {result.fingerprint}", *lines, f"{counts}{not_compared}"]


def leaf_cells(leaf: VerifiedLeaf) -> tuple[str, str, str, str]:
    basis = f"{leaf.kind}, {leaf.basis}" if leaf.basis else leaf.kind
    return (
        leaf.path or "answer",
        shorten(dumps(leaf.value), MAX_VALUE),
        leaf.status,
        "" if leaf.kind == "free" else basis,
    )


def verification_json(result: Verification) -> dict[str, object]:
    return {
        "task": result.task,
        "fingerprint": result.fingerprint,
        "leaves": [vars(leaf) for leaf in result.leaves],
        "not_compared": list(result.not_compared),
        **{status: result.count(status) for status in STATUSES},
    }
