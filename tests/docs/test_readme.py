"""README's first example: the embedded model gives the answer that README shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.running_server import needs_model

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str, heading: str) -> list[str]:
    """The code blocks below a heading, in order."""
    _, _, below = README.partition(f"\n## {heading}\n")
    return re.findall(rf"```{language}\n(.*?)```", below.partition("\n## ")[0], re.DOTALL)


@needs_model
@pytest.mark.model
def test_the_first_command_prints_the_documented_answer() -> None:
    (block,) = blocks("console", "A first task")
    command, answer = block.removeprefix("$ .venv/bin/").splitlines()
    process = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)], cwd=ROOT, capture_output=True, text=True, timeout=110
    )
    assert (process.stdout, process.stderr) == (f"{answer}\n", "")


@needs_model
@pytest.mark.model
def test_the_first_python_example_runs_unchanged() -> None:
    names: dict[str, Any] = {"__name__": "people"}
    for block in blocks("python", "A first task"):
        exec(compile(block, str(ROOT / "examples/people.py"), "exec"), names)
    assert names["people"][2].name == "Anna Berger"


def test_readme_is_short_and_starts_with_a_definition_of_plait() -> None:
    lines = README.splitlines()
    assert len(lines) <= 140
    assert lines[0] == "# Plait" and lines[2].startswith("Plait turns ")
    assert [line[3:] for line in lines if line.startswith("## ")][:2] == ["Start", "A first task"]
