"""`import plait` and a declared task load nothing heavy."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "PIL", "starlette", "httpx", "jinja2", "click", "hypothesis", "uvicorn", "xllamacpp")
DECLARED = '''
from datetime import date
from typing import Literal
from pydantic import BaseModel, Field
from plait import Box, Image, Ref, errors, task

class Line(BaseModel):
    what: str
    due: date
    source: Ref[str] | None
    price: float = Field(gt=0)

@task
def shorten(text: str) -> str:
    """Shorten {text}."""
    ...

@task
def sort(text: str) -> Literal["a", "b"]:
    """Sort {text}."""
    ...

@task
def read(passages: list[str]) -> list[Line] | None:
    """Read {passages}."""
    ...

@task
def locate(picture: Image, phrase: str) -> Box:
    """Where in {picture} is {phrase}?"""
    ...
'''


def loaded_modules(source: str) -> list[str]:
    """Which heavy packages a program loads."""
    code = f"import sys\n{source}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return process.stdout.split()


def test_a_declared_task_loads_nothing_heavy() -> None:
    assert loaded_modules(f"import plait\n{DECLARED}") == []


def test_schemas_and_prompts_load_nothing_heavy() -> None:
    follows = "sort.schema, sort.grammar, sort.prompt('x'), list(sort.examples)\n"
    assert loaded_modules(f"{DECLARED}\n{follows}from plait.core.grammar.gbnf import gbnf\ngbnf(sort.grammar)") == []


def test_pillow_is_loaded_when_a_picture_is_opened_and_not_before() -> None:
    content = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
    declaration = f"import base64\npicture = Image(base64.b64decode({content!r}))"
    inspections = "repr(picture), locate.schema, locate.grammar"
    assert loaded_modules(f"{DECLARED}\n{declaration}\n{inspections}") == []
    assert loaded_modules(f"{DECLARED}\n{declaration}\nassert picture.size == (1, 1)") == ["PIL"]


@pytest.mark.parametrize("name", ["httpx", "jinja2", "hypothesis"])
def test_the_check_notices_a_loaded_module(name: str) -> None:
    assert name in loaded_modules(f"import {name}\n{DECLARED}")


def test_plait_testing_is_loaded_only_on_request() -> None:
    assert loaded_modules("import plait.testing") == ["hypothesis"]


def test_an_unknown_name_of_the_package_is_reported_with_the_available_ones() -> None:
    import plait

    with pytest.raises(
        AttributeError,
        match="plait has no Boxes; there are AnyWords, Box, Client, From, Image, Ordered, Quoted, Ref, Task",
    ):
        getattr(plait, "Box" + "es")
    assert "task" in dir(plait)
