"""Plait: a typed function without a body is a task; a model that you own answers it.

Names are loaded when they are first used, so that `import plait` costs what pydantic costs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plait.client import Client as Client
    from plait.core import errors as errors
    from plait.core.reading import Ref as Ref
    from plait.core.task import Task as Task
    from plait.core.task import task as task
    from plait.modalities.box.value import Box as Box
    from plait.modalities.image.value import Image as Image
    from plait.service import engine as engine

__version__ = "0.1.0"
HOMES = {
    "Box": "plait.modalities.box.value:Box",
    "Client": "plait.client:Client",
    "Image": "plait.modalities.image.value:Image",
    "Ref": "plait.core.reading:Ref",
    "Task": "plait.core.task:Task",
    "engine": "plait.service.engine:",
    "errors": "plait.core.errors:",
    "task": "plait.core.task:task",
}
__all__ = ["Box", "Client", "Image", "Ref", "Task", "engine", "errors", "task"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"plait has no {name}; there are {', '.join(__all__)}")
    module, _, attribute = HOMES[name].partition(":")
    home = import_module(module)
    return getattr(home, attribute) if attribute else home


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
