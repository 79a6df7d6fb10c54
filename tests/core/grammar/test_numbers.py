"""Bounds written digit by digit say what Python's own comparison says."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar.ast import DECIMALS
from plait.core.grammar.numbers import STEP, integer_pattern, number_pattern, representable_bounds
from plait.testing.gbnf_check import GbnfGrammar

many = settings(max_examples=500)


def bounds(values: st.SearchStrategy[Decimal]) -> st.SearchStrategy[tuple[Decimal, Decimal]]:
    return st.tuples(values, values).map(lambda both: (min(both), max(both)))


small = st.integers(-1200, 1200)
large = st.integers(-(10**17), 10**17)


def near(*values: int) -> st.SearchStrategy[int]:
    """Numbers around the bounds, and their neighbours in every place of ten."""
    steps = st.sampled_from([0, 1, -1, 9, -9, 10, -10, 100, -100])
    return st.builds(lambda value, step: value + step, st.sampled_from(values), steps) | large | small


@many
@given(st.tuples(small | large, small | large), st.data())
def test_a_whole_number_is_admitted_exactly_between_its_bounds(both: tuple[int, int], data: st.DataObject) -> None:
    low, high = min(both), max(both)
    grammar = GbnfGrammar(f"root ::= {integer_pattern(low, high)}")
    for value in (low, high, low - 1, high + 1, 0, data.draw(near(low, high))):
        assert grammar.admits(str(value)) == (low <= value <= high), value


@given(small, small)
def test_a_whole_number_has_one_spelling(one: int, other: int) -> None:
    grammar = GbnfGrammar(f"root ::= {integer_pattern(min(one, other), max(one, other))}")
    for text in ("-0", "00", "01", "+1", "1.0", "", " 1", "1e0", "-01"):
        assert not grammar.admits(text), text


decimals = (
    st.decimals(-30, 30, places=2) | st.decimals(-2, 2, places=DECIMALS) | st.decimals(-(10**13), 10**13, places=9)
)


@many
@given(bounds(decimals), st.booleans(), st.booleans(), st.data())
def test_a_number_is_admitted_exactly_between_its_bounds(
    both: tuple[Decimal, Decimal], above: bool, below: bool, data: st.DataObject
) -> None:
    low, high = both
    lowest, highest = representable_bounds(low, high, above, below)
    if lowest > highest:
        return
    grammar = GbnfGrammar(f"root ::= {number_pattern(low, high, above, below)}")
    steps = st.integers(-3, 3).map(lambda count: count * STEP)
    probes = [
        lowest, highest, lowest - STEP, highest + STEP, Decimal(0), data.draw(st.sampled_from(both)) + data.draw(steps),
        data.draw(decimals), lowest + (highest - lowest) / 3,
    ]  # fmt: skip
    for value in (probe.quantize(STEP) for probe in probes):
        inside = (low < value if above else low <= value) and (value < high if below else value <= high)
        for text in spellings(value):
            assert grammar.admits(text) == inside, (text, grammar)


def spellings(value: Decimal) -> list[str]:
    """All that a decimal may be written as: with zeros at its end, or without. Zero has no sign."""
    full = format(value if value else Decimal(0), f".{DECIMALS}f")
    short = full.rstrip("0")
    out = [full] + ([short] if not short.endswith(".") else [f"{short}0", short[:-1]])
    return list(dict.fromkeys(out))


@given(bounds(decimals).filter(lambda both: representable_bounds(*both, False, False)[0] <= both[1]))
def test_a_number_has_no_other_spelling(both: tuple[Decimal, Decimal]) -> None:
    grammar = GbnfGrammar(f"root ::= {number_pattern(*both, False, False)}")
    for text in ("-0", "-0.0", "00", "01.5", ".5", "5.", "1e3", "1.0000001", "", "NaN", "+1", "1,5"):
        assert not grammar.admits(text), text


def test_a_bound_between_two_steps_is_the_next_step_inside() -> None:
    tiny = Decimal("0.0000001")
    assert representable_bounds(tiny, 1 - tiny, False, False) == (STEP, 1 - STEP)
    assert not GbnfGrammar(f"root ::= {number_pattern(tiny, Decimal(1), False, False)}").admits("0")


def test_the_largest_floats_are_bounds_too() -> None:
    grammar = GbnfGrammar(
        f"root ::= {number_pattern(Decimal('-1.7976931348623157e308'), Decimal('1e300'), False, True)}"
    )
    assert grammar.admits("9" * 300) and not grammar.admits("1" + "0" * 300) and grammar.admits("-" + "9" * 308)
