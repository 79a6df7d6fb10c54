"""References to objects of the inputs: `Ref[Device]`."""

from dataclasses import dataclass
from typing import cast, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.task.candidates import labels
from plait.core.task.signature import Ref, TypeResolver, UnresolvedRef, UnsupportedType, annotation_text
from plait.core.values.call_context import CallContext, Target
from plait.core.values.constraints import Constraints, From
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType


@dataclass(frozen=True)
class ReferenceType(ValueType):
    """A reference to one of the objects at `path` in the call's inputs. Its JSON form is the index in the caller's
    list.
    """

    name = "ref"
    markers = (From,)
    written_as_json = True

    path: tuple[str, ...]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is Ref:
            raise UnsupportedType("Ref has no type to refer to", "write Ref[Device], or Ref[...] with another type")
        if get_origin(annotation) is not Ref:
            return None
        (element,) = get_args(annotation)
        name = annotation_text(element)
        if resolver.is_input:
            raise UnresolvedRef(
                f"a parameter has the type Ref[{name}], but only an answer can refer to an input",
                f"write {name}",
            )
        target = resolve_target(element, constraints.source, resolver.targets or ())
        return cls(target.path, constraints.description)

    @property
    def is_compact(self) -> bool:
        return True

    @property
    def points_into(self) -> tuple[str, ...] | None:
        return self.path

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Ref):
            raise InvalidValue("should be a Ref", repr(value))
        candidates = self.candidates(context)
        index = index_of(cast("Ref[object]", value), candidates)
        return labels(candidates)[index] if context.by_name else index

    def decode(self, json_value: Json, context: CallContext) -> object:
        """The reference from a candidate's name (text) or its index in the caller's list (whole number)."""
        candidates = self.candidates(context)
        if isinstance(json_value, str) and json_value in (names := labels(candidates)):
            json_value = names.index(json_value)
        if isinstance(json_value, bool) or not isinstance(json_value, int) or not 0 <= json_value < len(candidates):
            raise InvalidValue(f"should refer to one of the {len(candidates)} {'.'.join(self.path)}", json_value)
        return Ref(candidates[json_value], json_value)

    def candidates(self, context: CallContext) -> tuple[object, ...]:
        return context.candidates.get(self.path, ())

    def grammar(self, context: CallContext) -> g.Grammar:
        candidates = self.candidates(context)
        return g.Reference(labels(candidates) if context.by_name else tuple(range(len(candidates))))

    def schema(self) -> dict[str, Json]:
        return {"type": "integer", "minimum": 0, "description": f"index into {'.'.join(self.path)}"}

    def describe(self) -> str:
        return f"one of {'.'.join(self.path)}"

    def placeholder(self) -> Json:
        return 0

    def read_form(self, fields: FormFields, name: str) -> Json:
        text = fields.get_one(name).strip()
        if not text.isdecimal():
            raise InvalidValue("should be the number of one of the objects", text)
        return int(text)

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}


def index_of(ref: Ref[object], candidates: tuple[object, ...]) -> int:
    """The index of the object: the stored one, otherwise that of the same object, otherwise of an equal one."""
    known = ref.index
    if known is not None and 0 <= known < len(candidates) and candidates[known] == ref.value:
        return known
    same = [index for index, candidate in enumerate(candidates) if candidate is ref.value]
    if same or ref.value in candidates:
        return same[0] if same else candidates.index(ref.value)
    raise InvalidValue("is not one of the objects that were passed in", repr(ref.value))


def resolve_target(element: object, source: str, targets: tuple[Target, ...]) -> Target:
    """The list that a Ref points into. Raises UnresolvedRef if there is none or more than one."""
    name = annotation_text(element)
    lists = tuple(each for each in targets if not each.is_image)
    matching = [each for each in lists if each.element == element and source in ("", str(each))]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        suffix = f" called {source}" if source else ""
        raise UnresolvedRef(
            f"Ref[{name}] has nothing to refer to: no parameter has the type list[{name}]{suffix}",
            missing_list_hint(name, lists),
        )
    both = " and ".join(map(str, matching))
    raise UnresolvedRef(
        f"Ref[{name}] could refer to {both}", f'name one: Annotated[Ref[{name}], From("{matching[0]}")]'
    )


def missing_list_hint(name: str, targets: tuple[Target, ...]) -> str:
    lists = ", ".join(f"{each}: list[{annotation_text(each.element)}]" for each in targets)
    return f"add a parameter of type list[{name}]" + (f"; there is {lists}" if lists else "")
