"""README's examples: the embedded model gives the answers that README shows, before and after a correction."""

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
    process = run(command)
    assert (process.stdout, process.stderr) == (f"{answer}\n", "")


@needs_model
@pytest.mark.model
def test_the_first_python_example_runs_unchanged() -> None:
    names: dict[str, Any] = {"__name__": "people"}
    for block in blocks("python", "A first task"):
        exec(compile(block, str(ROOT / "examples/people.py"), "exec"), names)
    assert names["people"][2].name == "Anna Berger"


@needs_model
@pytest.mark.model
def test_a_correction_makes_the_next_answer_right_as_documented() -> None:
    before, after = blocks("console", "Correct an answer, and the next one is better")
    for command, answer in [*commands(before), *commands(after)]:
        process = run(command)
        assert process.returncode == 0, process.stderr
        assert process.stdout == answer or not answer, command


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what it prints; nothing is shown where that is of no interest."""
    parts = block.removeprefix("$ .venv/bin/").split("\n$ .venv/bin/")
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(command)], cwd=ROOT, capture_output=True, text=True, timeout=110
    )


def test_readme_is_short_and_starts_with_a_definition_of_plait() -> None:
    lines = README.splitlines()
    assert len(lines) <= 150
    assert lines[0] == "# Plait" and lines[2].startswith("Plait turns ")
    assert [line[3:] for line in lines if line.startswith("## ")][:2] == ["Start", "A first task"]
