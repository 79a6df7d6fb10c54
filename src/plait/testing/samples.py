"""Sample annotations for each built-in value type, as users write them, and inputs for their references."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, HttpUrl, NaiveDatetime, RootModel, computed_field, model_validator
from typing_extensions import TypedDict

from plait.core.task.signature import Quoted, Ref, TypeResolver
from plait.core.values.call_context import CallContext, Target
from plait.core.values.constraints import From, Ordered
from plait.core.values.span import InputText, input_texts
from plait.types.box import Box
from plait.types.image import Image

T = TypeVar("T")


class Lamp(BaseModel):
    name: str


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Line(BaseModel):
    what: str = Field(max_length=20, description="as it was sold")
    quantity: float = Field(gt=0)


class Bill(BaseModel):
    """A record with the features found in practice: nested records, an alias, defaults, a validator."""

    number: str = Field(alias="no", max_length=9)
    issued: date
    lines: list[Line] = Field(min_length=1, max_length=3)
    note: str | None = None
    paid: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def known(self) -> "Bill":
        if self.number == "unknown":
            raise ValueError("a bill has a number")
        return self


class Empty(BaseModel):
    pass


class Comment(BaseModel):
    text: str = Field(max_length=9)
    replies: list["Comment"] = Field(max_length=2)


@dataclass
class Point:
    x: float
    y: float = 0


@dataclass(frozen=True)
class Size:
    width: int
    height: int


class Options(TypedDict):
    color: Color
    size: NotRequired[int]


class Pair(NamedTuple):
    left: str
    right: Annotated[int, Field(ge=0)] = 0


class Page(BaseModel, Generic[T]):
    items: list[T]
    following: int | None


class Total(BaseModel):
    """A record with a computed field and a validator that converts."""

    amounts: list[int]
    tags: set[str]

    @computed_field
    @property
    def total(self) -> int:
        return sum(self.amounts)


class Scores(RootModel[dict[str, int]]):
    pass


class Shelf(BaseModel):
    lamp: Ref[Lamp] | None
    passage: Ref[str]


class Switch(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class Dim(BaseModel):
    lamp: Ref[Lamp]
    percent: int = Field(ge=0, le=100)


class Nothing(BaseModel):
    pass


SAMPLES: dict[str, tuple[object, ...]] = {
    "boolean": (bool,),
    "box": (Box, Annotated[Box, From("picture")]),
    "date_time": (date, time, datetime, AwareDatetime, NaiveDatetime, Annotated[date, Field(ge=date(2026, 1, 1))]),
    "enumeration": (
        Literal["billing", 'a "quoted" one', "其他"],
        Literal[1, True, "1"],
        Literal[Color.RED, "blue"],
        Color,
        Level,
    ),
    "formatted_text": (UUID, timedelta, IPv4Address, HttpUrl, Annotated[timedelta, Field(ge=timedelta())]),
    "image": (Image,),
    "list": (
        list[str],
        list[list[bool]],
        Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=3)],
        Annotated[list[str], Ordered()],
        tuple[int, ...],
    ),
    "number": (
        int,
        float,
        Annotated[int, Field(ge=0, le=100)],
        Annotated[int, Field(gt=-17, lt=1009)],
        Annotated[int, Field(ge=10**16)],
        Annotated[int, Field(le=-5, multiple_of=5)],
        Annotated[float, Field(gt=0)],
        Annotated[float, Field(ge=-0.25, lt=1.5)],
        Annotated[float, Field(gt=-3.000001, le=-0.0000001)],
        Annotated[float, Field(ge=1e20)],
        Decimal,
        Annotated[Decimal, Field(gt=-5, max_digits=4, decimal_places=2)],
        Annotated[Decimal, Field(ge=0, decimal_places=0, max_digits=3)],
    ),
    "optional": (
        str | None,
        Literal["a", None],
        Literal[Color.RED, None],
        Annotated[int | None, Field(ge=0)],
        Ref[str] | None,
        Literal["a"] | list[int] | None,
    ),
    "mapping": (dict[str, float], dict[Color, Line], Annotated[dict[str, str], Field(max_length=2)]),
    "quotation": (
        Quoted[str],
        Quoted[int],
        Quoted[date],
        Quoted[time],
        Annotated[Quoted[float], Field(ge=1, lt=1000)],
        Annotated[Quoted[str], From("letter"), Field(max_length=40)],
    ),
    "record": (Line, Bill, Empty, Shelf, Point, Options, Pair, Page[Line], Total, Comment),
    "root_model": (Scores, RootModel[str]),
    "set": (set[str], frozenset[Size], Annotated[set[int], Field(min_length=1)]),
    "tuple": (tuple[str, float], tuple[()], tuple[Ref[Lamp], bool, list[int]]),
    "reference": (Ref[str], Ref[Lamp], Annotated[Ref[Lamp], From("house.lamps")]),
    "text": (
        str,
        Annotated[str, Field(min_length=2, max_length=5)],
        Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{1,3}$", min_length=5)],
    ),
    "union": (
        Switch | Dim | Nothing,
        Point | Pair | dict[str, int],
        int | str,
        bool | int | float,
        Ref[str] | Nothing,
        Literal["a"] | list[date],
    ),
}

# The inputs of every sample: texts, two of which are equal because duplicates are legal, and objects with names.
ELEMENTS: dict[tuple[str, ...], object] = {("passages",): str, ("house", "lamps"): Lamp}
CANDIDATES: dict[tuple[str, ...], tuple[object, ...]] = {
    ("passages",): ("a lamp", "a curtain", "a lamp"),
    ("house", "lamps"): (Lamp(name="hall"), Lamp(name='the "red" one'), Lamp(name="卧室")),
}
RESOLVER = TypeResolver(
    (*(Target(path, element) for path, element in ELEMENTS.items()), Target(("picture",), is_image=True)),
    ("letter", "passages.[]"),
)
MIN_SIDE = 16  # pixels of every generated image, so that every generated box lies on it
SAMPLE_IMAGE = Image(  # MIN_SIDE wide and high
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGUlEQVR4nGO0CrvCQApgIkn1qIZRDUNKAwBzKgGEZgZkyAA"
    "AAABJRU5ErkJggg=="
)
SAMPLE_CANDIDATES = {**CANDIDATES, ("picture",): (SAMPLE_IMAGE,)}
TEXT_INPUTS = (
    InputText(
        "letter", 'Invoice "A-17" of 3rd May 2026, due 03/06/26 at 9:30 pm\n2 lamps: 1.234,50 € (1.234 each), 发票 7 个'
    ),
    *(InputText(f"passages.{index}", text) for index, text in enumerate(("a lamp", "a curtain", "a lamp"))),
)
# The contexts of JSON, of a model (by name), and of each box format.
CONTEXTS = (
    CallContext(SAMPLE_CANDIDATES, texts=input_texts(TEXT_INPUTS)),
    *(
        CallContext(SAMPLE_CANDIDATES, by_name=True, box_format=box_format, texts=input_texts(TEXT_INPUTS))
        for box_format in ("", "pixels", "per-mille", "unit", "bins")
    ),
)
