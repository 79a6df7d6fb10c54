"""Folders of tables, shards and datasets: which are for training, and which are held out.

`save_to_disk` of Hugging Face's `datasets` makes a folder with state.json, or one with dataset_dict.json and a
subfolder per split. On the Hugging Face Hub, shards are in a folder called data.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from plait.core.errors import InputError
from plait.foundation.data.sources.shards import SHARD_SUFFIXES, files_in, group_shards, shard_pattern

HELD_OUT_PREFIXES = ("held-out", "held_out")  # of the names of files and folders that are held out
HELD_OUT_WORDS = {"test", "testing", "validation", "valid", "val", "dev", "eval", "evaluation"}  # and in them


def is_saved_dataset(folder: Path) -> bool:
    """Whether the folder is one split, made by `save_to_disk`."""
    return (folder / "state.json").is_file()


def is_saved_dataset_dict(folder: Path) -> bool:
    return (folder / "dataset_dict.json").is_file()


def is_held_out(path: Path) -> bool:
    """Whether a file or folder is held out, by its name: held-out-2.jsonl, test.csv, instances_val2017.json."""
    words = re.findall("[a-z]+", path.name.lower())
    return path.name.startswith(HELD_OUT_PREFIXES) or not HELD_OUT_WORDS.isdisjoint(words)


def training_sources(folder: Path, is_data: Callable[[Path], bool]) -> list[Path]:
    """Sources in a folder: files for which `is_data`, shards grouped by name, folders of `datasets`."""
    if is_saved_dataset(folder):
        return [folder]
    if is_saved_dataset_dict(folder):
        return training_splits(folder)
    files = sorted(file for file in files_in(folder) if is_data(file) and not is_held_out(file))
    return [*group_shards(files), *(path for each in subfolders(folder) for path in sources_in_subfolder(folder, each))]


def training_splits(folder: Path) -> list[Path]:
    """The split called train; without one, all splits that are not held out."""
    splits = [each for each in subfolders(folder) if is_saved_dataset(each) and not is_held_out(each)]
    return [each for each in splits if each.name == "train"] or splits


def sources_in_subfolder(folder: Path, subfolder: Path) -> Iterator[Path]:
    """Sources in a subfolder: all of it if `datasets` made it, else the shards in a folder called data."""
    if is_held_out(subfolder):
        return
    if is_saved_dataset(subfolder) or is_saved_dataset_dict(subfolder):
        yield from training_sources(subfolder, is_shard)
    shards = subfolder if subfolder.name == "data" else subfolder / "data"
    yield from group_shards(sorted(file for file in files_in(shards) if is_shard(file) and not is_held_out(file)))


def is_shard(file: Path) -> bool:
    return file.suffix in SHARD_SUFFIXES


def subfolders(folder: Path) -> list[Path]:
    """Those that are not hidden; none of what is no folder."""
    inner = folder.iterdir() if folder.is_dir() else ()
    return sorted(each for each in inner if each.is_dir() and not each.name.startswith("."))


def only_source(folder: Path) -> Path:
    """The single source in a folder that a recipe names. Raises InputError if there are none or several."""
    sources = training_sources(folder, is_shard)
    if not sources:
        raise InputError(f"{folder} has no Parquet, WebDataset or saved dataset", hint="name a file")
    if len(sources) > 1:
        names = ", ".join(str(each.relative_to(folder)) for each in sources)
        raise InputError(f"{folder} holds several sources", hint=f"name one of them: {names}")
    return sources[0]


def source_names(path: Path) -> set[str]:
    """Names of a source: its file name without the shard number, and for a split the name of its folder."""
    called = {path.stem, shard_pattern(path).stem.rstrip("*-_."), path.stem.rstrip("*-_.")}
    return called | ({path.parent.name} if path.is_dir() else set())
