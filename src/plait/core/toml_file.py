"""TOML files as typed values; every error names the file and the line, quotes the value and gives a hint.

Read here: `plait.toml`, its `[models.NAME]` tables, and training recipes. A schema is a frozen dataclass or a pydantic
model. A field declared with `repr=False` is a secret: no message quotes it.
"""

import dataclasses
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean
from plait.core.values.quoting import shorten

T = TypeVar("T")
KeyPath = tuple[str | int, ...]
HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w.-]+))\s*=""")
MAX_QUOTED = 80  # characters of a refused value in a message
MAX_DETAILS = 3  # further mistakes listed under the first
SUBJECT = re.compile(r"^(?:Input|String|List|Tuple|Dictionary|Object) should")  # prefix of pydantic's messages
TYPE_REASONS = ("type", "parsing", "from_float", "number")
HINTS = {
    "int": "write a whole number",
    "float": "write a number",
    "finite": "write a number",
    "bool": "write true or false",
    "string": "write a text in quotes",
    "path": "write a path in quotes",
    "list": 'write a list: ["..."]',
    "tuple": 'write a list: ["..."]',
    "dict": "write a table",
    "dataclass": "write a table",
    "model": "write a table",
    "mapping": "write a table",
}


@dataclass(frozen=True)
class TomlTable:
    """A table of a TOML file; the whole file if `key_path` is empty. `name` is the name of the file in messages."""

    file: Path
    name: str
    text: str = dataclasses.field(repr=False)
    values: Mapping[str, Any] = dataclasses.field(repr=False)
    key_path: KeyPath = ()

    def parse(self, schema: type[T], context: Mapping[str, Any] | None = None) -> T:
        """The table as a value of `schema`.

        `context` is passed to validators, which may raise `plait.core.values.strict.validator_error`. Raises
        SettingsError for the first mistake; the others are its details.
        """
        content = to_json(self.values, inf_nan_mode="constants", fallback=str)
        try:
            # Validated as JSON: a list may become a tuple and a text a path, but a text never becomes a number.
            return TypeAdapter(schema).validate_json(content, context=dict(context or {}))
        except ValidationError as error:
            raise self.validation_error(schema, error) from None

    def table(self, key: str) -> "TomlTable":
        """The table under `key`. Raises SettingsError if the key holds another type."""
        value = self.values[key]
        if not isinstance(value, dict):
            raise self.error(
                f"is {quote_toml(value)}: it should be a table", f"write [{dotted((*self.key_path, key))}]", key
            )
        return dataclasses.replace(self, values=cast("dict[str, Any]", value), key_path=(*self.key_path, key))

    def without(self, *keys: str) -> "TomlTable":
        return dataclasses.replace(self, values={key: self.values[key] for key in self.values if key not in keys})

    def location(self, *key_path: str | int) -> str:
        """The location of a key, `recipes/nano.toml:12: optimizer.muon_lr`; without a line of its own, that of its
        table.
        """
        path = (*self.key_path, *key_path)
        line = line_number(self.text, path)
        return f"{self.name}:{line}: {dotted(path)}" if line else f"{self.name}: {dotted(path)}".removesuffix(": ")

    def error(self, message: str, hint: str, *key_path: str | int, details: tuple[str, ...] = ()) -> SettingsError:
        return SettingsError(f"{self.location(*key_path)} {message}", details=details, hint=hint)

    def validation_error(self, schema: type[Any], error: ValidationError) -> SettingsError:
        # A misspelled key may make another one missing: the misspelling is reported first.
        first, *others = sorted(error.errors(), key=lambda each: "missing" in each["type"])
        message, hint = describe_error(schema, first, self.actual_path(first))
        details = [(self.actual_path(each), each) for each in others[:MAX_DETAILS]]
        lines = tuple(f"{self.location(*path)} {describe_error(schema, each, path)[0]}" for path, each in details)
        return self.error(message, hint, *self.actual_path(first), details=lines)

    def actual_path(self, error: ErrorDetails) -> KeyPath:
        """The path of the error in the file: pydantic's path without the names of union members."""
        value: Any = self.values
        path: KeyPath = ()
        for part in error["loc"]:
            if isinstance(value, Mapping) and (part in value or "missing" in error["type"]):
                value = cast("Mapping[str, Any]", value).get(str(part))
            elif isinstance(value, list) and isinstance(part, int) and part < len(cast("list[Any]", value)):
                value = cast("list[Any]", value)[part]
            else:
                break
            path = (*path, part)
        return path


