"""Hypothesis strategies from a grammar: the JSON values that it admits, and the texts that a decoder would write."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar.character_automaton import character_automaton, limit_length
from plait.core.grammar.expression import minimum_length
from plait.core.grammar.numbers import STEP, representable_bounds
from plait.core.grammar.patterns import regular_expression
from plait.core.grammar.regular_expression import regular_expression as expression_of
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json

# No control characters and no lone surrogates; line feed and tab are allowed.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
LEAP_DAYS = st.sampled_from([date(year, 2, 29) for year in (4, 1904, 2000, 2024, 9996)])
MAX_EXTRA_CHARACTERS = 30  # characters of a text or items of a list; more of them find no further errors
MAX_EXTRA_ITEMS = 4
MAX_RUN = 12  # words


def json_values(grammar: g.Grammar) -> st.SearchStrategy[Json]:
    """JSON values that the grammar admits; bounds are generated as often as the values between them."""
    match grammar:
        case g.Literal(value):
            return st.just(value)
        case g.Choice(options):
            return st.one_of([json_values(option) for option in options])
        case g.Object(parts, optional):
            fields = [st.none() | values if name in optional else values for name, values in field_strategies(parts)]
            names = [name for name, _ in parts]
            return st.tuples(*fields).map(  # in order, as a decoder writes
                lambda values: {name: entry[0] for name, entry in zip(names, values, strict=True) if entry}
            )
        case g.Array(item, minimum, maximum):
            longest = min(maximum, minimum + MAX_EXTRA_ITEMS)
            return st.lists(json_values(item), min_size=minimum, max_size=longest).map(list[Json])
        case g.Tuple(items):
            return st.tuples(*map(json_values, items)).map(list[Json])
        case g.Map(key, value, minimum, maximum):
            longest = min(maximum, minimum + MAX_EXTRA_ITEMS)
            return st.dictionaries(
                json_values(key).map(str), json_values(value), min_size=minimum, max_size=longest
            ).map(dict[str, Json])
        case g.Reference(labels):
            return st.sampled_from(labels)
        case g.WordRun():
            return st.sampled_from(list(runs_of_words(grammar)))
        case g.Text(minimum, maximum):
            longest = min(maximum, minimum + MAX_EXTRA_CHARACTERS)
            return st.text(CHARACTERS, min_size=minimum, max_size=longest)
        case g.Integer(minimum, maximum):
            return st.integers(minimum, maximum) | st.sampled_from([minimum, maximum])
        case g.Number():
            return numbers(grammar)
        case g.RegularExpression():
            return pattern_texts(grammar)
        case g.Pattern(pattern):
            return st.from_regex(regular_expression(pattern), fullmatch=True)
        case g.DateTime(form, zone):
            return datetime_texts(form, zone)
        case g.BinnedBox(bins):
            return st.builds(lambda x, y: [x[0], y[0], x[1], y[1]], axis_intervals(bins), axis_intervals(bins))
        case g.ImageCodes():
            return json_values(g.DATA_URL)


def pattern_texts(pattern: g.RegularExpression) -> st.SearchStrategy[Json]:
    """Texts of a pattern: walks through its automaton."""
    expression = expression_of(pattern.pattern)
    shortest = max(pattern.minimum, minimum_length(expression))
    longest = min(pattern.maximum, shortest + MAX_EXTRA_CHARACTERS // 2)
    automaton = limit_length(character_automaton(expression), pattern.minimum, longest, 100_000)

    @st.composite
    def walk(draw: st.DrawFn) -> Json:
        text, state = "", 0
        while (step := automaton.transitions[state]) and not (state in automaton.accepting and draw(st.booleans())):
            low, high, state = draw(st.sampled_from(step))
            text += chr(draw(st.integers(low, high)))
        return text

    return walk()


def runs_of_words(grammar: g.WordRun) -> Iterator[str]:
    """All runs of up to MAX_RUN words, as a model writes them."""
    for line in grammar.lines:
        for first in range(len(line)):
            for last in range(first, min(len(line), first + MAX_RUN)):
                if line[first].starts and line[last].ends:
                    later = (f" {word.text}" if word.spaced else word.text for word in line[first + 1 : last + 1])
                    yield line[first].text + "".join(later)


def axis_intervals(bins: int) -> st.SearchStrategy[tuple[int, int]]:
    """Two locations along an axis, the second greater than the first."""
    first = st.integers(0, bins - 2)
    return first.flatmap(lambda low: st.tuples(st.just(low), st.integers(low + 1, bins - 1)))


def field_strategies(
    parts: tuple[tuple[str, g.Grammar], ...],
) -> list[tuple[str, st.SearchStrategy[tuple[Json] | None]]]:
    """Each field's name with a strategy of 1-tuples of its value; None stands for a field that is left out."""
    return [(name, json_values(inner).map(lambda value: (value,))) for name, inner in parts]


def numbers(grammar: g.Number) -> st.SearchStrategy[float]:
    """Floats whose decimal form the grammar admits: at large bounds the next float is outside."""
    low, high = representable_bounds(grammar.minimum, grammar.maximum, grammar.above, grammar.below)
    steps = st.integers(0, int((high - low) / STEP))
    near = st.integers(0, min(2_000_000, int((high - low) / STEP)))
    values = steps.map(lambda step: low + step * STEP) | near.map(lambda step: low + step * STEP)
    edges = st.sampled_from([low, high])
    return (values | edges).map(float).filter(lambda value: is_writable(Decimal(repr(value)), low, high))


def is_writable(value: Decimal, low: Decimal, high: Decimal) -> bool:
    return low <= value <= high and value == value.quantize(STEP)


def datetime_texts(precision: str, zone: g.Zone) -> st.SearchStrategy[Json]:
    days = st.dates() | LEAP_DAYS
    clock = st.times() | st.times().map(lambda at: at.replace(microsecond=0))
    minutes = st.integers(-24 * 60 + 1, 24 * 60 - 1)
    offsets = minutes.map(lambda offset: timezone(timedelta(minutes=offset)))
    zones = {"never": st.none(), "optional": st.none() | offsets, "required": offsets}[zone]
    strategies: dict[str, st.SearchStrategy[date | time | datetime]] = {
        "date": days,
        "time": st.builds(lambda at, tz: at.replace(tzinfo=tz), clock, zones),
        "datetime": st.builds(datetime.combine, days, clock, zones),
    }
    return strategies[precision].map(lambda moment: moment.isoformat()).flatmap(utc_spellings)


def utc_spellings(text: str) -> st.SearchStrategy[Json]:
    """The text, and for an offset of zero also the one that ends with Z."""
    return st.sampled_from([text, text.replace("+00:00", "Z")])


def decoder_text(grammar: g.Grammar, value: Json) -> str:
    """The value as a decoder with this grammar writes it: compact JSON; a stand-alone text is bare."""
    return value if isinstance(grammar, g.Text | g.RegularExpression) and isinstance(value, str) else dumps(value)
