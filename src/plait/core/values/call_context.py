"""What an answer can point at: the inputs of its call, which a `Ref` and a `Box` need to be written and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(frozen=True)
class CallContext:
    """The context of an answer.

    `candidates` holds for each path (`("devices",)`, `("house", "devices")`) the objects that a Ref may point at, or
    the one image that a Box may lie on. With `by_name` a reference is written as its candidate's unique name, as a
    model writes it; otherwise as its index, as JSON has it. `box_format` is how the engine that answers writes boxes,
    "" as JSON has them. `images` are the images that a prompt shows, in its order.
    """

    candidates: Mapping[tuple[str, ...], tuple[object, ...]] = field(default_factory=dict[tuple[str, ...], Any])
    by_name: bool = False
    box_format: str = ""
    images: tuple[object, ...] = ()

    @property
    def json_context(self) -> "CallContext":
        """The same context for the JSON form, whichever engine answers."""
        return CallContext(self.candidates)


NO_CONTEXT = CallContext()


@dataclass(frozen=True)
class Target:
    """A list in the inputs whose elements a Ref may point at: the path to it, and the annotation of its elements.

    Or an image that a Box may lie on, which has no elements.
    """

    path: tuple[str, ...]
    element: object = None
    is_image: bool = False

    def __str__(self) -> str:
        return ".".join(self.path)


def call_context(
    targets: tuple[Target, ...], inputs: Mapping[str, object], *, by_name: bool = False, box_format: str = ""
) -> CallContext:
    """The context of an answer to these inputs."""
    return CallContext({target.path: _candidates(target, inputs) for target in targets}, by_name, box_format)


def _candidates(target: Target, inputs: Mapping[str, object]) -> tuple[object, ...]:
    value: object = inputs.get(target.path[0])
    for step in target.path[1:]:
        value = getattr(value, step, None)
    if target.is_image:
        return () if value is None else (value,)
    return tuple(cast("list[object]", value)) if isinstance(value, list) else ()
