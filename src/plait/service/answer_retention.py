"""Deletes recorded answers that are older than the setting `recording.retention_days`: at start, and once a day."""

import asyncio
import logging
import time
from collections.abc import Iterable
from pathlib import Path

from plait.core.config import Recording, settings
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration

DAY = 86_400  # seconds
LOG = logging.getLogger("plait")


async def keep_retention(declarations: Iterable[Declaration]) -> None:
    """Deletes old answers of the projects of these tasks now and once a day, until it is cancelled."""
    while True:
        config = settings()
        if config.recording != Recording():
            projects = {project_key(project_folder(each)) for each in declarations}
            place = config.database, config.data
            await asyncio.to_thread(delete_old_answers, projects, config.recording.retention_days, place)
        await asyncio.sleep(DAY)


def delete_old_answers(projects: Iterable[str], days: int, place: tuple[str, Path]) -> int:
    """Deletes the answers of these projects that are older than so many days, 0 for none; how many.

    `place` are the settings `database` and `data`. A fault of the database is logged.
    """
    if not days:
        return 0
    from plait.storage.answer_table import delete_older
    from plait.storage.database import database_at
    from plait.storage.schema import has_tables, writing

    before = time.time_ns() // 1_000 - days * DAY * 1_000_000
    try:
        database = database_at(*place)
        if not has_tables(database):
            return 0
        with writing(database) as connection:
            return sum(delete_older(connection, database.files, each, before) for each in projects)
    except Exception as error:  # whatever it is, answers are still given and recorded
        LOG.warning("answers older than %d days are not deleted today: %s", days, error)
        return 0
