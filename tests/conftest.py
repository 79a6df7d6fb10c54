"""Every test has a data folder of its own and reaches no server."""

import sys
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

SHOUT = '''from plait import Ref, task

@task
def shout(text: str, times: int = 1) -> str:
    """Shout {text} {times} times."""
    ...
'''

settings.register_profile("suite", max_examples=40, deadline=None, database=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's reaches a test: data in a fresh folder, no server asked."""
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLAIT_URL", "none")


@pytest.fixture(autouse=True)
def short_answers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real model stops after 256 tokens: once in 4,878 tests it talked past the 60 seconds that a page test waits."""
    if request.node.get_closest_marker("model"):
        monkeypatch.setenv("PLAIT_ANSWER_TOKENS", "256")


@pytest.fixture
def load_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """`load_source(source, "name")` is what a file with that source defines; it is a real file, so that lines exist."""
    monkeypatch.chdir(tmp_path)
    count = 0

    def load(source: str, name: str = "", file: str = "my_tasks.py") -> Any:
        nonlocal count
        count += 1
        path = tmp_path / file
        path.write_text(source, "utf-8")
        spec = util.spec_from_file_location(f"my_tasks_{count}", path)
        assert spec and spec.loader
        module: ModuleType = util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return getattr(module, name) if name else module

    yield load


@pytest.fixture
def shout(load_source: Callable[..., Any]) -> Any:
    """The task `shout` of a file in a fresh working folder."""
    return load_source(SHOUT, "shout")
