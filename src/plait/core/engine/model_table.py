"""`[models.NAME]` in plait.toml: the engine of a model, and its table as that engine reads it.

An engine is a folder with config.py and engine.py (plait.core.plugins.ENGINES):

    config.py    Config, a subclass of ModelTable: the keys of the table and the capabilities of its models;
                 matches(table) -> bool: whether a table without an `engine` key belongs to this engine;
                 installed_models() -> {name: Config}, optional: models that need no table
    engine.py    engine(name, config) -> Engine: nothing is loaded or connected before the first call
    doctor.py    check(name, config, cpu) -> findings of `plait doctor`, optional
"""

from abc import abstractmethod
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from plait.core import plugins
from plait.core.engine.protocol import Engine
from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean, nearest_name
from plait.core.toml_file import TomlTable


class ModelTable(BaseModel):
    """A table `[models.NAME]`. Each engine's `Config` is a subclass that declares the capabilities of its models."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    chats: ClassVar[bool] = True  # False: answers only its own tasks and does not continue conversations
    table_example: ClassVar[str] = ""  # a line of plait.toml that assigns a table to this engine

    @property
    def package(self) -> str:
        """The engine's folder as a dotted name."""
        return type(self).__module__.rpartition(".")[0]

    @property
    def engine_name(self) -> str:
        return self.package.rpartition(".")[2]

    @property
    def accepts(self) -> frozenset[str]:
        """The media that its models read beside text: "image"."""
        return frozenset()

    @property
    def file(self) -> Path | None:
        """The file that the model is loaded from; None if it runs elsewhere."""
        return None

    @property
    def context_length(self) -> int | None:
        """Maximum tokens of prompt and answer together; None if only the server knows."""
        return None

    @property
    def prices(self) -> tuple[float, float]:
        """The price of a million tokens that it reads, and of a million that it writes; 0 where nothing is paid."""
        return 0.0, 0.0

    @property
    def limits(self) -> tuple[str, ...]:
        """What its model cannot do, in sentences; () if nobody wrote it down."""
        return ()

    def with_defaults(self, name: str, threads: int | None) -> Self:
        """The table with defaults filled in for the model of that name. `threads` is the setting for all models."""
        return self.model_copy(update={"threads": threads}) if getattr(self, "threads", 0) is None else self

    def describe(self, name: str) -> str:
        """The location of the model, in one line of `plait models`."""
        return str(self.file or "")

    def engine(self, name: str) -> Engine:
        """The engine that runs the model. Raises SettingsError if the engine of another package fails on import."""
        try:
            module = import_module(f"{self.package}.engine")
        except (Exception, SystemExit) as error:
            if self.package.startswith("plait."):
                raise
            raise SettingsError(
                f"the engine of {name} ({self.package}.engine) cannot be imported: {type(error).__name__}: {error}",
                hint=f"remove [models.{name}] from plait.toml, or install another version of its package",
            ) from error
        return module.engine(name, self)


def beside_settings(path: Path, info: ValidationInfo) -> Path:
    """The path, resolved against the folder of plait.toml if relative."""
    context: dict[str, object] = info.context or {}
    folder = context.get("folder")
    return folder / path.expanduser() if isinstance(folder, Path) else path


ModelPath = Annotated[Path, AfterValidator(beside_settings)]


class AdaptableTable(ModelTable):
    """A table of weights on this machine, whose model answers with a LoRA adapter if `adapter` is the file of one."""

    adapter: ModelPath | None = None

    @property
    @abstractmethod
    def file(self) -> Path: ...


class EngineSettings(Protocol):
    """Protocol of an engine's module config.py."""

    Config: type[ModelTable]

    def matches(self, table: Mapping[str, Any]) -> bool: ...


def parse_table(name: str, table: TomlTable) -> ModelTable:
    """The table `[models.NAME]`, read by its engine; relative paths are from the folder of the file.

    Raises SettingsError with file and line.
    """
    return table.without("engine").parse(engine_of(table).Config, {"folder": table.file.parent})


def engine_of(table: TomlTable) -> EngineSettings:
    """The engine named by `engine = "..."`, otherwise the only one that the table fits. Raises SettingsError."""
    if "engine" in table.values:
        try:
            return plugins.load(plugins.ENGINES, str(table.values["engine"]))
        except SettingsError as error:
            raise SettingsError(f"{table.location('engine')}: {error.message}", hint=error.hint) from error
    known = [(plugin.name, plugin.load()) for plugin in plugins.built_in(plugins.ENGINES)]
    matching = [(engine, module) for engine, module in known if module.matches(table.values)]
    if not matching:  # entry points cost milliseconds
        others = [each for each in plugins.attempts(plugins.ENGINES) if not each.error]
        known += [(each.plugin.name, each.part) for each in others]
        matching = [(engine, module) for engine, module in known if module.matches(table.values)]
    if len(matching) == 1:
        return matching[0][1]
    raise ambiguity_error(table, matching, known)


def ambiguity_error(
    table: TomlTable, matching: list[tuple[str, EngineSettings]], known: list[tuple[str, EngineSettings]]
) -> SettingsError:
    """The error of a table that fits several engines, or none of those known, perhaps for a misspelled key."""
    examples = [f"{module.Config.table_example} ({engine})" for engine, module in matching or known]
    known_keys = [key for _, module in known for key in module.Config.model_fields]
    misspelled = [key for key in table.values if key not in known_keys and nearest_name(key, known_keys)]
    if misspelled and not matching:
        return table.error("is an unknown key", did_you_mean(misspelled[0], known_keys, ""), misspelled[0])
    if not matching:
        engines = ", ".join(engine for engine, _ in known)
        return table.error(f"matches none of the engines {engines}", f"write {', or '.join(examples)}")
    names = [engine for engine, _ in matching]
    return table.error(
        f"matches {len(names)} engines: {', '.join(names)}",
        f'write two tables, or engine = "{names[0]}" to choose one; {", ".join(examples)}',
    )
