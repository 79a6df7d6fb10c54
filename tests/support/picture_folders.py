"""Folders of made scenes, each file named by what it shows."""

import random
from functools import cache
from pathlib import Path

import torch
from PIL import Image

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.search.embedding import Embedder
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import Scene

torch.set_num_threads(1)


def sample_scenes(count: int, seed: object = "search") -> list[Scene]:
    rng = random.Random(f"scenes for {seed}")
    return [sampling.sample_scene(rng) for _ in range(count)]


def save_pictures(folder: Path, of: list[Scene]) -> Path:
    folder.mkdir(exist_ok=True)
    for number, scene in enumerate(of):
        Image.fromarray(render_scene(scene)).save(folder / f"{number:03d}.png")
    return folder


def nouns_of(scene: Scene) -> set[str]:
    return {atlas().nouns[thing.noun].en for thing in scene.things}


@cache
def embedder() -> Embedder:
    return Embedder(load_model("plait-nano"), vocabulary())
