"""Objects of a schema: named fields alone are written, those that other keywords ask for among them."""

from collections.abc import Sequence

from plait.core.grammar.ast import Grammar, Object
from plait.core.grammar.json_schema_leaves import JsonObject, UnsupportedSchema
from plait.core.grammar.schema_alternatives import Part
from plait.core.grammar.schema_arrays import Reader, number_of
from plait.core.grammar.schema_values import is_valid, matches


def object_grammar(parts: Sequence[Part], reader: Reader, depth: int) -> Grammar | None:
    required, dependents = required_names(parts)
    known = dict.fromkeys(name for part in parts for name in subschemas(part, "properties"))
    fewest = max(number_of(part, "minProperties", 0) for part in parts)
    most = min(number_of(part, "maxProperties", 10**6) for part in parts)
    fields: list[tuple[str, Grammar]] = []
    optional: list[str] = []
    for name in dict.fromkeys((*known, *required)):
        is_needed = name in required
        leave_out = (reader.is_wide(depth) and len(required) >= fewest) or name in dependents
        if not is_needed and leave_out:
            continue
        inner = field_parts(name, parts)
        grammar = None if inner is None else reader.grammar(tuple(inner) or (Part(True, parts[0].path),), depth + 1)
        if grammar is None and is_needed:
            return None
        if grammar is not None:
            fields.append((name, grammar))
            optional += [] if is_needed else [name]
    missing = fewest - (len(fields) - len(optional))
    if missing > len(optional):
        part = next(part for part in parts if "minProperties" in part.keywords)
        raise UnsupportedSchema((*part.path, "minProperties"), "needs fields that have no name", fewest)
    optional = optional[max(missing, 0) :]
    spare = most - (len(fields) - len(optional))
    if spare < 0:
        return None
    if spare < len(optional):
        dropped = set(optional[spare:])
        fields = [(name, grammar) for name, grammar in fields if name not in dropped]
        optional = optional[:spare]
    return Object(tuple(fields), frozenset(optional))


def required_names(parts: Sequence[Part]) -> tuple[dict[str, None], set[str]]:
    """The fields that have to be written, and those that are not, since others would depend on them."""
    required: dict[str, None] = {}
    for part in parts:
        names = part.keywords.get("required", [])
        if isinstance(names, bool):  # draft 3, of a field: no list of names
            continue
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UnsupportedSchema((*part.path, "required"), "should list names", names)
        required |= dict.fromkeys(str(name) for name in names)
    dependencies = [
        (name, needs, (*part.path, keyword, name))
        for part in parts
        for keyword in ("dependencies", "dependentRequired", "dependentSchemas")
        for name, needs in subschemas(part, keyword).items()
    ]
    changed = True
    while changed:
        changed = False
        for name, needs, path in dependencies:
            if name in required and not isinstance(needs, list):
                raise UnsupportedSchema(path, "is not supported for a field that is required", needs)
            for each in needs if name in required and isinstance(needs, list) else ():
                changed |= str(each) not in required
                required[str(each)] = None
    return required, {name for name, _, _ in dependencies if name not in required}


def field_parts(name: str, parts: Sequence[Part]) -> list[Part] | None:
    """All schemas of a field; None where it may not be written."""
    found: list[Part] = []
    for part in parts:
        mine: list[Part] = []
        is_known = name in subschemas(part, "properties")
        if is_known:
            mine.append(part.at("properties", name))
        for pattern in subschemas(part, "patternProperties"):
            match = matches(pattern, name)
            if match is not False:
                mine.append(part.at("patternProperties", pattern))
                is_known |= match is True
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if keyword in part.keywords and not is_known:
                mine.append(part.at(keyword))
        found += mine
        if "propertyNames" in part.keywords and not is_valid_name(name, part.at("propertyNames")):
            return None
    return found


def is_valid_name(name: str, part: Part) -> bool:
    schema = part.schema
    if isinstance(schema, bool):
        return schema
    simple = {"type", "pattern", "minLength", "maxLength", "enum", "const", "description", "title", "$comment"}
    return isinstance(schema, dict) and schema.keys() <= simple and is_valid(name, Part(schema, part.path, schema))


def subschemas(part: Part, keyword: str) -> JsonObject:
    if keyword not in part.keywords:
        return {}
    value = part.keywords[keyword]
    if not isinstance(value, dict):
        raise UnsupportedSchema((*part.path, keyword), "should be an object", value)
    return value
