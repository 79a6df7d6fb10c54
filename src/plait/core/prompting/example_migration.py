"""Moves added examples from the file that all projects shared (until 0.1) to the project and form they belong to.

Rows go to their fingerprint first, then to the first project that uses this form of the task. Each step copies the rows
that are still missing, makes them durable, verifies counts and digests, and only then renames the file it read. Killed
anywhere, it goes on where it stopped; a row may exist twice meanwhile, but never nowhere.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plait.core.errors import SettingsError
from plait.core.prompting.example_files import added_file, examples_folder, make_project_folder
from plait.core.prompting.example_rows import FINGERPRINT_COLUMN
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import append, create, sync_folder
from plait.core.values.json_text import parse_json

UNCLAIMED = "unclaimed"  # rows of forms that no project has used since
MIGRATED = ".migrated"
LOCK_FILE = ".migration.lock"


def migrate_examples(declaration: Declaration) -> None:
    """Moves what earlier versions kept for this task. Costs two lookups if there is nothing. Raises SettingsError."""
    folder = examples_folder()
    shared = folder / f"{declaration.name}.jsonl"
    unclaimed = folder / UNCLAIMED / f"{declaration.name}-{declaration.fingerprint}.jsonl"
    if not os.path.exists(shared) and not os.path.exists(unclaimed):
        return
    try:
        with migration_lock(folder):
            if shared.exists():
                move_rows(shared, rows_by_file(shared, unclaimed.parent, declaration))
            if unclaimed.exists():
                make_project_folder(declaration)
                move_rows(unclaimed, {added_file(declaration): read_lines(unclaimed)})
    except OSError as error:
        raise SettingsError(
            f"the examples of {declaration.name} in {folder} cannot be moved to their project: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        ) from None


def rows_by_file(shared: Path, folder: Path, declaration: Declaration) -> dict[Path, list[bytes]]:
    """The rows of the shared file by the file of their fingerprint."""
    files: defaultdict[Path, list[bytes]] = defaultdict(list)
    for line in read_lines(shared):
        files[folder / f"{declaration.name}-{fingerprint_of(line, declaration)}.jsonl"].append(line)
    return dict(files)


def fingerprint_of(line: bytes, declaration: Declaration) -> str:
    """The fingerprint that a row names; a row without one was used by every form, and goes to this one."""
    try:
        row = parse_json(line)
    except ValueError:
        return declaration.fingerprint  # reported, with its line, when the examples are read
    fingerprint = row.get(FINGERPRINT_COLUMN) if isinstance(row, dict) else None
    is_fingerprint = isinstance(fingerprint, str) and fingerprint.isalnum() and fingerprint.isascii()
    return str(fingerprint) if is_fingerprint else declaration.fingerprint


def read_lines(file: Path) -> list[bytes]:
    """The rows of a file that are not blank; empty if there is none."""
    content = file.read_bytes() if file.exists() else b""
    return [line for line in content.split(b"\n") if line.strip()]


def move_rows(source: Path, rows_by_file: Mapping[Path, list[bytes]]) -> None:
    """Copies the rows to their files, verifies them, and renames the source to `*.migrated`. Raises OSError."""
    for file, rows in rows_by_file.items():
        copy_missing(file, rows)
    verify(source, rows_by_file)
    os.replace(source, free_name(source))
    sync_folder(source.parent)


def copy_missing(file: Path, rows: list[bytes]) -> None:
    """Adds the rows that the file lacks. A row that occurs twice in the source is there twice."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        create(file, b"".join(row + b"\n" for row in rows))
        return
    # Earlier versions wrote the shared file again, or a kill came before it was renamed.
    present = Counter(read_lines(file))
    missing = list((Counter(rows) - present).elements())
    if missing:
        append(file, b"".join(row + b"\n" for row in missing))


def verify(source: Path, rows_by_file: Mapping[Path, list[bytes]]) -> None:
    """Raises SettingsError unless every row of the source, by number and digest, is in the files."""
    expected = Counter(map(digest, read_lines(source)))
    found = Counter(digest(row) for file in rows_by_file for row in read_lines(file))
    if lost := (expected - found).total():
        raise SettingsError(
            f"{lost} of {expected.total()} examples of {source} were not copied",
            hint="the file is unchanged: try again",
        )


def digest(row: bytes) -> bytes:
    return hashlib.sha256(row).digest()


def free_name(source: Path) -> Path:
    """`shout.jsonl.migrated`, or the next one that does not exist: an earlier version may write the file again."""
    names = (source.with_name(f"{source.name}{MIGRATED}{f'-{number}' * (number > 1)}") for number in range(1, 10_000))
    return next(name for name in names if not name.exists())


@contextmanager
def migration_lock(folder: Path) -> Generator[None, None, None]:
    """One migration at a time, in all threads and processes; the system releases the lock of a killed one."""
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        lock(handle)
        yield
    finally:
        os.close(handle)


def lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX)
