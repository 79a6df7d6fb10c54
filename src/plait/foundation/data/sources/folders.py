"""Folders of data: what in them is learned from, and what is held out.

`save_to_disk` of Hugging Face's `datasets` makes a folder with state.json, or with dataset_dict.json and a folder for
each split; on their Hub shards lie in a folder called data.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from plait.core.errors import InputError
from plait.foundation.data.sources.shards import SHARDED, files_in, numberless, together

HELD_OUT = ("held-out", "held_out")  # how the names of files begin that are to be measured with
SPLITS = re.compile(r"(test|testing|validation|valid|val|dev|eval|evaluation)(?![a-z])", re.IGNORECASE)


def is_saved(folder: Path) -> bool:
    """Whether `save_to_disk` made it, of one split."""
    return (folder / "state.json").is_file()


def is_split_up(folder: Path) -> bool:
    return (folder / "dataset_dict.json").is_file()


def held_out(path: Path) -> bool:
    """Files by the words of a person, shards and splits by those of `datasets` as well."""
    by_split = path.suffix in SHARDED or path.is_dir()
    return path.name.startswith(HELD_OUT) or (by_split and SPLITS.match(path.name) is not None)


def learned_from(folder: Path, is_data: Callable[[Path], bool]) -> list[Path]:
    """The sources in a folder: files for which `is_data`, shards of one name together, folders of `datasets`."""
    if is_saved(folder):
        return [folder]
    if is_split_up(folder):
        return splits_of(folder)
    files = sorted(file for file in files_in(folder) if is_data(file) and not held_out(file))
    return [*together(files), *(path for each in folders_in(folder) for path in within(folder, each))]


def splits_of(folder: Path) -> list[Path]:
    """The split called train; where there is none, all that are not held out."""
    found = [each for each in folders_in(folder) if is_saved(each) and not held_out(each)]
    return [each for each in found if each.name == "train"] or found


def within(folder: Path, inner: Path) -> Iterator[Path]:
    """What a folder inside has: all of it where `datasets` made it, else the shards in a folder called data."""
    if held_out(inner):
        return
    if is_saved(inner) or is_split_up(inner):
        yield from learned_from(inner, is_shard)
    shards = inner if inner.name == "data" else inner / "data"
    yield from together(sorted(file for file in files_in(shards) if is_shard(file) and not held_out(file)))


def is_shard(file: Path) -> bool:
    return file.suffix in SHARDED


def folders_in(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))


def the_source_in(folder: Path) -> Path:
    """The one source of a folder that a recipe names. Raises InputError where there are none or several."""
    found = learned_from(folder, is_shard)
    if not found:
        raise InputError(f"{folder} holds no Parquet, WebDataset or saved dataset to learn from", way_out="name a file")
    if len(found) > 1:
        said = ", ".join(str(each.relative_to(folder)) for each in found)
        raise InputError(f"{folder} holds several sources", way_out=f"name one of them: {said}")
    return found[0]


def names_of(path: Path) -> set[str]:
    """What a source is called: its file without the number of a shard, or the folder that a split lies in."""
    called = {path.stem, numberless(path).stem.rstrip("*-_."), path.stem.rstrip("*-_.")}
    return called | ({path.parent.name} if path.is_dir() else set())
