"""Many rows from a file: streamed in, answered in order, streamed out as JSON lines, resumed where a run was stopped.

`plait run TASK --rows FILE > OUT` truncates OUT by itself, so what was answered is kept in a journal in the data folder
until the whole file is done: the next run writes those rows again at once and asks only for the rest.
"""

import codecs
import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from plait.core import loop
from plait.core.batch import Progress, outcomes
from plait.core.declaration import Declaration
from plait.core.door import Call, transport
from plait.core.errors import InputError, MissingExtra, NoModel, PlaitError, SettingsError
from plait.core.examples import append
from plait.core.inputs import inputs_from_wire, wire_from_texts
from plait.core.jsontext import dumps, loads
from plait.core.options import Options
from plait.core.settings import settings
from plait.core.travel import answered
from plait.service.catalog import AnyTask
from plait.service.http.wire import error_object


@dataclass(frozen=True)
class Row:
    """One row of a file: where it stands, and how its inputs are read (which may refuse it)."""

    number: int
    where: str
    inputs: Callable[[], dict[str, object]]


@dataclass(frozen=True)
class Line:
    """What is written for a row; `new` where it was answered just now."""

    text: str
    new: bool = False
    failed: bool = False


def answer_rows(task: AnyTask, name: str, options: Options, *, fresh: bool) -> int:
    """Answers a file to standard output. Exit code 1 where a row failed."""
    file = Path(name)
    total = counted(file)
    journal = journal_of(task.declaration, file, options)
    prepare(journal, fresh=fresh)
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

    async def line(row: Row) -> Line:
        if row.number in before:
            return Line(before[row.number])
        try:
            call = Call(task.declaration, row.inputs(), options, tuple(task.by_code))
            whole = await answered(through.answer(call))
        except (NoModel, MissingExtra, SettingsError):
            raise  # no row's fault, and the same for all of them
        except PlaitError as error:
            return Line(dumps({"row": row.number, "where": row.where, **error_object(error)}), failed=True)
        return Line(dumps({"row": row.number, "answer": whole.wire}), new=True)

    async for outcome in outcomes(line, rows):
        if outcome.error is not None:
            raise outcome.error
        told: Line = outcome.answer
        done, failed = done + 1, failed + told.failed
        if told.new:
            keep(journal, told.text)
        click.echo(told.text)
        progress.tell(done, failed)
    return failed


def rows_of(declared: Declaration, file: Path) -> Iterator[Row]:
    """The rows of a file, as they are asked for. Raises InputError for a file that is none."""
    return csv_rows(declared, file) if file.suffix == ".csv" else json_rows(declared, file)


def csv_rows(declared: Declaration, file: Path) -> Iterator[Row]:
    names = {slot.name for slot in declared.slots}
    for number, (where, columns) in enumerate(csv_lines(file), 1):
        if number == 1:
            tell_unused({str(name) for name in columns if name is not None} - names)
        texts = {name: text for name, text in columns.items() if name in names and text is not None}
        yield Row(number, where, lambda texts=texts: from_texts(declared, texts))


def csv_lines(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table by column, each with the line it begins at. Raises InputError."""
    csv.field_size_limit(2**31 - 1)  # an invoice may be longer than the usual 131,072 characters
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        at = 1
        try:
            at += bool(reader.fieldnames) * reader.line_num
            for columns in reader:
                yield f"{file}:{at}", columns
                at = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as fault:
            raise InputError(f"{file}:{at} cannot be read: {fault}", way_out="send UTF-8, quotes doubled") from None


def from_texts(declared: Declaration, texts: dict[str, str]) -> dict[str, object]:
    return inputs_from_wire(declared, wire_from_texts(declared, texts))


def json_rows(declared: Declaration, file: Path) -> Iterator[Row]:
    with file.open("rb") as lines:
        filled = ((at, line) for at, line in enumerate(lines, 1) if line.strip())
        for number, (at, line) in enumerate(filled, 1):
            where = f"{file}:{at}"
            yield Row(number, where, lambda line=line, where=where: from_json(declared, line, where))


def from_json(declared: Declaration, line: bytes, where: str) -> dict[str, object]:
    """The slots of a line; other columns (an answer, a note) are the writer's own."""
    wire = loads(line.removeprefix(codecs.BOM_UTF8), where)
    if isinstance(wire, dict):
        names = {slot.name for slot in declared.slots}
        wire = {name: value for name, value in wire.items() if name in names}
    return inputs_from_wire(declared, wire)


def tell_unused(columns: set[str]) -> None:
    if columns:
        click.echo(f"columns not used: {', '.join(sorted(columns))}", err=True)


def counted(file: Path) -> int:
    """How many rows there are. Raises InputError for a file that is none, before anything is asked."""
    if file.suffix not in (".csv", ".jsonl", ".ndjson"):
        raise InputError(f"--rows takes a .csv or a .jsonl file, not {file.name}")
    try:
        if file.suffix == ".csv":
            return sum(1 for _ in csv_lines(file))
        with file.open("rb") as lines:
            return sum(1 for line in lines if line.strip())
    except OSError as fault:
        raise InputError(f"{file} cannot be read: {fault.strerror}") from None


def journal_of(declared: Declaration, file: Path, options: Options) -> Path:
    """The journal of this very work: the same task, file and options."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(dumps([declared.fingerprint, vars(options)]).encode())
    return settings().data / "runs" / f"{declared.name}-{digest.hexdigest()[:16]}.jsonl"


def prepare(journal: Path, *, fresh: bool) -> None:
    """Makes sure that answers can be kept, before any is asked for."""
    try:
        if fresh:
            journal.unlink(missing_ok=True)
        journal.parent.mkdir(parents=True, exist_ok=True)
        append(journal, b"")
    except OSError as fault:
        raise not_kept(journal, fault) from None


def keep(journal: Path, line: str) -> None:
    try:
        append(journal, line.encode() + b"\n")
    except OSError as fault:
        raise not_kept(journal, fault) from None


def not_kept(journal: Path, fault: OSError) -> SettingsError:
    return SettingsError(
        f"{journal} cannot be written: {fault.strerror}", way_out="set PLAIT_DATA to a folder that you may write to"
    )


def done_before(journal: Path) -> dict[int, str]:
    """The lines of an earlier run by their row; a last line that was cut when the run was killed does not count."""
    if not journal.exists():
        return {}
    found: dict[int, str] = {}
    for line in journal.read_text("utf-8").split("\n"):
        try:
            found[json.loads(line)["row"]] = line
        except (ValueError, KeyError, TypeError):
            continue
    return found
