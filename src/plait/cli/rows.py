"""Many rows from a file: streamed in, answered in order, streamed out as JSON lines, resumed where a run was stopped.

`plait run TASK --rows FILE > OUT` truncates OUT by itself, so what was answered is kept in a journal in the data folder
until the whole file is done: the next run writes those rows again at once and asks only for the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from plait.core.calls import event_loop
from plait.core.calls.batch import outcomes
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call, transport
from plait.core.errors import MissingDependency, ModelNotFound, PlaitError, SettingsError
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.rows import DatasetRow, count_rows, read_rows, unused_columns
from plait.core.progress import CountProgress
from plait.core.task.options import Options
from plait.core.values.json_text import dumps
from plait.http.responses import error_object
from plait.service.catalog import AnyTask


@dataclass(frozen=True)
class RowOutput:
    """What is written for a row; `is_new` where it was answered just now."""

    text: str
    is_new: bool = False
    failed: bool = False


def answer_rows(task: AnyTask, name: str, options: Options, *, fresh: bool) -> int:
    """Answers a file to standard output. Exit code 1 where a row failed."""
    file, declaration = Path(name), task.declaration
    total = count_rows(file)
    journal = Journal.for_file(declaration.name, file, [declaration.fingerprint, vars(options)])
    journal.prepare(fresh=fresh)
    if journal.count:
        click.echo(f"{journal.count} of {total} rows were answered before (--fresh asks again)", err=True)
    if file.suffix == ".csv" and (unused := unused_columns(declaration, file)):
        click.echo(f"columns not used: {', '.join(unused)}", err=True)
    failed = event_loop.run(answer_all(task, read_rows(declaration, file), options, journal, total))
    if not failed:
        journal.delete()
    else:
        click.echo(f"{failed} of {total} rows failed; the same command asks for them again", err=True)
    return 1 if failed else 0


async def answer_all(task: AnyTask, rows: Iterator[DatasetRow], options: Options, journal: Journal, total: int) -> int:
    chosen_transport = transport()
    progress = CountProgress(task.declaration.name, total)
    failed = done = 0

    async def row_output(row: DatasetRow) -> RowOutput:
        known_line = journal.read_line(row.number)
        if known_line is not None:
            return RowOutput(known_line)
        try:
            call = Call(task.declaration, row.inputs(), options, tuple(task.code_engines))
            completed = await last_event(chosen_transport.answer(call))
        except (ModelNotFound, MissingDependency, SettingsError):
            raise  # no row's fault, and the same for all of them
        except PlaitError as error:
            return RowOutput(dumps({"row": row.number, "where": row.where, **error_object(error)}), failed=True)
        return RowOutput(dumps({"row": row.number, "answer": completed.json_value}), is_new=True)

    async for outcome in outcomes(row_output, rows):
        if outcome.error is not None:
            raise outcome.error
        output: RowOutput = outcome.answer
        done, failed = done + 1, failed + output.failed
        if output.is_new:
            journal.write_line(output.text)
        click.echo(output.text)
        progress.update(done, failed)
    return failed
