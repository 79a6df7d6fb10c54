"""Writes the inputs that the pages of the picture tasks offer to try: `python -m tools.try_inputs`.

Each is a scene of the kind that plait-nano was trained on, which it has not seen: no photograph, no drawing of others.
"""

import io
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image as Pillow

import plait.tasks
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.foundation.unified.suite.questions import TASKS_WITHOUT_PICTURE, is_box
from plait.foundation.unified.worlds.items import Spans, spans_text
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene
from plait.foundation.unified.worlds.task_items import TASKS, make_item
from plait.foundation.unified.worlds.wording import LANGUAGES

FOLDER = Path(plait.tasks.__file__).parent / "inputs"
PICTURES = "pictures"
SIDE = 288  # pixels: three times what the model sees
QUALITY = 88
COUNT, THINGS = 3, 3  # scenes of a task, objects in a scene


def main() -> None:
    (FOLDER / PICTURES).mkdir(parents=True, exist_ok=True)
    for task in TASKS:
        rows = [row for number in range(COUNT) for row in task_rows(task, number)]
        lines = "".join(f"{dumps(row)}\n" for row in rows)
        (FOLDER / f"{task}.jsonl").write_text(lines, "utf-8")


def task_rows(task: str, number: int) -> Iterator[dict[str, Json]]:
    """The inputs about one scene, in each language."""
    rng = random.Random(f"try {task} {number}")
    while True:
        scene = sample_scene(rng, "seen", THINGS)
        items = [make_item(task, scene, language, rng) for language in LANGUAGES]
        if all(items):
            break
    picture = {} if task in TASKS_WITHOUT_PICTURE else {"picture": save_picture(scene, f"{task}-{number}")}
    texts: set[str] = set()
    for item in items:
        assert item is not None
        row = picture | {name: to_json(value) for name, value in item.inputs.items()}
        if dumps(row) not in texts:  # a task without words asks the same in both languages
            yield row
        texts.add(dumps(row))


def to_json(value: Spans | PixelBox) -> Json:
    if is_box(value):
        x0, y0, x1, y1 = (round(each * SIDE / CANVAS_SIDE) for each in value)
        return {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    return spans_text(value)


def save_picture(scene: Scene, name: str) -> str:
    content = io.BytesIO()
    Pillow.fromarray(render_scene(scene, SIDE)).save(content, "WEBP", quality=QUALITY, method=6)
    (FOLDER / PICTURES / f"{name}.webp").write_bytes(content.getvalue())
    return f"{PICTURES}/{name}.webp"


if __name__ == "__main__":
    main()
