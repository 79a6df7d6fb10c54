"""Quoting of refused values in errors: large values are cut, unprintable characters are escaped."""

MAX_LENGTH = 80  # characters


def quote(value: object) -> str:
    """A refused value, quoted; empty for None."""
    if value is None:
        return ""
    try:
        text = repr(value) if not isinstance(value, str) else f'"{value}"'
    except Exception:  # an integer of 5,000 digits, or an error in the caller's own class
        return f"a {type(value).__name__}"
    text = to_printable(text)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}… ({len(text):,} characters)"


def to_printable(text: str) -> str:
    """The text with lone surrogates escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
