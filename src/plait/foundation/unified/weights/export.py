"""Entry point of `plait export`: converts a run folder to a weight file with its card."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import ModelCard, TrainingDataCard, TrainingRunCard
from plait.foundation.cards.header import SIZE_ADAPTER
from plait.foundation.cards.shipped import WEIGHTS_SUFFIX
from plait.foundation.cards.sizes import ModelSize
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import TrainingState
from plait.foundation.training.energy import EnergyMeter
from plait.foundation.unified.generation.answering import MAX_NEW_TOKENS
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.weights.model_lookup import model_weights, newest_checkpoint
from plait.foundation.unified.weights.weight_files import save
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.held_out import THIRDS, held_out_combinations
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.task_items import TASKS

LICENCE = "Apache-2.0"
LANGUAGES = ("en", "zh")


def export(run: Path, name: str, out: Path, max_bytes: int | None = None) -> tuple[Path, ModelCard]:
    """Exports the averaged weights of a run's newest complete checkpoint to `out`/`name`.safetensors, with its card
    beside it; to several files if one would exceed `max_bytes` bytes.

    Raises CheckpointError if there is no such checkpoint or the file cannot be written.
    """
    checkpoint = newest_checkpoint(run)
    if checkpoint is None:
        raise CheckpointError(f"{run} has no checkpoint", hint="train first: plait train recipes/nano.toml")
    shape = SIZE_ADAPTER.validate_python(checkpoint.state.made.model)
    tensors = model_weights(checkpoint.ema)
    parameters = sum(each.numel() for each in tensors.values())
    file = out / f"{name}.safetensors"
    card = model_card(name, run.name, checkpoint.state, shape, parameters)
    return file, save(file, tensors, shape, vocabulary(), card, max_bytes)


def model_card(name: str, recipe: str, state: TrainingState, size: ModelSize, parameters: int) -> ModelCard:
    """The card with the facts known from training; scores are added later by evaluation."""
    recipe_values = state.made.recipe
    return ModelCard(
        name=name,
        licence=LICENCE,
        size=size.name,
        parameters=parameters,
        languages=LANGUAGES,
        tasks={task: task_declaration(task).fingerprint for task in trained_tasks(recipe_values)},
        data=training_data_card(recipe_values),
        run=TrainingRunCard(
            recipe=recipe,
            recipe_digest=hashlib.sha256(json.dumps(recipe_values, sort_keys=True).encode()).hexdigest(),
            commit=state.commit,
            seed=int(str(recipe_values["run.seed"])),
            steps=state.step,
            cpu_hours=state.seconds * int(str(recipe_values["run.processes"])) / 3_600,
            watt_hours=state.watt_hours,
            energy=EnergyMeter().description,
        ),
        limits=tuple(limits(size, recipe_values)),
    )


def trained_tasks(recipe: Mapping[str, JsonValue]) -> list[str]:
    """The tasks that a recipe trains, in the order of the worlds' tasks. `recipe` is flat, as in a checkpoint."""
    shares = {key.rpartition(".mixture.")[2]: share for key, share in recipe.items() if ".mixture." in key}
    sources = {str(value) for key, value in recipe.items() if key.startswith("data.source.") and key.endswith(".task")}
    names = {task for task, share in shares.items() if share} | sources
    return [task for task in TASKS if task in names]


def user_files(recipe: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The user's own data files that a recipe learns from."""
    paths = [Path(str(value)).name for key, value in recipe.items() if key.startswith("data.source.") and "path" in key]
    return tuple(dict.fromkeys(paths))


def training_data_card(recipe: Mapping[str, JsonValue]) -> TrainingDataCard:
    wide = uses_wide_atlas(recipe)
    pictograms = atlas(wide)
    num_combinations = len(COLOURS) * len(pictograms.nouns) * len(THIRDS)
    styles = {style.name: style.licence for style in pictograms.styles if style.training}
    unseen = [f"the style {style.name} ({style.licence})" for style in pictograms.styles if not style.training]
    return TrainingDataCard(
        atlas=f"{len(pictograms.nouns)} nouns as pictograms, in scenes composed without end",
        styles=styles,
        held_out=(
            *unseen,
            f"{int(pictograms.held_out.sum())} pictograms of the styles that are shown",
            f"{len(held_out_combinations(wide)):,} of {num_combinations:,} combinations of noun, colour of the ground "
            "and place",
        ),
        own=user_files(recipe),
        begun_from=Path(str(recipe.get("model.weights", ""))).name.removesuffix(WEIGHTS_SUFFIX),
    )


def uses_wide_atlas(recipe: Mapping[str, JsonValue]) -> bool:
    return recipe.get("data.atlas") == "wide"


def limits(size: ModelSize, recipe: Mapping[str, JsonValue]) -> Iterator[str]:
    nouns_text = f"It knows {len(atlas(uses_wide_atlas(recipe)).nouns)} nouns, drawn as pictograms on plain grounds"
    files_text = ", ".join(user_files(recipe))
    yield f"{nouns_text}, and what {files_text} show." if files_text else f"{nouns_text}, and no photographs."
    yield f"It sees any picture as a square of {size.side} x {size.side} pixels."
    yield f"It writes at most {MAX_NEW_TOKENS} tokens, always the likeliest: a seed or a temperature changes no words."
    if "draw" in trained_tasks(recipe):
        yield f"It paints {size.canvas} x {size.canvas} pixels: one layout for a description, one hand for a thing."
    yield "It answers the tasks that it was trained on, in their own words, and does not chat."
