"""Grammars drawn: any that can be written down, and those that an answer of a task can have."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar.numbers import representable_bounds
from plait.types.quotation.words import text_lines

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
decimals = st.decimals(-1000, 1000, places=3) | st.sampled_from([Decimal(0), g.MAX_NUMBER, -g.MAX_NUMBER])


def ordered(low: Any, high: Any) -> tuple[Any, Any]:
    return (low, high) if low <= high else (high, low)


PATTERNS = (
    "^[A-Z]{2}-\\d{4}$",
    "[a-z]+",
    "^\\w+(\\.\\w+)*$",
    "^(yes|no|中+)\\s*$",
    '["\\\\]',
    "\\.json$",
    "^ *x*$",
    "^[^a]*$",
)
CODES = ('[0-9a-f]{8} "-" [0-9a-f]{4}', '[A-Z] ("x" | "yz"){1,2}')
numbers = st.builds(
    lambda low, high, above, below: g.Number(*ordered(low, high), above, below),
    decimals, decimals, st.booleans(), st.booleans(),
).filter(lambda n: (ends := representable_bounds(n.minimum, n.maximum, n.above, n.below))[0] <= ends[1])  # fmt: skip
word_runs = st.text("ab 1,(é中\n\"", min_size=1, max_size=12).map(
    lambda text: g.WordRun(tuple(tuple(placed.word for placed in line) for line in text_lines(text)))
).filter(lambda run: not run.is_empty)  # fmt: skip
leaves = st.one_of(
    st.builds(g.Literal, names | st.integers() | st.booleans() | st.none()),
    st.builds(lambda low, high: g.Text(*ordered(low, high)), st.integers(0, 20), st.integers(0, 20)),
    st.builds(g.RegularExpression, st.sampled_from(PATTERNS), st.integers(0, 4), st.integers(8, 14)),
    st.builds(lambda low, high: g.Integer(*ordered(low, high)), st.integers(-2000, 2000), st.integers(-2000, 2000)),
    numbers,
    st.builds(
        g.Pattern, st.sampled_from(['[0-9a-f]{8} "-" [0-9a-f]{4}', '[A-Z] ("x" | "yz"){1,2}']), st.just("a code")
    ),
    word_runs,
    st.builds(g.DateTime, st.sampled_from(["date", "time", "datetime"])),
    st.builds(g.Reference, st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(g.Reference, st.integers(1, 3).map(lambda count: tuple(range(count)))),
    st.builds(g.BinnedBox, st.integers(2, 512)),
)


def left_out(parts: list[tuple[str, g.Grammar]], places: set[int]) -> g.Grammar:
    """An object that may lack the fields at these places."""
    return g.Object(tuple(parts), frozenset(name for place, (name, _) in enumerate(parts) if place in places))


def inner(nodes: st.SearchStrategy[g.Grammar]) -> st.SearchStrategy[g.Grammar]:
    """As schemas of other programs have it."""
    fields = fields_of(nodes)
    return whole(nodes) | st.builds(left_out, fields, st.sets(st.integers(0, 2)))


def whole(nodes: st.SearchStrategy[g.Grammar]) -> st.SearchStrategy[g.Grammar]:
    """As tasks have it: no part may be left out."""
    return st.one_of(
        st.builds(lambda options: g.Choice(tuple(options)), st.lists(nodes, min_size=1, max_size=3)),
        st.builds(lambda parts: g.Object(tuple(parts)), fields_of(nodes)),
        st.builds(
            lambda node, low, high: g.Array(node, *ordered(low, high)), nodes, st.integers(0, 2), st.integers(0, 3)
        ),
        st.builds(lambda items: g.Tuple(tuple(items)), st.lists(nodes, max_size=3)),
        st.builds(lambda node, most: g.Map(g.Text(0, 6), node, 0, most), nodes, st.integers(0, 3)),
    )


def fields_of(nodes: st.SearchStrategy[g.Grammar]) -> st.SearchStrategy[list[tuple[str, g.Grammar]]]:
    return st.lists(st.tuples(names, nodes), max_size=3, unique_by=lambda field: field[0])


grammars = st.recursive(leaves, inner, max_leaves=6)
answers = st.recursive(leaves, whole, max_leaves=6)
