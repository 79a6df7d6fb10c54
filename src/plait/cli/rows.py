"""Answers the rows of a file in order, streamed as JSON lines. An interrupted run resumes where it stopped.

The shell truncates OUT in `plait run TASK --rows FILE > OUT`, so answers are kept in a journal in the data folder until
the whole file is done: the next run writes the answered rows at once and calls the model only for the rest.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from plait.cli.standard_streams import echo_json
from plait.core.calls import event_loop
from plait.core.calls.batch import outcomes
from plait.core.calls.row_answers import MAX_BLANK, answer_row, rows_suffix
from plait.core.calls.transport import Call, transport
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.rows import DatasetRow, count_rows, is_table, read_rows, unused_columns
from plait.core.progress import CountProgress
from plait.core.task.options import Options
from plait.core.values.json_text import dumps
from plait.http.responses import error_object
from plait.service.catalog import AnyTask

STANDARD_INPUT = "-"
STDIN_NAME = "standard input"


@dataclass(frozen=True)
class RowOutput:
    """The output line of a row; `is_new` if this run answered it."""

    text: str
    is_new: bool = False
    failed: bool = False


def answer_rows(task: AnyTask, name: str, options: Options, *, fresh: bool) -> int:
    """Answers a file of rows to standard output. Returns the exit code: 1 if a row failed."""
    with nullcontext(Path(name)) if name != STANDARD_INPUT else copy_of_stdin() as file:
        return answer_file(task, file, STDIN_NAME if name == STANDARD_INPUT else "", options, fresh=fresh)


@contextmanager
def copy_of_stdin() -> Iterator[Path]:
    """A file with the rows of standard input, which are read more than once: JSON lines begin with a brace."""
    with TemporaryDirectory(prefix="plait-rows-") as folder:
        file = Path(folder, "rows")
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        with file.open("rb") as rows:
            suffix = rows_suffix(rows.read(MAX_BLANK))
        yield file.rename(file.with_suffix(suffix))


def answer_file(task: AnyTask, file: Path, name: str, options: Options, *, fresh: bool) -> int:
    declaration = task.declaration
    total = count_rows(file, name=name)
    if not total:
        click.echo(f"{name or file} has no rows", err=True)
        return 0
    journal = Journal.for_file(declaration.name, file, [declaration.fingerprint, vars(options)])
    journal.prepare(fresh=fresh)
    if journal.count:
        click.echo(
            f"{journal.count} of {total} rows were answered by an earlier run (--fresh answers them again)", err=True
        )
    if is_table(file) and (unused := unused_columns(declaration, file)):
        click.echo(f"columns not used: {', '.join(unused)}", err=True)
    failed = event_loop.run(answer_all(task, read_rows(declaration, file, name), options, journal, total))
    if not failed:
        journal.delete()
    else:
        click.echo(f"{failed} of {total} rows failed; the same command tries them again", err=True)
    return 1 if failed else 0


async def answer_all(task: AnyTask, rows: Iterator[DatasetRow], options: Options, journal: Journal, total: int) -> int:
    chosen_transport = transport()
    call = Call(task.declaration, {}, options, tuple(task.code_engines))
    progress = CountProgress(task.declaration.name, total)
    failed = done = 0

    async def row_output(row: DatasetRow) -> RowOutput:
        known_line = journal.read_line(row.number)
        if known_line is not None:
            return RowOutput(known_line)
        answer = await answer_row(chosen_transport, call, row)
        if answer.completed is None:
            assert answer.error is not None
            problem = error_object(answer.error)
            return RowOutput(dumps({"row": row.number, "where": row.where, **problem}), failed=True)
        return RowOutput(dumps({"row": row.number, "answer": answer.completed.json_value}), is_new=True)

    async for outcome in outcomes(row_output, rows):
        if outcome.error is not None:
            raise outcome.error
        output: RowOutput = outcome.answer
        done, failed = done + 1, failed + output.failed
        if output.is_new:
            journal.write_line(output.text)
        echo_json(output.text)
        progress.update(done, failed)
    return failed
