"""The extension points of Plait: every kind of part that can be added, and how parts are found.

Built-in parts are the modules of a folder: the folder is the list. Parts of other packages are entry points:

    [project.entry-points."plait.types"]
    molecule = "plait_molecule"

Nothing is imported before it is used. Reading entry points takes milliseconds, so it happens only if no built-in part
fits. A part of another package that fails on import is left out and reported by a warning and by `plait doctor`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from plait.core.deprecation import warn_renamed
from plait.core.errors import MissingDependency, PlaitError, SettingsError
from plait.core.suggestions import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


@dataclass(frozen=True)
class ExtensionPoint:
    """One kind of part. `provides` describes what a part has to be.

    `group` is its entry point group; `former_group` is a deprecated one, read for one more version. `package` is the
    folder of the built-in parts ("" if Plait's own parts are entry points too). A part is the `submodule` of a module
    in the folder ("" for the module itself), or the `attribute` of a built-in module. `extra` is the extra of Plait
    that installs the packages of the built-in parts.
    """

    name: str
    group: str
    provides: str
    package: str = ""
    submodule: str = ""
    attribute: str = ""
    former_group: str = ""
    extra: str = ""


TYPES = ExtensionPoint(
    "value type",
    "plait.types",
    "a module with a subclass of plait.core.values.value_type.ValueType (plait new type NAME)",
    package="plait.types",
    former_group="plait.modalities",
)
TASKS = ExtensionPoint("task", "plait.tasks", "a module that declares tasks with @task", package="plait.tasks")
ENGINES = ExtensionPoint(
    "engine",
    "plait.engines",
    "a package with config.py (Config, a table of plait.toml; matches) and engine.py (engine)",
    package="plait.service.engines",
    submodule="config",
)
VERBS = ExtensionPoint(
    "command", "plait.verbs", "a click command of the entry point's name", package="plait.cli", attribute="{name}"
)
APPS = ExtensionPoint("app", "plait.apps", "a value of plait.core.app.App", package="plait.apps", attribute="app")
TRANSPORTS = ExtensionPoint(
    "transport", "plait.transports", "a function without arguments that returns a Transport, or None"
)
EXAMPLE_STORES = ExtensionPoint(
    "example store", "plait.example_stores", "a function of a declaration and an author that returns an ExampleStore"
)
TRAINERS = ExtensionPoint("trainer", "plait.trainers", "a function that runs a recipe (plait train)", extra="train")
ADAPTERS = ExtensionPoint(
    "adapter",
    "plait.adapters",
    "a function that adapts a model to a task (plait.core.evaluation.adaptation.TaskAdapter)",
    extra="train",
)
EXPORTERS = ExtensionPoint(
    "exporter", "plait.exporters", "a function that writes the weights of a run (plait export)", extra="train"
)
OPTIMIZERS = ExtensionPoint(
    "optimizer", "plait.optimizers", "a function that finds the fastest way to run a model, named as its engine",
    extra="unified",
)  # fmt: skip
SUITES = ExtensionPoint(
    "suite", "plait.suites", "a function that evaluates a model (plait.core.evaluation.suites.Suite)", extra="unified"
)
SEARCHERS = ExtensionPoint(
    "searcher", "plait.searchers", "a function that searches a folder of images (plait search)", extra="unified"
)
EXTENSION_POINTS = (
    TYPES,
    TASKS,
    ENGINES,
    VERBS,
    APPS,
    TRANSPORTS,
    EXAMPLE_STORES,
    TRAINERS,
    ADAPTERS,
    EXPORTERS,
    OPTIMIZERS,
    SUITES,
    SEARCHERS,
)


@dataclass(frozen=True)
class Plugin:
    """A part that was found and is not imported yet: `target` is "module" or "module:attribute".

    `distribution` is the package that provides it, "" for a built-in part; `group` is its entry point group.
    """

    point: ExtensionPoint
    name: str
    target: str
    distribution: str = ""
    group: str = ""

    @property
    def module(self) -> str:
        return self.target.partition(":")[0]

    def load(self) -> Any:
        """The imported part. Raises MissingDependency, and any error of its import."""
        module, _, attribute = self.target.partition(":")
        try:
            part = import_module(module)
        except ModuleNotFoundError as error:
            missing = (error.name or "plait").partition(".")[0]
            if missing in ("plait", module.partition(".")[0]):
                raise
            raise MissingDependency(
                f"the {self.point.name} {self.name} needs the package {missing}", hint=self.install_command
            ) from None
        for name in filter(None, attribute.split(".")):
            part = getattr(part, name)
        return part

    @property
    def install_command(self) -> str:
        """The command that installs the packages of the part."""
        if self.distribution not in ("", "plait"):
            return f"pip install {self.distribution}"
        return f"pip install -e '.[{self.point.extra}]'" if self.point.extra else "pip install -e ."


@dataclass(frozen=True)
class LoadAttempt:
    """The result of importing a part of another package: `part`, or the `error`."""

    plugin: Plugin
    part: Any = None
    error: str = ""


@cache
def built_in(point: ExtensionPoint) -> tuple[Plugin, ...]:
    """The modules of the folder, sorted by name. None is imported; a missing folder is empty."""
    from pkgutil import iter_modules

    spec = find_spec(point.package) if point.package else None
    folders = (spec and spec.submodule_search_locations) or ()
    names = sorted(module.name for module in iter_modules(folders))
    return tuple(Plugin(point, name, target(point, f"{point.package}.{name}", name)) for name in names)


def target(point: ExtensionPoint, module: str, name: str = "") -> str:
    """The dotted name of the part in a folder or an entry point."""
    attribute = f":{point.attribute.format(name=name)}" if point.attribute and name else ""
    return module + (f".{point.submodule}" if point.submodule else "") + attribute


def external(point: ExtensionPoint) -> tuple[Plugin, ...]:
    """The entry points of the group, in the order of sys.path; the first one wins for a repeated name."""
    return external_on(point, tuple(sys.path))


@cache
def external_on(point: ExtensionPoint, path: tuple[str, ...]) -> tuple[Plugin, ...]:
    by_name: dict[str, Plugin] = {}
    for group in filter(None, (point.group, point.former_group)):
        for found in entry_points_on(path).select(group=group):
            distribution = found.dist.name if found.dist else ""
            by_name.setdefault(found.name, Plugin(point, found.name, target(point, found.value), distribution, group))
            if group == point.former_group:
                warn_renamed(f"the entry point group {group} ({distribution})", point.group, stacklevel=2)
    return tuple(by_name.values())


@cache
def entry_points_on(path: tuple[str, ...]) -> "EntryPoints":
    """All entry points, cached: reading them takes about 15 ms for 100 packages."""
    from importlib.metadata import entry_points

    return cast("EntryPoints", entry_points())  # before Python 3.12 typed as something that can select as well


@cache
def attempt_load(plugin: Plugin) -> LoadAttempt:
    """The part, or its import error, which is logged once and does not affect other parts."""
    try:
        return LoadAttempt(plugin, plugin.load())
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        import logging

        logging.getLogger("plait").warning("not loaded: %s", failure_message(plugin, reason))
        return LoadAttempt(plugin, error=reason)


def failure_message(plugin: Plugin, reason: str) -> str:
    return f"the {plugin.point.name} {plugin.name} of {plugin.distribution} ({plugin.module}): {reason}"


def parts(point: ExtensionPoint) -> Iterator[Any]:
    """All parts: built-in ones first, then the importable ones of other packages."""
    for plugin in built_in(point):
        yield plugin.load()
    yield from (attempt.part for attempt in attempts(point) if not attempt.error)


def attempts(point: ExtensionPoint) -> Iterator[LoadAttempt]:
    """The parts of other packages, imported one by one."""
    return map(attempt_load, external(point))


def find(point: ExtensionPoint, name: str) -> Plugin | None:
    """The part of that name, not imported: a built-in one first, then one of another package."""
    for plugins in (built_in, external):
        for plugin in plugins(point):
            if plugin.name == name:
                return plugin
    return None


def load(point: ExtensionPoint, name: str) -> Any:
    """The part of that name. Raises SettingsError if it is unknown or fails on import, MissingDependency."""
    plugin = find(point, name)
    if plugin is None:
        raise not_found_error(point, name)
    if plugin.distribution in ("", "plait"):
        return plugin.load()
    try:
        return plugin.load()
    except PlaitError:
        raise
    except (Exception, SystemExit) as error:
        raise SettingsError(
            f"{failure_message(plugin, f'{type(error).__name__}: {error}')}",
            hint=f"pip install --upgrade {plugin.distribution}, or pip uninstall {plugin.distribution}",
        ) from error


def not_found_error(point: ExtensionPoint, name: str) -> SettingsError:
    names = [plugin.name for plugin in (*built_in(point), *external(point))]
    if not names:
        return SettingsError(
            f"no {point.name} is installed: Plait's files are present, but its package is not installed",
            hint="pip install -e .",
        )
    return SettingsError(
        f"no {point.name} is called {name!r}", hint=did_you_mean(name, names, f"known: {', '.join(names)}")
    )


def summary(plugin: Plugin) -> str:
    """The first docstring line of the part's module, read without importing it; "" if it cannot be read."""
    try:
        spec = find_spec(plugin.module)
        with open((spec and spec.origin) or "", encoding="utf-8") as file:
            return file.readline().strip().strip('"')
    except (OSError, ImportError, ValueError):
        return ""
