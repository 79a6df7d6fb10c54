"""Nearest known name, for every "did you mean" hint."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely meant; None if none is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str], default: str) -> str:
    """The hint for an unknown name: the nearest known one, otherwise `default`."""
    known = list(known)
    guess = nearest_name(name, known)
    return f"did you mean {guess}?" if guess else default
