"""Recipe file: parsing and validation; every error names the line."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean
from plait.core.toml_file import KeyPath, TomlTable, quote_toml, read_toml_file
from plait.foundation.cards.sizes import SIZES, STRIDE, ModelSize
from plait.foundation.unified.model.stem import CHANNELS_PER_GROUP
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, RunConfig

# Renamed keys; the old name is accepted for one version.
RENAMED_KEYS = {("run", "feeders"): "loader_workers"}


@dataclass(frozen=True)
class RecipeFile:
    """A recipe and its file."""

    table: TomlTable
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Folder that paths in the recipe are relative to."""
        return self.table.file.parent

    def with_recipe(self, **tables: ModelConfig | DataConfig | RunConfig) -> "RecipeFile":
        """Copy with some tables of the recipe replaced, for options of the command line."""
        return replace(self, recipe=replace(self.recipe, **tables))

    def check_names(self, tasks: Iterable[str], losses: Iterable[str]) -> None:
        """Raises SettingsError for an unknown task or loss."""
        tasks, losses = tuple(tasks), tuple(losses)
        for key_path, name in self.task_names():
            if name not in tasks:
                raise self.unknown_name_error(key_path, name, "task", tasks)
        for key_path, name in self.loss_names():
            if name not in losses:
                raise self.unknown_name_error(key_path, name, "loss", losses)

    def task_names(self) -> Iterator[tuple[KeyPath, str]]:
        recipe = self.recipe
        yield from ((("data", "mixture", name), name) for name in recipe.data.mixture)
        yield from ((("data", "source", at, "task"), each.task) for at, each in enumerate(recipe.data.source))
        for at, phase in enumerate(recipe.schedule.phase):
            yield from ((("schedule", "phase", at, "mixture", name), name) for name in phase.mixture)

    def loss_names(self) -> Iterator[tuple[KeyPath, str]]:
        yield from ((("losses", name), name) for name in self.recipe.losses)
        for at, phase in enumerate(self.recipe.schedule.phase):
            yield from ((("schedule", "phase", at, "losses"), name) for name in phase.losses)

    def unknown_name_error(self, key_path: KeyPath, name: str, noun: str, known: tuple[str, ...]) -> SettingsError:
        hint = did_you_mean(name, known, f"known: {', '.join(known)}")
        return self.table.error(f"names an unknown {noun}: {name}", hint, *key_path)


def read_recipe(path: Path) -> RecipeFile:
    """Reads a recipe. Raises SettingsError that names file, line and key."""
    table = with_new_keys(read_toml_file(path, hint="name a recipe: recipes/nano.toml"))
    recipe = table.parse(Recipe)
    check_ranges(table, recipe)
    return RecipeFile(table, recipe)


def with_new_keys(recipe: TomlTable) -> TomlTable:
    """The recipe with renamed keys under their new names; each old key gives a warning that names the line."""
    for (table, old), new in RENAMED_KEYS.items():
        values = recipe.values.get(table)
        if isinstance(values, dict) and old in values and new not in values:
            warnings.warn(
                f"{recipe.location(table, old)} is now called {new}: rename the key", FutureWarning, stacklevel=3
            )
            renamed = {new if key == old else key: value for key, value in values.items()}
            recipe = replace(recipe, values={**recipe.values, table: renamed})
    return recipe


def check_ranges(table: TomlTable, recipe: Recipe) -> None:
    """Raises SettingsError for keys that contradict each other."""
    size, run = recipe.model.size, recipe.run
    if size not in SIZES:
        hint = did_you_mean(size, SIZES, f"known: {', '.join(SIZES)}")
        raise table.error(f"is {quote_toml(size)}, which is not a model size", hint, "model", "size")
    if not recipe.schedule.phase:
        raise table.error("has no phase", 'write [[schedule.phase]] with name = "all" and steps = 1000')
    for name, message, hint in shape_errors(recipe.model.shape):
        raise table.error(message, hint, "model", name)
    if run.train == "adapters" and not recipe.model.shape.adapters:
        raise table.error('is "adapters", and the model has none', "write adapters = 8 under [model]", "run", "train")
    if run.shard and run.processes == 1:
        hint = "write processes = 2 under [run], or remove the line"
        raise table.error("is true, but there is only one process", hint, "run", "shard")
    if recipe.run.seconds and recipe.run.processes > 1:
        hint = "write processes = 1 under [run], or remove the time"
        raise table.error("limits the time, which only a run of one process can have", hint, "run", "seconds")
    for index, phase in enumerate(recipe.schedule.phase):
        for key_path, message, hint in phase_errors(recipe, phase):
            raise table.error(message, hint, "schedule", "phase", index, *key_path)


def phase_errors(recipe: Recipe, phase: Phase) -> Iterator[tuple[KeyPath, str, str]]:
    """Errors of a phase: key, message, hint."""
    processes = recipe.run.processes
    if phase.pictures % processes:
        message = f"is {phase.pictures}, which {processes} processes cannot share evenly"
        yield ("pictures",), message, f"write a multiple of {processes}"
    mixture: Mapping[str, float] = phase.mixture or recipe.data.mixture
    if phase.items and recipe.data.worlds and not mixture:
        hint = "write [data.mixture] with a share for each task: locate = 1.0"
        yield (), "trains on scenes, but has no mixture of tasks", hint
    if mixture and not any(mixture.values()):
        yield ("mixture",), "gives every task a share of 0", "give one task a share above 0"


def shape_errors(shape: ModelSize) -> Iterator[tuple[str, str, str]]:
    """Errors of the model's shape: key, message, hint."""
    if shape.width % (2 * shape.heads) or shape.width % 4:
        yield (
            "width",
            f"cannot be shared: {shape.heads} heads for a width of {shape.width}",
            "width must be a multiple of four and of twice the heads",
        )
    if shape.side % STRIDE:
        yield "side", f"is {shape.side} pixels", f"side must be a multiple of {STRIDE}: {STRIDE} pixels are a cell"
    if any(channels % CHANNELS_PER_GROUP for channels in shape.stem):
        yield (
            "stem",
            f"is {list(shape.stem)}",
            f"each must be a multiple of {CHANNELS_PER_GROUP}, which are normalised together",
        )
    for name in ("encoder_layers", "decoder_layers"):
        if getattr(shape, name) < 2:
            yield name, "is 1", "at least two layers are needed: the first attends to nothing that is supervised"
    yield from growth_errors(shape)


def growth_errors(shape: ModelSize) -> Iterator[tuple[str, str, str]]:
    experts, used = shape.experts, shape.experts_used
    if used > max(1, experts):
        yield "experts_used", f"is {used}, of {experts or 'no'} experts", f"write experts = {4 * used}, or use fewer"
    elif experts == 1:
        yield "experts", "is 1, which leaves no choice", "write 2 or more, or remove the line"
    elif experts and (experts % used or experts < 2 * used):
        hint = f"experts must be a multiple of {used}, from {2 * used} on: one is chosen of each group"
        yield "experts", f"is {experts}, which cannot be divided into {used} groups", hint
    if shape.adapters >= shape.width:
        yield "adapters", f"is {shape.adapters}, and the width {shape.width}", "an adapter is narrower than the model"
