"""The catalog of a server: loaded again when a file of tasks, a module beside it or plait.toml changes.

Requests in progress keep the task that they began with. A change that cannot be loaded leaves the last good tasks in
place; the catalog's `error` says why.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from plait.core.errors import PlaitError, to_plait_error
from plait.service.catalog import AnyTask, Catalog
from plait.service.code_engines import FunctionEngine
from plait.service.task_files import settings_file, task_files
from plait.service.task_module import is_own_file

POLL_INTERVAL = 0.3  # seconds
FileState = tuple[int, int, int] | None  # time of the last change in ns, size, inode; None if the file is missing
Report = Callable[[Catalog], None]


@dataclass(frozen=True)
class LoadedTasks:
    """A catalog and the user's modules that it was loaded from, by their names in sys.modules."""

    catalog: Catalog
    modules: Mapping[str, ModuleType] = field(default_factory=dict[str, ModuleType])


class LiveCatalog:
    """A catalog that follows its files. `named` are those of the command line; plait.toml may add others."""

    def __init__(self, loaded: LoadedTasks, named: tuple[Path, ...] | None = None) -> None:
        self.loaded, self.named = loaded, named
        self.files: tuple[Path, ...] = ()
        self.loaded_states: dict[Path, FileState] = {}
        self.last_states: dict[Path, FileState] = {}

    @staticmethod
    def from_catalog(catalog: Catalog) -> "LiveCatalog":
        """A catalog that never changes."""
        return LiveCatalog(LoadedTasks(catalog))

    @staticmethod
    def load(named: Iterable[Path] = ()) -> "LiveCatalog":
        """The tasks of the files and of plait.toml. Raises PlaitError for a file that cannot be loaded."""
        live = LiveCatalog(LoadedTasks(Catalog(())), tuple(named))
        live.reload()
        if live.error is not None:
            raise live.error
        return live

    @property
    def current(self) -> Catalog:
        return self.loaded.catalog

    @property
    def error(self) -> PlaitError | None:
        """The reason why the files, as they are now, are not the tasks that are served."""
        return self.loaded.catalog.error

    def __iter__(self) -> Iterator[AnyTask]:
        return iter(self.current)

    def __getitem__(self, name: str) -> AnyTask:
        return self.current[name]

    async def watch(self, report: Report | None = None) -> None:
        """Loads the tasks again after each change, until it is cancelled. `report` receives each new catalog."""
        while self.named is not None:
            await asyncio.sleep(POLL_INTERVAL)
            if self.has_changed():
                await asyncio.to_thread(self.reload)
                if report is not None:
                    report(self.current)

    def has_changed(self) -> bool:
        """Whether a file differs from what was loaded, and has not changed since the last look: it is complete."""
        states = self.file_states()
        settled, self.last_states = states == self.last_states, states
        return settled and states != self.loaded_states

    def reload(self) -> None:
        """Loads the tasks; an error is kept beside the tasks of the last load."""
        before = self.file_states()  # a file that changes while it is loaded counts as it was before
        try:
            self.files = task_files(self.named or ())
            self.loaded = load_tasks(self.files, self.loaded)
        except Exception as error:
            self.loaded = replace(self.loaded, catalog=replace(self.current, error=to_plait_error(error)))
        self.loaded_states = {file: before.get(file, state) for file, state in self.file_states().items()}

    def file_states(self) -> dict[Path, FileState]:
        return {file: file_state(file) for file in self.watched_files()}

    def watched_files(self) -> set[Path]:
        """The files whose change counts. After an error any file beside them may be the one that is corrected."""
        modules = {Path(module.__file__) for module in self.loaded.modules.values() if module.__file__}
        beside = {file for each in self.files for file in each.parent.glob("*.py")} if self.error else set[Path]()
        return {settings_file(), *self.files, *modules, *beside}


def load_tasks(files: tuple[Path, ...], previous: LoadedTasks) -> LoadedTasks:
    """Imports the files anew, and then drops the modules and code engines of the previous load.

    Raises PlaitError; the previous modules then stay.
    """
    for name in previous.modules:
        sys.modules.pop(name, None)
    others = set(sys.modules)
    known_tasks = (*previous.catalog, *Catalog.built_in())
    engines = [list(task.code_engines) for task in known_tasks]
    try:
        catalog = Catalog.with_files(*files)
    except BaseException:
        for name in own_modules(files, others):
            del sys.modules[name]
        sys.modules.update(previous.modules)
        for task, earlier in zip(known_tasks, engines, strict=True):
            task.code_engines[:] = earlier
        raise
    remove_code_engines(known_tasks, previous.modules)
    return LoadedTasks(catalog, own_modules(files, others))


def own_modules(files: tuple[Path, ...], others: set[str]) -> Mapping[str, ModuleType]:
    """The modules that were imported beside the files; `others` were imported before."""
    folders = {file.resolve().parent for file in files}
    return {
        name: module
        for name, module in list(sys.modules.items())
        if name not in others and name.partition(".")[0] != "plait"
        if any(is_own_file(getattr(module, "__file__", None), folder) for folder in folders)
    }


def remove_code_engines(tasks: Iterable[AnyTask], modules: Mapping[str, ModuleType]) -> None:
    """Removes the functions of these modules from the tasks that they answer."""
    namespaces = [vars(module) for module in modules.values()]
    for task in tasks:
        task.code_engines[:] = [engine for engine in task.code_engines if not is_defined_in(engine, namespaces)]


def is_defined_in(engine: object, namespaces: list[dict[str, object]]) -> bool:
    if not isinstance(engine, FunctionEngine):
        return False
    defined_in = getattr(engine.function, "__globals__", None)
    return any(defined_in is each for each in namespaces)


def file_state(file: Path) -> FileState:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)
