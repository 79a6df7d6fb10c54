"""A recipe's file: read, checked, and every mistake said with its line."""

import json
import re
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean
from plait.foundation.cards.sizes import SIZES, STRIDE, ModelSize
from plait.foundation.unified.model.stem import CHANNELS_PER_GROUP
from plait.foundation.unified.recipe import (
    DataConfig,
    ModelConfig,
    OptimizerConfig,
    Phase,
    Recipe,
    RunConfig,
    Schedule,
    SourceConfig,
)

KeyPath = tuple[str | int, ...]
RECIPE = TypeAdapter(Recipe)
# Where a table stands in the file, and what it may hold.
TABLES = {
    (): Recipe,
    ("model",): ModelConfig,
    ("data",): DataConfig,
    ("data", "source"): SourceConfig,
    ("optimizer",): OptimizerConfig,
    ("schedule",): Schedule,
    ("schedule", "phase"): Phase,
    ("run",): RunConfig,
}
# Keys that were renamed; the old name is read for one version.
RENAMED_KEYS = {("run", "feeders"): "loader_workers"}
HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")


@dataclass(frozen=True)
class RecipeFile:
    """A recipe beside the text it was read from."""

    path: Path
    text: str
    recipe: Recipe

    def with_recipe(self, **tables: ModelConfig | DataConfig) -> "RecipeFile":
        """The same with some tables of the recipe exchanged, as the command line asks."""
        return replace(self, recipe=replace(self.recipe, **tables))

    def check_names(self, tasks: Iterable[str], losses: Iterable[str]) -> None:
        """Raises SettingsError for a task or a loss that there is none of."""
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
        return SettingsError(f"{self.location(key_path)} names a {noun} that is not known: {name}", hint=hint)

    def location(self, key_path: KeyPath) -> str:
        return key_location(self.path, self.text, key_path)


def read_recipe(path: Path) -> RecipeFile:
    """The recipe of a file. Raises SettingsError naming file, line and key."""
    try:
        text = path.read_text("utf-8")
        table = with_new_keys(path, text, tomllib.loads(text))
    except OSError as fault:
        raise SettingsError(
            f"{path} cannot be read: {fault.strerror}", hint="name a recipe: recipes/nano.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path} is no TOML: {fault}", hint=f"mend {path}") from None
    try:
        # By way of JSON: there a list is what a tuple is written as, and a number is never a text.
        recipe = RECIPE.validate_json(json.dumps(table, default=str))
    except ValidationError as refusal:
        raise recipe_error(path, text, refusal) from None
    check_ranges(path, text, recipe)
    return RecipeFile(path, text, recipe)


