"""Mistakes in the types of a task: the source, and what is told."""

IN_TYPES: dict[str, tuple[str, str]] = {
    "an unknown type": (
        '''@task
def f(text: str) -> range:
    """Read {text}."""
''',
        """AnnotationError: f: no value type supports range
    my_tasks.py:10   def f(text: str) -> range:
                                         ^^^^^
  → known: str, bool, int, float, Decimal, date, time, datetime, timedelta, UUID, Literal, Enum, HttpUrl, """
        """EmailStr, IPv4Address, Image, Box, pydantic models, dataclasses, TypedDict, NamedTuple, list[...], """
        """tuple[...], set[...], dict[str, ...], X | None, unions, Ref[...], Quoted[...]. """
        """To add a type: plait new type NAME""",
    ),
    "an unknown type of a parameter named like the function": (
        '''@task
def text(text: bytes) -> str:
    """Read {text}."""
''',
        """AnnotationError: text: no value type supports bytes: a model writes text
    my_tasks.py:10   def text(text: bytes) -> str:
                                    ^^^^^
  → write str, or Image for a picture; known:""",
    ),
    "an unknown type deep inside": (
        '''class Inner(BaseModel):
    when: complex

class Outer(BaseModel):
    inner: list[Inner]

@task
def f(text: str) -> Outer | None:
    """Read {text}."""
''',
        """AnnotationError: f (Inner.when): no value type supports complex: it has no JSON form
    my_tasks.py:10   when: complex
                           ^^^^^^^
  → write two floats in a pydantic model; known:""",
    ),
    "an unknown type inside an annotation": (
        '''@task
def f(text: str) -> dict[str, list[bytes]] | None:
    """Read {text}."""
''',
        """AnnotationError: f: no value type supports bytes: a model writes text
    my_tasks.py:10   def f(text: str) -> dict[str, list[bytes]] | None:
                                                        ^^^^^
  → write str, or Image for a picture; known:""",
    ),
    "a type that is not known there": (
        '''@task
def f(text: str) -> Devise:
    """Read {text}."""
''',
        """AnnotationError: f uses the type Devise, which is not defined
    my_tasks.py:10   def f(text: str) -> Devise:
                                         ^^^^^^
  → did you mean Device?""",
    ),
    "a type that was not imported": (
        '''@task
def f(text: str) -> list[Passage] | None:
    """Read {text}."""
''',
        """AnnotationError: f uses the type Passage, which is not defined
    my_tasks.py:10   def f(text: str) -> list[Passage] | None:
                                              ^^^^^^^
  → define or import Passage at the top of the file""",
    ),
    "a misspelled built-in": (
        '''@task
def f(text: strr) -> str:
    """Read {text}."""
''',
        "  → did you mean str?",
    ),
    "something that is no type": (
        '''@task
def f(text: 1) -> str:
    """Read {text}."""
''',
        "AnnotationError: f",
    ),
    "a parameter without a type": (
        '''@task
def f(text: str, more) -> str:
    """Read {text} {more}."""
''',
        """AnnotationError: the parameter more of f has no type
    my_tasks.py:10   def f(text: str, more) -> str:
                                      ^^^^
  → write more: str""",
    ),
    "an answer without a type": (
        '''@task
def f(text: str):
    """Read {text}."""
''',
        """AnnotationError: the answer of f has no type
    my_tasks.py:10   def f(text: str):
                         ^
  → write -> str, or the type that it returns""",
    ),
    "a bare list": (
        '''@task
def f(text: str) -> list:
    """Read {text}."""
''',
        "AnnotationError: f: list has no item type",
    ),
    "a record in itself": (
        '''class Part(BaseModel):
    part: Part

@task
def f(text: str) -> Part:
    """Read {text}."""
''',
        "AnnotationError: f: Part contains itself without end",
    ),
    "a record with a type that is not known yet": (
        '''class Bill(BaseModel):
    lines: list[Line]

@task
def f(text: str) -> Bill:
    """Read {text}."""
''',
        """AnnotationError: f (Bill.lines): list[Line] is not defined where Bill is declared
    my_tasks.py:13   def f(text: str) -> Bill:
                                         ^^^^
  → define it above the task; for a class inside a function: Bill.model_rebuild()""",
    ),
    "two options of one name": (
        '''@task
def f(text: str) -> list[Annotated[str, Field(max_length=3)]] | list[str]:
    """Read {text}."""
''',
        "AnnotationError: f: two options are called list[str]",
    ),
    "bounds that nothing fits": (
        '''@task
def f(text: str) -> Annotated[int, Field(gt=3, lt=4)]:
    """Read {text}."""
''',
        "AnnotationError: f: no whole number fits gt=3, lt=4",
    ),
    "bounds that no decimal fits": (
        '''@task
def f(text: str) -> Annotated[float, Field(gt=0, lt=0.000001)]:
    """Read {text}."""
''',
        "AnnotationError: f: no number with at most 6 decimals fits gt=0, lt=1e-06",
    ),
    "a list with crossed bounds": (
        '''@task
def f(text: str) -> Annotated[list[str], Field(min_length=3, max_length=2)]:
    """Read {text}."""
''',
        "AnnotationError: f: no list has 3 to 2 items",
    ),
    "a marker that is nearly one": (
        '''@task
def f(text: str) -> Annotated[list[str], "in ordr"]:
    """Read {text}."""
''',
        """AnnotationError: f: "in ordr" is not a marker
    my_tasks.py:10   def f(text: str) -> Annotated[list[str], "in ordr"]:
                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  → did you mean Ordered()?""",
    ),
    "a description as a marker": (
        '''@task
def f(text: str) -> Annotated[str, "the name of the person"]:
    """Read {text}."""
''',
        """AnnotationError: f: "the name of the person" is not a marker
    my_tasks.py:10   def f(text: str) -> Annotated[str, "the name of the person"]:
                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  → markers are Ordered(), AnyWords() and From(...); to describe a value: Field(description=...)""",
    ),
    "a marker without its parentheses": (
        '''@task
def f(text: str) -> Annotated[str, AnyWords]:
    """Read {text}."""
''',
        """AnnotationError: f: AnyWords is a class, not a marker
    my_tasks.py:10   def f(text: str) -> Annotated[str, AnyWords]:
                                         ^^^^^^^^^^^^^^^^^^^^^^^^
  → write AnyWords()""",
    ),
    "a marker of another type": (
        '''@task
def f(text: str) -> Annotated[str, Ordered()]:
    """Read {text}."""
''',
        """AnnotationError: f: Ordered() is not a marker of str
    my_tasks.py:10   def f(text: str) -> Annotated[str, Ordered()]:
                                         ^^^^^^^^^^^^^^^^^^^^^^^^^
  → str takes AnyWords()""",
    ),
    "a number as a marker": (
        '''@task
def f(text: str) -> Annotated[str, 5]:
    """Read {text}."""
''',
        """AnnotationError: f: 5 is not a marker
    my_tasks.py:10   def f(text: str) -> Annotated[str, 5]:
                                         ^^^^^^^^^^^^^^^^^
  → write a bound as Field(le=5) or Field(max_length=5)""",
    ),
    "a number as a marker of an input": (
        '''@task
def f(text: Annotated[str | None, 5]) -> str:
    """Read {text}."""
''',
        "5 is not a marker",
    ),
    "a dictionary as a marker": (
        '''@task
def f(text: str) -> list[Annotated[str, {"unit": "m"}]]:
    """Read {text}."""
''',
        "{'unit': 'm'} is not a marker",
    ),
}
