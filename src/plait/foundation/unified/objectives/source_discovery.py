"""Discovers which tasks a user's files can train, from their contents."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow
from plait.core.task.declaration import Declaration
from plait.foundation.data.image_header import with_image_headers
from plait.foundation.data.sources.annotations.annotation_rows import SUPPORTED_TASKS, row_factory
from plait.foundation.data.sources.annotations.formats import (
    COCO,
    AnnotationFormat,
    annotated_pictures,
    annotation_format,
)
from plait.foundation.data.sources.bad_rows import check_bad_share
from plait.foundation.data.sources.data_folder import read_folder
from plait.foundation.data.sources.folders import source_names
from plait.foundation.data.sources.open_table import SUPPORTED_FORMATS, open_table
from plait.foundation.data.sources.row_groups import DamagedRow
from plait.foundation.data.sources.row_hints import row_column_names
from plait.foundation.data.sources.table import Table
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.recipe import SourceConfig

PROBED_ROWS = 5  # rows that a table is judged by: some of them may be bad


def discover_sources(path: Path, tasks: Sequence[str], images: Path | None = None) -> list[tuple[Path, str]]:
    """Pairs of a data file and a task it can train: a file, shards, or all data in a folder that is not held out.

    A COCO file gives several tasks. Raises InputError if there is no such file, or one that fits no task;
    MissingDependency.
    """
    if not path.exists() and "*" not in path.name:
        raise InputError(f"{path} does not exist", hint="name a file or a folder")
    sources = training_sources_in(path) if path.is_dir() else [path]
    return [(source, task) for source in sources for task in tasks_in(source, tasks, images)]


def training_sources_in(folder: Path) -> Sequence[Path]:
    """Those to train on. Raises InputError if there are none: the folder itself may be one source."""
    found = read_folder(folder)
    if not found.training and found.held_out:
        names = ", ".join(str(each.relative_to(folder)) for each in found.held_out)
        raise InputError(f"{folder} has no data to train on: {names} is held out", hint="rename it, or name the file")
    if not found.training:
        raise InputError(f"{folder} has no data", hint=SUPPORTED_FORMATS)
    return found.training


def equal_weight_sources(pairs: Sequence[tuple[Path, str]], images: Path | None = None) -> tuple[SourceConfig, ...]:
    """Sources with equal weights, which together equal the weight of the worlds.

    Bindings learned in the worlds must not be forgotten.
    """
    folder = str(images.resolve()) if images else None
    return tuple(SourceConfig(str(file.resolve()), task, 1 / len(pairs), folder) for file, task in pairs)


def tasks_in(file: Path, tasks: Sequence[str], images: Path | None = None) -> list[str]:
    if form := annotation_format(file) or (COCO if file.suffix == ".json" else None):
        return annotation_tasks_in(form, file, tasks, images)
    table = open_table(file, task_declaration(tasks[0]), images)
    parameters = frozenset(parameter.name for task in tasks for parameter in task_declaration(task).parameters)
    columns = column_names(table, tasks)
    candidates = [
        task
        for task in tasks
        if {parameter.name for parameter in task_declaration(task).parameters} == columns & parameters
    ]
    if not candidates:
        raise ambiguity_error(file, f"has the columns {', '.join(sorted(columns))}, which match no task", tasks)
    errors = {task: row_error(table, task_declaration(task)) for task in candidates}
    usable = [task for task, error in errors.items() if error is None]
    if not usable:
        error = errors[candidates[0]]
        assert error is not None
        hint = error.hint or f"correct it; if {file} is not meant for {candidates[0]}, name the file after its task"
        raise InputError(error.message, problems=error.problems, hint=hint)
    usable = [task for task in usable if task in source_names(file)] or usable
    if len(usable) > 1:
        raise ambiguity_error(file, f"matches several tasks: {' and '.join(usable)}", tasks)
    return usable


def ambiguity_error(file: Path, reason: str, tasks: Sequence[str]) -> InputError:
    hint = f"use a column for each input and one called answer; or name the file after its task: {', '.join(tasks)}"
    return InputError(f"{file} {reason}", hint=hint)


def annotation_tasks_in(form: AnnotationFormat, source: Path, tasks: Sequence[str], images: Path | None) -> list[str]:
    pictures = annotated_pictures(form, source, images)
    factories = {
        declaration.name: row_factory(declaration)
        for declaration in filter(has_annotated_rows, map(task_declaration, tasks))
    }
    usable = [task for task, factory in factories.items() if next(factory(pictures), None)]
    if not usable and pictures.bad_rows:
        check_bad_share(str(source), pictures.bad_rows, len(pictures.bad_rows))
    if not usable:
        raise InputError(f"{source} has no training data", hint=SUPPORTED_TASKS)
    return usable


def has_annotated_rows(declaration: Declaration) -> bool:
    try:
        row_factory(declaration)
    except InputError:
        return False
    return True


def column_names(table: Table, tasks: Sequence[str]) -> set[str]:
    """Column names of the first readable row, under each task: the task determines the column of an image member.

    Raises InputError for a table without rows.
    """
    return {name for task in tasks for name in first_columns(first_rows(table, task_declaration(task)))}


def first_columns(rows: Iterator[DatasetRow]) -> list[str]:
    return next((columns for row in rows if (columns := row_column_names(row))), [])


def row_error(table: Table, declaration: Declaration) -> InputError | None:
    """Error of the first rows of a table for a task; None if one of them is valid."""
    errors: list[InputError] = []
    for row in first_rows(table, declaration):
        try:
            row.example()
        except InputError as error:
            errors.append(error)
        else:
            return None
    return errors[0]


def first_rows(table: Table, declaration: Declaration) -> Iterator[DatasetRow]:
    """First readable rows. Raises InputError if there are none."""
    if not len(table):
        check_bad_share(str(table.file), table.bad_rows, len(table.bad_rows))
    header_declaration = with_image_headers(declaration, table.folder)
    damaged: list[DamagedRow] = []
    indices = range(min(PROBED_ROWS, len(table)))
    for index in indices:
        try:
            yield table.row(index, header_declaration)
        except DamagedRow as error:
            damaged.append(error)
    if len(damaged) == len(indices):
        raise damaged[0]