def with_new_keys(path: Path, text: str, recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe with each renamed key under its new name, after a warning that names the line."""
    for (table, old), new in RENAMED_KEYS.items():
        values = recipe.get(table)
        if isinstance(values, dict) and old in values and new not in values:
            location = key_location(path, text, (table, old))
            warnings.warn(f"{location} is now called {new}: rename the key", FutureWarning, stacklevel=3)
            recipe = {**recipe, table: {new if key == old else key: value for key, value in values.items()}}
    return recipe


def check_ranges(path: Path, text: str, recipe: Recipe) -> None:
    """What no single key can say of itself."""
    if recipe.model.size not in SIZES:
        raise SettingsError(
            f"{key_location(path, text, ('model', 'size'))} is {recipe.model.size!r}, which is no size",
            hint=did_you_mean(recipe.model.size, SIZES, f"known: {', '.join(SIZES)}"),
        )
    if not recipe.schedule.phase:
        raise SettingsError(f"{path} has no phase", hint='write [[schedule.phase]] with name = "all" and steps = 1000')
    for name, message, hint in shape_errors(recipe.model.shape):
        raise SettingsError(f"{key_location(path, text, ('model', name))} {message}", hint=hint)
    if recipe.run.train == "adapters" and not recipe.model.shape.adapters:
        raise SettingsError(
            f'{key_location(path, text, ("run", "train"))} is "adapters", and the model has none',
            hint="write adapters = 8 under [model]",
        )
    if recipe.run.shard and recipe.run.processes == 1:
        raise SettingsError(
            f"{key_location(path, text, ('run', 'shard'))} is true, and there is one process to share with",
            hint="write processes = 2 under [run], or leave the line out",
        )
    for at, phase in enumerate(recipe.schedule.phase):
        if phase.pictures % recipe.run.processes:
            raise SettingsError(
                f"{key_location(path, text, ('schedule', 'phase', at, 'pictures'))} is {phase.pictures}, "
                f"which {recipe.run.processes} processes cannot share evenly",
                hint=f"write a multiple of {recipe.run.processes}",
            )
        mixture: Mapping[str, float] = phase.mixture or recipe.data.mixture
        if phase.items and recipe.data.worlds and not mixture:
            raise SettingsError(
                f"{key_location(path, text, ('schedule', 'phase', at))} asks about scenes, and no mixture says what",
                hint="write [data.mixture] with a share for each task: locate = 1.0",
            )
        if mixture and not any(mixture.values()):
            raise SettingsError(
                f"{key_location(path, text, ('schedule', 'phase', at, 'mixture'))} gives every task a share of 0",
                hint="give one task a share above 0",
            )


def shape_errors(shape: ModelSize) -> Iterator[tuple[str, str, str]]:
    """What a model cannot be, by key, with the way out."""
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
            yield name, "is 1", "there must be two at least: the first looks at nothing that is taught"
    yield from growth_errors(shape)


def growth_errors(shape: ModelSize) -> Iterator[tuple[str, str, str]]:
    experts, used = shape.experts, shape.experts_used
    if used > max(1, experts):
        yield "experts_used", f"is {used}, of {experts or 'no'} experts", f"write experts = {4 * used}, or use fewer"
    elif experts == 1:
        yield "experts", "is 1, which leaves no choice", "write 2 or more, or leave the line out"
    elif experts and (experts % used or experts < 2 * used):
        hint = f"experts must be a multiple of {used}, from {2 * used} on: one is chosen of each group"
        yield "experts", f"is {experts}, which cannot be parted into {used} groups to choose from", hint
    if shape.adapters >= shape.width:
        yield "adapters", f"is {shape.adapters}, and the width {shape.width}", "an adapter is narrower than the model"


def recipe_error(path: Path, text: str, validation_error: ValidationError) -> SettingsError:
    """The first mistake in the person's own words, the others as details."""
    # A key written wrongly may leave another one missing: the first is what the person did.
    first, *others = sorted(validation_error.errors(), key=lambda each: "missing" in each["type"])
    message, hint = message_and_hint(first)
    details = tuple(f"{key_location(path, text, each['loc'])} {message_and_hint(each)[0]}" for each in others[:3])
    return SettingsError(f"{key_location(path, text, first['loc'])} {message}", details=details, hint=hint)


def message_and_hint(error: Any) -> tuple[str, str]:
    key_path = error["loc"]
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        table = TABLES[tuple(part for part in key_path[:-1] if isinstance(part, str))]
        known_keys = [each.name for each in fields(table)]
        return "is a key that is not known", did_you_mean(
            str(key_path[-1]), known_keys, f"known: {', '.join(known_keys)}"
        )
    if error["type"] in ("missing", "missing_argument"):
        return "is missing", f"write {key_path[-1]} = ..."
    message = error["msg"].removeprefix("Input ")
    return f"is {json.dumps(error['input'], ensure_ascii=False, default=str)}: it {message}", "mend the line"


def key_location(path: Path, text: str, key_path: KeyPath) -> str:
    """`recipes/nano.toml:12: optimizer.muon_lr`. The line is that of the nearest thing that stands in the file."""
    dotted = ".".join(str(part + 1) if isinstance(part, int) else part for part in key_path)
    line = line_number(text, key_path)
    return f"{path}:{line}: {dotted}" if line else f"{path}: {dotted}"


def line_number(text: str, key_path: KeyPath) -> int:
    """The line, counted from 1, on which a key or the table around it stands; 0 where neither does."""
    lines = {path: number for path, number in reversed(list(key_lines(text)))}
    for end in range(len(key_path), 0, -1):
        if key_path[:end] in lines:
            return lines[key_path[:end]]
    return 0


def key_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Where each table and each key stands. Keys within a multi-line value may be taken for keys of the table: they are
    only ever looked for by names that the parser has found.
    """
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = indexed_path(tuple(part.strip(" \"'") for part in header[2].split(".")), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif key := KEY.match(line):
            yield (*table, key[1] or key[2] or key[3]), number


def indexed_path(names: KeyPath, counts: Mapping[KeyPath, int]) -> KeyPath:
    """The path with the running number of each list of tables on the way: `schedule.phase.mixture` is of the last."""
    path: KeyPath = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])
