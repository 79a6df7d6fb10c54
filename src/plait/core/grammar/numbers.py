"""Bounded numbers as digit patterns, which most grammar renderers leave out.

llama.cpp's own JSON Schema conversion drops `exclusiveMinimum` silently; as a digit pattern the decoder itself enforces
a bound. All patterns are GBNF text. Property-tested against Python's comparison (tests/core/grammar/test_numbers.py).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from plait.core.grammar.ast import DECIMALS

STEP = Decimal(1).scaleb(-DECIMALS)
MAX_DIGITS = 400  # more digits than the longest float has


def integer_pattern(low: int, high: int) -> str:
    """Pattern of the integers from `low` to `high`, without leading zeros."""
    options = ([f'"-" ({non_negative_pattern(max(1, -high), -low)})'] if low < 0 else []) + (
        [non_negative_pattern(max(0, low), high)] if high >= 0 else []
    )
    return " | ".join(options)


def non_negative_pattern(low: int, high: int) -> str:
    """Pattern of the non-negative integers from `low` to `high`."""
    options: list[str] = []
    while low <= high:
        block = min(high, 10 ** len(str(low)) - 1)
        if low == 10 ** (len(str(low)) - 1) and not str(high).strip("9"):
            return " | ".join([*options, f"[1-9] [0-9]{{{len(str(low)) - 1},{len(str(high)) - 1}}}"])
        options += same_length_patterns(str(low), str(block))
        low = block + 1
    return " | ".join(options)


def same_length_patterns(low: str, high: str) -> list[str]:
    """Patterns of the digit strings from `low` to `high`, which have the same length."""
    if not low:
        return [""]
    if consists_of(low, "0") and consists_of(high, "9"):
        return [digit_pattern(low[0], high[0]) + any_digits_pattern(len(low) - 1)]
    if low[0] == high[0]:
        return [f"{digit_pattern(low[0], low[0])} {group_pattern(same_length_patterns(low[1:], high[1:]))}".rstrip()]
    rest = len(low) - 1
    options = [f"{digit_pattern(low[0], low[0])} {group_pattern(same_length_patterns(low[1:], '9' * rest))}"]
    first, last = chr(ord(low[0]) + 1), chr(ord(high[0]) - 1)
    if first <= last:
        options.append(digit_pattern(first, last) + any_digits_pattern(rest))
    return [*options, f"{digit_pattern(high[0], high[0])} {group_pattern(same_length_patterns('0' * rest, high[1:]))}"]


def consists_of(digits: str, filler: str) -> bool:
    return set(digits[1:]) <= {filler}


def digit_pattern(first: str, last: str) -> str:
    return f"[{first}-{last}]" if first != last else f'"{first}"'


def any_digits_pattern(count: int) -> str:
    return f" [0-9]{{{count}}}" if count else ""


def group_pattern(options: list[str]) -> str:
    return f"({' | '.join(options)})" if len(options) > 1 else options[0]


def number_pattern(
    low: Decimal, high: Decimal, exclusive_low: bool, exclusive_high: bool, places: int = DECIMALS
) -> str:
    """Pattern of the decimals from `low` to `high` with at most `places` digits after the point, one or more.

    `exclusive_low` and `exclusive_high` exclude the bound itself.
    """
    lowest, highest = representable_bounds(low, high, exclusive_low, exclusive_high, places)
    options: list[str] = []
    if lowest < 0:
        least = max(-highest, Decimal(1).scaleb(-places))
        options += [f'"-" ({each})' for each in magnitude_patterns(least, -lowest, places)]
    if highest >= 0:
        options += magnitude_patterns(max(lowest, Decimal(0)), highest, places)
    return " | ".join(options)


def representable_bounds(
    low: Decimal, high: Decimal, exclusive_low: bool, exclusive_high: bool, places: int = DECIMALS
) -> tuple[Decimal, Decimal]:
    """The lowest and highest number within the bounds with at most `places` digits; low > high if there is none."""
    step = Decimal(1).scaleb(-places)
    with localcontext(prec=MAX_DIGITS):
        lowest = low.quantize(step, ROUND_CEILING)
        highest = high.quantize(step, ROUND_FLOOR)
        return lowest + step * (exclusive_low and lowest == low), highest - step * (exclusive_high and highest == high)


def magnitude_patterns(low: Decimal, high: Decimal, places: int) -> list[str]:
    """Patterns of non-negative decimals: the integer part decides, except at both ends."""
    first, last = int(low), int(high)
    bottom, top = fraction_digits(low - first, places), fraction_digits(high - last, places)
    zeros, nines = "0" * places, "9" * places
    if first == last:
        return [f'"{first}" {fraction_pattern(bottom, top)}']
    # An end that allows every fraction joins the middle range.
    start = first if bottom == zeros else first + 1
    end = last if top == nines else last - 1
    options: list[str] = []
    if start > first:
        options.append(f'"{first}" {fraction_pattern(bottom, nines)}')
    if start <= end:
        options.append(f"({non_negative_pattern(start, end)}) {fraction_pattern(zeros, nines)}")
    if end < last:
        options.append(f'"{last}" {fraction_pattern(zeros, top)}')
    return options


def fraction_digits(fraction: Decimal, places: int) -> str:
    """The first digits of a fraction, `places` of them."""
    return format(fraction, f".{places}f").partition(".")[2]


def fraction_pattern(low: str, high: str) -> str:
    """Pattern of what may follow the integer part, for fractions from `low` to `high`; nothing is fraction 0."""
    digits = fraction_digits_pattern(low, high, first=True)
    return f'"." {digits}' if low.strip("0") else f'("." {digits})?'


def fraction_digits_pattern(low: str, high: str, *, first: bool = False) -> str:
    """Pattern of digit strings from `low` to `high`, padded with zeros if they stop early; `first` requires a digit."""
    if not low:
        return ""
    rest = len(low) - 1
    may_stop = not low.strip("0") and not first
    if not low.strip("0") and not high.strip("9"):
        return f"[0-9]{{{0 if may_stop else 1},{rest + 1}}}"
    if low[0] == high[0]:
        options = [f"{digit_pattern(low[0], low[0])} {fraction_digits_pattern(low[1:], high[1:])}"]
    else:
        start = low[0] if consists_of(low, "0") else chr(ord(low[0]) + 1)
        end = high[0] if consists_of(high, "9") else chr(ord(high[0]) - 1)
        options = (
            [f"{digit_pattern(start, end)} [0-9]{{0,{rest}}}" if rest else digit_pattern(start, end)]
            if start <= end
            else []
        )
        if start > low[0]:
            options.append(f"{digit_pattern(low[0], low[0])} {fraction_digits_pattern(low[1:], '9' * rest)}")
        if end < high[0]:
            options.append(f"{digit_pattern(high[0], high[0])} {fraction_digits_pattern('0' * rest, high[1:])}")
    return f"({' | '.join(option.strip() for option in options)}){'?' if may_stop else ''}"
