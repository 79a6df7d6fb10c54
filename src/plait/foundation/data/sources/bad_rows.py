"""Rows that cannot be learned from: which, and why. A few are told and left out, many are an error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plait.core.errors import InputError, Problem

TOO_MANY = 0.2  # of all rows: then it is the file that is wrong, not a row
SHOWN = 5


@dataclass(frozen=True)
class BadRow:
    """`where` is file and line, or a COCO file and the annotation in it."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where} {self.reason}"


def bad_row(where: str, error: InputError) -> BadRow:
    """The row that the error refused, its reasons on one line."""
    if not error.problems:
        return BadRow(where, error.message.removeprefix(where).strip())
    return BadRow(where, "; ".join(map(on_one_line, error.problems)))


def on_one_line(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" + (f" ({problem.value})" if problem.value else "")


def refuse_too_many(name: str, bad: Sequence[BadRow], total: int) -> None:
    """Raises InputError where too few rows are left."""
    if total == 0:
        raise InputError(f"{name} has no rows", way_out="a row holds a column per slot and one called answer")
    if len(bad) > TOO_MANY * total or len(bad) == total:
        raise InputError(
            f"{name}: {len(bad):,} of {total:,} rows cannot be learned from",
            problems=tuple(first_problems(bad)),
            way_out="mend them or take them out; up to a fifth would be left out with a word",
        )


def first_problems(bad: Sequence[BadRow]) -> Iterable[Problem]:
    yield from (Problem(row.where, row.reason, "") for row in bad[:SHOWN])
    if len(bad) > SHOWN:
        yield Problem("", f"and {len(bad) - SHOWN:,} more", "")
