"""JSON Schema to grammar: reads the answer schema of another program.

A grammar may be narrower than its schema (texts have a maximum length, no unnamed field is written), so whatever it
admits is valid. It is never wider: an unsupported keyword is refused with its name and path. Source: JSON Schema
2020-12 and its drafts from 4 on.

A schema is read as alternatives (plait.core.grammar.schema_alternatives), each a list of flat schemas that hold at
once; those of an object's field are read together.
"""

from dataclasses import dataclass, field
from typing import Any

from plait.core.grammar.ast import MAX_TEXT_LENGTH, Array, Choice, Grammar, Literal, Object, RegularExpression, Text
from plait.core.grammar.json_schema_leaves import JsonPath, UnsupportedSchema, integer_grammar, number_grammar
from plait.core.grammar.schema_alternatives import Alternative, AlternativeReader, Part
from plait.core.grammar.schema_arrays import array_grammar
from plait.core.grammar.schema_exclusion import Exclusion
from plait.core.grammar.schema_objects import object_grammar
from plait.core.grammar.schema_texts import text_grammar
from plait.core.grammar.schema_values import TYPES, enumeration, type_names
from plait.core.values.json_value import Json
from plait.core.values.strict import request_error

MAX_NODES = 1_000  # llama.cpp takes 3 s to start a choice of this size, and answers no other request meanwhile
# A schema that has so many parts already is read without further optional fields, items and alternatives, those deep
# inside first.
WIDE_NODES, NESTED_WIDE_NODES = 700, 80
MAX_DEPTH = 16
HINT = "leave it out, and check it yourself; docs/how-to/openai-clients.md lists what is supported"
OVERLAP = "may be valid together with another option: write anyOf"
SCALARS = Choice(
    (Text(0, MAX_TEXT_LENGTH), number_grammar([]), Literal(True), Literal(False), Literal(None))
)  # fmt: skip
ANYTHING = Choice((*SCALARS.options, Array(SCALARS, 0, 20), Object(())))


def grammar_from_schema(schema: Json, location: str) -> Grammar:
    """The grammar of the schema at a dotted path. Raises InputError naming the unsupported part."""
    path = tuple(location.split("."))
    try:
        reader = SchemaReader(schema)
        grammar = reader.grammar((Part(schema, path),))
        if grammar is None:
            raise reader.problem or UnsupportedSchema(path, "admits no value that can be generated")
    except UnsupportedSchema as unheld:
        raise request_error("the schema", (unheld.problem,), HINT) from None
    # A stand-alone text is written bare, but an answer to a schema has to be JSON.
    return Choice((grammar,)) if isinstance(grammar, Text | RegularExpression) else grammar


def literal_key(grammar: Grammar) -> object:
    """1 and True are equal in Python, so the grammars that hold them are."""
    return (type(grammar.value), grammar.value) if isinstance(grammar, Literal) else grammar


@dataclass
class SchemaReader:
    """State of one reading: the size so far. None stands for a grammar without any text."""

    root: Json
    node_count: int = 0
    problem: UnsupportedSchema | None = None  # why a part has no text
    open_refs: dict[str, int] = field(default_factory=dict[str, int])
    known: dict[tuple[object, ...], tuple[Grammar, int]] = field(default_factory=dict[Any, Any])

    def __post_init__(self) -> None:
        self.alternatives = AlternativeReader(self.root)
        self.exclusion = Exclusion(self.root)

    def grammar(self, parts: tuple[Part, ...], depth: int = 0) -> Grammar | None:
        """The values that are valid for all of the parts. A definition that several fields refer to is read once."""
        key = (*(id(part.schema) for part in parts), *(item for item in self.open_refs.items() if item[1]))
        if (known := self.known.get(key)) and self.node_count + known[1] < MAX_NODES:
            self.node_count += known[1]
            return known[0]
        before = self.node_count
        grammar = self.combined(parts, depth)
        if grammar is not None:
            self.known[key] = (grammar, self.node_count - before)
        return grammar

    def combined(self, parts: tuple[Part, ...], depth: int) -> Grammar | None:
        path = parts[0].path
        self.node_count += 1
        if self.node_count > MAX_NODES or depth > MAX_DEPTH:
            return self.nothing(path, f"is too large: at most {MAX_NODES:,} parts, {MAX_DEPTH} of them nested")
        options: list[Grammar] = []
        for alternative in self.alternatives.read(parts, self.open_refs, self.nothing):
            for ref in alternative.refs:
                self.open_refs[ref] = self.open_refs.get(ref, 0) + 1
            try:
                grammar = self.alternative(alternative, path, depth)
            finally:
                for ref in alternative.refs:
                    self.open_refs[ref] -= 1
            if grammar is not None:
                options += grammar.options if isinstance(grammar, Choice) else (grammar,)
                if self.is_wide(depth):
                    break
        if not options:
            return self.nothing(path, "admits no value that can be generated")
        distinct = list({literal_key(each): each for each in options}.values())
        return distinct[0] if len(distinct) == 1 else Choice(tuple(distinct))

    def nothing(self, path: JsonPath, message: str, value: object = None) -> None:
        """No text at all; a field that may be left out is, and the reason is only told where none may."""
        self.problem = self.problem or UnsupportedSchema(path, message, value)

    def is_wide(self, depth: int) -> bool:
        """Whether the schema has so many parts that what may be left out is."""
        return self.node_count > (WIDE_NODES if depth < 2 else NESTED_WIDE_NODES)

    def alternative(self, alternative: Alternative, path: JsonPath, depth: int) -> Grammar | None:
        parts = alternative.parts
        if any("const" in part.keywords or "enum" in part.keywords for part in parts):
            grammar = enumeration(parts)
            self.node_count += len(grammar.options) if isinstance(grammar, Choice) else 0
        else:
            types = type_names(parts)
            grammars = [self.of_type(name, parts, depth) for name in types]
            known = [each for each in grammars if each is not None]
            if types == list(TYPES) and known and not any(part.keywords for part in parts):
                grammar = ANYTHING
            else:
                grammar = known[0] if len(known) == 1 else Choice(tuple(known)) if known else None
        for excluded in alternative.excluded:
            grammar = None if grammar is None else self.exclusion.without(grammar, excluded)
            if grammar is None:
                is_option = excluded.path[-2:-1] == ("oneOf",)
                return self.nothing(excluded.path, OVERLAP if is_option else "cannot be enforced here")
        return grammar

    def of_type(self, name: str, parts: list[Part], depth: int) -> Grammar | None:
        match name:
            case "object":
                return object_grammar(parts, self, depth)
            case "array":
                return array_grammar(parts, self, depth)
            case "string":
                return text_grammar(parts)
            case "integer":
                return integer_grammar(parts)
            case "number":
                return number_grammar(parts)
            case "boolean":
                return Choice((Literal(True), Literal(False)))
            case _:
                return Literal(None)
