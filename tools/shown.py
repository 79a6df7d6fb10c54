"""What docs show of the shell, made by running it: used by cog blocks in README and docs."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cog

ROOT = Path(__file__).parent.parent


def shown(*commands: str, language: str = "console") -> None:
    """Each command and what it prints, as a fenced block. Runs in the project's folder, away from any server."""
    cog.outl(f"```{language}")
    for command in commands:
        cog.outl(f"$ {command}")
        cog.outl(output(command).rstrip())
    cog.outl("```")


def output(command: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PLAIT_URL": "none", "COLUMNS": "100"}
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    return re.sub(r"[ \t]+$", "", done.stdout + done.stderr, flags=re.MULTILINE)


def file(name: str, language: str = "python") -> None:
    """A file of the repository, as it stands."""
    cog.outl(f"```{language}\n{(ROOT / name).read_text().rstrip()}\n```")


def figures(*wanted: tuple[str, ...]) -> None:
    """A table of figures: what each is, the script that measures it, and what it found."""
    cog.outl("| what | script | figure |")
    cog.outl("| --- | --- | --- |")
    for words, script, *steps in wanted:
        found = json.loads((ROOT / "benchmarks" / f"{script}.json").read_text())["figures"]
        for step in steps:
            found = found[step]
        cog.outl(f"| {words} | `{script}` | {found} |")
