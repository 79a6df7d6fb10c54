from dataclasses import dataclass
from typing import cast, get_args, get_origin

from plait.core.task.candidates import labels
from plait.core.task.signature import Ref, Target, TypeResolver, UnresolvedRef, UnsupportedType, annotation_text
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class Reference(ValueType):
    """One of the objects found at `path` in the call's inputs."""

    path: tuple[str, ...]
    description: str = ""

    def encode(self, value: object, beside: CallContext) -> Json:
        if not isinstance(value, Ref):
            raise InvalidValue("should be a Ref", repr(value))
        candidates = beside.candidates.get(self.path, ())
        index = place(cast("Ref[object]", value), candidates)
        return labels(candidates)[index] if beside.by_name else index

    def decode(self, wire: Json, beside: CallContext) -> object:
        """A text is a candidate's name, a whole number its place in the caller's list."""
        candidates = beside.candidates.get(self.path, ())
        if isinstance(wire, str) and wire in (names := labels(candidates)):
            wire = names.index(wire)
        if isinstance(wire, bool) or not isinstance(wire, int) or not 0 <= wire < len(candidates):
            raise InvalidValue(f"should point at one of the {len(candidates)} {'.'.join(self.path)}", wire)
        return Ref(candidates[wire], wire)


def place(ref: Ref[object], candidates: tuple[object, ...]) -> int:
    """Where the object stands: known from the answer, else the very object, else an equal one."""
    known = ref.index
    if known is not None and 0 <= known < len(candidates) and candidates[known] == ref.value:
        return known
    same = [index for index, candidate in enumerate(candidates) if candidate is ref.value]
    if same or ref.value in candidates:
        return same[0] if same else candidates.index(ref.value)
    raise InvalidValue("is not one of the objects that were passed in", repr(ref.value))


def reads(annotation: object, facts: Constraints, reader: TypeResolver) -> ValueType | None:
    if annotation is Ref:
        raise UnsupportedType("Ref says nothing of what it points at", "write Ref[Device], or Ref[...] of what it is")
    if get_origin(annotation) is not Ref:
        return None
    (element,) = get_args(annotation)
    if reader.is_input:
        raise UnresolvedRef(
            f"Ref[{annotation_text(element)}] stands in a parameter, but only an answer can point at what was passed in",
            f"write {annotation_text(element)}",
        )
    return Reference(target(element, facts.markers, reader.targets or ()).path, facts.description)


def target(element: object, words: tuple[str, ...], targets: tuple[Target, ...]) -> Target:
    """The list that a Ref points into. Raises UnresolvedRef where there is none, or more than one."""
    name = annotation_text(element)
    lists = tuple(each for each in targets if not each.is_image)
    fitting = [each for each in lists if each.element == element and (not words or str(each) in words)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        said = f" called {words[0]}" if words else ""
        raise UnresolvedRef(f"Ref[{name}] points to nothing: no slot holds list[{name}]{said}", way_in(name, lists))
    both = " and ".join(map(str, fitting))
    raise UnresolvedRef(
        f"Ref[{name}] points to two things: {both}", f'say which: Annotated[Ref[{name}], "{fitting[0]}"]'
    )


def way_in(name: str, targets: tuple[Target, ...]) -> str:
    lists = ", ".join(f"{each}: list[{annotation_text(each.element)}]" for each in targets)
    return f"add a parameter of type list[{name}]" + (f"; there is {lists}" if lists else "")
