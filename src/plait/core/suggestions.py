"""The nearest known name: what every "did you mean" asks."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be; None when none is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str], default: str) -> str:
    """A way out for an unknown name: the nearest known one, else `otherwise`."""
    known = list(known)
    guess = nearest_name(name, known)
    return f"did you mean {guess}?" if guess else default
