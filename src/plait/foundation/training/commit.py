"""Which Plait this is, for whoever finds the weights later."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def commit() -> str:
    """The commit of the sources, marked + where they were changed since; the package's version outside a repository."""
    root = Path(__file__).parents[4]
    if not (root / ".git").exists():
        return version("plait")
    arguments = ["describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() or version("plait")
