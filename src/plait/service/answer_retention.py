"""Deletes recorded answers that are older than the setting `recording.retention_days`: at start, and once a day."""

import asyncio
import logging
import time
from collections.abc import Iterable

from plait.core.config import Recording, settings
from plait.core.errors import SettingsError
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration

DAY = 86_400  # seconds
LOG = logging.getLogger("plait")


async def keep_retention(declarations: Iterable[Declaration]) -> None:
    """Deletes old answers of the projects of these tasks now and once a day, until it is cancelled."""
    while True:
        if settings().recording != Recording():
            await asyncio.to_thread(delete_old_answers, {project_key(project_folder(each)) for each in declarations})
        await asyncio.sleep(DAY)


def delete_old_answers(projects: Iterable[str]) -> int:
    """Deletes the answers of these projects that are too old; how many. A fault of the database is logged."""
    from plait.storage.answer_table import delete_older
    from plait.storage.database import current_database
    from plait.storage.schema import has_tables, writing

    days = settings().recording.retention_days
    if not days:
        return 0
    before = (time.time_ns() // 1_000) - days * DAY * 1_000_000
    try:
        database = current_database()
        if not has_tables(database):
            return 0
        with writing(database) as connection:
            return sum(delete_older(connection, database.files, each, before) for each in projects)
    except SettingsError as error:
        LOG.warning("answers older than %d days are not deleted today: %s", days, error)
        return 0
