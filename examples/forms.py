# forms.py
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

SIDE, MARGIN = 192, 8
INK, LINE, BLUE = "#333333", "#888888", "#2563eb"
SIZES = {  # width and height of each widget, in pixels
    "button": (72, 28), "text field": (96, 26), "dropdown": (96, 26), "checkbox": (22, 22), "radio button": (22, 22),
    "switch": (44, 24), "slider": (96, 20), "progress bar": (96, 14),
}  # fmt: skip


def draw(pen, name, x0, y0, x1, y1, rng):
    x1, y1 = x1 - 1, y1 - 1  # Pillow's corners belong to what is drawn
    middle, at = (y0 + y1) // 2, x0 + round((x1 - x0) * rng.uniform(0.3, 0.7))
    match name:
        case "button":
            pen.rounded_rectangle((x0, y0, x1, y1), 6, BLUE)
            pen.rectangle((x0 + 16, middle - 2, x1 - 16, middle + 1), "white")
        case "text field" | "dropdown":
            pen.rectangle((x0, y0, x1, y1), "white", LINE)
            pen.rectangle((x0 + 7, middle - 2, x0 + rng.randint(30, 60), middle + 1), LINE)
            if name == "dropdown":
                pen.polygon((x1 - 16, middle - 3, x1 - 6, middle - 3, x1 - 11, middle + 4), INK)
        case "checkbox":
            pen.rectangle((x0, y0, x1, y1), "white", INK)
            pen.line((x0 + 5, middle, x0 + 9, y1 - 5, x1 - 4, y0 + 5), BLUE, 3)
        case "radio button":
            pen.ellipse((x0, y0, x1, y1), "white", INK)
            pen.ellipse((x0 + 6, y0 + 6, x1 - 6, y1 - 6), BLUE)
        case "switch":
            pen.rounded_rectangle((x0, y0, x1, y1), 12, BLUE)
            pen.ellipse((x1 - 20, y0 + 3, x1 - 3, y1 - 3), "white")
        case "slider":
            pen.rectangle((x0, middle - 2, x1, middle + 1), LINE)
            pen.ellipse((at - 9, y0, at + 9, y1), BLUE)
        case "progress bar":
            pen.rounded_rectangle((x0, y0, x1, y1), 7, "#dddddd")
            pen.rounded_rectangle((x0, y0, at, y1), 7, "#16a34a")


def form(rng):
    """A picture of one to three widgets below each other, and the box of each."""
    picture = Image.new("RGB", (SIDE, SIDE), rng.choice(("#ffffff", "#f6f6f6", "#eef2ff", "#fff7ed")))
    pen, boxes, top = ImageDraw.Draw(picture), [], MARGIN + rng.randint(0, 24)
    for name in rng.sample(list(SIZES), rng.randint(1, 3)):
        width, height = SIZES[name]
        x0 = rng.randint(MARGIN, SIDE - MARGIN - width)
        draw(pen, name, x0, top, x0 + width, top + height, rng)
        boxes.append((name, (x0, top, width, height)))
        top += height + rng.randint(12, 34)
    return picture, boxes


def main():
    rng, folder = random.Random(1), Path("forms")
    coco = {"images": [], "categories": [{"id": at, "name": name} for at, name in enumerate(SIZES)], "annotations": []}
    held_out = {"detect": [], "locate": []}
    (folder / "held-out").mkdir(parents=True, exist_ok=True)
    for number in range(200):
        picture, boxes = form(rng)
        name = f"{number}.png"
        if number < 160:
            picture.save(folder / name)
            coco["images"].append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
            coco["annotations"] += [
                {"id": 10 * number + at, "image_id": number, "category_id": list(SIZES).index(what), "bbox": box}
                for at, (what, box) in enumerate(boxes)
            ]
            continue
        picture.save(folder / "held-out" / name)
        regions = [(what, {"x0": x, "y0": y, "x1": x + w, "y1": y + h}) for what, (x, y, w, h) in boxes]
        answer = [{"what": what, "where": where} for what, where in regions]
        held_out["detect"].append({"picture": name, "answer": answer})
        held_out["locate"] += [{"picture": name, "phrase": what, "answer": where} for what, where in regions]
    (folder / "coco.json").write_text(json.dumps(coco))
    for task, rows in held_out.items():
        (folder / "held-out" / f"{task}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


main()
