"""How the objects that a `Ref` may point at are called: by name where each has one of its own, else by number.

The choice decides accuracy: a small model copies a name from the prompt far better than it counts
(benchmarks/reference_labels.md).
"""

from collections.abc import Sequence

NAMING = ("name", "title", "id")


def labels(candidates: Sequence[object]) -> tuple[str | int, ...]:
    """One label a candidate: the first of `name`, `title`, `id` that tells all of them apart, else their numbers."""
    for attribute in NAMING:
        names = [getattr(candidate, attribute, None) for candidate in candidates]
        if all(name not in (None, "") for name in names) and len(set(map(str, names))) == len(names):
            return tuple(map(str, names))
    return tuple(range(len(candidates)))
