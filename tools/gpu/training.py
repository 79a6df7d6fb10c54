"""Training within a time limit by recipes/base.toml: the first run from random weights, later runs from shipped ones.

python -m tools.gpu.training --until $(($(date +%s) + 400)) --run runs/gpu/base --out runs/gpu/out [--from FILE]

The weights are exported by the same process, which has imported torch already.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from plait.foundation.cards.card import card_path, parse_card
from plait.foundation.unified.launch import run_lock, train
from plait.foundation.unified.recipe import ModelConfig, Phase, Recipe
from plait.foundation.unified.recipe_file import RecipeFile, read_recipe
from tools.gpu.exporting import export_run
from tools.gpu.plan import RECIPE

CONTINUED_LR_FACTOR = 0.5  # full learning rates would destroy weights whose rates have decayed once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--until", type=float, required=True, help="when the last step ends, in seconds since 1970")
    parser.add_argument("--run", type=Path, required=True, help="the folder of the run")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the weights")
    parser.add_argument("--from", dest="weights", type=Path)
    parser.add_argument("--rehearsal", action="store_true")
    options = parser.parse_args()
    file = recipe_file(max(1, int(options.until - time.time())), options.weights, rehearsal=options.rehearsal)
    with run_lock(options.run):
        code = train(file, options.run, fresh=True, until=None)
    export_run(options.run, options.out, options.weights)
    return code


def recipe_file(seconds: int, weights: Path | None, *, rehearsal: bool) -> RecipeFile:
    """The recipe of a run that ends after `seconds`."""
    file = read_recipe(RECIPE)
    recipe = replace(file.recipe, run=replace(file.recipe.run, seconds=seconds))
    recipe = rehearsal_recipe(recipe) if rehearsal else recipe
    return replace(file, recipe=continue_from(recipe, weights) if weights else recipe)


def continue_from(recipe: Recipe, weights: Path) -> Recipe:
    """The recipe for trained weights: without the phase of pictures alone, at lower rates, on unseen scenes."""
    before = parse_card(card_path(weights).read_bytes(), weights).run
    phases = tuple(
        replace(phase, lr_factor=CONTINUED_LR_FACTOR * phase.lr_factor)
        for phase in recipe.schedule.phase
        if phase.items
    )
    return replace(
        recipe,
        model=replace(recipe.model, weights=str(weights)),
        schedule=replace(recipe.schedule, phase=phases),
        run=replace(recipe.run, seed=before.seed + before.steps),
    )


def rehearsal_recipe(recipe: Recipe) -> Recipe:
    """The recipe scaled down for two CPU cores: a tiny model, small batches, no compilation."""
    return replace(
        recipe,
        model=ModelConfig("tiny"),
        schedule=replace(recipe.schedule, warmup=3, phase=tuple(map(rehearsal_phase, recipe.schedule.phase))),
        run=replace(
            recipe.run, threads=1, loader_workers=1, compile=False, log_every=1, checkpoint_every=20, evaluate_every=0
        ),
    )


def rehearsal_phase(phase: Phase) -> Phase:
    return replace(phase, pictures=4, items=min(phase.items, 2), paintings=min(phase.paintings, 3))


if __name__ == "__main__":
    sys.exit(main())
