"""How good the image tokenizer is, before anything is trained on its codes: the gate of its quality.

    python -m benchmarks.image_codes

Scenes that it was not trained on, painted at 64 and at 128 pixels, made codes and pictures again. Beside it what a
picture loses that is only made smaller and larger again, to the same number of bits.
"""

import random

import click
import numpy as np
import torch
from PIL import Image

from benchmarks.measure import report
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.judge.shipped import judge
from plait.foundation.unified.metrics.image_similarity import PixelArray, psnr, ssim
from plait.foundation.unified.model.fsq import NUM_CODES
from plait.foundation.unified.suite.judged_pictures import is_same_object
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import make_item

GATE = {"PSNR": 27.0, "SSIM": 0.93, "code usage": 0.85, "recognised of what is on the original": 0.95}
SCENES = 600


@click.command(help=__doc__)
@click.option("--limit", default=SCENES, show_default=True)
def main(limit: int) -> None:
    torch.set_num_threads(1)
    figures = {f"{name}, {side} px": quality(scenes(name, limit), side) for name in SPLITS for side in (64, 128)}
    report(
        "image_codes",
        {"gate": GATE, "of": figures, "passed at": [side for side in (64, 128) if passes_gate(figures, side)]},
    )


SPLITS = ("scenes", "drawings", "scenes of an unseen style")


def scenes(name: str, count: int) -> list[Scene]:
    rng = random.Random(f"image codes {name}")
    sampled = [sample_scene(rng, "style" if "unseen" in name else "seen") for _ in range(count)]
    if name != "drawings":
        return sampled
    items = [make_item("draw", each, "en", rng) for each in sampled]
    return [each.answer for each in items if each and isinstance(each.answer, Scene)]


def quality(sample_scenes: list[Scene], side: int) -> dict[str, float]:
    pictures = [render_scene(each, side) for each in sample_scenes]
    with torch.inference_mode():
        codes = image_tokenizer().encode(torch.from_numpy(np.stack(pictures)))
        reconstructions = list(image_tokenizer().decode(codes).numpy())
    smaller = [shrink(each) for each in pictures]
    recognised = recognition_rate(pictures, sample_scenes)
    return {
        "PSNR": mean([psnr(*pair) for pair in zip(pictures, reconstructions, strict=True)]),
        "PSNR, a tenth below": round(
            float(np.percentile([psnr(*p) for p in zip(pictures, reconstructions, strict=True)], 10)), 2
        ),
        "PSNR, made smaller": mean([psnr(*pair) for pair in zip(pictures, smaller, strict=True)]),
        "SSIM": mean([ssim(*pair) for pair in zip(pictures, reconstructions, strict=True)]),
        "SSIM, made smaller": mean([ssim(*pair) for pair in zip(pictures, smaller, strict=True)]),
        "code usage": round(len(codes.unique()) / NUM_CODES, 3),
        "judge on the original": round(recognised, 4),
        "recognised of what is on the original": round(
            recognition_rate(reconstructions, sample_scenes) / recognised, 4
        ),
        "recognised, made smaller": round(recognition_rate(smaller, sample_scenes) / recognised, 4),
    }


def shrink(picture: PixelArray) -> PixelArray:
    """Scales an image down and up again, to as many bits as its codes have.

    One pixel of 24 bits replaces codes of 10 bits per 8x8 square: a factor of 5.2 in each direction.
    """
    side = len(picture)
    small_side = round(side / 8 * (10 / 24) ** 0.5)
    small = Image.fromarray(picture).resize((small_side, small_side), Image.Resampling.BOX)
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))


def recognition_rate(pictures: list[PixelArray], sample_scenes: list[Scene]) -> float:
    """Share of the objects that the judge recognizes at their place."""
    is_recognised = [
        any(is_same_object(thing.box, thing.noun, each) for each in verdict.things)
        for verdict, scene in zip(judge().verdicts(pictures), sample_scenes, strict=True)
        for thing in scene.things
    ]
    return sum(is_recognised) / len(is_recognised)


def passes_gate(figures: dict[str, dict[str, float]], side: int) -> bool:
    return all(figures[f"scenes, {side} px"][name] >= minimum for name, minimum in GATE.items())


def mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 3)


if __name__ == "__main__":
    main()
