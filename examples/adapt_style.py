# adapt_style.py
"""Teaches plait-nano to draw in shades of grey, by 200 pictures with captions, and compares it on 40 others."""

import json
import random
from pathlib import Path

from PIL import Image, ImageOps

from plait.foundation.unified.worlds.items import spans_text
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.tasks.draw import draw


def grey_drawing(seed):
    """A drawing in shades of grey, and the words that describe it."""
    rng = random.Random(f"photograph {seed}")
    item = make_item("draw", sample_scene(rng), "en", rng)
    drawing = Image.fromarray(render_scene(item.answer))
    return ImageOps.grayscale(drawing), spans_text(item.inputs["description"])


folder = Path("grey")
(folder / "held-out").mkdir(parents=True, exist_ok=True)
rows = []
for seed in range(240):
    picture, caption = grey_drawing(seed)
    if seed < 200:
        picture.save(folder / f"{seed}.png")
        (folder / f"{seed}.txt").write_text(caption)
    else:
        picture.save(folder / f"held-out/{seed}.png")
        rows.append({"description": caption, "answer": f"{seed}.png"})
(folder / "held-out/draw.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

Path("plait.toml").touch()  # the version belongs to the project of this folder
version = draw.adapt("grey", model="plait-nano")
print(version.verdict)
draw.using(version.name, seed=1)("a squirrel and an ambulance").save("squirrel.png")
