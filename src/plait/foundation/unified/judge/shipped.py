"""The judge that comes with Plait."""

from functools import cache
from pathlib import Path

from plait.foundation.training.frozen_network import load_frozen
from plait.foundation.unified.judge.detection import Judge
from plait.foundation.unified.judge.network import VERSION, JudgeNetwork
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS

FILE = Path(__file__).with_name("plait-judge.safetensors")


@cache
def judge(file: Path = FILE) -> Judge:
    """The shipped judge, loaded once. Raises CheckpointError."""
    network = JudgeNetwork(len(atlas().nouns), len(COLOURS))
    return Judge(load_frozen(network, file, VERSION, "python -m recipes.judge FOLDER"))
