"""From the folder of a run to a file of weights with its card: `plait export` comes in here, by entry point."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from plait.core.config import WEIGHTS
from plait.core.errors import CheckpointError
from plait.foundation.cards.card import Card, Data, Run, Score
from plait.foundation.cards.header import SIZE
from plait.foundation.cards.sizes import Size
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import State
from plait.foundation.training.energy import Meter
from plait.foundation.unified.generation.answering import LENGTH
from plait.foundation.unified.objectives.encoded_examples import declared
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.weights.model_lookup import newest_of, of_model
from plait.foundation.unified.weights.weight_files import save
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.held_out import THIRDS, combinations
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.task_items import TASKS

LICENCE = "Apache-2.0"
LANGUAGES = ("en", "zh")


def export(run: Path, name: str, out: Path, largest: int | None = None) -> tuple[Path, Card]:
    """The averaged weights of a run's newest whole checkpoint as `out`/`name`.safetensors, with its card beside it; in
    several files where one would take more than `largest` bytes.

    Raises CheckpointError where there is no such checkpoint, or where the file cannot be written.
    """
    checkpoint = newest_of(run)
    if checkpoint is None:
        raise CheckpointError(f"{run} holds no checkpoint", way_out="train first: plait train recipes/nano.toml")
    shape = SIZE.validate_python(checkpoint.state.made.model)
    tensors = of_model(checkpoint.ema)
    parameters = sum(each.numel() for each in tensors.values())
    file = out / f"{name}.safetensors"
    told = card(name, run.name, checkpoint.state, shape, parameters)
    return file, save(file, tensors, shape, vocabulary(), told, largest)


def card(name: str, recipe: str, state: State, shape: Size, parameters: int) -> Card:
    """What training knows of its weights; how good they are is measured later."""
    told = state.made.recipe
    return Card(
        name=name,
        licence=LICENCE,
        size=shape.name,
        parameters=parameters,
        languages=LANGUAGES,
        tasks={task: declared(task).fingerprint for task in tasks(told)},
        data=data(told),
        run=Run(
            recipe=recipe,
            recipe_digest=hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
            commit=state.commit,
            seed=int(str(told["run.seed"])),
            steps=state.step,
            cpu_hours=state.seconds * int(str(told["run.processes"])) / 3_600,
            watt_hours=state.watt_hours,
            energy=Meter().how,
        ),
        limits=tuple(limits(shape, told)),
    )


def tasks(recipe: Mapping[str, JsonValue]) -> list[str]:
    """The tasks that a recipe, flat as a checkpoint has it, trains; in the world's order."""
    shares = {key.rpartition(".mixture.")[2]: share for key, share in recipe.items() if ".mixture." in key}
    sources = {str(value) for key, value in recipe.items() if key.startswith("data.source.") and key.endswith(".task")}
    trained = {task for task, share in shares.items() if share} | sources
    return [task for task in TASKS if task in trained]


def own(recipe: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The files of a person's own that a recipe learns from."""
    paths = [Path(str(value)).name for key, value in recipe.items() if key.startswith("data.source.") and "path" in key]
    return tuple(dict.fromkeys(paths))


def data(recipe: Mapping[str, JsonValue]) -> Data:
    wide = of_wide(recipe)
    known = atlas(wide)
    all_of_them = len(COLOURS) * len(known.nouns) * len(THIRDS)
    shown = {style.name: style.licence for style in known.styles if style.training}
    unseen = [f"the style {style.name} ({style.licence})" for style in known.styles if not style.training]
    return Data(
        atlas=f"{len(known.nouns)} nouns as pictograms, in scenes composed without end",
        styles=shown,
        held_out=(
            *unseen,
            f"{int(known.held_out.sum())} pictograms of the styles that are shown",
            f"{len(combinations(wide)):,} of {all_of_them:,} combinations of noun, colour of the ground and place",
        ),
        own=own(recipe),
        begun_from=Path(str(recipe.get("model.weights", ""))).name.removesuffix(WEIGHTS),
    )


def of_wide(recipe: Mapping[str, JsonValue]) -> bool:
    return recipe.get("data.atlas") == "wide"


def limits(shape: Size, recipe: Mapping[str, JsonValue]) -> Iterator[str]:
    known = f"It knows {len(atlas(of_wide(recipe)).nouns)} nouns, drawn as pictograms on plain grounds"
    shown = ", ".join(own(recipe))
    yield f"{known}, and what {shown} show." if shown else f"{known}, and no photographs."
    yield f"It sees any picture as a square of {shape.side} x {shape.side} pixels."
    yield f"It writes at most {LENGTH} tokens, always the likeliest: a seed or a temperature changes no words."
    if "draw" in tasks(recipe):
        yield f"It paints {shape.canvas} x {shape.canvas} pixels: one layout for a description, one hand for a thing."
    yield "It answers the tasks that it was trained on, in their own words, and does not chat."


def scores(report: SuiteReport) -> tuple[Score, ...]:
    """What a report of the suite says of the model, beside its baselines; for the card of the weights it is of."""
    rivals = list(dict.fromkeys(each.solver for each in report.results if each.solver != report.model))
    return tuple(
        Score(
            result.task, result.split, measure, interval, baselines(report, result.task, result.split, measure, rivals)
        )
        for result in report.results
        if result.solver == report.model
        for measure, interval in result.measures.items()
    )


def baselines(report: SuiteReport, task: str, split: str, measure: str, rivals: list[str]) -> dict[str, float]:
    found = {name: report.of(task, split, name) for name in rivals}
    return {
        name: each.measures[measure].mean
        for name, each in found.items()
        if each and measure in each.measures and each.measures[measure].count
    }
