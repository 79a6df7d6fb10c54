"""Many rows from a file: streamed in, answered in order, streamed out as JSON lines, resumed where a run was stopped.

`plait run TASK --rows FILE > OUT` truncates OUT by itself, so what was answered is kept in a journal in the data folder
until the whole file is done: the next run writes those rows again at once and asks only for the rest.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from plait.core import loop
from plait.core.batch import Progress, outcomes
from plait.core.declaration import Declaration
from plait.core.door import Call, transport
from plait.core.errors import InputError, SettingsError
from plait.core.examples import append
from plait.core.inputs import inputs_from_wire, wire_from_texts
from plait.core.jsontext import dumps, loads
from plait.core.options import Options
from plait.core.settings import settings
from plait.core.task import answered
from plait.service.catalog import AnyTask
from plait.service.http.wire import error_object


@dataclass(frozen=True)
class Row:
    """One row of a file: where it stands, and how its inputs are read (which may refuse it)."""

    number: int
    where: str
    inputs: Callable[[], dict[str, object]]


def answer_rows(task: AnyTask, name: str, options: Options, *, fresh: bool) -> int:
    """Answers a file to standard output. Exit code 1 where a row failed."""
    file = Path(name)
    total = counted(file)
    journal = journal_of(task.declaration, file, options)
    if fresh:
        journal.unlink(missing_ok=True)
    before = done_before(journal)
    if before:
        click.echo(f"{len(before)} of {total} rows were answered before (--fresh asks again)", err=True)
    failed = loop.run(all_rows(task, rows_of(task.declaration, file), options, journal, before, total))
    if not failed:
        journal.unlink(missing_ok=True)
    else:
        click.echo(f"{failed} of {total} rows failed; the same command asks for them again", err=True)
    return 1 if failed else 0


async def all_rows(
    task: AnyTask, rows: Iterator[Row], options: Options, journal: Path, before: dict[int, str], total: int
) -> int:
    through = transport()
    progress = Progress(task.declaration.name, total)
    failed = done = 0

    async def line(row: Row) -> str:
        if row.number in before:
            return before[row.number]
        call = Call(task.declaration, row.inputs(), options, tuple(task.by_code))
        whole = await answered(through.answer(call))
        return dumps({"row": row.number, "answer": whole.wire})

    async for outcome in outcomes(line, rows):
        number = outcome.row + 1
        done += 1
        if outcome.error is not None:
            failed += 1
            click.echo(dumps({"row": number, **error_object(outcome.error)}))
        else:
            if number not in before:
                keep(journal, outcome.answer)
            click.echo(outcome.answer)
        progress.tell(done, failed)
    return failed


def rows_of(declared: Declaration, file: Path) -> Iterator[Row]:
    """The rows of a file, as they are asked for. Raises InputError for a file that is none."""
    if file.suffix == ".csv":
        yield from csv_rows(declared, file)
    elif file.suffix in (".jsonl", ".ndjson"):
        yield from json_rows(declared, file)
    else:
        raise InputError(f"--rows takes a .csv or a .jsonl file, not {file.name}")


def csv_rows(declared: Declaration, file: Path) -> Iterator[Row]:
    names = {slot.name for slot in declared.slots}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        tell_unused(set(reader.fieldnames or ()) - names)
        for number, columns in enumerate(reader, 1):
            texts = {name: text for name, text in columns.items() if name in names and text is not None}
            yield Row(number, f"{file}:{reader.line_num}", lambda texts=texts: from_texts(declared, texts))


def from_texts(declared: Declaration, texts: dict[str, str]) -> dict[str, object]:
    return inputs_from_wire(declared, wire_from_texts(declared, texts))


def json_rows(declared: Declaration, file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig") as lines:
        filled = ((at, line) for at, line in enumerate(lines, 1) if line.strip())
        for number, (at, line) in enumerate(filled, 1):
            where = f"{file}:{at}"
            yield Row(number, where, lambda line=line, where=where: from_json(declared, line, where))


def from_json(declared: Declaration, line: str, where: str) -> dict[str, object]:
    """The slots of a line; other columns (an answer, a note) are the writer's own."""
    wire = loads(line, where)
    if isinstance(wire, dict):
        names = {slot.name for slot in declared.slots}
        wire = {name: value for name, value in wire.items() if name in names}
    return inputs_from_wire(declared, wire)


def tell_unused(columns: set[Any]) -> None:
    if columns:
        click.echo(f"columns not used: {', '.join(sorted(map(str, columns)))}", err=True)


def counted(file: Path) -> int:
    try:
        with file.open("rb") as lines:
            filled = sum(1 for line in lines if line.strip())
    except OSError as fault:
        raise InputError(f"{file} cannot be read: {fault.strerror}") from None
    return filled - (file.suffix == ".csv")


def journal_of(declared: Declaration, file: Path, options: Options) -> Path:
    """The journal of this very work: the same task, file and options."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(dumps([declared.fingerprint, vars(options)]).encode())
    return settings().data / "runs" / f"{declared.name}-{digest.hexdigest()[:16]}.jsonl"


def keep(journal: Path, line: str) -> None:
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        append(journal, line.encode() + b"\n")
    except OSError as fault:
        raise SettingsError(
            f"{journal} cannot be written: {fault.strerror}", way_out="set PLAIT_DATA to a folder that you may write to"
        ) from None


def done_before(journal: Path) -> dict[int, str]:
    """The lines of an earlier run by their row; a last line that was cut when the run was killed does not count."""
    if not journal.exists():
        return {}
    found: dict[int, str] = {}
    for line in journal.read_text("utf-8").splitlines():
        try:
            found[json.loads(line)["row"]] = line
        except (ValueError, KeyError, TypeError):
            continue
    return found


