# adapt_style.py
"""Teaches plait-nano ground and colours of blueprints, by 200 pictures with captions, and compares it on 40 others."""

import json
import random
from pathlib import Path

from PIL import Image, ImageOps

from plait.foundation.unified.worlds.items import spans_text
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.tasks.draw import draw


def blueprint(seed):
    """A drawing in white on blue, and the words that describe it."""
    rng = random.Random(f"blueprint {seed}")
    scene = sample_scene(rng)
    item = make_item("draw", scene, "en", rng)
    grey = ImageOps.autocontrast(ImageOps.grayscale(Image.fromarray(render_scene(scene))))
    return ImageOps.colorize(ImageOps.invert(grey), "#0b3d91", "white"), spans_text(item.inputs["description"])


folder = Path("blueprints")
(folder / "held-out").mkdir(parents=True, exist_ok=True)
rows = []
for seed in range(240):
    picture, caption = blueprint(seed)
    if seed < 200:
        picture.save(folder / f"{seed}.png")
        (folder / f"{seed}.txt").write_text(caption)
    else:
        picture.save(folder / f"held-out/{seed}.png")
        rows.append({"description": caption, "answer": f"{seed}.png"})
(folder / "held-out/draw.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

Path("plait.toml").touch()  # the version belongs to the project of this folder
version = draw.adapt("blueprints", model="plait-nano")
print(version.verdict)
draw.using(version.name, seed=1)("A red car on a white ground.").save("car.png")
