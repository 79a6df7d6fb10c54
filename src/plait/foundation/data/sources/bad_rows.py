"""Rows that cannot be learned, with the reason. A few are reported and skipped; many are an error."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plait.core.errors import InputError, Problem

MAX_BAD_SHARE = 0.2  # of all rows: above it the file as a whole is wrong, not single rows
MAX_LISTED = 5


@dataclass(frozen=True)
class BadRow:
    """A skipped row. `where` is file and line, or a COCO file and its annotation."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where} {self.reason}".strip()


def bad_row_from_error(where: str, error: InputError) -> BadRow:
    """The row that the error is about, with the reasons on one line."""
    if not error.problems:
        return BadRow(where, error.message.removeprefix(where).strip())
    return BadRow(where, "; ".join(map(problem_line, error.problems)))


def problem_line(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" + (f" ({problem.value})" if problem.value else "")


def check_bad_share(name: str, bad_rows: Sequence[BadRow], total: int) -> None:
    """Raises InputError if there are no rows, or too many of the `total` are bad."""
    if total == 0:
        raise InputError(f"{name} has no rows", hint="a row needs a column per input and a column called answer")
    if len(bad_rows) > MAX_BAD_SHARE * total or len(bad_rows) == total:
        raise InputError(
            f"{name}: {len(bad_rows):,} of {total:,} rows cannot be used for training",
            problems=tuple(first_problems(bad_rows)),
            hint="correct or remove them; up to a fifth of the rows would be skipped with a warning",
        )


def left_out_lines(name: str, bad_rows: Sequence[BadRow], total: int) -> Iterator[str]:
    """How many of all rows are left out, and the first of them with their reasons; nothing if none are."""
    if bad_rows:
        yield f"{name}: {len(bad_rows):,} of {total:,} rows are left out"
        yield from (f"  {row}" for row in bad_rows[:MAX_LISTED])


def first_problems(bad_rows: Sequence[BadRow]) -> Iterable[Problem]:
    yield from (Problem(row.where, row.reason, "") for row in bad_rows[:MAX_LISTED])
    if len(bad_rows) > MAX_LISTED:
        yield Problem("", f"and {len(bad_rows) - MAX_LISTED:,} more", "")
