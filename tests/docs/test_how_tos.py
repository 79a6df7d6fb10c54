"""The commands of the how-to pages run as shown: their files are written and their commands run in an empty folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.running_server import free_port, needs_model

PAGES = Path(__file__).parent.parent.parent / "docs" / "how-to"
EXAMPLES = PAGES.parent.parent / "examples"
FENCED = re.compile(r"^```(python|toml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Changes the environment that tests run in.
NOT_RUN = ("pip install",)
RUN = ("test-with-scripts", "serve-to-a-team", "pictures")
# 20 to 45 s each: the model answers dozens of rows, or a new project runs its own tests.
RUN_SLOW = ("make-a-task", "better-answers", "many-rows", "slow-or-broken", "versions-of-a-model")
PORTS = ("8811", "8812")  # the pages' ports; the tests use free ones instead


@dataclass(frozen=True)
class Step:
    """A command, and the beginning of each line of its output that the page shows."""

    command: str
    shown: tuple[str, ...]


def files_of(page: str) -> dict[str, str]:
    """The files of a page by name: code blocks whose first line is a comment with the name."""
    blocks = [text for language, text in FENCED.findall(page) if language != "console"]
    return {match[1]: text for text in blocks if (match := re.match(r"# (\w+\.(?:py|toml))\n", text))}


def steps_of(page: str) -> list[Step]:
    steps: list[Step] = []
    for text in (text for language, text in FENCED.findall(page) if language == "console"):
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            first, *output = command.rstrip("\n").split("\n")
            steps.append(Step(first, tuple(output)))
    return steps


def script(steps: list[Step]) -> str:
    """One shell script that runs all steps and writes the output of each to a file of its own."""
    lines = ["trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for number, step in enumerate(steps):
        output = f"output.{number} 2>&1"
        if step.command.endswith("&"):
            lines.append(f"{step.command.removesuffix('&')} > {output} &")
        elif not step.command.startswith(NOT_RUN):
            failed = f"{{ echo 'step {number} failed'; cat output.{number}; exit 1; }}"
            lines.append(f"{{ {step.command}; }} > {output} || {failed}")
    ports = {port: str(free_port()) for port in PORTS}
    return re.sub("|".join(PORTS), lambda match: ports[match[0]], "\n".join(lines))


@needs_model
@pytest.mark.model
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [*RUN, *(pytest.param(name, marks=pytest.mark.slow) for name in RUN_SLOW)])
def test_the_commands_of_a_how_to_print_the_documented_output(name: str, tmp_path: Path) -> None:
    check_page(name, tmp_path, seconds=580)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_searching_a_folder_of_pictures_works_as_documented(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    check_page("search-pictures", tmp_path, seconds=580)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_training_evaluating_exporting_and_using_a_model_works_as_documented(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    check_page("train-a-model", tmp_path, seconds=580)


@pytest.mark.slow
@pytest.mark.timeout(2_400)
def test_training_on_your_own_pictures_raises_the_scores_of_the_tutorial(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "forms.py", tmp_path)
    check_page("your-own-pictures", tmp_path, seconds=2_300)
    for task in ("locate", "detect"):
        before, after = (
            json.loads((tmp_path / f"{when}-{task}.json").read_text())["score"]["mean"] for when in ("before", "after")
        )
        assert after > before + 0.2, f"{task}: {before:.2f} before, {after:.2f} after"


def check_page(name: str, folder: Path, seconds: float) -> None:
    page = (PAGES / f"{name}.md").read_text("utf-8")
    for file, text in files_of(page).items():
        (folder / file).write_text(text, "utf-8")
    steps = steps_of(page)
    assert steps, "the page has no commands"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = subprocess.run(
        ["bash", "-c", script(steps)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    for number, step in enumerate(steps):
        output = (folder / f"output.{number}").read_text().splitlines() if step.shown else []
        for line, begins in zip(output, step.shown, strict=False):
            assert line.startswith(begins), f"$ {step.command}\nprints {line!r}, the page shows {begins!r}"
        assert len(output) >= len(step.shown)


def test_the_check_notices_a_failing_command_and_other_output(tmp_path: Path) -> None:
    page = "```console\n$ echo one && false\n```\n"
    process = subprocess.run(["bash", "-c", script(steps_of(page))], cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode == 1 and process.stdout == "step 0 failed\none\n"
    assert steps_of("```console\n$ echo a\na\n$ echo b\n```\n") == [Step("echo a", ("a",)), Step("echo b", ())]
    assert files_of("```toml\n# a.toml\nb = 1\n```\n\n```toml\nc = 2\n```\n") == {"a.toml": "# a.toml\nb = 1\n"}
