"""Which tasks a person's files teach, told by what stands in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.core.declaration import Declaration
from plait.core.errors import InputError
from plait.core.jsontext import loads
from plait.core.rows import Row
from plait.foundation.data.header.value import by_header
from plait.foundation.data.sources.bad_rows import refuse_too_many
from plait.foundation.data.sources.checking import table_in
from plait.foundation.data.sources.coco import TAKES, known, rows_for
from plait.foundation.data.sources.explaining import columns_of
from plait.foundation.data.sources.table import digest_of
from plait.foundation.training.examples import declared
from plait.foundation.training.recipe import Source

FORMATS = (".jsonl", ".ndjson", ".csv", ".json")
HELD_OUT = ("held-out", "held_out")  # how the names of files begin that are to be measured with
FIRST = 5  # rows that a table is judged by: one of them may be a bad one


def sources_in(path: Path, tasks: Sequence[str]) -> list[tuple[Path, str]]:
    """A file, or all files of data in a folder that are not held out, each with a task that it teaches; a COCO file
    teaches several. Raises InputError where there is no such file, or one that teaches none.
    """
    if not path.exists():
        raise InputError(f"{path} is not there", way_out="name a file or a folder of yours")
    files = [path] if path.is_file() else sorted(filter(is_data, path.iterdir()))
    if not files:
        raise InputError(f"{path} holds no data", way_out="JSON lines (.jsonl), tables (.csv) or COCO (.json)")
    return [(file, task) for file in files for task in taught_by(file, tasks)]


def is_data(file: Path) -> bool:
    return file.suffix in FORMATS and not file.stem.startswith(HELD_OUT) and (file.suffix != ".json" or is_coco(file))


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
    slots = frozenset(slot.name for task in tasks for slot in declared(task).slots)
    fitting = [task for task in tasks if {slot.name for slot in declared(task).slots} == columns(file, tasks) & slots]
    if not fitting:
        named = ", ".join(sorted(columns(file, tasks)))
        raise unclear(file, f"has the columns {named}, which no task takes", tasks)
    found = [task for task in fitting if fault_in(file, declared(task)) is None]
    if not found:
        fault = fault_in(file, declared(fitting[0]))
        assert fault is not None
        way_out = fault.way_out or f"mend it; where {file} is not meant for {fitting[0]}, call it after its task"
        raise InputError(fault.message, problems=fault.problems, way_out=way_out)
    found = [task for task in found if task == file.stem] or found
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


def columns(file: Path, tasks: Sequence[str]) -> set[str]:
    """Of the first row that has any. Raises InputError for a file without rows."""
    return next((set(found) for row in first_rows(file, declared(tasks[0])) if (found := columns_of(row))), set())


def fault_in(file: Path, declaration: Declaration) -> InputError | None:
    """Why the first of a table's first rows is none of the task's; None where one of them is."""
    faults: list[InputError] = []
    for row in first_rows(file, declaration):
        try:
            row.example()
        except InputError as fault:
            faults.append(fault)
        else:
            return None
    return faults[0]


def first_rows(file: Path, declaration: Declaration) -> Iterator[Row]:
    """Raises InputError where there is none."""
    table = table_in(file, declaration, file.parent)
    if not len(table):
        refuse_too_many(str(file), table.bad, len(table.bad))
    glancing = by_header(declaration, table.folder)
    return (table.row(place, glancing) for place in range(min(FIRST, len(table))))
