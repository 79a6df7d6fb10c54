"""Arrays of a schema. Items of a tuple have one grammar: those after the first are only written if they have to be."""

from collections.abc import Sequence
from typing import Protocol

from plait.core.grammar.ast import MAX_ITEMS, Array, Grammar, Literal
from plait.core.grammar.json_schema_leaves import UnsupportedSchema, size_bounds
from plait.core.grammar.schema_alternatives import Part

TRUE = Literal(True)  # the item of a list that has none


class Reader(Protocol):
    """What reads the schemas of items and fields."""

    def grammar(self, parts: tuple[Part, ...], depth: int = 0) -> Grammar | None: ...

    def is_wide(self, depth: int) -> bool: ...


def array_grammar(parts: Sequence[Part], reader: Reader, depth: int) -> Grammar | None:
    bounds = [size_bounds(part, "minItems", "maxItems", MAX_ITEMS) for part in parts]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    for part in parts:
        if "contains" in part.keywords:
            low = max(low, number_of(part, "minContains", 1))
            high = min(high, number_of(part, "maxContains", high))
        if part.keywords.get("uniqueItems") is True:
            if low > 1:
                raise UnsupportedSchema((*part.path, "uniqueItems"), "is not supported for more than one item", True)
            high = min(high, 1)
    if any(is_tuple(part) for part in parts):
        high = min(high, max(low, 1))
    if low > high:
        return None
    if not high or (not low and reader.is_wide(depth)):
        return Array(TRUE, 0, 0)
    item = reader.grammar(tuple(item_parts(parts, high)) or (Part(True, parts[0].path),), depth + 1)
    if item is None:
        return None if low else Array(TRUE, 0, 0)
    return Array(item, low, high)


def item_parts(parts: Sequence[Part], count: int) -> list[Part]:
    """The schemas of the first `count` items: each of them has to be valid for all."""
    found: list[Part] = []
    for part in parts:
        prefix = 0
        for name in ("prefixItems", "items"):
            schema = part.keywords.get(name)
            if isinstance(schema, list):
                prefix = len(schema)
                found += [part.at(name, index) for index in range(min(count, prefix))]
            elif schema is not None and count > prefix:
                found.append(part.at(name))
        for name in ("additionalItems", "unevaluatedItems"):
            open_end = isinstance(part.keywords.get("items"), list) or (name[0] == "u" and "items" not in part.keywords)
            if name in part.keywords and open_end and count > prefix:
                found.append(part.at(name))
        if "contains" in part.keywords:
            found.append(part.at("contains"))
    return found


def is_tuple(part: Part) -> bool:
    return "prefixItems" in part.keywords or isinstance(part.keywords.get("items"), list)


def number_of(part: Part, name: str, default: int) -> int:
    value = part.keywords.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnsupportedSchema((*part.path, name), "should be a whole number, 0 or more", value)
    return value
