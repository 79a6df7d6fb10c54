"""Folders that a tiny model learns in a few steps: pictures of noise with one box in all, drawings in one style."""

import json
import random
from pathlib import Path

from PIL import Image as Pillow

from tests.support.shelf import encode_picture

SIDE = 48
THINGS = ("kettle", "house", "river", "candle", "pencil", "glove", "table", "horse", "feather", "anchor")
BOX = {"x0": 8, "y0": 16, "x1": 40, "y1": 32}


def noise_picture(seed: int) -> bytes:
    rng = random.Random(seed)
    small = Pillow.new("RGB", (4, 4))
    small.putdata([tuple(rng.randrange(256) for _ in range(3)) for _ in range(16)])  # pyright: ignore[reportArgumentType]
    return encode_picture(small.resize((SIDE, SIDE), Pillow.Resampling.NEAREST))


def write_captioned(folder: Path, count: int, first: int = 0) -> Path:
    """A folder of pictures in one style, red stripes, each with a caption beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = Pillow.new("RGB", (SIDE, 2 * SIDE), "white")
    for top in range(0, 2 * SIDE, 12):
        picture.paste((200, 30, 30), (0, top, SIDE, top + 6))
    for number in range(first, first + count):
        (folder / f"{number}.png").write_bytes(encode_picture(picture))
        (folder / f"{number}.txt").write_text(f"{caption_of(number)}\n")
    return folder


def caption_of(number: int) -> str:
    """One of a hundred captions, of which no two are nearly equal."""
    return f"a striped {THINGS[number % 10]} and some {THINGS[number // 10 % 10]}s"


def hold_out_drawings(folder: Path, count: int) -> None:
    """Adds rows that decide, in the subfolder held-out."""
    inner = write_captioned(folder / "held-out", count, first=50)
    rows = [{"description": caption_of(number), "answer": f"{number}.png"} for number in range(50, 50 + count)]
    (inner / "draw.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_shelf(folder: Path, count: int, phrases: tuple[str, ...] = ("the mug",), first: int = 0) -> Path:
    """A folder of pictures with rows.jsonl, one for each phrase about each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for seed in range(first, first + count):
        (folder / f"{seed}.png").write_bytes(noise_picture(seed))
        rows += [{"picture": f"{seed}.png", "phrase": phrase, "answer": BOX} for phrase in phrases]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder
