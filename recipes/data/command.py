"""The command line of every recipe: write the files, `--check` that they are current, print `--counts`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def command(arguments: Sequence[str], usage: str, files: Mapping[Path, bytes], counts: Callable[[], str]) -> int:
    """Returns the exit code. Files that are current are not written."""
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    match arguments:
        case ["--counts"]:
            print(counts())
        case ["--check"]:
            for path in stale:
                print(f"{path} is not what its recipe writes", file=sys.stderr)
            return 1 if stale else 0
        case []:
            for path in stale:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(files[path])
        case _:
            print(usage, file=sys.stderr)
            return 2
    return 0
