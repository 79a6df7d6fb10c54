"""What is in a folder of data, of any format: sources to train on, and those that are held out by their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.foundation.data.sources.annotations.formats import CLASS_FOLDERS, annotation_format
from plait.foundation.data.sources.annotations.voc import is_held_out_list, is_list
from plait.foundation.data.sources.folders import (
    is_held_out,
    is_saved_dataset,
    is_saved_dataset_dict,
    subfolders,
    training_sources,
)
from plait.foundation.data.sources.open_table import is_table
from plait.foundation.data.sources.shards import files_in

MAX_DEPTH = 4  # of folders in folders: export/valid/labels/batch-1
OTHER_POINTS = "person_keypoints_"  # official COCO: things of instances_ again, those with key points alone


@dataclass(frozen=True)
class DataFolder:
    """Sources of a folder. Those held out are named, and not opened."""

    training: tuple[Path, ...]
    held_out: tuple[Path, ...]


def read_folder(folder: Path) -> DataFolder:
    """Tables and shards of the folder, datasets in it, and annotated pictures anywhere below.

    Held out is what has such a name itself, or is in a folder that has.
    """
    tables = [each for each in training_sources(folder, is_table) if annotation_format(each) is None]
    held_out = [each for each in (*files_in(folder), *subfolders(folder)) if is_held_out(each) and has_data(each)]
    if is_saved_dataset(folder) or is_saved_dataset_dict(folder):
        return DataFolder(tuple(tables), tuple(held_out))
    annotated = list(annotation_sources(folder))
    others = [each for each in annotated if annotation_format(each) is not CLASS_FOLDERS]
    # Beside other data, folders of pictures are where its pictures are, and their names say nothing of these.
    for each in others if tables or held_out or others else annotated:
        (held_out if is_below_held_out(each, folder) else tables).append(each)
    return DataFolder(tuple(dict.fromkeys(tables)), tuple(dict.fromkeys(held_out)))


def is_below_held_out(source: Path, folder: Path) -> bool:
    """Whether a source or a folder of it is held out; the folder that a person names is not judged."""
    within = [source, *source.parents]
    return any(is_held_out(each) for each in within[: within.index(folder)])


def has_data(path: Path) -> bool:
    """Whether a held-out file is a table, or a held-out folder has tables or a dataset."""
    return is_table(path) if path.is_file() else is_saved_dataset(path) or any(map(is_table, files_in(path)))


def annotation_sources(folder: Path, depth: int = MAX_DEPTH) -> Iterator[Path]:
    """The folder itself if it is one, files in it, and those in the folders below; hidden ones are left out."""
    if annotation_format(folder):
        yield folder
    yield from (file for file in sorted(folder.iterdir()) if is_source_file(file))
    if depth:
        for inner in subfolders(folder):
            if not inner.is_symlink():
                yield from annotation_sources(inner, depth - 1)


def is_source_file(file: Path) -> bool:
    """Whether a file is a source of its own.

    Of the lists of Pascal VOC only those that are held out are; the others are parts of its folder.
    """
    if not file.is_file() or file.name.startswith(".") or (is_list(file) and not is_held_out_list(file)):
        return False
    instances = file.with_name(file.name.replace(OTHER_POINTS, "instances_"))
    return not (instances != file and instances.is_file()) and annotation_format(file) is not None
