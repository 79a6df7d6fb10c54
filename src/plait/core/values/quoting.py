"""Values for display, in errors and on pages: long ones are cut, unprintable characters are escaped."""

MAX_LENGTH = 80  # characters


def quote(value: object) -> str:
    """A refused value, quoted; empty for None."""
    if value is None:
        return ""
    try:
        text = repr(value) if not isinstance(value, str) else f'"{value}"'
    except Exception:  # an integer of 5,000 digits, or an error in the caller's own class
        return f"a {type(value).__name__}"
    return shorten(to_printable(text), MAX_LENGTH, with_length=True)


def shorten(text: str, max_length: int, *, with_length: bool = False) -> str:
    """The text, cut with an ellipsis if it is longer than `max_length` characters, and then with its length."""
    if len(text) <= max_length:
        return text
    return f"{text[:max_length].rstrip()}…" + f" ({len(text):,} characters)" * with_length


def to_printable(text: str) -> str:
    """The text with lone surrogates escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
