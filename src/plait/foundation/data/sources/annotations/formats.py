"""The formats of annotated pictures: what a file or folder is, and what is in it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.annotations.annotated_pictures import AnnotatedPictures
from plait.foundation.data.sources.annotations.annotation_rows import annotation_table
from plait.foundation.data.sources.annotations.coco import is_coco, read_coco
from plait.foundation.data.sources.annotations.cvat import is_cvat, read_cvat
from plait.foundation.data.sources.annotations.image_folder import (
    class_files,
    is_class_folder,
    is_metadata,
    read_class_folder,
    read_metadata,
)
from plait.foundation.data.sources.annotations.label_studio import is_label_studio, read_label_studio
from plait.foundation.data.sources.annotations.voc import is_voc, read_voc, voc_files
from plait.foundation.data.sources.annotations.yolo import is_yolo, read_yolo, yolo_files
from plait.foundation.data.sources.table import InMemoryTable, files_sha256


def itself(file: Path) -> list[Path]:
    return [file]


@dataclass(frozen=True)
class AnnotationFormat:
    """A format. `is_source` tells whether a path is of it by a short look; `files` are those that it consists of,
    besides the pictures.

    `read` takes the source, and the folder of its pictures or None: then they are looked for nearby. It raises
    InputError.
    """

    name: str
    is_source: Callable[[Path], bool]
    read: Callable[[Path, Path | None], AnnotatedPictures]
    files: Callable[[Path], list[Path]] = itself


COCO = AnnotationFormat("COCO", is_coco, read_coco)
CLASS_FOLDERS = AnnotationFormat("folders of classes", is_class_folder, read_class_folder, class_files)
FORMATS = (
    COCO,
    AnnotationFormat("Label Studio", is_label_studio, read_label_studio),
    AnnotationFormat("CVAT", is_cvat, read_cvat),
    AnnotationFormat("Pascal VOC", is_voc, read_voc, voc_files),
    AnnotationFormat("YOLO", is_yolo, read_yolo, yolo_files),
    AnnotationFormat("pictures with metadata", is_metadata, read_metadata),
    CLASS_FOLDERS,
)


def annotation_format(path: Path) -> AnnotationFormat | None:
    """The format of a file or folder; None if it is none of these."""
    return next((each for each in FORMATS if each.is_source(path)), None)


def annotated_pictures(form: AnnotationFormat, source: Path, images: Path | None = None) -> AnnotatedPictures:
    """The contents of a source, read once: it may teach several tasks. Raises InputError."""
    return read_cached(form, source, images, files_sha256(form.files(source)))


@lru_cache(maxsize=4)
def read_cached(form: AnnotationFormat, source: Path, images: Path | None, sha256: str) -> AnnotatedPictures:
    return form.read(source, images)


def table_of_annotations(
    form: AnnotationFormat, source: Path, images: Path | None, declaration: Declaration
) -> InMemoryTable:
    """Rows of a source for a task. Raises InputError."""
    sha256 = files_sha256(form.files(source))
    return annotation_table(source, sha256, read_cached(form, source, images, sha256), declaration)
