"""Containers and records as users write them: mappings, tuples, sets, dataclasses, generic and recursive models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, NamedTuple, NotRequired, TypeVar, cast

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.pruning import prune_impossible
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType, iter_types
from plait.testing.gbnf_check import GbnfGrammar

T = TypeVar("T")
FOR_MODELS = CallContext(by_name=True)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0
    tags: list[str] = field(default_factory=list[str])


class Pair(NamedTuple):
    left: str
    right: int = 0


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Page(BaseModel, Generic[T]):
    items: list[T]


class Comment(BaseModel):
    text: str
    replies: list["Comment"] = []


class Tree(BaseModel):
    left: "Tree | None" = None
    right: "Tree | None" = None


class Endless(BaseModel):
    again: "Endless"


class Order(BaseModel):
    number: str = Field(alias="no")
    when: date = Field(validation_alias="day")


class Total(BaseModel):
    amounts: list[int]

    @computed_field
    @property
    def total(self) -> int:
        return sum(self.amounts)


def resolve(annotation: object) -> ValueType:
    return TypeResolver().resolve(annotation)


def decode(annotation: object, json_value: Json) -> Any:
    return resolve(annotation).decode(json_value, NO_CONTEXT)


def admits(annotation: object, text: str, context: CallContext = NO_CONTEXT) -> bool:
    grammar = prune_impossible(resolve(annotation).grammar(context))
    assert grammar is not None
    return GbnfGrammar(gbnf(grammar)).admits(text)


def test_a_dict_has_any_keys_and_values_of_one_type() -> None:
    assert decode(dict[str, Decimal], {"milk": "1.20"}) == {"milk": Decimal("1.20")}
    assert decode(Mapping[Color, int], {"red": 1}) == {Color.RED: 1}
    assert admits(dict[str, int], '{"a":1,"b":2}') and admits(dict[str, int], "{}")
    assert not admits(dict[Color, int], '{"green":1}') and not admits(dict[str, int], '{"a":"b"}')
    with pytest.raises(UnsupportedType, match="int cannot be the key of a dict, because keys are texts in JSON"):
        resolve(dict[int, str])
    with pytest.raises(InvalidValue) as caught:
        decode(dict[str, int], {"a": "b"})
    assert caught.value.faults[0].path == ("a",)


def test_tuples_and_sets_are_lists_in_json() -> None:
    assert decode(tuple[str, int], ["a", 1]) == ("a", 1)
    assert decode(tuple[int, ...], [1, 2]) == (1, 2)
    assert decode(set[int], [1, 1]) == {1} and decode(frozenset[str], ["a"]) == frozenset("a")
    assert resolve(set[str]).encode({"b", "a"}, NO_CONTEXT) == ["a", "b"]
    assert admits(tuple[str, int], '["a",1]') and not admits(tuple[str, int], '["a"]')
    with pytest.raises(UnsupportedType, match="Point cannot be in a set"):
        resolve(set[Point])
    with pytest.raises(InvalidValue, match="2 different items, not 1"):
        decode(Annotated[set[int], Field(min_length=2)], [1, 1])


def test_dataclasses_typed_dicts_and_named_tuples_are_records() -> None:
    assert decode(Point, {"x": 1}) == Point(1, 0, [])
    assert decode(Pair, {"left": "a"}) == Pair("a", 0)
    assert decode(Movie, {"title": "M"}) == {"title": "M"}
    assert resolve(Movie).encode({"title": "M"}, NO_CONTEXT) == {"title": "M"}
    assert admits(Pair, '{"left":"a","right":1}')
    with pytest.raises(InvalidValue, match="is not a field; did you mean title"):
        decode(Movie, {"titel": "M"})


def test_a_generic_model_and_a_root_model_have_their_types_inside() -> None:
    assert decode(Page[Point], {"items": [{"x": 2}]}) == Page[Point](items=[Point(2)])
    assert decode(RootModel[list[int]], [1]).root == [1]
    assert admits(RootModel[str], '"a"')
    with pytest.raises(UnsupportedType, match="T is a type variable"):
        resolve(Page)


def test_a_recursive_model_is_read_at_any_depth_and_answered_to_a_bounded_one() -> None:
    deep: Json = {"text": "end", "replies": []}
    for _ in range(40):
        deep = {"text": "more", "replies": [deep]}
    value_type = resolve(Comment)
    assert value_type.encode(value_type.decode(deep, NO_CONTEXT), NO_CONTEXT) == deep
    limits = [limit for _, each in iter_types(value_type) for limit in each.answer_limits()]
    assert limits == ["has at most 6 levels of Comment inside one another"]
    inside = '{"text":"a","replies":[]}'
    for _ in range(6):
        inside = f'{{"text":"a","replies":[{inside}]}}'
    assert admits(Comment, inside) and not admits(Comment, f'{{"text":"a","replies":[{inside}]}}')


def test_a_type_with_several_branches_is_answered_to_fewer_levels() -> None:
    limits = [limit for _, each in iter_types(resolve(Tree)) for limit in each.answer_limits()]
    assert limits == ["has at most 4 levels of Tree inside one another"] * 2
    assert len(gbnf(cast(Any, prune_impossible(resolve(Tree).grammar(NO_CONTEXT))))) < 10_000


def test_recursion_without_end_and_too_many_levels_are_refused() -> None:
    with pytest.raises(UnsupportedType, match="Endless contains itself without end") as caught:
        resolve(Endless)
    assert caught.value.hint == "write Endless | None, or list[Endless]"
    model: Any = int
    for level in range(230):
        model = create_model(f"Level{level}", inner=(model, ...))
    with pytest.raises(UnsupportedType, match="nested more than 60 types deep"):
        resolve(model)


def test_an_alias_may_contain_itself() -> None:
    nested: Any = TypeAliasType("nested", cast(Any, "int | list[nested]"))
    with pytest.raises(UnsupportedType):
        resolve(nested)  # its value is a text, which nothing can resolve


def test_both_names_of_a_field_are_read_and_a_model_writes_the_alias() -> None:
    value_type, order = resolve(Order), Order.model_validate({"no": "7", "day": "2026-05-03"})
    for json_value in ({"no": "7", "day": "2026-05-03"}, {"number": "7", "when": "2026-05-03"}):
        assert value_type.decode(cast(Json, json_value), NO_CONTEXT) == order
    assert value_type.encode(order, NO_CONTEXT) == {"number": "7", "when": "2026-05-03"}
    assert value_type.encode(order, FOR_MODELS) == {"no": "7", "day": "2026-05-03"}
    assert admits(Order, '{"no":"7","day":"2026-05-03"}', FOR_MODELS)
    assert '"no": text' in value_type.describe()


def test_computed_fields_are_written_for_people_and_passed_over_when_read() -> None:
    value_type = resolve(Total)
    total = value_type.decode({"amounts": [1, 2], "total": 99}, NO_CONTEXT)
    assert value_type.encode(total, NO_CONTEXT.json_context) == {"amounts": [1, 2], "total": 3}
    assert value_type.encode(total, FOR_MODELS) == {"amounts": [1, 2]}
    assert cast(Any, value_type.schema())["properties"]["total"] == {"type": "integer", "readOnly": True}


def test_before_validators_see_the_json_value() -> None:
    seen: list[object] = []

    def note(value: object) -> object:
        seen.append(value)
        return value

    class Dated(BaseModel):
        day: date
        other: Annotated[date, BeforeValidator(note)]

        @field_validator("day", mode="before")
        @classmethod
        def first(cls, value: object) -> object:
            return note(value)

    class Renamed(BaseModel):
        day: date

        @model_validator(mode="before")
        @classmethod
        def rename(cls, data: Any) -> Any:
            return {"day": data["Tag"]}

    expected = date(2026, 5, 3)
    assert decode(Dated, {"day": "2026-05-03", "other": "2026-05-03"}) == Dated(day=expected, other=expected)
    assert seen[:2] == ["2026-05-03", "2026-05-03"]
    assert decode(Renamed, {"Tag": "2026-05-03"}).day == expected


def test_a_value_that_a_validator_converts_is_kept_and_written() -> None:
    class Converted(BaseModel):
        model_config = ConfigDict(use_enum_values=True)
        color: Color
        price: float
        tags: list[str]

        @field_validator("price", "tags")
        @classmethod
        def convert(cls, value: Any) -> Any:
            return Decimal(str(value)) if isinstance(value, float) else set(value)

    value_type = resolve(Converted)
    value = cast(Any, value_type.decode({"color": "red", "price": 1.5, "tags": ["a"]}, NO_CONTEXT))
    assert (value.color, value.price, value.tags) == ("red", Decimal("1.5"), {"a"})
    assert value_type.encode(value, NO_CONTEXT) == {"color": "red", "price": 1.5, "tags": ["a"]}


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("by 0"), KeyError("a"), TypeError("no"), RuntimeError(), ValueError("v")]
)
def test_whatever_a_validator_raises_is_a_fault_of_the_value(error: Exception) -> None:
    class Checked(BaseModel):
        x: int

        @field_validator("x")
        @classmethod
        def check(cls, value: int) -> int:
            raise error

        @computed_field
        @property
        def y(self) -> int:
            raise error

    with pytest.raises(InvalidValue, match=r"a validator failed with \w+|is refused"):
        decode(Checked, {"x": 1})
    with pytest.raises(InvalidValue, match=f"the computed field failed with {type(error).__name__}"):
        resolve(Checked).encode(Checked.model_construct(x=1), NO_CONTEXT.json_context)
