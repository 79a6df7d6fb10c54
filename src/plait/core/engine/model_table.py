"""`[models.NAME]` in plait.toml: the engine of a model, and its table as that engine reads it.

An engine is a folder with config.py and engine.py (plait.core.plugins.ENGINES):

    config.py    Config, a subclass of ModelTable: the keys of the table and the capabilities of its models;
                 matches(table) -> bool: whether a table without an `engine` key belongs to this engine;
                 installed_models() -> {name: Config}, optional: models that need no table
    engine.py    engine(name, config) -> Engine: nothing is loaded or connected before the first call
    doctor.py    check(name, config, cpu) -> findings of `plait doctor`, optional
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from plait.core import plugins
from plait.core.engine.protocol import Engine
from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean

TYPE_NAMES = {"int": "whole number", "string": "text", "bool": "truth value (true, false)", "path": "path"}


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


ModelPath = Annotated[Path, Field(strict=False), AfterValidator(beside_settings)]
WholeNumber = Annotated[int, Field(ge=0)]


class EngineSettings(Protocol):
    """Protocol of an engine's module config.py."""

    Config: type[ModelTable]

    def matches(self, table: Mapping[str, Any]) -> bool: ...


def parse_table(name: str, table: Any, folder: Path) -> ModelTable:
    """The table of one model; relative paths are from `folder`. Raises SettingsError."""
    where = f"plait.toml: models.{name}"
    if not isinstance(table, dict):
        raise SettingsError(f"{where} is no table", hint=f'write [models.{name}] and path = "model.gguf"')
    table = cast("dict[str, Any]", table)
    config = engine_of(table, where).Config
    values = {key: value for key, value in table.items() if key != "engine"}
    try:
        return config.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        raise table_error(where, config, cast("dict[str, Any]", error.errors(include_url=False)[0])) from None


def engine_of(table: Mapping[str, Any], where: str) -> EngineSettings:
    """The engine named by `engine = "..."`, otherwise the only one that the table fits. Raises SettingsError."""
    if "engine" in table:
        try:
            return plugins.load(plugins.ENGINES, str(table["engine"]))
        except SettingsError as error:
            raise SettingsError(f"{where}.engine: {error.message}", hint=error.hint) from error
    known = [(plugin.name, plugin.load()) for plugin in plugins.built_in(plugins.ENGINES)]
    fitting = [(engine, module) for engine, module in known if module.matches(table)]
    if not fitting:  # entry points cost milliseconds
        others = [each for each in plugins.attempts(plugins.ENGINES) if not each.error]
        known += [(each.plugin.name, each.part) for each in others]
        fitting = [(engine, module) for engine, module in known if module.matches(table)]
    if len(fitting) == 1:
        return fitting[0][1]
    examples = [f"{module.Config.table_example} ({engine})" for engine, module in fitting or known]
    if fitting:
        names = [engine for engine, _ in fitting]
        raise SettingsError(
            f"{where} fits {len(names)} engines: {', '.join(names)}",
            hint=f'write two tables, or engine = "{names[0]}" to choose one; {", ".join(examples)}',
        )
    raise SettingsError(
        f"{where} fits none of the engines {', '.join(engine for engine, _ in known)}",
        hint=f"write {', or '.join(examples)}",
    )


def table_error(where: str, config: type[ModelTable], error: dict[str, Any]) -> SettingsError:
    """The first error in a table, quoting the value as written."""
    key, problem, value = str(error["loc"][0]) if error["loc"] else "", str(error["type"]), error["input"]
    if problem == "extra_forbidden":
        keys = list(config.model_fields)
        return SettingsError(
            f"{where} has a key that is not known: {key}", hint=did_you_mean(key, keys, f"known: {', '.join(keys)}")
        )
    if problem == "missing":
        return SettingsError(f"{where} has no {key}", hint=f"write {key} = ... ({config.table_example})")
    if problem == "refused":  # a validator's own message (plait.core.values.strict.validator_error)
        return SettingsError(f"{where}.{key} {error['msg']}", hint=error["ctx"]["way_out"])
    if problem == "literal_error":
        options = [option.strip("'") for option in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        hint = did_you_mean(str(value), options, f"known: {', '.join(options)}")
        return SettingsError(f"{where}.{key} is {value!r}, which is none", hint=hint)
    wanted = TYPE_NAMES.get("int" if problem == "greater_than_equal" else problem.partition("_")[0], "")
    if not wanted:
        return SettingsError(f"{where}.{key} is {value!r}: {error['msg']}", hint="correct it in plait.toml")
    return SettingsError(f"{where}.{key} is {value!r}, which is no {wanted}", hint=f"write a {wanted}")
