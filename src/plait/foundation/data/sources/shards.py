"""Shards: files that form one source, such as `train-00000-of-00002.parquet`; a `*` in a path stands for the number."""

import re
from collections.abc import Iterable
from pathlib import Path

from plait.core.errors import InputError

SHARD_SUFFIXES = (".parquet", ".tar")
# Hugging Face writes train-00000-of-00002(-0123456789abcdef), WebDataset train-000000, img2dataset 00000.
SHARD_NUMBER = r"\d{4,}(?:-of-\d+)?(?:-[0-9a-f]{16})?"


def shard_files(path: Path) -> list[Path]:
    """The file itself, or the shards that match a name with `*`. Raises InputError if there are none."""
    if "*" not in path.name or path.exists():
        return [path]
    before, _, suffix = path.name.partition("*")
    pattern = re.compile(re.escape(before) + SHARD_NUMBER + re.escape(suffix))
    files = sorted(each for each in files_in(path.parent) if pattern.fullmatch(each.name))
    if not files:
        raise InputError(f"{path} is not a file", hint="* stands for the number of a shard, as in train-00000.tar")
    return files


def group_shards(files: Iterable[Path]) -> list[Path]:
    """Groups files whose names differ only in the shard number into one path with a `*`."""
    groups: dict[Path, list[Path]] = {}
    for file in files:
        groups.setdefault(shard_pattern(file), []).append(file)
    return [path if len(group) > 1 else group[0] for path, group in groups.items()]


def shard_pattern(file: Path) -> Path:
    match = re.fullmatch(rf"(.*?){SHARD_NUMBER}", file.stem) if file.suffix in SHARD_SUFFIXES else None
    return file.with_name(f"{match[1]}*{file.suffix}") if match else file


def files_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()] if folder.is_dir() else []
