"""The rows of feedback: what people said about answers, and which recorded answers are rated by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, or_, select

from plait.core.calls.answer_log import REDACTED
from plait.core.prompting.example_rows import RIGHT_COLUMN
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import Json
from plait.storage.answer_table import with_pictures
from plait.storage.database import Database
from plait.storage.schema import has_tables
from plait.storage.tables import answer_files, answers, examples, feedback

RIGHT_MARK = dumps({RIGHT_COLUMN: True})[1:-1]  # in the row of an answer that was right as it was
MAX_WATCHED = 500  # answers that versions are compared on
COLUMNS = [column for column in feedback.c if column.name != "id"]


@dataclass(frozen=True)
class FeedbackRow:
    """What a person said about an answer. `created_at` is in microseconds since 1970."""

    answer_id: str
    project: str
    task: str
    fingerprint: str
    author: str
    person: str
    is_right: bool | None
    score: float | None
    comment: str
    better_than: str
    episode: str
    created_at: int

    @property
    def rater(self) -> tuple[str, str]:
        """Who said it. Without a label, all who use one key are one."""
        return self.author, self.person


@dataclass(frozen=True)
class RatedAnswer:
    """A recorded answer with the verdict of those who rated it: right only if nobody's last word is wrong.

    A held-out one is right and no example, so that it may serve to evaluate. Inputs and answer are in JSON form.
    """

    id: str
    inputs: Mapping[str, Json]
    answer: Json
    is_right: bool
    is_held_out: bool


def insert_feedback(connection: Connection, rows: Sequence[FeedbackRow]) -> None:
    """Adds rows."""
    connection.execute(feedback.insert(), [vars(row) for row in rows])


def verdict(rows: Iterable[FeedbackRow]) -> bool | None:
    """Whether an answer is right by the last verdict of each person; None if nobody gave one. Rows are in order."""
    last = {row.rater: row.is_right for row in rows if row.is_right is not None}
    return all(last.values()) if last else None


def feedback_rows(connection: Connection, answer_id: str) -> list[FeedbackRow]:
    """What was said about an answer, the oldest first."""
    query = select(*COLUMNS).where(feedback.c.answer_id == answer_id).order_by(feedback.c.id)
    return [FeedbackRow(**row) for row in connection.execute(query).mappings()]


def feedback_on(database: Database, answer_id: str) -> list[FeedbackRow]:
    """What was said about an answer, the oldest first. Raises SettingsError."""
    if not has_tables(database):
        return []
    with database.read() as connection:
        return feedback_rows(connection, answer_id)


def rated_answers(database: Database, project: str, task: str, fingerprint: str) -> list[RatedAnswer]:
    """The recorded answers of one form of a task that people rated, the oldest first, without redacted ones.

    `project` is a `project_key`. Raises SettingsError, and OSError or ValueError for a damaged picture.
    """
    if not has_tables(database):
        return []
    with database.read() as connection:
        rows = connection.execute(rated_query(project, task, fingerprint)).mappings().all()
        rated = [rated_answer(connection, database, row) for row in rows]
    return [each for each in rated if each is not None]


def choices(database: Database, project: str, task: str, fingerprint: str) -> list[tuple[str, str]]:
    """The ids of the better and the worse answer of each choice between two, by the last word of each person.

    Pairs about which people differ are left out. Raises SettingsError.
    """
    if not has_tables(database):
        return []
    query = (
        select(*COLUMNS)
        .where(feedback.c.project == project, feedback.c.task == task, feedback.c.fingerprint == fingerprint)
        .where(feedback.c.better_than != "")
        .order_by(feedback.c.id)
    )
    with database.read() as connection:
        rows = [FeedbackRow(**row) for row in connection.execute(query).mappings()]
    last = {(row.rater, frozenset((row.answer_id, row.better_than))): (row.answer_id, row.better_than) for row in rows}
    pairs = dict.fromkeys(last.values())
    return [(better, worse) for better, worse in pairs if (worse, better) not in pairs]


def model_verdicts(database: Database, project: str, task: str, fingerprint: str) -> list[tuple[str, bool]]:
    """The model of each recorded answer that was rated or corrected, of the newest MAX_WATCHED, and whether it is
    right: one that was corrected is not. Raises SettingsError.
    """
    if not has_tables(database):
        return []
    said = select(feedback.c.answer_id).where(feedback.c.is_right.is_not(None))
    changed = select(examples.c.correction).where(examples.c.correction != "", examples.c.removed_at.is_(None))
    newest = (
        select(answers.c.id, answers.c.model)
        .where(answers.c.project == project, answers.c.task == task, answers.c.fingerprint == fingerprint)
        .where(or_(answers.c.id.in_(said), answers.c.id.in_(changed)))
        .order_by(answers.c.created_at.desc())
        .limit(MAX_WATCHED)
    )
    with database.read() as connection:
        rows = connection.execute(newest).all()
        return [(row.model, is_right_answer(connection, row.id)) for row in rows]


def is_right_answer(connection: Connection, id: str) -> bool:
    """Whether an answer that was rated or corrected is right: by the last verdicts, and not changed by a correction."""
    of_answer = examples.c.correction == id, examples.c.removed_at.is_(None)
    changed = [row for row in connection.scalars(select(examples.c.row).where(*of_answer)) if RIGHT_MARK not in row]
    return not changed and verdict(feedback_rows(connection, id)) is not False


def rated_query(project: str, task: str, fingerprint: str) -> Any:
    is_example = select(examples.c.id).where(examples.c.correction == answers.c.id, examples.c.removed_at.is_(None))
    said = select(feedback.c.answer_id).where(feedback.c.is_right.is_not(None))
    columns = answers.c.id, answers.c.content, is_example.exists().label("is_example")
    return (
        select(*columns)
        .where(
            answers.c.project == project,
            answers.c.task == task,
            answers.c.fingerprint == fingerprint,
            answers.c.quarantine.is_(None),
            answers.c.id.in_(said),
        )
        .order_by(answers.c.created_at, answers.c.id)
    )


def rated_answer(connection: Connection, database: Database, row: Mapping[Any, Any]) -> RatedAnswer | None:
    links = connection.execute(select(answer_files).where(answer_files.c.answer_id == row["id"])).all()
    whole = with_pictures(row["content"], links, database.files) if links else parse_json(row["content"])
    content = cast("dict[str, Any]", whole)
    is_right = verdict(feedback_rows(connection, row["id"]))
    if is_right is None or content.get(REDACTED):
        return None
    is_held_out = is_right and not row["is_example"]
    return RatedAnswer(row["id"], content["inputs"], content["answer"], is_right, is_held_out)