def read_toml_file(file: Path, name: str = "", hint: str = "") -> TomlTable:
    """The table of a whole file. Raises SettingsError for an unreadable file (with `hint`) or invalid TOML."""
    name = name or str(file)
    try:
        text = file.read_text("utf-8-sig")
        return TomlTable(file, name, text, tomllib.loads(text))
    except OSError as error:
        raise SettingsError(
            f"{name} cannot be read: {error.strerror}", hint=hint or f"check that {file} can be read"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} is not TOML: {error}", hint=f"correct {file}") from None


def describe_error(schema: type[Any], error: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    """The message, phrased to follow the key, and the hint."""
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return unknown_key(str(path[-1]), fields_of(member_type(schema, path[:-1])))
    if "missing" in error["type"]:
        return "is missing", f"write {path[-1]} = ..."
    if error["type"] == "refused":  # plait.core.values.strict.validator_error
        return error["msg"], error.get("ctx", {})["hint"]
    value_text = "" if is_secret(schema, path) else f" {quote_toml(error['input'])}"
    choices = [each for each in literal_values(member_type(schema, path)) if each != ""]  # "" stands for no choice
    if choices:
        known = f"write one of {', '.join(map(quote_toml, choices))}"
        hint = did_you_mean(str(error["input"]), map(str, choices), known)
    else:
        expected, _, reason = error["type"].partition("_")
        hint = HINTS.get(expected if reason in TYPE_REASONS else "", "correct this line")
    return f"is{value_text or ' not accepted'}: {SUBJECT.sub('it should', error['msg'])}", hint


def unknown_key(key: str, known: Iterable[str]) -> tuple[str, str]:
    known = tuple(known)
    return "is an unknown key", did_you_mean(key, known, f"known: {', '.join(known)}")


def quote_toml(value: object) -> str:
    text = to_json(value, inf_nan_mode="constants", fallback=str).decode()
    return shorten(text, MAX_QUOTED, with_length=True)


def dotted(path: KeyPath) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def fields_of(schema: Any) -> dict[str, tuple[Any, bool]]:
    """The type of each field of a dataclass or pydantic model, and whether messages may quote it; empty for other
    types.
    """
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        return {name: (field.annotation, field.repr) for name, field in schema.model_fields.items()}
    if isinstance(schema, type) and dataclasses.is_dataclass(schema):
        types = get_type_hints(schema)
        return {field.name: (types[field.name], field.repr) for field in dataclasses.fields(schema)}
    return {}


def member_type(schema: Any, path: KeyPath) -> Any:
    """The declared type at the end of a path; None if the schema does not declare it."""
    for part in path:
        schema = without_none(schema)
        arguments = get_args(schema)
        fields = fields_of(schema)
        if fields:
            schema = fields.get(str(part), (None, True))[0]
        elif arguments:
            schema = arguments[0] if isinstance(part, int) else arguments[-1]
        else:
            return None
    return without_none(schema)


def without_none(annotation: Any) -> Any:
    """The annotation `X` inside `Annotated[X, ...]` or `X | None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        arguments = get_args(annotation)
        if get_origin(annotation) is not Annotated:
            arguments = tuple(each for each in arguments if each is not type(None))
            if len(arguments) != 1:
                break
        annotation = arguments[0]
    return annotation


def literal_values(annotation: Any) -> tuple[object, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def is_secret(schema: Any, path: KeyPath) -> bool:
    return any(
        not fields_of(member_type(schema, path[:end])).get(str(part), (None, True))[1] for end, part in enumerate(path)
    )


def line_number(text: str, key_path: KeyPath) -> int:
    """The line of a key, or of the table around it, counted from 1; 0 if neither is in the file."""
    lines = {path: number for path, number in reversed(list(key_lines(text)))}
    return next((lines[key_path[:end]] for end in range(len(key_path), 0, -1) if key_path[:end] in lines), 0)


def key_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    """The path and line of each table and key.

    Keys inside a multi-line value may be mistaken for keys of the table. This is harmless: only names that the parser
    has found are looked up.
    """
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = indexed_path(tuple(part.strip(" \"'") for part in header[2].split(".")), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif key := KEY.match(line):
            names = (key[1] or key[2],) if key[1] or key[2] else tuple(key[3].split("."))
            for end in range(1, len(names) + 1):
                yield (*table, *names[:end]), number


def indexed_path(names: KeyPath, counts: Mapping[KeyPath, int]) -> KeyPath:
    """The path with the index of each list of tables inserted: `schedule.phase.mixture` is in the last phase."""
    path: KeyPath = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])
