"""Which tasks a person's files teach, told by what stands in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import Row
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.foundation.data.picture_header.value import by_header
from plait.foundation.data.sources.bad_rows import refuse_too_many
from plait.foundation.data.sources.coco import TAKES, known, rows_for
from plait.foundation.data.sources.folders import learned_from, names_of
from plait.foundation.data.sources.row_checks import TAKEN, table_in
from plait.foundation.data.sources.row_groups import Damaged
from plait.foundation.data.sources.row_hints import columns_of
from plait.foundation.data.sources.shards import SHARDED
from plait.foundation.data.sources.table import Table, digest_of
from plait.foundation.unified.objectives.encoded_examples import declared
from plait.foundation.unified.recipe import Source

FORMATS = (".jsonl", ".ndjson", ".csv", ".json", *SHARDED)
FIRST = 5  # rows that a table is judged by: one of them may be a bad one


def sources_in(path: Path, tasks: Sequence[str]) -> list[tuple[Path, str]]:
    """A file, shards, or all data in a folder that is not held out, each with a task that it teaches; a COCO file
    teaches several. Raises InputError where there is no such file, or one that teaches none; MissingExtra.
    """
    if not path.exists() and "*" not in path.name:
        raise InputError(f"{path} is not there", way_out="name a file or a folder of yours")
    sources = learned_from(path, is_data) if path.is_dir() else [path]
    if not sources:
        raise InputError(f"{path} holds no data", way_out=TAKEN)
    return [(source, task) for source in sources for task in taught_by(source, tasks)]


def is_data(file: Path) -> bool:
    return file.suffix in FORMATS and (file.suffix != ".json" or is_coco(file))


def is_coco(file: Path) -> bool:
    """Whether a .json of a folder is meant: others may lie there, too."""
    try:
        told = loads(file.read_bytes(), str(file))
    except (InputError, OSError):
        return False
    return isinstance(told, dict) and {"images", "annotations"} <= set(told)


def weighed(found: Sequence[tuple[Path, str]]) -> tuple[Source, ...]:
    """All of them together weigh as much as the worlds: what was bound there is not to be forgotten."""
    return tuple(Source(str(file.resolve()), task, 1 / len(found)) for file, task in found)


def taught_by(file: Path, tasks: Sequence[str]) -> list[str]:
    if file.suffix == ".json":
        return taught_by_coco(file, tasks)
    table = table_in(file, declared(tasks[0]))
    slots = frozenset(slot.name for task in tasks for slot in declared(task).slots)
    there = columns(table, tasks)
    fitting = [task for task in tasks if {slot.name for slot in declared(task).slots} == there & slots]
    if not fitting:
        raise unclear(file, f"has the columns {', '.join(sorted(there))}, which no task takes", tasks)
    faults = {task: fault_in(table, declared(task)) for task in fitting}
    found = [task for task, fault in faults.items() if fault is None]
    if not found:
        fault = faults[fitting[0]]
        assert fault is not None
        way_out = fault.way_out or f"mend it; where {file} is not meant for {fitting[0]}, call it after its task"
        raise InputError(fault.message, problems=fault.problems, way_out=way_out)
    found = [task for task in found if task in names_of(file)] or found
    if len(found) > 1:
        raise unclear(file, f"could be meant for {' and '.join(found)}", tasks)
    return found


def unclear(file: Path, what: str, tasks: Sequence[str]) -> InputError:
    way_out = f"a column for each slot and one called answer; or a name that tells the task: {', '.join(tasks)}"
    return InputError(f"{file} {what}", way_out=way_out)


def taught_by_coco(file: Path, tasks: Sequence[str]) -> list[str]:
    coco = known(file, file.parent, digest_of(file))
    of = {declaration.name: rows_for(declaration) for declaration in filter(can_coco, map(declared, tasks))}
    found = [task for task, rows in of.items() if next(rows(coco), None)]
    if not found and coco.bad:
        refuse_too_many(str(file), coco.bad, len(coco.bad))
    if not found:
        raise InputError(f"{file} has nothing to learn from", way_out=TAKES)
    return found


def can_coco(declaration: Declaration) -> bool:
    try:
        rows_for(declaration)
    except InputError:
        return False
    return True


def columns(table: Table, tasks: Sequence[str]) -> set[str]:
    """Of the first row that has any, under each task: it says what a picture beside a row is called. Raises InputError
    for a table without rows.
    """
    return {name for task in tasks for name in first_columns(first_rows(table, declared(task)))}


def first_columns(rows: Iterator[Row]) -> list[str]:
    return next((found for row in rows if (found := columns_of(row))), [])


def fault_in(table: Table, declaration: Declaration) -> InputError | None:
    """Why the first of a table's first rows is none of the task's; None where one of them is."""
    faults: list[InputError] = []
    for row in first_rows(table, declaration):
        try:
            row.example()
        except InputError as fault:
            faults.append(fault)
        else:
            return None
    return faults[0]


def first_rows(table: Table, declaration: Declaration) -> Iterator[Row]:
    """Those that can be read at all. Raises InputError where there is none."""
    if not len(table):
        refuse_too_many(str(table.file), table.bad, len(table.bad))
    glancing = by_header(declaration, table.folder)
    damaged: list[Damaged] = []
    places = range(min(FIRST, len(table)))
    for place in places:
        try:
            yield table.row(place, glancing)
        except Damaged as fault:
            damaged.append(fault)
    if len(damaged) == len(places):
        raise damaged[0]
