"""Texts of a schema: lengths, patterns and formats."""

from collections.abc import Sequence

from plait.core.grammar.ast import MAX_TEXT_LENGTH, DateTime, Grammar, RegularExpression, Text
from plait.core.grammar.expression_bounds import bounded_expression
from plait.core.grammar.json_schema_leaves import PATTERNS, UnsupportedSchema, size_bounds
from plait.core.grammar.regular_expression import UnsupportedPattern
from plait.core.grammar.schema_alternatives import Part

LABEL = "[a-z0-9]{1,30}(-[a-z0-9]{1,20})?"
HOST = rf"{LABEL}(\.{LABEL}){{1,3}}"
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
PATH = r"(/[A-Za-z0-9._~-]{0,60}){0,6}"
URI = rf"https?://{HOST}{PATH}"
# Formats, most of them narrower than what they allow: only what every validator takes.
FORMAT_PATTERNS = {
    "uri": f"^{URI}$",
    "iri": f"^{URI}$",
    "url": f"^{URI}$",
    "uri-reference": f"^{URI}$",
    "iri-reference": f"^{URI}$",
    "uri-template": f"^{URI}$",
    "email": rf"^[a-z0-9_]{{1,30}}(\.[a-z0-9_]{{1,20}})?@{HOST}$",
    "idn-email": rf"^[a-z0-9_]{{1,30}}(\.[a-z0-9_]{{1,20}})?@{HOST}$",
    "hostname": f"^{HOST}$",
    "idn-hostname": f"^{HOST}$",
    "uuid": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    "ipv4": rf"^({OCTET}\.){{3}}{OCTET}$",
    "ipv6": "^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$",
    "duration": "^P[0-9]{1,4}(D|W|Y|M)$",
    "regex": "^[A-Za-z0-9 _-]*$",
    "json-pointer": r"^(/[A-Za-z0-9_-]{0,30}){0,8}$",
    "relative-json-pointer": r"^[0-9](/[A-Za-z0-9_-]{0,30}){0,8}$",
    "color": "^#[0-9a-f]{6}$",
}
TEXT_KEYWORDS = {"minLength", "maxLength", "pattern", "format"}
FORMAT_MOMENTS = {
    "date": DateTime("date"),
    "time": DateTime("time", "required"),
    "date-time": DateTime("datetime", "required"),
}


def text_grammar(parts: Sequence[Part]) -> Grammar | None:
    if not any(TEXT_KEYWORDS & part.keywords.keys() for part in parts):
        return Text(0, MAX_TEXT_LENGTH)
    bounds = [size_bounds(part, "minLength", "maxLength", MAX_TEXT_LENGTH) for part in parts]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    patterns = {str(part.keywords["pattern"]): (*part.path, "pattern") for part in parts if "pattern" in part.keywords}
    moment: DateTime | None = None
    for part in parts:
        name = part.keywords.get("format")
        if isinstance(name, str) and name in FORMAT_MOMENTS:
            moment = FORMAT_MOMENTS[name]
        elif isinstance(name, str) and name in FORMAT_PATTERNS:
            patterns.setdefault(FORMAT_PATTERNS[name], (*part.path, "format"))
    if low > high:
        return None
    sized = any({"minLength", "maxLength"} & part.keywords.keys() for part in parts)
    if len(patterns) == 1 and not sized and (known := PATTERNS.get(next(iter(patterns)))) and moment in (None, known):
        return known
    if moment is not None:
        return moment_grammar(moment, low, high, parts, patterns)
    if not patterns:
        return Text(low, high)
    (pattern, path), *others = patterns.items()
    if others:
        raise UnsupportedSchema(others[0][1], "is not supported beside another pattern or format", others[0][0])
    try:
        bounded_expression(pattern, low, high)
    except UnsupportedPattern as error:
        raise UnsupportedSchema(path, f"is not supported: {error}", pattern) from None
    return RegularExpression(pattern, low, high)


def moment_grammar(
    moment: DateTime, low: int, high: int, parts: Sequence[Part], patterns: dict[str, tuple[str, ...]]
) -> Grammar:
    if patterns:
        raise UnsupportedSchema(next(iter(patterns.values())), "is not supported beside a format of a time")
    shortest, longest = {"date": (10, 10), "time": (9, 21), "datetime": (20, 32)}[moment.form]
    if low > shortest or high < longest:
        part = next(part for part in parts if {"minLength", "maxLength"} & part.keywords.keys())
        name = next(name for name in ("minLength", "maxLength") if name in part.keywords)
        raise UnsupportedSchema((*part.path, name), "is not supported beside a format of a time", part.keywords[name])
    return moment
