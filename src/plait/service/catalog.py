"""Which tasks there are: the built-in ones, one file each, and those of a file that is served."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from plait.core.calls.transport import TaskCard
from plait.core.errors import NoTask, SettingsError
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.task.signature import spelled
from plait.core.task.task import Task

AnyTask = Task[..., Any]


@dataclass(frozen=True)
class Catalog:
    """Tasks by name, each once."""

    tasks: tuple[AnyTask, ...]

    def __iter__(self) -> Iterator[AnyTask]:
        return iter(self.tasks)

    def __getitem__(self, name: str) -> AnyTask:
        """The task of that name. Raises NoTask with the nearest one."""
        for task in self.tasks:
            if task.declaration.name == name:
                return task
        names = [task.declaration.name for task in self.tasks]
        known = f"there are {', '.join(names)}" if names else "there is none yet: plait serve my_tasks.py"
        raise NoTask(f"no task is called {name!r}", way_out=did_you_mean(name, names, known))

    @staticmethod
    def built_in() -> "Catalog":
        return Catalog.of(task for name in built_in_names() for task in tasks_in(importlib.import_module(name)))

    @staticmethod
    def with_file(file: Path) -> "Catalog":
        """The tasks of a file, then the built-in ones; a built-in one gives way to the file's own of that name."""
        own = Catalog.of(tasks_in(module_of(file)))
        names = {task.declaration.name for task in own}
        return Catalog((*own, *(task for task in Catalog.built_in() if task.declaration.name not in names)))

    @staticmethod
    def of(tasks: Iterable[AnyTask]) -> "Catalog":
        """Raises SettingsError where two tasks have one name, with both files."""
        by_name: dict[str, AnyTask] = {}
        for task in tasks:
            other = by_name.setdefault(task.declaration.name, task)
            if other.declaration.source.file != task.declaration.source.file:
                raise SettingsError(
                    f"two tasks are called {task.declaration.name}",
                    details=(other.declaration.source.shown, task.declaration.source.shown),
                    way_out="rename one: a task's name is its verb and its address",
                )
        return Catalog(tuple(by_name.values()))


def built_in_names() -> list[str]:
    """The modules of `plait/tasks`: the folder is the list."""
    folder = Path(cast(str, cast(Any, importlib.util.find_spec("plait.tasks")).submodule_search_locations[0]))
    return [f"plait.tasks.{file.stem}" for file in sorted(folder.glob("*.py")) if file.stem != "__init__"]


def built_in(task: AnyTask) -> bool:
    return task.declaration.function.__module__ in built_in_names()


def tasks_in(module: ModuleType) -> list[AnyTask]:
    """The tasks that a module declares or imports, in its order."""
    return [value for value in vars(module).values() if isinstance(value, Task)]


def module_of(file: Path) -> ModuleType:
    """A file of tasks, imported under its own name. Raises SettingsError where there is none."""
    if not file.is_file() or file.suffix != ".py":
        raise SettingsError(f"{file} is not a Python file of tasks", way_out="plait serve my_tasks.py")
    path = file.resolve()
    name = path.stem
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A file imports its neighbours, as it would when Python runs it.
    sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module


def find(address: str) -> tuple[AnyTask, Catalog]:
    """The task of an address: a built-in's name, or `my_tasks.py:name`. Raises NoTask, SettingsError."""
    file, colon, name = address.rpartition(":")
    if colon and file.endswith(".py"):
        catalog = Catalog.with_file(Path(file))
        return catalog[name], catalog
    if address.endswith(".py"):
        catalog = Catalog.of(tasks_in(module_of(Path(address))))
        names = [task.declaration.name for task in catalog]
        if len(names) == 1:
            return catalog.tasks[0], catalog
        raise NoTask(
            f"{address} has {len(names)} tasks", way_out=f"say which: {address}:{names[0] if names else 'name'}"
        )
    catalog = Catalog.built_in()
    return catalog[address], catalog


def card(declaration: Declaration) -> TaskCard:
    answer = spelled(declaration.answer_annotation)
    return TaskCard(declaration.name, str(declaration.instruction), answer, declaration.fingerprint)
