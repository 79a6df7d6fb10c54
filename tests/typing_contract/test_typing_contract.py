"""Pyright and mypy infer the types of answers and report wrong arguments."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

HEAD = '''from pydantic import BaseModel
from plait import Ref, task

class Device(BaseModel):
    name: str

class Switch(BaseModel):
    device: Ref[Device]
    on: bool

@task
def command(utterance: str, devices: list[Device], level: int = 3) -> Switch:
    """With {devices}, what should {utterance} do at {level}?"""
    ...

lamps = [Device(name="lamp")]
'''
WRONG = """command(1, lamps)
command("x")
command("x", "lamps")
command("x", lamps, level="high")
command("x", lamps, room="attic")
command("x", lamps, 3, 4)
command.acall("x", [1])
command.stream("x")
command.astream(lamps, "x")
command.prompt(3)
command.using(seeds=1)
command.using(seed="1")
command.batch({"utterance": "x"}, 2)
number: int = command("x", lamps)
other: list[Switch] = command.batch([{}]) + [1]
command("x", lamps).off
"""


def errors(*files: Path) -> list[tuple[int, str]]:
    """Line and rule of each error that pyright sees."""
    program = Path(sys.executable).with_name("pyright")
    process = subprocess.run([program, "--outputjson", *files], capture_output=True, text=True, cwd=ROOT)
    diagnostics = json.loads(process.stdout)["generalDiagnostics"]
    return [(each["range"]["start"]["line"] + 1, each.get("rule", each["message"])) for each in diagnostics]


def test_every_way_to_call_a_task_has_its_type() -> None:
    assert errors(HERE / "right.py") == []


def test_a_wrong_argument_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(f'{HEAD}command("x", lamps, level=4)\n{WRONG}')
    first = HEAD.count("\n") + 2
    assert sorted({line for line, _ in errors(file)}) == list(range(first, first + WRONG.count("\n")))


@pytest.mark.slow
def test_a_task_file_checks_under_mypy_with_empty_bodies_allowed(tmp_path: Path) -> None:
    """mypy calls a body of `...` with a return type an error; for tasks that one code is switched off."""
    file = tmp_path / "tasks.py"
    file.write_text(f'{HEAD}answer: Switch = command("x", lamps)\nreveal_type(command.stream("x", lamps))\n')
    strict = mypy(file, "--disable-error-code=empty-body")
    assert "Success" in strict
    assert 'Revealed type is "typing.Iterator[plait.core.calls.streaming.StreamedAnswer[' in strict
    assert re.search(r"tasks\.py:12: error: Missing return statement .*\[empty-body\]", mypy(file))
    file.write_text(f'{HEAD}answer: str = command("x", lamps)\ncommand(1, lamps)\n')
    wrong = mypy(file, "--disable-error-code=empty-body")
    assert "[assignment]" in wrong and "[arg-type]" in wrong and "Found 2 errors" in wrong


def mypy(file: Path, *flags: str) -> str:
    cache = f"--cache-dir={file.parent / 'cache'}"
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", cache, *flags, str(file)]
    environment = {**os.environ, "MYPYPATH": str(ROOT / "src")}
    return subprocess.run(command, capture_output=True, text=True, cwd=file.parent, env=environment).stdout
