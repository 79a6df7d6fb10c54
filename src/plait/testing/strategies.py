"""Hypothesis strategies for values of every value type; types that are not built in use their grammar."""

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from plait.core.grammar.numbers import representable_bounds
from plait.core.grammar.pruning import prune_impossible
from plait.core.task.collection_type import CollectionType
from plait.core.task.recursion import RecursionType
from plait.core.task.signature import Ref
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.pydantic_validation import validate
from plait.core.values.value_type import MISSING, ValueType, iter_types
from plait.testing.samples import CANDIDATES, CONTEXTS, MIN_SIDE
from plait.testing.values import CHARACTERS, json_values
from plait.types.boolean import BooleanType
from plait.types.box import Box, BoxType
from plait.types.date_time import DateTimeType
from plait.types.enumeration import EnumerationType
from plait.types.image import Image, ImageType
from plait.types.number import NumberType
from plait.types.optional import OptionalType
from plait.types.record import RecordType
from plait.types.reference import ReferenceType
from plait.types.text import TextType
from plait.types.union import UnionType

MAX_EXTRA_CHARACTERS, MAX_EXTRA_ITEMS = 40, 4  # above the minimum; more of them find no further errors
IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
NEAR = 10**8  # steps from zero: numbers as people write them, generated as often as all others
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIME_ZONES = {"never": st.none(), "optional": st.none() | OFFSETS, "required": OFFSETS}


def strategy_of(value_type: ValueType) -> st.SearchStrategy[Any]:
    """Values of a type, filtered by its residual checks."""
    match value_type:
        case BooleanType():
            return st.booleans()
        case TextType(pattern_in_grammar=True):
            return grammar_strategy(value_type)
        case TextType(minimum, maximum):
            return st.text(CHARACTERS, min_size=minimum, max_size=min(maximum, minimum + MAX_EXTRA_CHARACTERS))
        case NumberType():
            return numbers_of(value_type)
        case DateTimeType(form):
            return moments(form, value_type.zone)
        case EnumerationType():
            return st.sampled_from(value_type.members)
        case ImageType():
            side, color = st.integers(MIN_SIDE, MIN_SIDE + 8), st.tuples(*[st.integers(0, 255)] * 3)
            return st.builds(plain_image, side, side, color, st.sampled_from(IMAGE_FORMATS))
        case BoxType():
            return st.builds(box_within, *[st.integers(0, MIN_SIDE - 1)] * 2, *[st.integers(1, MIN_SIDE)] * 2)
        case ReferenceType(path):
            candidates = CANDIDATES[path]
            return st.integers(0, len(candidates) - 1).map(lambda index: Ref(candidates[index], index))
        case _:
            return composite_strategy(value_type)


def composite_strategy(value_type: ValueType) -> st.SearchStrategy[Any]:
    match value_type:
        case OptionalType():
            return st.none() | strategy_of(value_type.inner)
        case CollectionType():
            most = min(value_type.maximum, value_type.minimum + MAX_EXTRA_ITEMS)
            return st.lists(strategy_of(value_type.item), min_size=value_type.minimum, max_size=most).map(
                value_type.container
            )
        case UnionType():
            return st.one_of([strategy_of(option) for _, option in value_type.options])
        case RecordType() if any(isinstance(each, RecursionType) for _, each in iter_types(value_type)):
            return grammar_strategy(value_type)
        case RecordType():
            fields = st.fixed_dictionaries({name: strategy_of(inner) for name, inner in value_type.fields})
            return fields.map(lambda values: record_of(value_type, values)).filter(lambda record: record is not None)
        case _:
            return grammar_strategy(value_type)


def grammar_strategy(value_type: ValueType) -> st.SearchStrategy[Any]:
    """Values from the grammar, for a type without a strategy of its own."""

    def decode_or_missing(json_value: Json) -> object:
        try:
            return value_type.decode(json_value, CONTEXTS[0])
        except InvalidValue:
            return MISSING

    grammar = prune_impossible(value_type.grammar(CONTEXTS[0]))
    assert grammar is not None, f"{value_type} has no value at all"
    values = json_values(grammar).map(decode_or_missing)
    return values.filter(lambda value: value is not MISSING)


def numbers_of(value_type: NumberType) -> st.SearchStrategy[int | float | Decimal]:
    """Numbers as a grammar writes them, which has a step between them."""
    step = Decimal(1) if value_type.is_integer else Decimal(1).scaleb(-value_type.places)
    if value_type.multiple_of is not None:
        step = Decimal(str(value_type.multiple_of))
    low, high = representable_bounds(
        value_type.minimum,
        value_type.maximum,
        value_type.excludes_minimum,
        value_type.excludes_maximum,
        value_type.places,
    )
    first, last = math.ceil(low / step), math.floor(high / step)
    steps = st.integers(first, last) | st.integers(max(first, min(-NEAR, last)), min(last, max(NEAR, first)))
    if value_type.is_integer:
        return steps.map(lambda count: int(count * step))
    if value_type.is_decimal:
        return steps.map(lambda count: count * step)
    return steps.map(lambda count: float(count * step)).filter(lambda value: low <= Decimal(repr(value)) <= high)


def moments(form: str, zone: str) -> st.SearchStrategy[date | time | datetime]:
    strategies: dict[str, st.SearchStrategy[date | time | datetime]] = {
        "date": st.dates(),
        "time": st.times(),
        "datetime": st.datetimes(timezones=TIME_ZONES[zone]),
    }
    return strategies[form]


def record_of(value_type: RecordType, values: dict[str, Any]) -> object | None:
    """The record, or None if the model's own validators refuse it."""
    try:
        return validate(value_type.model, values)
    except InvalidValue:
        return None


def plain_image(width: int, height: int, color: tuple[int, ...] = (58, 86, 212), format_name: str = "PNG") -> Image:
    """An image of one colour."""
    from PIL import Image as Pillow

    buffer = BytesIO()
    Pillow.new("RGB", (width, height), color).save(buffer, format_name)
    return Image(buffer.getvalue())


def box_within(left: int, top: int, width: int, height: int) -> Box:
    return Box(left, top, min(MIN_SIDE, left + width), min(MIN_SIDE, top + height))
