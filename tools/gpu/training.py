"""Training within a time limit, by recipes/base.toml: the first run from random weights, later ones from what ships.

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
from tools.gpu.exporting import exported
from tools.gpu.plan import RECIPE

AGAIN = 0.5  # factor on the learning rates: full rates would destroy weights whose rates have decayed once


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--until", type=float, required=True, help="when the last step ends, in seconds since 1970")
    options.add_argument("--run", type=Path, required=True, help="the folder of the run")
    options.add_argument("--out", type=Path, required=True, help="the folder of the weights")
    options.add_argument("--from", dest="weights", type=Path)
    options.add_argument("--rehearsal", action="store_true")
    given = options.parse_args()
    file = recipe_file(max(1, int(given.until - time.time())), given.weights, rehearsal=given.rehearsal)
    with run_lock(given.run):
        code = train(file, given.run, fresh=True, until=None)
    exported(given.run, given.out, given.weights)
    return code


def recipe_file(seconds: int, weights: Path | None, *, rehearsal: bool) -> RecipeFile:
    """The recipe of a run that ends after `seconds`."""
    file = read_recipe(RECIPE)
    recipe = replace(file.recipe, run=replace(file.recipe.run, seconds=seconds))
    recipe = tiny(recipe) if rehearsal else recipe
    return replace(file, recipe=continued(recipe, weights) if weights else recipe)


def continued(recipe: Recipe, weights: Path) -> Recipe:
    """The recipe for trained weights: without the phase of pictures alone, at lower rates, on unseen scenes."""
    before = parse_card(card_path(weights).read_bytes(), weights).run
    phases = tuple(replace(phase, lr_factor=AGAIN * phase.lr_factor) for phase in recipe.schedule.phase if phase.items)
    return replace(
        recipe,
        model=replace(recipe.model, weights=str(weights)),
        schedule=replace(recipe.schedule, phase=phases),
        run=replace(recipe.run, seed=before.seed + before.steps),
    )


def tiny(recipe: Recipe) -> Recipe:
    """The recipe scaled down for two CPU cores: a tiny model, small batches, no compilation."""
    return replace(
        recipe,
        model=ModelConfig("tiny"),
        schedule=replace(recipe.schedule, warmup=3, phase=tuple(map(small, recipe.schedule.phase))),
        run=replace(
            recipe.run, threads=1, loader_workers=1, compile=False, log_every=1, checkpoint_every=20, evaluate_every=0
        ),
    )


def small(phase: Phase) -> Phase:
    return replace(phase, pictures=4, items=min(phase.items, 2), paintings=min(phase.paintings, 3))


if __name__ == "__main__":
    sys.exit(main())
