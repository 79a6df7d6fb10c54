"""Bounded numbers as patterns over their digits: the part of a grammar that most renderers leave out.

llama.cpp's own JSON Schema drops `exclusiveMinimum` silently; written digit by digit, a bound is enforced by the
decoder itself. All patterns are GBNF text. Property-tested against Python's own comparison (tests/core/test_digits.py).
"""

from decimal import Decimal

from plait.core.grammar import DECIMALS


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
    options: list[str] = []
    if low < 0:
        top = -high if high < 0 else Decimal(0)
        options += [f'"-" ({each})' for each in magnitudes(top, -low, below if high < 0 else True, above)]
    if high >= 0:
        options += magnitudes(max(low, Decimal(0)), high, above and low >= 0, below)
    return " | ".join(options)


def magnitudes(low: Decimal, high: Decimal, above: bool, below: bool) -> list[str]:
    """Patterns of the decimals that are not negative: the whole part decides, except at both ends."""
    first, last = int(low), int(high)
    bottom, top = places(low - first), places(high - last)
    if first == last:
        inner = fractions(bottom, top, above, below)
        return [] if inner is None else [f'"{first}" {inner}'.strip()]
    # An end that leaves all fractions open joins the middle.
    start = first if not bottom and not above else first + 1
    end = last if top == "9" * DECIMALS and not below else last - 1
    options: list[str] = []
    if start > first and (lowest := fractions(bottom, None, above, False)) is not None:
        options.append(f'"{first}" {lowest}')
    if start <= end:
        options.append(f"({positive(start, end)}) {fractions('', None, False, False)}")
    if end < last and (highest := fractions("", top, False, below)) is not None:
        options.append(f'"{last}" {highest}')
    return options


def places(fraction: Decimal) -> str:
    """The digits after the point, without trailing zeros."""
    return format(fraction, "f").partition(".")[2].rstrip("0")[:DECIMALS]


def fractions(low: str, high: str | None, above: bool, below: bool) -> str | None:
    """Pattern of what may follow the whole part so that the fraction lies between; None where nothing may.

    `high` None is "up to one". Nothing at all is the fraction zero.
    """
    bottom = int(low.ljust(DECIMALS, "0")) + above
    top = 10**DECIMALS - 1 if high is None else int(high.ljust(DECIMALS, "0")) - below
    if bottom > top:
        return None
    digits = tail(str(bottom).zfill(DECIMALS), str(top).zfill(DECIMALS), first=True)
    return f'("." {digits})?' if bottom == 0 else f'"." {digits}'


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
        options = [f"{digit(low[0], low[0])} {tail(low[1:], '9' * rest)}"]
        next_up, next_down = chr(ord(low[0]) + 1), chr(ord(high[0]) - 1)
        if next_up <= next_down:
            options.append(f"{digit(next_up, next_down)} [0-9]{{0,{rest}}}")
        options.append(f"{digit(high[0], high[0])} {tail('0' * rest, high[1:])}")
    return f"({' | '.join(option.strip() for option in options)}){'?' if may_stop else ''}"
