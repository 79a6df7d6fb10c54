"""A task that paints takes options of its own, so their names are no slots of it; any other may have an `order`."""

import pytest

from plait import Image, task
from plait.core.errors import ParameterError


def test_a_task_that_writes_may_have_slots_called_as_what_a_painter_is_told() -> None:
    @task
    def sort(order: str, steps: int, out: str) -> str:
        """Sort {order} in {steps} to {out}."""
        ...

    assert [slot.name for slot in sort.declaration.parameters] == ["order", "steps", "out"]


@pytest.mark.parametrize("name", ["order", "steps", "guidance", "out", "seed"])
def test_a_task_that_paints_may_not(name: str) -> None:
    words: dict[str, object] = {"task": task, "Image": Image}
    with pytest.raises(ParameterError, match=f"sketch has a parameter called {name}, a word that Plait uses itself"):
        exec(f'@task\ndef sketch({name}: str) -> Image:\n    """Sketch {{{name}}}."""\n    ...\n', words)
