"""Recipes of tests: a small one as text, and recipes made in Python as if they had been read from a file."""

from pathlib import Path

from plait.core.toml_file import TomlTable
from plait.foundation.unified.recipe import Recipe
from plait.foundation.unified.recipe_file import RecipeFile


def recipe_file(path: Path, recipe: Recipe) -> RecipeFile:
    return RecipeFile(TomlTable(path, str(path), "", {}), recipe)


TWO_PHASES = """\
[model]
size = "tiny"

[data.mixture]
locate = 0.5
matches = 0.5
draw = 0.5
restore_image = 0.5

[schedule]
warmup = 4

[[schedule.phase]]
name = "stem"
steps = {stem}
pictures = 4
items = 0

[[schedule.phase]]
name = "joint"
steps = {joint}
pictures = 4
items = 2
paintings = 2

[run]
seed = 3
log_every = 1
checkpoint_every = 3
evaluate_every = 10
"""


def two_phases(stem: int = 8, joint: int = 16) -> str:
    """A recipe of two phases with these numbers of steps; its last section is [run]."""
    return TWO_PHASES.format(stem=stem, joint=joint)
