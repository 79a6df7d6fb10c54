"""Trains the image tokenizer that ships with Plait, on synthetic scenes; resumes after an interruption.

The stem of a trained unified model compares reconstructions with originals (perceptual loss).

python -m recipes.image_codes FOLDER
"""

from pathlib import Path

import click
import torch

from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION
from plait.foundation.training.frozen_network import save_frozen
from plait.foundation.training.small_networks import NetworkRecipe, train_network
from plait.foundation.unified.image_tokenizer.objective import ReconstructionLoss, with_frozen_encoder
from plait.foundation.unified.image_tokenizer.shipped import FILE, image_tokenizer
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.weights.model_lookup import load_model

PIXELS_ONLY_SHARE = 0.3  # of the steps use pixel losses only: a blurred picture has no features yet
PIXEL_LAYERS = ("encoder.0", "to_numbers", "from_numbers", "to_pixels")  # not from features to features


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--steps", default=3_000, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--stem", default="plait-nano", show_default=True, help="A unified model: by name, file or run.")
@click.option("--same-codes", is_flag=True, help="Train the decoder only, starting from the tokenizer that ships.")
def main(folder: Path, steps: int, threads: int, stem: str, same_codes: bool) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = with_frozen_encoder(image_tokenizer()) if same_codes else ImageTokenizer()
    tokenizer = tokenizer.to(memory_format=torch.channels_last)
    loss = ReconstructionLoss(
        tokenizer, load_model(stem).stem, 0 if same_codes else round(PIXELS_ONLY_SHARE * steps), same_codes
    )
    plan = NetworkRecipe(steps, PIXEL_LAYERS, muon_lr=0.01 if same_codes else 0.02)
    weights = train_network(tokenizer, loss, plan, folder / "codes.safetensors", click.echo)
    save_frozen(weights, FILE, IMAGE_TOKENIZER_VERSION)
    click.echo(f"wrote {FILE}; see how good it is before anything is trained on it: python -m benchmarks.image_codes")


if __name__ == "__main__":
    main()
