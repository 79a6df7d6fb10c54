"""COCO annotations as rows of a task, by the task's shape: what it takes and what it answers.

    picture → list of records of a text and a box      a row a picture: all its boxes            `detect`
    picture, text → box                                a row a category that occurs once         `locate`
    picture, box → text                                a row a box                               `describe_region`
    picture → text                                     a row a caption                           `describe`

Crowds are left out, and count where it is asked whether a category occurs once. A picture with a bad annotation gives
no row of all its boxes: an answer that lacks one would teach to overlook it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Json, Kind
from plait.foundation.data.sources.coco_file import Annotation, Coco, read_coco
from plait.foundation.data.sources.table import Held, digest_of
from plait.types.box.frames import Corners
from plait.types.box.value import NAMES

SAID = ("text", "label")  # kinds that a category's name or a caption can stand for
TAKES = "COCO teaches picture -> list of text and box; picture, text -> box; picture, box -> text; picture -> text"
Lines = Iterator[tuple[str, dict[str, Json]]]  # where it stands, and the row
Make = Callable[[Coco], Lines]


def coco_rows(file: Path, folder: Path, declaration: Declaration) -> Held:
    """The rows that a COCO file has for a task. Raises InputError for a file or a task that is none of COCO's."""
    make = rows_for(declaration)
    sha256 = digest_of(file)
    coco = known(file, folder, sha256)
    given = tuple((where, dumps(row).encode()) for where, row in make(coco))
    if not given and not coco.bad:
        raise InputError(f"{file} has nothing that {declaration.name} could learn", way_out=TAKES)
    return Held(file, folder, sha256, given, coco.bad)


@lru_cache(maxsize=4)
def known(file: Path, folder: Path, sha256: str) -> Coco:
    """A file as it was when it had that sum: it may teach several tasks, and is read once."""
    return read_coco(file, folder)


def rows_for(declaration: Declaration) -> Make:
    """What makes rows of this shape. Raises InputError where COCO has none."""
    slots = {slot.kind.name: slot.name for slot in declaration.slots if slot.required}
    match sorted(slot.kind.name for slot in declaration.slots if slot.required), declaration.answer.name:
        case ["image"], "list" if fields := thing(dict(declaration.answer.children)["[]"]):
            return lambda coco: all_boxes(coco, slots["image"], *fields)
        case ["image", "text" | "label" as said], "box":
            return lambda coco: one_box(coco, slots["image"], slots[said])
        case ["box", "image"], "text" | "label":
            return lambda coco: names(coco, slots["image"], slots["box"])
        case ["image"], "text":
            return lambda coco: captions(coco, slots["image"])
        case _:
            raise InputError(f"COCO has no rows for {declaration.name}", way_out=TAKES)


def thing(kind: Kind) -> tuple[str, str] | None:
    """The fields of a record that say what it is and where, where it has just these."""
    if kind.name != "record":
        return None
    by_kind = {inner.name: name for name, inner in kind.children}
    what = next((by_kind[name] for name in SAID if name in by_kind), None)
    return (what, by_kind["box"]) if what and "box" in by_kind and len(kind.children) == 2 else None


def all_boxes(coco: Coco, picture: str, what: str, where: str) -> Lines:
    """Pictures without any box are rows as well: nothing is there. A file of captions has none."""
    if any(each.caption is not None for each in coco.annotations):
        return
    for id, annotations in coco.of_picture().items():
        if id not in coco.spoiled:
            answer: list[Json] = [{what: each.what, where: corners(box)} for each, box in boxed(annotations)]
            yield f"{coco.file}: image {id}", {picture: coco.pictures[id].path, "answer": answer}


def one_box(coco: Coco, picture: str, phrase: str) -> Lines:
    for id, annotations in coco.of_picture().items():
        counts = Counter(each.what for each in annotations)
        if id in coco.spoiled:
            continue  # what the bad annotation is of is not known: a category may occur twice
        for each, box in boxed(annotations):
            if counts[each.what] == 1:
                yield each.where, {picture: path(coco, each), phrase: each.what, "answer": corners(box)}


def names(coco: Coco, picture: str, region: str) -> Lines:
    for each, box in boxed(coco.annotations):
        yield each.where, {picture: path(coco, each), region: corners(box), "answer": each.what}


def captions(coco: Coco, picture: str) -> Lines:
    for each in coco.annotations:
        if each.caption is not None:
            yield each.where, {picture: path(coco, each), "answer": each.caption}


def boxed(annotations: "tuple[Annotation, ...] | list[Annotation]") -> Iterator[tuple[Annotation, Corners]]:
    return ((each, each.box) for each in annotations if each.box is not None)


def path(coco: Coco, annotation: Annotation) -> str:
    return coco.pictures[annotation.picture].path


def corners(box: Corners) -> dict[str, Json]:
    return dict(zip(NAMES, box, strict=True))
