"""A task that paints takes options of its own, so their names are no slots of it; any other may have an `order`."""

import pytest

from plait import Image, task
from plait.core.errors import ParameterError


def test_a_text_task_may_have_inputs_named_like_sampling_options_of_images() -> None:
    @task
    def sort(order: str, steps: int, out: str) -> str:
        """Sort {order} in {steps} to {out}."""
        ...

    assert [parameter.name for parameter in sort.declaration.parameters] == ["order", "steps", "out"]


@pytest.mark.parametrize("name", ["order", "steps", "guidance", "out", "seed"])
def test_an_image_task_may_not_have_inputs_named_like_sampling_options(name: str) -> None:
    words: dict[str, object] = {"task": task, "Image": Image}
    with pytest.raises(ParameterError, match=f"sketch has a parameter called {name}, which is a reserved name"):
        exec(f'@task\ndef sketch({name}: str) -> Image:\n    """Sketch {{{name}}}."""\n    ...\n', words)
