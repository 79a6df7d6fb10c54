"""Check of `plait doctor`: which model answers each built-in task and each task of a file."""

from pathlib import Path

from plait.core.errors import NoCapableModel, TaskFileError
from plait.service.catalog import AnyTask, Catalog
from plait.service.local_transport import LocalTransport
from plait.service.supervisor.finding import Findings, ok, warn, wrong
from plait.service.task_files import task_files


def check_tasks(file: Path | None) -> Findings:
    """Lists the tasks of each model. It is `wrong` if no model answers a task of the file, or any task at all."""
    builtin = Catalog.all_installed()
    try:
        catalog = Catalog.with_files(*task_files(() if file is None else (file,)))
    except TaskFileError as error:
        yield wrong(str(error), error.hint)
        catalog = builtin
    own = {task.declaration.name for task in catalog if task not in builtin.tasks}
    answered: dict[str, list[str]] = {}
    refused: list[tuple[str, NoCapableModel]] = []
    for task in catalog:
        try:
            answered.setdefault(engine_name(task), []).append(task.declaration.name)
        except NoCapableModel as error:
            refused.append((task.declaration.name, error))
    for name, tasks in answered.items():
        yield ok(f"{name} answers {', '.join(tasks)}")
    for name, refusal in refused:
        yield (wrong if name in own or not answered else warn)(refusal.message, refusal.hint)


def engine_name(task: AnyTask) -> str:
    """The name of the engine that answers a task. Raises NoCapableModel."""
    return LocalTransport().engine_for(task.declaration, None, tuple(task.code_engines)).name
