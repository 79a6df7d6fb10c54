from collections.abc import Callable
from typing import Any

import pytest

from plait.core.task.task import Task

SOURCE = '''from plait import Ref, task

@task
def shout(text: str, times: int = 1) -> str:
    """Shout {text} {times} times."""
    ...
'''


@pytest.fixture
def shout(load_source: Callable[..., Any]) -> Task[..., str]:
    return load_source(SOURCE, "shout")
