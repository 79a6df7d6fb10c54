"""Patterns: a small notation for texts that a decoder spells character by character.

It is the part of GBNF that needs no rules: "literals", [classes], (groups), `|`, `?` and `{m}` or `{m,n}`. The bounds
of numbers are written in it (`numbers.py`), and so are UUIDs or durations. Every rendering can read it: GBNF as it
stands, JSON Schema as a regular expression, the token automaton by derivatives.
"""

import re

TOKEN = re.compile(r' *("[^"]*"|\[[^\]]*\]|\{\d+(?:,\d+)?\}|[()|?])')
# The characters with a meaning in a regular expression. `re.escape` marks more, which ECMA-262 refuses.
METACHARACTER = re.compile(r"[\\^$.*+?()\[\]{}|/]")


def tokens(pattern: str) -> list[str]:
    """The parts of a pattern, without the white space between them. Raises ValueError if it is none."""
    parts = TOKEN.findall(pattern)
    if "".join(parts).replace(" ", "") != pattern.replace(" ", ""):
        raise ValueError(f"not a pattern: {pattern}")
    return parts


def regular_expression(pattern: str) -> str:
    """The pattern as a regular expression (ECMA-262, as JSON Schema asks) for the whole text."""
    return f"^(?:{''.join(map(_regular_expression_token, tokens(pattern)))})$"


def _regular_expression_token(token: str) -> str:
    if token == "(":
        return "(?:"
    if not token.startswith('"'):
        return token
    literal = METACHARACTER.sub(r"\\\g<0>", token[1:-1])
    return literal if len(token) == 3 else f"(?:{literal})"
