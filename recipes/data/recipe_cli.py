"""Command line of the data recipes: write the files, compare them (`--check`) or print statistics (`--counts`)."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingRequest:
    """`--training FILE [ROWS]`: where to write rows to adapt a model with, and how many."""

    path: Path
    rows: int | None


def training_request(arguments: Sequence[str]) -> TrainingRequest | None:
    """None if other arguments are given."""
    match arguments:
        case ["--training", path]:
            return TrainingRequest(Path(path), None)
        case ["--training", path, rows] if rows.isdecimal():
            return TrainingRequest(Path(path), int(rows))
        case _:
            return None


def run_recipe(
    arguments: Sequence[str], usage: str, files: Mapping[Path, bytes], counts: Callable[[], str] | None = None
) -> int:
    """Returns the exit code. Unchanged files are not rewritten. `counts` is None for a recipe without statistics."""
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    match arguments:
        case ["--counts"] if counts:
            print(counts())
        case ["--check"]:
            for path in stale:
                print(f"{path} differs from the output of its recipe", file=sys.stderr)
            return 1 if stale else 0
        case []:
            for path in stale:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(files[path])
        case _:
            print(usage, file=sys.stderr)
            return 2
    return 0
