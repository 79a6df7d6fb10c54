"""The last answers of `plait run`, kept in the data folder so that `plait correct` finds them.

A file per answer, readable by its owner alone. `record = false` in plait.toml keeps none.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from plait.core.calls.answer_log import ANSWER_ID, RecordedAnswer, answer_not_found, record_answer
from plait.core.calls.transport import Call, local_transport
from plait.core.config import settings
from plait.core.engine.validation import Completed
from plait.core.errors import AnswerNotFound, InputError
from plait.core.prompting.project import OWNER, author_of_key, project_folder
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create, make_private_folder
from plait.core.values.json_text import dumps, parse_json
from plait.service.catalog import AnyTask, find_task
from plait.service.local_transport import LocalTransport

MAX_KEPT = 20
MAX_BYTES = 64 * 2**20  # of all files together; pictures are kept with their answers
LAST = "last"


@dataclass(frozen=True)
class KeptAnswer:
    """An answer of `plait run`, and the task that gave it."""

    task: AnyTask
    record: RecordedAnswer


def answers_folder() -> Path:
    return settings().data / "answers"


def keep_answer(address: str, call: Call, completed: Completed) -> None:
    """Keeps the answer, and no more than the last ones. An answer is printed even if it cannot be kept."""
    if not settings().record or not ANSWER_ID.fullmatch(completed.id):
        return
    record = record_answer(call, completed)
    content = {
        **record.json_value,
        "address": absolute_address(address, call.declaration),
        "author": author_of(completed.id),
        "project": str(project_folder(call.declaration)),
    }
    folder = answers_folder()
    with suppress(OSError):
        make_private_folder(folder)
        create(folder / f"{completed.id}.json", dumps(content).encode())
        for file in files_to_forget(kept_files()):
            file.unlink(missing_ok=True)


def is_kept(id: str) -> bool:
    return (answers_folder() / f"{id}.json").is_file() if ANSWER_ID.fullmatch(id) else False


def absolute_address(address: str, declaration: Declaration) -> str:
    """The address of a task from any folder: its name, or the path of its file with its name."""
    file = address.rpartition(":")[0] or address
    return f"{Path(file).resolve()}:{declaration.name}" if file.endswith(".py") else address


def author_of(id: str) -> str:
    """Who asked: the owner of this machine if this process answered, else the key that a server was asked with."""
    keys, local = settings().keys, local_transport()
    if not keys or (isinstance(local, LocalTransport) and id in local.answers.answers):
        return OWNER
    return author_of_key(keys[0])


def kept_files() -> list[Path]:
    """The kept answers, the newest first."""
    stamped = [(file.stat().st_mtime_ns, file) for file in answers_folder().glob("*.json")]
    return [file for _, file in sorted(stamped, reverse=True)]


def files_to_forget(files: list[Path]) -> list[Path]:
    """The files beyond the bounds; the newest one is always kept."""
    total, count = 0, 0
    for file in files[:MAX_KEPT]:
        total += file.stat().st_size
        if count and total > MAX_BYTES:
            break
        count += 1
    return files[count:]


def find_kept(id: str) -> KeptAnswer:
    """The kept answer of that id, or the last one. Raises AnswerNotFound, InputError, the errors of its task."""
    if id == LAST:
        files = kept_files()
        if not files:
            raise AnswerNotFound(
                "plait run has kept no answer", hint="call a task with plait run first, or name the id of an answer"
            )
        id = files[0].stem
    file = answers_folder() / f"{id}.json"
    if not ANSWER_ID.fullmatch(id) or not file.is_file():
        raise answer_not_found(id)
    content = cast("dict[str, Any]", parse_json(file.read_bytes()))
    task, _ = find_task(content["address"])
    check_task(task.declaration, id, content)
    stored = dumps(
        {name: value for name, value in content.items() if name not in ("address", "author", "project", "task")}
    )
    return KeptAnswer(task, RecordedAnswer(id, task.declaration, content["author"], stored.encode()))


def check_task(declaration: Declaration, id: str, content: Mapping[str, Any]) -> None:
    """Raises InputError if the task has changed since, or if another folder's project would get the example."""
    if not id.startswith(f"{declaration.fingerprint}-"):
        raise InputError(
            f"{declaration.name} has changed since it gave the answer {id}",
            hint="run it again, then correct that answer",
        )
    if content["project"] != str(project_folder(declaration)):
        raise InputError(
            f"the answer {id} belongs to the project {content['project']}, not to {project_folder(declaration)}",
            hint=f"cd {content['project']}, then correct it there",
        )
