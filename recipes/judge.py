"""Trains the judge that ships with Plait, on synthetic scenes; resumes after an interruption.

python -m recipes.judge FOLDER
"""

from pathlib import Path

import click
import torch

from plait.foundation.training.frozen_network import save_frozen
from plait.foundation.training.small_networks import NetworkRecipe, train_network
from plait.foundation.unified.judge.network import VERSION, JudgeNetwork
from plait.foundation.unified.judge.objective import JudgeLoss
from plait.foundation.unified.judge.shipped import FILE
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS

NON_FEATURE_LAYERS = ("pixels", "nouns", "reach", "ground")  # from pixels to features, or from features to answers


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--steps", default=3_000, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(folder: Path, steps: int, threads: int) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(2)
    folder.mkdir(parents=True, exist_ok=True)
    network = JudgeNetwork(len(atlas().nouns), len(COLOURS)).to(memory_format=torch.channels_last)
    weights = train_network(
        network, JudgeLoss(network), NetworkRecipe(steps, NON_FEATURE_LAYERS), folder / "judge.safetensors", click.echo
    )
    save_frozen(weights, FILE, VERSION)
    click.echo(f"wrote {FILE}")


if __name__ == "__main__":
    main()
