"""Pascal VOC: an XML file for each picture, of its things with `bndbox` in pixels.

The source is the folder of the XML files, without those that a held-out list in ImageSets/Main names, or such a list.
Pictures are beside them, or in a folder beside theirs, such as JPEGImages. The pixels of the original data set count
from 1; tools count from 0.
Format: host.robots.ox.ac.uk/pascal/VOC/voc2012, development kit.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from plait.core.errors import InputError
from plait.core.values.json_value import InvalidValue
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    Annotation,
    PictureNotes,
)
from plait.foundation.data.sources.annotations.picture_lookup import PICTURE_SUFFIXES, find_picture, picture_folder
from plait.foundation.data.sources.annotations.xml_files import claimed_size, number_of, read_xml, root_tag, text_of
from plait.foundation.data.sources.folders import is_held_out
from plait.types.box.box_formats import Corners

LISTS = Path("ImageSets", "Main")
CORNERS = ("xmin", "ymin", "xmax", "ymax")
ORIGINAL = "The VOC"  # how the name of the original data base begins


def is_voc(source: Path) -> bool:
    if source.is_file():
        return is_list(source) and annotations_of(source).is_dir()
    first = next(iter(sorted(source.glob("*.xml"))), None)
    return first is not None and root_tag(first) == "annotation"


def is_list(file: Path) -> bool:
    return file.suffix == ".txt" and file.parent.parts[-2:] == LISTS.parts


def is_held_out_list(file: Path) -> bool:
    """Whether a list is that of a held-out split; mug_val.txt is about one class of it."""
    return is_held_out(file) and "_" not in file.stem


def annotations_of(list_file: Path) -> Path:
    return list_file.parents[2] / "Annotations"


def voc_files(source: Path) -> list[Path]:
    """The XML files of a folder, or of a list."""
    if source.is_file():
        return [annotations_of(source) / f"{name}.xml" for name in names_in(source)]
    lists = sorted((source.parent / LISTS).glob("*.txt")) if (source.parent / LISTS).is_dir() else []
    held_out = {name for each in lists if is_held_out_list(each) for name in names_in(each)}
    return [file for file in sorted(source.glob("*.xml")) if file.stem not in held_out]


def names_in(list_file: Path) -> list[str]:
    """The first word of each line; a list of one class says -1 behind the names of pictures without it."""
    lines = (line.split() for line in list_file.read_text("utf-8-sig").splitlines())
    return [words[0] for words in lines if words and words[-1] != "-1"]


def read_voc(source: Path, images: Path | None = None) -> AnnotatedPictures:
    """An XML file that cannot be read is among `bad_rows`. Raises InputError for a list that names none."""
    files = voc_files(source)
    if not files:
        raise InputError(f"{source} has no annotations", hint="name another list, or the folder Annotations")
    notes = PictureNotes(source, images or picture_folder(files[0], picture_names(files)))
    for file in files:
        try:
            root = read_xml(file)
        except InputError as error:
            notes.add_bad(str(file), error.message.removeprefix(str(file)).strip(), None)
            continue
        size = claimed_size(text_of(root, "size/width"), text_of(root, "size/height"))
        if notes.add_picture(file.stem, picture_name(notes.folder, file, root), size, str(file)):
            add_things(notes, file, root)
    return notes.result()


def picture_names(files: list[Path]) -> Iterator[str]:
    for file in files:
        yield from (f"{file.stem}{suffix}" for suffix in PICTURE_SUFFIXES[:3])


def picture_name(folder: Path, file: Path, root: Element) -> str:
    """The picture that has the name of the file, or the one that the file names."""
    own = (find_picture(folder, f"{file.stem}{suffix}") for suffix in PICTURE_SUFFIXES)
    named = text_of(root, "filename")
    return next(filter(None, own), None) or find_picture(folder, named) or named or file.stem


def add_things(notes: PictureNotes, file: Path, root: Element) -> None:
    picture = notes.pictures[file.stem]
    first = 1 if text_of(root, "source/database").startswith(ORIGINAL) else 0
    for number, thing in enumerate(root.findall("object"), 1):
        where, category = f"{file}: object {number}", text_of(thing, "name")
        try:
            if not category:
                raise InvalidValue("has no name", None)
            if text_of(thing, "difficult") == "1":
                notes.add(Annotation(where, file.stem, category))
            else:
                notes.add(Annotation(where, file.stem, category, *parse_bndbox(thing, picture, first)))
        except InvalidValue as error:
            notes.add_bad(where, str(error), file.stem)


def parse_bndbox(thing: Element, picture: AnnotatedPicture, first: int) -> tuple[Corners, bool]:
    """The box, and whether it was clipped. `first` is the number of the first pixel; the last one belongs to the box.

    Raises InvalidValue.
    """
    left, top, right, bottom = (number_of(text_of(thing, f"bndbox/{name}"), f"bndbox: {name}") for name in CORNERS)
    written = f"{left:g}, {top:g}, {right:g}, {bottom:g}"
    return picture.box("bndbox", written, (left - first, top - first, right, bottom))
