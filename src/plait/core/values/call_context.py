"""Call context: the inputs of a call as needed to encode and decode a `Ref` or a `Box` of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from plait.core.values.span import InputTexts, input_texts

if TYPE_CHECKING:
    from plait.core.task.declaration import Declaration


@dataclass(frozen=True)
class CallContext:
    """The context of an answer.

    `candidates` holds for each path (`("devices",)`, `("house", "devices")`) the objects that a Ref may point at, or
    the one image that a Box may lie on. With `by_name` a reference is written as its candidate's unique name, for
    models; otherwise as its index, as in JSON. `box_format` is the engine's box format, "" for the JSON form. `images`
    are the images of the prompt, in order. `texts` are the texts that a quoted value may come from; None if the inputs
    are not known or nothing is quoted. `with_computed` adds the computed fields of records to their JSON form. `depth`
    counts how often the types around a value contain themselves.
    """

    candidates: Mapping[tuple[str, ...], tuple[object, ...]] = field(default_factory=dict[tuple[str, ...], Any])
    by_name: bool = False
    box_format: str = ""
    images: tuple[object, ...] = ()
    with_computed: bool = False
    depth: int = 0
    texts: InputTexts | None = None

    @property
    def json_context(self) -> "CallContext":
        """The same context for the JSON form of an answer, independent of the engine, with computed fields."""
        return CallContext(self.candidates, with_computed=True, texts=self.texts)

    @property
    def one_level_deeper(self) -> "CallContext":
        """The same context inside a type that contains itself."""
        return replace(self, depth=self.depth + 1)

    @property
    def unquoted(self) -> "CallContext":
        """The same context for values that need not stand in the inputs, such as right answers in other words."""
        return replace(self, texts=None)


NO_CONTEXT = CallContext()


@dataclass(frozen=True)
class Target:
    """A list in the inputs that a Ref may point into, or an image that a Box may lie on.

    It consists of the path and the annotation of the list's elements; an image has no elements.
    """

    path: tuple[str, ...]
    element: object = None
    is_image: bool = False

    def __str__(self) -> str:
        return ".".join(self.path)


def call_context(
    declaration: "Declaration", inputs: Mapping[str, object], *, by_name: bool = False, box_format: str = ""
) -> CallContext:
    """The context of an answer to these inputs."""
    candidates = {target.path: _candidates(target, inputs) for target in declaration.targets}
    texts = input_texts(tuple(declaration.input_texts(inputs))) if declaration.has_quotations else None
    return CallContext(candidates, by_name, box_format, texts=texts)


def _candidates(target: Target, inputs: Mapping[str, object]) -> tuple[object, ...]:
    value: object = inputs.get(target.path[0])
    for step in target.path[1:]:
        value = getattr(value, step, None)
    if target.is_image:
        return () if value is None else (value,)
    return tuple(cast("list[object]", value)) if isinstance(value, list | tuple) else ()
