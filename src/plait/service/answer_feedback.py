"""Stores feedback on answers that are known here: in memory, recorded, or kept by `plait run`."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from plait.core.calls.answer_log import REDACTED, AnswerLog, RecordedAnswer, answer_not_found
from plait.core.calls.corrections import store_correction
from plait.core.calls.feedback import Feedback
from plait.core.errors import AnswerNotFound, InputError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.project import project_folder, project_key
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json
from plait.service.answer_lookup import recorded_row
from plait.service.version_routing import may_have_database

if TYPE_CHECKING:
    from plait.storage.answer_table import AnswerRow


@dataclass(frozen=True)
class RatableAnswer:
    """An answer that can be rated. `inputs` are in JSON form, None if they were redacted."""

    id: str
    project: str
    task: str
    fingerprint: str
    author: str
    inputs: Json


async def store_feedback(log: AnswerLog, feedback: Feedback, author: str) -> None:
    """Stores the author's feedback; durable on return. Raises AnswerNotFound, and then stores nothing; InputError."""
    known = {id: await find_ratable(log, id, author) for id in (*feedback.answers, feedback.better_than) if id}
    await asyncio.to_thread(store_ratings, [known[id] for id in feedback.answers], feedback, known)


async def find_ratable(log: AnswerLog, id: str, author: str) -> RatableAnswer:
    """Raises AnswerNotFound, the same whether there is none or it is of somebody else."""
    try:
        return ratable_answer(log.find(id, author))
    except AnswerNotFound:
        row = await asyncio.to_thread(recorded_row, id, author)
        if row is None:
            raise answer_not_found(id) from None
        return ratable_row(row)


def ratable_answer(answer: RecordedAnswer) -> RatableAnswer:
    declaration = answer.declaration
    project = project_key(project_folder(declaration))
    inputs = answer.json_value["inputs"]
    return RatableAnswer(answer.id, project, declaration.name, declaration.fingerprint, answer.author, inputs)


def ratable_row(row: "AnswerRow") -> RatableAnswer:
    content = cast("dict[str, Any]", parse_json(row.content))
    inputs = None if content.get(REDACTED) else content["inputs"]
    return RatableAnswer(row.id, row.project, row.task, row.fingerprint, row.author, inputs)


def store_ratings(rated: Sequence[RatableAnswer], feedback: Feedback, known: dict[str, RatableAnswer]) -> None:
    """Raises InputError for a choice between answers to different questions, SettingsError."""
    from plait.storage.database import current_database
    from plait.storage.feedback_table import FeedbackRow, insert_feedback
    from plait.storage.schema import writing

    if feedback.better_than:
        check_choice(rated[0], known[feedback.better_than])
    rows = [
        FeedbackRow(
            each.id, each.project, each.task, each.fingerprint, each.author, feedback.user, feedback.right,
            feedback.score, feedback.comment, feedback.better_than, feedback.episode, time.time_ns() // 1_000,
        )
        for each in rated
    ]  # fmt: skip
    with writing(current_database()) as connection:
        insert_feedback(connection, rows)
    if feedback.right is not None:
        from plait.service.version_watch import RatedTask, watch_tasks

        watch_tasks({RatedTask(each.project, each.task, each.fingerprint) for each in rated})


def store_watched_correction(answer: RecordedAnswer, changes: Mapping[str, object]) -> Example:
    """`store_correction`, after which the versions of the task are compared once more."""
    example = store_correction(answer, changes)
    if may_have_database():
        from plait.service.version_watch import RatedTask, watch_tasks  # loads SQLAlchemy: 0.2 seconds

        form = answer.declaration
        watch_tasks({RatedTask(project_key(project_folder(form)), form.name, form.fingerprint)})
    return example


def check_choice(chosen: RatableAnswer, other: RatableAnswer) -> None:
    """Raises InputError unless both answers are of one task and to the same inputs, as far as these are known."""
    if (chosen.task, chosen.fingerprint) != (other.task, other.fingerprint):
        raise InputError(
            f"{chosen.id} is an answer of {chosen.task}, and {other.id} one of {other.task}",
            hint="choose between two answers of one task to the same inputs",
        )
    if None not in (chosen.inputs, other.inputs) and chosen.inputs != other.inputs:
        raise InputError(
            f"{chosen.id} and {other.id} are answers to different inputs",
            hint="choose between two answers of one task to the same inputs",
        )
