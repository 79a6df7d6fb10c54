"""Recipes made in Python as if they had been read from a file."""

from pathlib import Path

from plait.core.toml_file import TomlTable
from plait.foundation.unified.recipe import Recipe
from plait.foundation.unified.recipe_file import RecipeFile


def recipe_file(path: Path, recipe: Recipe) -> RecipeFile:
    return RecipeFile(TomlTable(path, str(path), "", {}), recipe)
