"""YOLO: a text file for each picture, a line for each thing: the number of its class, then its box or polygon.

The source is the folder of the text files. Pictures are beside them, or where `images` replaces `labels` in the path.
Names of classes are in data.yaml, classes.txt, obj.names or _darknet.labels, there or in a folder above. A picture
without a text file, or with an empty one, has no things. Format: docs.ultralytics.com/datasets/detect, and /segment.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from plait.core.errors import InputError, MissingDependency
from plait.core.values.json_value import InvalidValue
from plait.core.values.quoting import quote
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    Annotation,
    PictureNotes,
    corners_around,
)
from plait.foundation.data.sources.annotations.picture_lookup import pictures_in
from plait.types.box.box_formats import Corners

NAME_FILES = ("data.yaml", "data.yml", "classes.txt", "obj.names", "_darknet.labels")
FOLDERS_ABOVE = 3  # in which the names of classes are looked for: of data/labels/train/batch-1 in data
NUMBER = re.compile(r"-?[\d.]+(e-?\d+)?", re.IGNORECASE)
BOX_NUMBERS = 4  # centre and size, in shares of the picture


def is_yolo(folder: Path) -> bool:
    """Whether a folder has text files of pictures, and there are names of classes."""
    if not folder.is_dir() or not any(folder.glob("*.txt")) or names_file(folder) is None:
        return False
    labels = (label_file(folder, each) for each in pictures_in(picture_folder_of(folder)))
    return any(looks_like_labels(each) for each in labels if each.is_file())


def looks_like_labels(file: Path) -> bool:
    """Whether the first line is numbers, and not a caption."""
    words = next((line.split() for _, line in label_lines(file)), [])
    return len(words) > BOX_NUMBERS and all(NUMBER.fullmatch(word) for word in words)


def yolo_files(folder: Path) -> list[Path]:
    names = names_file(folder)
    return [*([names] if names else []), *sorted(folder.glob("*.txt"))]


def names_file(folder: Path) -> Path | None:
    above = [folder, *folder.parents][: FOLDERS_ABOVE + 1]
    return next((file for each in above for name in NAME_FILES if (file := each / name).is_file()), None)


def picture_folder_of(folder: Path) -> Path:
    """The folder of the pictures: the last `labels` of the path is `images` there."""
    parts = list(folder.parts)
    for at in reversed(range(len(parts))):
        if parts[at] == "labels":
            images = Path(*parts[:at], "images", *parts[at + 1 :])
            return images if images.is_dir() else folder
    return folder


def label_file(folder: Path, picture: Path) -> Path:
    return folder / f"{picture.stem}.txt"


def read_yolo(folder: Path, images: Path | None = None) -> AnnotatedPictures:
    """Raises InputError for a folder without names of classes or pictures, MissingDependency."""
    file = names_file(folder)
    if file is None:
        raise InputError(f"{folder} has no names of classes", hint=f"add one of {', '.join(NAME_FILES)}")
    names, has_keypoints = class_names(file)
    notes = PictureNotes(folder, images or picture_folder_of(folder))
    pictures = pictures_in(notes.folder)
    check_stems(pictures)
    for picture in pictures:
        text_file = label_file(folder, picture)
        if notes.add_picture(picture.stem, picture.name, None, str(picture)) and text_file.is_file():
            annotated = notes.pictures[picture.stem]
            for number, line in label_lines(text_file):
                where = f"{text_file}:{number}"
                try:
                    notes.add(Annotation(where, picture.stem, *parse_line(line, names, has_keypoints, annotated)))
                except InvalidValue as error:
                    notes.add_bad(where, str(error), picture.stem)
    stems = {each.stem for each in pictures}
    for file in sorted(each for each in folder.glob("*.txt") if each.stem not in stems and each.name not in NAME_FILES):
        if any(True for _ in label_lines(file)):
            notes.add_bad(str(file), f"has no picture in {notes.folder}", None)
    return notes.result()


def check_stems(pictures: Sequence[Path]) -> None:
    """Raises InputError for two pictures that one text file is about."""
    known: dict[str, Path] = {}
    for each in pictures:
        if known.setdefault(each.stem, each) != each:
            raise InputError(
                f"{known[each.stem]} and {each.name} have one name, so {each.stem}.txt is about both",
                hint="rename one of them with its text file",
            )


def label_lines(file: Path) -> Iterator[tuple[int, str]]:
    text = file.read_text("utf-8-sig", errors="replace")
    return ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def parse_line(
    line: str, names: Sequence[str], has_keypoints: bool, picture: AnnotatedPicture
) -> tuple[str, Corners, bool]:
    """The class and the box of a thing, and whether that was clipped; the box of a polygon is that around it.

    Raises InvalidValue.
    """
    words = line.split()
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise InvalidValue(f"should be the number of a class and a box, not {quote(line)}", line) from None
    class_number, *places = numbers or [-1.0]
    if class_number != int(class_number) or not 0 <= class_number < len(names):
        raise InvalidValue(f"{words[0]} is none of the {len(names)} classes", line)
    if has_keypoints or len(places) in (BOX_NUMBERS, BOX_NUMBERS + 1):  # the fifth is the confidence of a prediction
        x, y, width, height, *_ = (*places, *[0.0] * BOX_NUMBERS)
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    elif len(places) >= 6 and len(places) % 2 == 0:
        corners = corners_around([*zip(places[::2], places[1::2], strict=True)])
    else:
        raise InvalidValue(f"should have 4 numbers of a box, or 6 and more of a polygon, not {len(places)}", line)
    (left, top, right, bottom), (across, down) = corners, picture.size
    edges = (left * across, top * down, right * across, bottom * down)
    return names[int(class_number)], *picture.box("box", line, edges)


def class_names(file: Path) -> tuple[tuple[str, ...], bool]:
    """The names by their numbers, and whether things have points besides their box. Raises InputError."""
    if file.suffix not in (".yaml", ".yml"):
        return tuple(line for _, line in label_lines(file)), False
    content = read_yaml(file)
    names = content.get("names")
    if isinstance(names, dict) and all(isinstance(key, int) for key in names):
        names = [names.get(number, f"class {number}") for number in range(max(names, default=-1) + 1)]
    if not isinstance(names, list) or not all(isinstance(each, str | int) for each in names):
        raise InputError(f"{file} has no names of classes", hint='names: ["cat", "dog"]')
    return tuple(map(str, names)), "kpt_shape" in content


def read_yaml(file: Path) -> dict[str, Any]:
    """Raises InputError for a file that is no YAML, MissingDependency."""
    try:
        import yaml
    except ModuleNotFoundError:
        raise MissingDependency(
            f"{file} needs the package pyyaml", hint="pip install -e '.[train]', or write the names into classes.txt"
        ) from None
    try:
        content = yaml.safe_load(file.read_text("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not YAML: {str(error).splitlines()[0]}", hint="correct it") from None
    return content if isinstance(content, dict) else {}
