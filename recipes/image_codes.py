"""Trains the image tokenizer that ships, on the worlds' scenes; goes on from where it was stopped.

What it gives back is looked at by the stem of a trained unified model.

python -m recipes.image_codes FOLDER
"""

from pathlib import Path

import click
import torch

from plait.foundation.codes import VERSION
from plait.foundation.codes.learning import Reconstruction
from plait.foundation.codes.shipped import FILE
from plait.foundation.codes.tokenizer import ImageTokenizer
from plait.foundation.training.small import Plan, learned
from plait.foundation.weights.frozen import save
from plait.foundation.weights.named import trained

LATER = 0.3  # of the steps are learned by pixels alone: a blur has nothing yet to recognise
PIXELS = ("encoder.0", "to_numbers", "from_numbers", "to_pixels")  # what maps pixels or codes, not features


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--steps", default=3_000, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--stem", default="plait-nano", show_default=True, help="A unified model: by name, file or run.")
def main(folder: Path, steps: int, threads: int, stem: str) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = ImageTokenizer().to(memory_format=torch.channels_last)
    loss = Reconstruction(tokenizer, trained(stem).stem, round(LATER * steps))
    weights = learned(tokenizer, loss, Plan(steps, PIXELS), folder / "codes.safetensors", click.echo)
    save(weights, FILE, VERSION)
    click.echo(f"wrote {FILE}; see how good it is before anything is trained on it: python -m benchmarks.image_codes")


if __name__ == "__main__":
    main()
