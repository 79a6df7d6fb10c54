"""The tracked files together are small: they travel whole to a machine with a GPU, which takes 64 MiB."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST = 60_000_000  # bytes


def test_the_tracked_tree_is_at_most_sixty_megabytes() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are tracked")
    names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True).stdout
    files = [ROOT / name for name in names.decode().split("\0") if name]
    sizes = {file: file.stat().st_size for file in files if file.is_file()}
    largest = sorted(sizes, key=lambda file: sizes[file])[-5:]
    assert sum(sizes.values()) <= MOST, [f"{sizes[file]:,} {file.relative_to(ROOT)}" for file in largest]
