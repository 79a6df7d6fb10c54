"""Bounded numbers as patterns over their digits: the part of a grammar that most renderers leave out.

llama.cpp's own JSON Schema drops `exclusiveMinimum` silently; written digit by digit, a bound is enforced by the
decoder itself. All patterns are GBNF text. Property-tested against Python's own comparison (tests/core/test_digits.py).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from plait.core.grammar.ast import DECIMALS

STEP = Decimal(1).scaleb(-DECIMALS)
ZEROS, NINES = "0" * DECIMALS, "9" * DECIMALS
LONGEST = 400  # digits of the longest float, and some


def whole(low: int, high: int) -> str:
    """Pattern of the integers from `low` to `high`, without leading zeros."""
    options = ([f'"-" ({positive(max(1, -high), -low)})'] if low < 0 else []) + (
        [positive(max(0, low), high)] if high >= 0 else []
    )
    return " | ".join(options)


def positive(low: int, high: int) -> str:
    """Pattern of the integers from `low` to `high`, both not negative."""
    options: list[str] = []
    while low <= high:
        block = min(high, 10 ** len(str(low)) - 1)
        if low == 10 ** (len(str(low)) - 1) and not str(high).strip("9"):
            return " | ".join([*options, f"[1-9] [0-9]{{{len(str(low)) - 1},{len(str(high)) - 1}}}"])
        options += same_length(str(low), str(block))
        low = block + 1
    return " | ".join(options)


def same_length(low: str, high: str) -> list[str]:
    """Patterns of the digit strings from `low` to `high`, which are equally long."""
    if not low:
        return [""]
    if free(low, "0") and free(high, "9"):
        return [digit(low[0], high[0]) + any_digits(len(low) - 1)]
    if low[0] == high[0]:
        return [f"{digit(low[0], low[0])} {group(same_length(low[1:], high[1:]))}".rstrip()]
    rest = len(low) - 1
    options = [f"{digit(low[0], low[0])} {group(same_length(low[1:], '9' * rest))}"]
    first, last = chr(ord(low[0]) + 1), chr(ord(high[0]) - 1)
    if first <= last:
        options.append(digit(first, last) + any_digits(rest))
    return [*options, f"{digit(high[0], high[0])} {group(same_length('0' * rest, high[1:]))}"]


def free(digits: str, filler: str) -> bool:
    return set(digits[1:]) <= {filler}


def digit(first: str, last: str) -> str:
    return f"[{first}-{last}]" if first != last else f'"{first}"'


def any_digits(count: int) -> str:
    return f" [0-9]{{{count}}}" if count else ""


def group(options: list[str]) -> str:
    return f"({' | '.join(options)})" if len(options) > 1 else options[0]


def number(low: Decimal, high: Decimal, above: bool, below: bool) -> str:
    """Pattern of the decimals from `low` to `high` (without them where `above`, `below`), at most DECIMALS places."""
    lowest, highest = written_between(low, high, above, below)
    options: list[str] = []
    if lowest < 0:
        options += [f'"-" ({each})' for each in magnitudes(max(-highest, STEP), -lowest)]
    if highest >= 0:
        options += magnitudes(max(lowest, Decimal(0)), highest)
    return " | ".join(options)


def written_between(low: Decimal, high: Decimal, above: bool, below: bool) -> tuple[Decimal, Decimal]:
    """The lowest and the highest number between the bounds that DECIMALS places can write; crossed where none can."""
    with localcontext(prec=LONGEST):
        lowest = low.quantize(STEP, ROUND_CEILING)
        highest = high.quantize(STEP, ROUND_FLOOR)
        return lowest + STEP * (above and lowest == low), highest - STEP * (below and highest == high)


def magnitudes(low: Decimal, high: Decimal) -> list[str]:
    """Patterns of the decimals that are not negative: the whole part decides, except at both ends."""
    first, last = int(low), int(high)
    bottom, top = places(low - first), places(high - last)
    if first == last:
        return [f'"{first}" {fractions(bottom, top)}']
    # An end that leaves all fractions open joins the middle.
    start = first if bottom == ZEROS else first + 1
    end = last if top == NINES else last - 1
    options: list[str] = []
    if start > first:
        options.append(f'"{first}" {fractions(bottom, NINES)}')
    if start <= end:
        options.append(f"({positive(start, end)}) {fractions(ZEROS, NINES)}")
    if end < last:
        options.append(f'"{last}" {fractions(ZEROS, top)}')
    return options


def places(fraction: Decimal) -> str:
    """The DECIMALS digits after the point."""
    return format(fraction, f".{DECIMALS}f").partition(".")[2]


def fractions(low: str, high: str) -> str:
    """Pattern of what may follow the whole part so that the fraction lies between; nothing is the fraction zero."""
    digits = tail(low, high, first=True)
    return f'("." {digits})?' if low == ZEROS else f'"." {digits}'


def tail(low: str, high: str, *, first: bool = False) -> str:
    """Pattern of digits from `low` to `high` that may stop early, as if zeros followed; `first`: not at once."""
    if not low:
        return ""
    rest = len(low) - 1
    may_stop = not low.strip("0") and not first
    if not low.strip("0") and not high.strip("9"):
        return f"[0-9]{{{0 if may_stop else 1},{rest + 1}}}"
    if low[0] == high[0]:
        options = [f"{digit(low[0], low[0])} {tail(low[1:], high[1:])}"]
    else:
        start = low[0] if free(low, "0") else chr(ord(low[0]) + 1)
        end = high[0] if free(high, "9") else chr(ord(high[0]) - 1)
        options = [f"{digit(start, end)} [0-9]{{0,{rest}}}" if rest else digit(start, end)] if start <= end else []
        if start > low[0]:
            options.append(f"{digit(low[0], low[0])} {tail(low[1:], '9' * rest)}")
        if end < high[0]:
            options.append(f"{digit(high[0], high[0])} {tail('0' * rest, high[1:])}")
    return f"({' | '.join(option.strip() for option in options)}){'?' if may_stop else ''}"
