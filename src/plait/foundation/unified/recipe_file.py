"""A recipe's file: read, checked, and every mistake said with its line."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean
from plait.foundation.cards.sizes import SIZES, STRIDE, Size
from plait.foundation.unified.model.stem import GROUP
from plait.foundation.unified.recipe import Data, Model, Optimizer, Phase, Recipe, Run, Schedule, Source

Place = tuple[str | int, ...]
RECIPE = TypeAdapter(Recipe)
# Where a table stands in the file, and what it may hold.
TABLES = {
    (): Recipe,
    ("model",): Model,
    ("data",): Data,
    ("data", "source"): Source,
    ("optimizer",): Optimizer,
    ("schedule",): Schedule,
    ("schedule", "phase"): Phase,
    ("run",): Run,
}
HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")


@dataclass(frozen=True)
class RecipeFile:
    """A recipe beside the text it was read from."""

    path: Path
    text: str
    recipe: Recipe

    def with_recipe(self, **changed: Model | Data) -> "RecipeFile":
        """The same with some tables of the recipe exchanged, as the command line asks."""
        return replace(self, recipe=replace(self.recipe, **changed))

    def check_names(self, tasks: Iterable[str], losses: Iterable[str]) -> None:
        """Raises SettingsError for a task or a loss that there is none of."""
        tasks, losses = tuple(tasks), tuple(losses)
        for place, name in self.tasks():
            if name not in tasks:
                raise self.unknown(place, name, "task", tasks)
        for place, name in self.losses():
            if name not in losses:
                raise self.unknown(place, name, "loss", losses)

    def tasks(self) -> Iterator[tuple[Place, str]]:
        recipe = self.recipe
        yield from ((("data", "mixture", name), name) for name in recipe.data.mixture)
        yield from ((("data", "source", at, "task"), each.task) for at, each in enumerate(recipe.data.source))
        for at, phase in enumerate(recipe.schedule.phase):
            yield from ((("schedule", "phase", at, "mixture", name), name) for name in phase.mixture)

    def losses(self) -> Iterator[tuple[Place, str]]:
        yield from ((("losses", name), name) for name in self.recipe.losses)
        for at, phase in enumerate(self.recipe.schedule.phase):
            yield from ((("schedule", "phase", at, "losses"), name) for name in phase.losses)

    def unknown(self, place: Place, name: str, what: str, known: tuple[str, ...]) -> SettingsError:
        way_out = did_you_mean(name, known, f"known: {', '.join(known)}")
        return SettingsError(f"{self.at(place)} names a {what} that is not known: {name}", way_out=way_out)

    def at(self, place: Place) -> str:
        return where(self.path, self.text, place)


def read_recipe(path: Path) -> RecipeFile:
    """The recipe of a file. Raises SettingsError naming file, line and key."""
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except OSError as fault:
        raise SettingsError(
            f"{path} cannot be read: {fault.strerror}", way_out="name a recipe: recipes/nano.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path} is no TOML: {fault}", way_out=f"mend {path}") from None
    try:
        # By way of JSON: there a list is what a tuple is written as, and a number is never a text.
        recipe = RECIPE.validate_json(json.dumps(table, default=str))
    except ValidationError as refusal:
        raise refused(path, text, refusal) from None
    check_ranges(path, text, recipe)
    return RecipeFile(path, text, recipe)


def check_ranges(path: Path, text: str, recipe: Recipe) -> None:
    """What no single key can say of itself."""
    if recipe.model.size not in SIZES:
        raise SettingsError(
            f"{where(path, text, ('model', 'size'))} is {recipe.model.size!r}, which is no size",
            way_out=did_you_mean(recipe.model.size, SIZES, f"known: {', '.join(SIZES)}"),
        )
    if not recipe.schedule.phase:
        raise SettingsError(
            f"{path} has no phase", way_out='write [[schedule.phase]] with name = "all" and steps = 1000'
        )
    for name, fault, way_out in faults_of(recipe.model.shape):
        raise SettingsError(f"{where(path, text, ('model', name))} {fault}", way_out=way_out)
    if recipe.run.train == "adapters" and not recipe.model.shape.adapters:
        raise SettingsError(
            f'{where(path, text, ("run", "train"))} is "adapters", and the model has none',
            way_out="write adapters = 8 under [model]",
        )
    if recipe.run.shard and recipe.run.processes == 1:
        raise SettingsError(
            f"{where(path, text, ('run', 'shard'))} is true, and there is one process to share with",
            way_out="write processes = 2 under [run], or leave the line out",
        )
    for at, phase in enumerate(recipe.schedule.phase):
        if phase.pictures % recipe.run.processes:
            raise SettingsError(
                f"{where(path, text, ('schedule', 'phase', at, 'pictures'))} is {phase.pictures}, "
                f"which {recipe.run.processes} processes cannot share evenly",
                way_out=f"write a multiple of {recipe.run.processes}",
            )
        mixture: Mapping[str, float] = phase.mixture or recipe.data.mixture
        if phase.items and recipe.data.worlds and not mixture:
            raise SettingsError(
                f"{where(path, text, ('schedule', 'phase', at))} asks about scenes, and no mixture says what",
                way_out="write [data.mixture] with a share for each task: locate = 1.0",
            )
        if mixture and not any(mixture.values()):
            raise SettingsError(
                f"{where(path, text, ('schedule', 'phase', at, 'mixture'))} gives every task a share of 0",
                way_out="give one task a share above 0",
            )


def faults_of(shape: Size) -> Iterator[tuple[str, str, str]]:
    """What a model cannot be, by key, with the way out."""
    if shape.width % (2 * shape.heads) or shape.width % 4:
        yield (
            "width",
            f"cannot be shared: {shape.heads} heads for a width of {shape.width}",
            "width must be a multiple of four and of twice the heads",
        )
    if shape.side % STRIDE:
        yield "side", f"is {shape.side} pixels", f"side must be a multiple of {STRIDE}: {STRIDE} pixels are a cell"
    if any(channels % GROUP for channels in shape.stem):
        yield "stem", f"is {list(shape.stem)}", f"each must be a multiple of {GROUP}, which are normalised together"
    for name in ("encoder_layers", "decoder_layers"):
        if getattr(shape, name) < 2:
            yield name, "is 1", "there must be two at least: the first looks at nothing that is taught"
    yield from faults_of_growth(shape)


def faults_of_growth(shape: Size) -> Iterator[tuple[str, str, str]]:
    experts, used = shape.experts, shape.experts_used
    if used > max(1, experts):
        yield "experts_used", f"is {used}, of {experts or 'no'} experts", f"write experts = {4 * used}, or use fewer"
    elif experts == 1:
        yield "experts", "is 1, which leaves no choice", "write 2 or more, or leave the line out"
    elif experts and (experts % used or experts < 2 * used):
        way_out = f"experts must be a multiple of {used}, from {2 * used} on: one is chosen of each group"
        yield "experts", f"is {experts}, which cannot be parted into {used} groups to choose from", way_out
    if shape.adapters >= shape.width:
        yield "adapters", f"is {shape.adapters}, and the width {shape.width}", "an adapter is narrower than the model"


def refused(path: Path, text: str, refusal: ValidationError) -> SettingsError:
    """The first mistake in the person's own words, the others as details."""
    # A key written wrongly may leave another one missing: the first is what the person did.
    first, *others = sorted(refusal.errors(), key=lambda each: "missing" in each["type"])
    message, way_out = mistake(first)
    details = tuple(f"{where(path, text, each['loc'])} {mistake(each)[0]}" for each in others[:3])
    return SettingsError(f"{where(path, text, first['loc'])} {message}", details=details, way_out=way_out)


