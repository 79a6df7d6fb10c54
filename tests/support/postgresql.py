"""A PostgreSQL server of Debian's package on a free port of this machine, run by an ordinary user."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import SettingsError
from plait.storage.database import Database, current_database
from plait.storage.restore import drop_tables
from plait.storage.schema import update_schema

ACCOUNT, PASSWORD = "plait", "a-password-of-tests"
ORDINARY_USER = "nobody"  # the server refuses to run as root


def program(name: str) -> str | None:
    """Debian keeps the programs of the server out of the search path."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next((str(path) for path in newest_first), None)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a new server, which ends with the block. Skips the test without the package, fails it in CI."""
    initdb, server = program("initdb"), program("postgres")
    if initdb is None or server is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="plait-postgresql-"))
    user: dict[str, Any] = {"user": ORDINARY_USER, "group": "nogroup", "cwd": folder} if os.geteuid() == 0 else {}
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        for path in (folder, password):
            shutil.chown(path, ORDINARY_USER) if user else None
        data, port = folder / "data", free_port()
        create = [initdb, "-D", data, "-U", ACCOUNT, f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8"]
        subprocess.run([*create, "--locale=C", "--no-sync"], check=True, capture_output=True, **user)
        options = ("-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F", "-c", "shared_buffers=16MB")
        with subprocess.Popen([server, "-D", data, *options], stderr=subprocess.DEVNULL, **user) as process:
            try:
                yield f"postgresql://{ACCOUNT}:{PASSWORD}@127.0.0.1:{port}/postgres"
            finally:
                process.send_signal(signal.SIGINT)  # at once: SIGTERM waits for connections that a pool keeps open
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    with postgresql_server() as address:
        yield address


@pytest.fixture
def postgresql(postgresql_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of the settings is one of PostgreSQL, without tables."""
    monkeypatch.setenv("PLAIT_DATABASE", postgresql_address)
    database = current_database()
    wait_for(database)
    with database.write() as connection:
        drop_tables(connection)
    update_schema.cache_clear()
    yield database
    database.close()


def wait_for(database: Database) -> None:
    for _ in range(200):
        try:
            with database.read():
                return
        except SettingsError:
            time.sleep(0.05)
