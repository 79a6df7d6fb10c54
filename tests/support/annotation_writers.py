"""The same annotated pictures as each tool exports them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from PIL import Image as Pillow

from tests.support.shelf import encode_picture

Corners = tuple[int, int, int, int]


@dataclass(frozen=True)
class Labelled:
    """A picture of this size with the boxes of its things, each with the name of its category."""

    name: str
    size: tuple[int, int]
    things: tuple[tuple[str, Corners], ...]

    @property
    def stem(self) -> str:
        return Path(self.name).stem


def write_pictures(folder: Path, labelled: Sequence[Labelled]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for each in labelled:
        form = "JPEG" if each.name.endswith("jpg") else "PNG"
        (folder / each.name).write_bytes(encode_picture(Pillow.new("RGB", each.size, "white"), form))


def categories_of(labelled: Sequence[Labelled]) -> list[str]:
    return sorted({category for each in labelled for category, _ in each.things}) or ["thing"]


def write_coco(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """Official COCO: annotations/instances_train2017.json, and the pictures in train2017."""
    write_pictures(folder / "train2017", labelled)
    names = categories_of(labelled)
    images = [
        {"id": id, "file_name": each.name, "width": each.size[0], "height": each.size[1]}
        for id, each in enumerate(labelled)
    ]
    things = [(id, thing) for id, each in enumerate(labelled) for thing in each.things]
    annotations = [
        {"id": at, "image_id": id, "category_id": names.index(category) + 1, "bbox": [x0, y0, x1 - x0, y1 - y0]}
        for at, (id, (category, (x0, y0, x1, y1))) in enumerate(things)
    ]
    categories = [{"id": id, "name": name} for id, name in enumerate(names, 1)]
    file = folder / "annotations" / "instances_train2017.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"images": images, "categories": categories, "annotations": annotations}))
    return file


def write_roboflow(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """Roboflow: train/_annotations.coco.json beside the pictures."""
    file = write_coco(folder / "official", labelled)
    write_pictures(folder / "train", labelled)
    return file.replace(folder / "train" / "_annotations.coco.json")


def write_yolo(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """Ultralytics: data.yaml, images/train and labels/train."""
    write_pictures(folder / "images" / "train", labelled)
    labels = folder / "labels" / "train"
    labels.mkdir(parents=True)
    names = categories_of(labelled)
    (folder / "data.yaml").write_text(
        f"train: images/train\nval: images/val\nnc: {len(names)}\nnames: {json.dumps(names)}\n"
    )
    for each in labelled:
        width, height = each.size
        lines = (
            f"{names.index(category)} {(x0 + x1) / 2 / width} {(y0 + y1) / 2 / height} {(x1 - x0) / width} "
            f"{(y1 - y0) / height}"
            for category, (x0, y0, x1, y1) in each.things
        )
        (labels / f"{each.stem}.txt").write_text("".join(f"{line}\n" for line in lines))
    return labels


def write_yolo_polygons(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """The pictures beside their text files, with polygons, and the names in classes.txt above."""
    labels, names = folder / "train", categories_of(labelled)
    write_pictures(labels, labelled)
    (folder / "classes.txt").write_text("\n".join(names))
    for each in labelled:
        width, height = each.size
        lines = (
            " ".join(map(str, (names.index(category), x0 / width, y0 / height, x1 / width, y0 / height,
                               x1 / width, y1 / height, x0 / width, y1 / height)))
            for category, (x0, y0, x1, y1) in each.things
        )  # fmt: skip
        (labels / f"{each.stem}.txt").write_text("".join(f"{line}\n" for line in lines))
    return labels


def write_voc(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """Annotations and JPEGImages beside each other, pixels counted from 0 as tools do."""
    write_pictures(folder / "JPEGImages", labelled)
    annotations = folder / "Annotations"
    annotations.mkdir(parents=True)
    for each in labelled:
        (annotations / f"{each.stem}.xml").write_text(voc_xml(each))
    return annotations


def voc_xml(each: Labelled, database: str = "Unknown", first: int = 0) -> str:
    things = "".join(
        f"<object><name>{escape(category)}</name><difficult>0</difficult><bndbox><xmin>{x0 + first}</xmin>"
        f"<ymin>{y0 + first}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"
        for category, (x0, y0, x1, y1) in each.things
    )
    return (
        f"<annotation><filename>{each.name}</filename><source><database>{database}</database></source>"
        f"<size><width>{each.size[0]}</width><height>{each.size[1]}</height></size>{things}</annotation>"
    )


def write_cvat(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """annotations.xml and a folder of pictures."""
    write_pictures(folder / "images", labelled)
    images = "".join(
        f'<image id="{id}" name={quoteattr(each.name)} width="{each.size[0]}" height="{each.size[1]}">'
        + "".join(
            f'<box label={quoteattr(category)} xtl="{x0}.00" ytl="{y0}.00" xbr="{x1}.00" ybr="{y1}.00" occluded="0"/>'
            for category, (x0, y0, x1, y1) in each.things
        )
        + "</image>"
        for id, each in enumerate(labelled)
    )
    file = folder / "annotations.xml"
    file.write_text(f'<?xml version="1.0"?>\n<annotations><version>1.1</version>{images}</annotations>')
    return file


def write_label_studio(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """A JSON export; uploads have a prefix on their names, the pictures that people keep have none."""
    write_pictures(folder, labelled)
    tasks = [
        {
            "id": id,
            "annotations": [{"was_cancelled": False, "result": [studio_box(each, *thing) for thing in each.things]}],
            "data": {"image": f"/data/upload/1/0a1b2c3d-{each.name}"},
        }
        for id, each in enumerate(labelled, 7)
    ]
    file = folder / "project-1.json"
    file.write_text(json.dumps(tasks))
    return file


def studio_box(each: Labelled, category: str, box: Corners) -> dict[str, object]:
    (width, height), (x0, y0, x1, y1) = each.size, box
    place = {"x": 100 * x0 / width, "y": 100 * y0 / height, "width": 100 * (x1 - x0) / width}
    value = {**place, "height": 100 * (y1 - y0) / height, "rotation": 0, "rectanglelabels": [category]}
    return {"type": "rectanglelabels", "original_width": width, "original_height": height, "value": value}


def write_metadata(folder: Path, labelled: Sequence[Labelled]) -> Path:
    """Hugging Face: metadata.jsonl beside the pictures."""
    write_pictures(folder / "train", labelled)
    rows = [
        {
            "file_name": each.name,
            "objects": {
                "bbox": [[x0, y0, x1 - x0, y1 - y0] for _, (x0, y0, x1, y1) in each.things],
                "categories": [category for category, _ in each.things],
            },
        }
        for each in labelled
    ]
    file = folder / "train" / "metadata.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


WRITERS: dict[str, Callable[[Path, Sequence[Labelled]], Path]] = {
    "official COCO": write_coco,
    "Roboflow": write_roboflow,
    "YOLO": write_yolo,
    "YOLO with polygons": write_yolo_polygons,
    "Pascal VOC": write_voc,
    "CVAT": write_cvat,
    "Label Studio": write_label_studio,
    "Hugging Face": write_metadata,
}
