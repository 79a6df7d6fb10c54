"""Which tasks a person's files teach, told by what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from plait.core.declaration import Declaration
from plait.core.errors import InputError
from plait.core.jsontext import loads
from plait.core.rows import Row
from plait.foundation.data.header.value import by_header
from plait.foundation.data.sources.checking import table_in
from plait.foundation.data.sources.coco import coco_rows
from plait.foundation.training.examples import declared
from plait.foundation.training.recipe import Source

FORMATS = (".jsonl", ".csv", ".json")
FIRST = 5  # rows that a file is judged by: one of them may be a bad one


def sources_in(path: Path, tasks: Sequence[str]) -> tuple[Source, ...]:
    """A file's rows, or those of all files in a folder, each for the task that it teaches; a COCO file teaches several.

    Raises InputError where there is no such file, or one that teaches none.
    """
    if not path.exists():
        raise InputError(f"{path} is not there", way_out="name a file or a folder of yours")
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.suffix in FORMATS)
    if not files:
        raise InputError(f"{path} holds no data", way_out="JSON lines (.jsonl), tables (.csv) or COCO (.json)")
    return tuple(Source(str(file.resolve()), task) for file in files for task in taught_by(file, tasks))


def taught_by(file: Path, tasks: Sequence[str]) -> list[str]:
    """Raises InputError where that is none, or where a table could be meant for several."""
    if file.suffix == ".json":
        return taught_by_coco(file, tasks)
    slots = frozenset(slot.name for task in tasks for slot in declared(task).slots)
    found = [task for task in tasks if fits(file, declared(task), slots)]
    if len(found) > 1:
        found = [task for task in found if task == file.stem] or found
    if len(found) == 1:
        return found
    named = ", ".join(sorted(columns(next(first_rows(file, declared(tasks[0]))))))
    what = f"could be meant for {' and '.join(found)}" if found else f"has the columns {named}, which no task takes"
    raise InputError(f"{file} {what}", way_out=f"call it after its task ({', '.join(tasks)}), with a column per slot")


def taught_by_coco(file: Path, tasks: Sequence[str]) -> list[str]:
    faults: list[InputError] = []
    found: list[str] = []
    for task in tasks:
        try:
            if len(coco_rows(file, file.parent, declared(task))):
                found.append(task)
        except InputError as fault:
            faults.append(fault)
    if not found:
        raise faults[0]
    return found


def fits(file: Path, declaration: Declaration, slots: frozenset[str]) -> bool:
    """Whether one of a table's first rows has a column for each slot, none of those of another task, and an answer that
    is one of the task's.
    """
    wanted = {slot.name for slot in declaration.slots}
    for row in first_rows(file, declaration):
        try:
            if columns(row) & slots == wanted and row.example():
                return True
        except InputError:
            continue
    return False


def first_rows(file: Path, declaration: Declaration) -> Iterator[Row]:
    """Raises InputError where there is none."""
    table = table_in(file, declaration, file.parent)
    if not len(table):
        raise InputError(f"{file} has no rows", way_out="a row holds a column per slot and one called answer")
    glancing = by_header(declaration, table.folder)
    return (table.row(place, glancing) for place in range(min(FIRST, len(table))))


def columns(row: Row) -> set[str]:
    if isinstance(row.given, Mapping):
        return set(row.given)
    wire = loads(row.given, row.where)
    return set(wire) if isinstance(wire, dict) else set()
