"""Plait: a typed function without a body is a task; a model that you own answers it.

Names are loaded when they are first used, so that `import plait` costs what pydantic costs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plait.client import Client as Client
    from plait.core import errors as errors
    from plait.core.calls.feedback import feedback as feedback
    from plait.core.task.signature import Quoted as Quoted
    from plait.core.task.signature import Ref as Ref
    from plait.core.task.task import Task as Task
    from plait.core.task.task import task as task
    from plait.core.values.constraints import AnyWords as AnyWords
    from plait.core.values.constraints import From as From
    from plait.core.values.constraints import Ordered as Ordered
    from plait.service import code_engines as engine
    from plait.service.verification import verify as verify
    from plait.types.box import Box as Box
    from plait.types.image import Image as Image

__version__ = "0.1.0"
EXPORTS = {
    "AnyWords": "plait.core.values.constraints:AnyWords",
    "Box": "plait.types.box:Box",
    "Client": "plait.client:Client",
    "From": "plait.core.values.constraints:From",
    "Image": "plait.types.image:Image",
    "Ordered": "plait.core.values.constraints:Ordered",
    "Quoted": "plait.core.task.signature:Quoted",
    "Ref": "plait.core.task.signature:Ref",
    "Task": "plait.core.task.task:Task",
    "engine": "plait.service.code_engines:",
    "errors": "plait.core.errors:",
    "feedback": "plait.core.calls.feedback:feedback",
    "task": "plait.core.task.task:task",
    "verify": "plait.service.verification:verify",
}
__all__ = [
    "AnyWords",
    "Box",
    "Client",
    "From",
    "Image",
    "Ordered",
    "Quoted",
    "Ref",
    "Task",
    "engine",
    "errors",
    "feedback",
    "task",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in EXPORTS:
        raise AttributeError(f"plait has no {name}; there are {', '.join(__all__)}")
    module, _, attribute = EXPORTS[name].partition(":")
    home = import_module(module)
    return getattr(home, attribute) if attribute else home


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
