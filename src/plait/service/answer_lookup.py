"""Finds an answer by its id: among the last ones in memory, then among those that are recorded in the database."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from plait.core.calls.answer_log import ANSWER_ID, REDACTED, AnswerLog, RecordedAnswer, answer_not_found
from plait.core.errors import AnswerNotFound, InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json

if TYPE_CHECKING:
    from plait.storage.answer_table import AnswerRow


async def find_answer(log: AnswerLog, declarations: Iterable[Declaration], id: str, author: str) -> RecordedAnswer:
    """The author's answer with this id, of one of these tasks.

    Raises AnswerNotFound, the same whether there is none or it is of somebody else; InputError if its inputs were
    redacted.
    """
    try:
        return log.find(id, author)
    except AnswerNotFound:
        row = await asyncio.to_thread(recorded_row, id, author)
        declaration = next((each for each in declarations if row is not None and is_of(row, each)), None)
        if row is None or declaration is None:
            raise
    return recorded_answer(row, declaration)


def recorded_row(id: str, author: str | None) -> "AnswerRow | None":
    """The recorded answer of this id, if the author may read it; None as the author stands for the operator.

    Raises InputError if one of its pictures is damaged.
    """
    from plait.storage.answer_table import find_row
    from plait.storage.database import current_database

    if not ANSWER_ID.fullmatch(id):
        return None  # a caller may send anything, also what PostgreSQL cannot compare
    try:
        row = find_row(current_database(), id)
    except (OSError, ValueError) as error:
        raise InputError(
            f"a picture of the answer {id} cannot be read: {error}", hint="plait fsck --repair takes the answer out"
        ) from None
    return row if row is not None and author in (None, row.author) else None


def is_of(row: "AnswerRow", declaration: Declaration) -> bool:
    return (row.task, row.fingerprint) == (declaration.name, declaration.fingerprint)


def recorded_answer(row: "AnswerRow", declaration: Declaration) -> RecordedAnswer:
    """The answer of a row. Raises InputError if its inputs were redacted, AnswerNotFound if the task has changed."""
    if not is_of(row, declaration):
        raise answer_not_found(row.id, declaration.name)
    content = cast("dict[str, Json]", parse_json(row.content))
    if names := content.get(REDACTED):
        raise InputError(
            f"the inputs of the answer {row.id} were not kept: {', '.join(map(str, cast('list[Json]', names)))}",
            hint=f"write them with the right answer as a row: plait correct {row.task} --rows corrected.jsonl",
        )
    return RecordedAnswer(row.id, declaration, row.author, row.content.encode())
