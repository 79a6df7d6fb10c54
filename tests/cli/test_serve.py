"""`plait serve`, `up`, `down`: what runs longer than one answer."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plait.service.catalog import Catalog
from tests.support.killed_parent import has_exited
from tests.support.running_server import HOUSE, free_port, run_plait, serve_command, wait_until

BROKEN = '''from pydantic import BaseModel

from plait import task


@task
def cook(dish: str) -> str:
    """How is {dihs} cooked?"""
    ...
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ── serve ──


def test_every_task_of_a_file_is_served_beside_the_built_in_ones() -> None:
    with serve_command(str(HOUSE), "--port", "0") as server:
        names = [each["name"] for each in httpx.get(f"{server.url}/v1/tasks", trust_env=False).json()["tasks"]]
        assert names[:3] == ["turn", "pick", "shorten"]
        built_in = [task.declaration.name for task in Catalog.built_in()]
        assert names[-len(built_in) :] == built_in
        answer = httpx.post(f"{server.url}/v1/tasks/shorten", json={"text": "a b c d"}, trust_env=False).json()
        assert answer["answer"] == "a b c" and answer["model"] == "by_cutting"
        assert httpx.get(f"{server.url}/tasks/shorten", trust_env=False).status_code == 200


def test_a_port_in_use_is_reported_with_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = run_plait("serve", "--port", str(port))
    assert result.code == 2
    hint = f"plait serve --port {port + 1}, or stop the program that uses it"
    assert result.err == f"SettingsError: port {port} is in use\n  → {hint}\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "plait.example"])
def test_a_public_address_needs_a_key_first(host: str) -> None:
    result = run_plait("serve", "--host", host, "--port", "0")
    assert result.code == 2
    assert result.err.startswith(f"SettingsError: {host} can be reached from other machines, but no key is set\n")
    assert "PLAIT_KEYS" in result.err


def test_a_short_key_is_refused() -> None:
    result = run_plait("serve", "--port", "0", env={"PLAIT_KEYS": "a-long-enough-key-here,short"})
    assert result.code == 2 and result.err.startswith("SettingsError: a key is shorter than 16 characters\n")


def test_a_public_address_with_keys_is_served_and_requires_them() -> None:
    key = "a-long-enough-key-here"
    with serve_command(str(HOUSE), "--host", "0.0.0.0", "--port", "0", env={"PLAIT_KEYS": key}) as server:
        assert httpx.get(f"{server.url}/v1/tasks", trust_env=False).status_code == 401
        allowed = httpx.get(f"{server.url}/v1/tasks", headers={"authorization": f"Bearer {key}"}, trust_env=False)
        assert allowed.status_code == 200


def test_an_invalid_file_is_not_served_and_its_line_is_shown(folder: Path) -> None:
    (folder / "my_tasks.py").write_text(BROKEN)
    for arguments in (("serve", "my_tasks.py", "--port", "0"), ("run", "my_tasks.py:cook", "--dish", "soup")):
        result = run_plait(*arguments, cwd=folder)
        assert result.code == 2
        assert result.err == (
            "InstructionError: cook mentions {dihs}, which is not a parameter\n"
            '    my_tasks.py:8   """How is {dihs} cooked?"""\n'
            "                               ^^^^\n"
            "  → did you mean {dish}?\n"
        )


def test_tasks_of_one_name_in_two_files_are_not_served(folder: Path) -> None:
    for file in ("kitchen", "garden"):
        (folder / f"{file}.py").write_text(BROKEN.replace("dihs", "dish"))
    (folder / "both.py").write_text("from kitchen import cook as inside\nfrom garden import cook as outside\n")
    result = run_plait("serve", "both.py", "--port", "0", cwd=folder)
    assert result.code == 2 and "two tasks are called cook\n    kitchen.py\n    garden.py\n" in result.err


# ── up and down ──


@pytest.fixture
def port() -> Iterator[str]:
    yield str(free_port())
    run_plait("down")


def test_a_second_up_starts_no_second_server(port: str, folder: Path) -> None:
    first = run_plait("up", "--port", port)
    assert (first.code, first.out) == (0, f"Plait is running at http://127.0.0.1:{port}\n"), first.err
    kept = folder / "data" / "up" / f"{port}.json"
    note = json.loads(kept.read_text())
    started = time.monotonic()
    second = run_plait("up", "--port", port)
    assert (second.code, second.out) == (0, first.out) and time.monotonic() - started < 30
    assert json.loads(kept.read_text()) == note
    assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).json()["status"] == "ok"

    assert run_plait("down").out == "Plait has stopped\n"
    wait_until(lambda: has_exited(note["pid"]), within=10)  # its port is free before the system has cleared it away
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
    assert run_plait("down").out == "Plait is not running in the background\n"


def test_up_serves_the_named_files_and_those_of_plait_toml(port: str, folder: Path) -> None:
    sound = BROKEN.replace("dihs", "dish")
    project = folder / "shop"
    project.mkdir()
    (folder / "my_tasks.py").write_text(sound)
    (project / "more.py").write_text(sound.replace("cook", "bake"))
    (project / "plait.toml").write_text('tasks = ["more.py"]\n')
    result = run_plait("up", "my_tasks.py", "--settings", "shop/plait.toml", "--port", port)
    assert result.code == 0, result.err
    assert result.out == (
        f"Plait is running at http://127.0.0.1:{port}\n"
        f"  tasks of {folder}/my_tasks.py\n"
        f"  tasks of more.py ({project}/plait.toml)\n"
    )
    listed = httpx.get(f"http://127.0.0.1:{port}/v1/tasks", trust_env=False).json()["tasks"]
    assert [each["name"] for each in listed][:2] == ["cook", "bake"]
    again = run_plait("up", "--settings", "shop/plait.toml", "--port", port)
    assert again.code == 0 and "tasks of more.py" in again.out
    other = run_plait("up", "my_tasks.py", "shop/more.py", "--port", port)
    assert (
        other.code == 2
        and "is running at" in other.err
        and "plait down && plait up my_tasks.py shop/more.py" in other.err
    )


def test_up_with_a_broken_file_shows_its_line(folder: Path) -> None:
    (folder / "my_tasks.py").write_text(f"{BROKEN}\nprice = prise\n".replace("dihs", "dish"))
    result = run_plait("up", "my_tasks.py", "--port", str(free_port()))
    assert result.code == 2 and "my_tasks.py:11   price = prise\n" in result.err and "Traceback" not in result.err


def test_down_stops_the_servers_on_every_port(port: str, folder: Path) -> None:
    other = str(free_port())
    assert run_plait("up", "--port", port).code == run_plait("up", "--port", other).code == 0
    assert run_plait("down").out == "Plait has stopped\n"
    for each in (port, other):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{each}/healthz", trust_env=False)


def test_up_on_a_port_in_use_reports_it(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        result = run_plait("up", "--port", str(listener.getsockname()[1]))
    assert result.code == 2
    assert result.err.startswith("SettingsError: Plait did not start\n") and " is in use" in result.err


def test_up_with_a_read_only_data_folder_reports_it(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    result = run_plait("up", "--port", str(free_port()), env={"PLAIT_DATA": str(folder / "file" / "data")})
    assert result.code == 2
    assert "cannot be written to" in result.err and "set PLAIT_DATA to a writable folder" in result.err


def test_down_does_not_stop_a_foreign_process(folder: Path) -> None:
    (folder / "data" / "up").mkdir(parents=True)
    (folder / "data" / "up" / "1.json").write_text(json.dumps({"pid": os.getpid()}))
    assert run_plait("down").out == "Plait is not running in the background\n"
