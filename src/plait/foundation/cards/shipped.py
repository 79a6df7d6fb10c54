"""Trained weights: the files that ship lie here, each with its card.

card.py     what is told of a model: data, recipe, cost, scores, limits
header.py   what stands at the beginning of a file of weights, readable without torch
files.py    writes and reads such a file: int8 safetensors
page.py     a card as Markdown
named.py    a model by its name, its file or the folder of its run
export.py   from the folder of a run to a file with its card
"""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("weights")


@cache
def shipped_weights_files() -> tuple[Path, ...]:
    """The weights that came with Plait; each file's name is its model's."""
    return tuple(sorted(FOLDER.glob("*.safetensors")))
