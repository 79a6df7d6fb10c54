"""The judge that comes with Plait."""

from functools import cache
from pathlib import Path

from plait.foundation.data.worlds.atlas import atlas
from plait.foundation.data.worlds.palette import COLOURS
from plait.foundation.judge.finding import Judge
from plait.foundation.judge.network import VERSION, JudgeNetwork
from plait.foundation.weights.frozen import frozen

FILE = Path(__file__).with_name("plait-judge.safetensors")


@cache
def judge(file: Path = FILE) -> Judge:
    """Raises CheckpointError."""
    network = JudgeNetwork(len(atlas().nouns), len(COLOURS))
    return Judge(frozen(network, file, VERSION, "python -m recipes.judge FOLDER"))
