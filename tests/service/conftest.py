"""What tests of versions share: a model that starts in half a second, a task for it, and a transport that ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.service.local_transport import LocalTransport
from tests.support.colour_versions import COLOUR, project_of_task, write_settings
from tests.support.tiny_llama import TinyLlama


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TinyLlama().write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture
def colour(load_source: Callable[..., Any], tiny: Path, tmp_path: Path) -> Any:
    """A task whose settings have the model `tiny`."""
    colour = load_source(COLOUR, "colour", "colours.py")
    write_settings(tmp_path, tiny)
    return colour


@pytest.fixture
def project(colour: Any) -> str:
    return project_of_task(colour)


@pytest.fixture
def transport() -> Iterator[LocalTransport]:
    own = LocalTransport()
    with use_transport(own):
        yield own
    event_loop.run(own.aclose())
