from dataclasses import dataclass
from typing import cast, get_args, get_origin

from plait.core.task.candidates import labels
from plait.core.task.signature import Ref, Target, TypeResolver, UnresolvedRef, UnsupportedType, annotation_text
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class ReferenceType(ValueType):
    """One of the objects found at `path` in the call's inputs."""

    path: tuple[str, ...]
    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Ref):
            raise InvalidValue("should be a Ref", repr(value))
        candidates = context.candidates.get(self.path, ())
        index = index_of(cast("Ref[object]", value), candidates)
        return labels(candidates)[index] if context.by_name else index

    def decode(self, json_value: Json, context: CallContext) -> object:
        """A text is a candidate's name, a whole number its place in the caller's list."""
        candidates = context.candidates.get(self.path, ())
        if isinstance(json_value, str) and json_value in (names := labels(candidates)):
            json_value = names.index(json_value)
        if isinstance(json_value, bool) or not isinstance(json_value, int) or not 0 <= json_value < len(candidates):
            raise InvalidValue(f"should point at one of the {len(candidates)} {'.'.join(self.path)}", json_value)
        return Ref(candidates[json_value], json_value)


def index_of(ref: Ref[object], candidates: tuple[object, ...]) -> int:
    """Where the object stands: known from the answer, else the very object, else an equal one."""
    known = ref.index
    if known is not None and 0 <= known < len(candidates) and candidates[known] == ref.value:
        return known
    same = [index for index, candidate in enumerate(candidates) if candidate is ref.value]
    if same or ref.value in candidates:
        return same[0] if same else candidates.index(ref.value)
    raise InvalidValue("is not one of the objects that were passed in", repr(ref.value))


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if annotation is Ref:
        raise UnsupportedType("Ref says nothing of what it points at", "write Ref[Device], or Ref[...] of what it is")
    if get_origin(annotation) is not Ref:
        return None
    (element,) = get_args(annotation)
    name = annotation_text(element)
    if resolver.is_input:
        raise UnresolvedRef(
            f"Ref[{name}] stands in a parameter, but only an answer can point at what was passed in",
            f"write {name}",
        )
    return ReferenceType(
        resolve_target(element, constraints.markers, resolver.targets or ()).path, constraints.description
    )


def resolve_target(element: object, markers: tuple[str, ...], targets: tuple[Target, ...]) -> Target:
    """The list that a Ref points into. Raises UnresolvedRef where there is none, or more than one."""
    name = annotation_text(element)
    lists = tuple(each for each in targets if not each.is_image)
    matching = [each for each in lists if each.element == element and (not markers or str(each) in markers)]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        suffix = f" called {markers[0]}" if markers else ""
        raise UnresolvedRef(
            f"Ref[{name}] points to nothing: no parameter holds list[{name}]{suffix}", missing_list_hint(name, lists)
        )
    both = " and ".join(map(str, matching))
    raise UnresolvedRef(
        f"Ref[{name}] points to two things: {both}", f'say which: Annotated[Ref[{name}], "{matching[0]}"]'
    )


def missing_list_hint(name: str, targets: tuple[Target, ...]) -> str:
    lists = ", ".join(f"{each}: list[{annotation_text(each.element)}]" for each in targets)
    return f"add a parameter of type list[{name}]" + (f"; there is {lists}" if lists else "")