def mistake(error: Any) -> tuple[str, str]:
    place = error["loc"]
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        holder = TABLES[tuple(part for part in place[:-1] if isinstance(part, str))]
        known = [each.name for each in fields(holder)]
        return "is a key that is not known", did_you_mean(str(place[-1]), known, f"known: {', '.join(known)}")
    if error["type"] in ("missing", "missing_argument"):
        return "is missing", f"write {place[-1]} = ..."
    said = error["msg"].removeprefix("Input ")
    return f"is {json.dumps(error['input'], ensure_ascii=False, default=str)}: it {said}", "mend the line"


def where(path: Path, text: str, place: Place) -> str:
    """`recipes/nano.toml:12: optimizer.muon_lr`. The line is that of the nearest thing that stands in the file."""
    dotted = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    line = line_of(text, place)
    return f"{path}:{line}: {dotted}" if line else f"{path}: {dotted}"


def line_of(text: str, place: Place) -> int:
    """The line, counted from 1, on which a key or the table around it stands; 0 where neither does."""
    found = {found: number for found, number in reversed(list(places(text)))}
    for end in range(len(place), 0, -1):
        if place[:end] in found:
            return found[place[:end]]
    return 0


def places(text: str) -> Iterator[tuple[Place, int]]:
    """Where each table and each key stands. Keys within a multi-line value may be taken for keys of the table: they are
    only ever looked for by names that the parser has found.
    """
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = inside(tuple(part.strip(" \"'") for part in header[2].split(".")), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif key := KEY.match(line):
            yield (*table, key[1] or key[2] or key[3]), number


def inside(names: Place, counts: Mapping[Place, int]) -> Place:
    """The path with the running number of each list of tables on the way: `schedule.phase.mixture` is of the last."""
    path: Place = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])
