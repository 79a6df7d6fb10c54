"""Version of Plait that is recorded with trained weights."""

import os
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def commit() -> str:
    """Commit of the sources, with + if they were modified.

    Outside a repository it is PLAIT_COMMIT, for a copy of the sources, else the version of the package.
    """
    root = Path(__file__).parents[4]
    if not (root / ".git").exists():
        return os.environ.get("PLAIT_COMMIT") or installed_version()
    arguments = ["describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() or installed_version()


def installed_version() -> str:
    """Version of the installed package, "unknown" for sources that are not installed."""
    try:
        return version("plait")
    except PackageNotFoundError:
        return "unknown"
