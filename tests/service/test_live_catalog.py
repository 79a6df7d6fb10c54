"""The catalog of a server follows its files, keeps the last good tasks, and drops no request."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from plait.core.config import keep_last_good_settings, settings
from plait.core.errors import InstructionError, SettingsError, TaskFileError
from plait.service import live_catalog
from plait.service.catalog import Catalog
from plait.service.live_catalog import LiveCatalog
from tests.support.running_server import error_of, serve_catalog, wait_until
from tests.support.user_modules import user_folder

TASK = '''import time

from plait import engine, task
from spices import NAME


@task
def cook(dish: str) -> str:
    """How is {dish} cooked?"""
    ...


@engine.answers(cook)
def by_hand(dish: str) -> str:
    time.sleep(PAUSE)
    return f"VERSION {NAME} {dish}"


PAUSE = float(0)
'''

ANSWERS = """from plait import engine
from plait.tasks.ask import ask


@engine.answers(ask)
def mine(picture, question):
    return "VERSION"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with user_folder(tmp_path, monkeypatch, {"my_tasks.py": TASK, "spices.py": "NAME = 'salt'\n"}) as folder:
        yield folder


@pytest.fixture
def live(folder: Path) -> LiveCatalog:
    return LiveCatalog.load([Path("my_tasks.py")])


def refresh(live: LiveCatalog) -> bool:
    """Two looks, as the watch takes them, and a load if they say so."""
    changed = live.has_changed() or live.has_changed()
    if changed:
        live.reload()
    return changed


def test_files_that_lie_still_are_not_loaded_again(live: LiveCatalog) -> None:
    task = live["cook"]
    assert not refresh(live) and live["cook"] is task


def test_a_changed_file_and_a_changed_module_beside_it_are_loaded(live: LiveCatalog, folder: Path) -> None:
    (folder / "my_tasks.py").write_text(TASK.replace("VERSION", "second"))
    assert refresh(live) and live["cook"]("soup") == "second salt soup"
    (folder / "spices.py").write_text("NAME = 'pepper'\n")
    assert refresh(live) and live["cook"]("soup") == "second pepper soup"
    assert not refresh(live)


def test_a_file_that_is_still_being_written_is_waited_for(live: LiveCatalog, folder: Path) -> None:
    for part in (TASK[:100], TASK[:200]):
        (folder / "my_tasks.py").write_text(part)
        assert not live.has_changed()
    assert live.has_changed()


@pytest.mark.parametrize(
    ("wrong", "error_class"),
    [("1 / 0\n", TaskFileError), (TASK.replace("{dish} ", "{dihs} "), InstructionError), ("(", TaskFileError)],
)
def test_a_broken_file_keeps_the_last_good_tasks(
    live: LiveCatalog, folder: Path, wrong: str, error_class: type[Exception]
) -> None:
    task = live["cook"]
    (folder / "my_tasks.py").write_text(wrong)
    assert refresh(live) and isinstance(live.error, error_class)
    assert live["cook"] is task and task("soup") == "VERSION salt soup"
    (folder / "my_tasks.py").write_text(TASK)
    assert refresh(live) and live.error is None and live["cook"] is not task


def test_the_correction_may_be_in_a_module_that_never_could_be_imported(live: LiveCatalog, folder: Path) -> None:
    (folder / "herbs.py").write_text("NAME = basil\n")
    (folder / "my_tasks.py").write_text(TASK.replace("from spices", "from herbs"))
    assert refresh(live) and live.error is not None and live.error.details[0] == "herbs.py:1   NAME = basil"
    (folder / "herbs.py").write_text("NAME = 'basil'\n")
    assert refresh(live) and live.error is None and live["cook"]("soup") == "VERSION basil soup"


def test_a_file_that_vanishes_keeps_its_tasks_until_it_is_there_again(live: LiveCatalog, folder: Path) -> None:
    (folder / "my_tasks.py").unlink()
    assert refresh(live) and live.error is not None and live["cook"]
    (folder / "my_tasks.py").write_text(TASK)
    assert refresh(live) and live.error is None


def test_a_function_that_answers_a_built_in_task_is_replaced_and_not_added(folder: Path) -> None:
    text = ANSWERS
    (folder / "answers.py").write_text(text)
    live = LiveCatalog.load([Path("answers.py")])
    task = Catalog.built_in()["ask"]
    (folder / "answers.py").write_text(text.replace("VERSION", "second"))
    assert refresh(live) and len(task.code_engines) == 1
    (folder / "answers.py").write_text(text + "1 / 0\n")
    assert refresh(live) and live.error is not None and len(task.code_engines) == 1
    (folder / "answers.py").write_text("")
    assert refresh(live) and not task.code_engines


def test_plait_toml_adds_and_removes_files(live: LiveCatalog, folder: Path) -> None:
    (folder / "more.py").write_text(TASK.replace("cook", "bake"))
    (folder / "plait.toml").write_text('tasks = ["more.py"]\n')
    assert refresh(live) and live["bake"] and live["cook"]
    (folder / "plait.toml").write_text('tasks = ["more.py"\n')
    assert refresh(live) and isinstance(live.error, SettingsError) and live["bake"]
    (folder / "plait.toml").write_text("tasks = []\n")
    assert refresh(live) and all(task.declaration.name != "bake" for task in live)


def test_two_files_with_a_task_of_one_name_are_refused(live: LiveCatalog, folder: Path) -> None:
    (folder / "more.py").write_text(TASK)
    (folder / "plait.toml").write_text('tasks = ["more.py"]\n')
    assert refresh(live) and live.error is not None and live.error.message == "two tasks are called cook"


def test_a_server_goes_on_with_the_last_good_settings(folder: Path) -> None:
    (folder / "plait.toml").write_text("shots = 2\n")
    with keep_last_good_settings():
        (folder / "plait.toml").write_text("shots = two\n")
        assert settings().shots == 2
        (folder / "plait.toml").write_text("shots = 33\n")
        assert settings().shots == 33
    (folder / "plait.toml").write_text("shots = three\n")
    assert isinstance(error_of(settings), SettingsError)


def test_a_request_in_progress_is_finished_by_the_task_that_it_began_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_catalog, "POLL_INTERVAL", 0.02)
    (folder / "my_tasks.py").write_text(TASK.replace("float(0)", "float(0.5)"))
    live = LiveCatalog.load([Path("my_tasks.py")])
    answers: list[str] = []
    with serve_catalog(live) as server, httpx.Client(base_url=server.url, trust_env=False) as http:

        def ask() -> None:
            answers.append(http.post("/v1/tasks/cook", json={"dish": "soup"}).json()["answer"])

        thread = threading.Thread(target=ask)
        thread.start()
        (folder / "my_tasks.py").write_text(TASK.replace("VERSION", "second"))
        first = live["cook"]
        wait_until(lambda: live["cook"] is not first)
        ask()
        thread.join()
        assert answers == ["second salt soup", "VERSION salt soup"]

        (folder / "my_tasks.py").write_text("prise\n")
        wait_until(lambda: live.error)
        page = http.get("/", headers={"accept": "text/html"}).text
        assert "A changed file cannot be loaded" in page and "my_tasks.py:1   prise" in page
        (folder / "my_tasks.py").write_text(TASK.replace("cook", "bake"))
        wait_until(lambda: not live.error)
        assert "A changed file" not in http.get("/", headers={"accept": "text/html"}).text
        assert "/v1/tasks/bake" in http.get("/openapi.json").json()["paths"]
        assert http.get("/v1/tasks/cook").status_code == 404


def test_the_watch_reports_what_it_loaded(live: LiveCatalog, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_catalog, "POLL_INTERVAL", 0.01)
    seen: list[Catalog] = []

    async def watch() -> None:
        task = asyncio.create_task(live.watch(seen.append))
        await asyncio.sleep(0.05)
        (folder / "my_tasks.py").write_text("1 / 0\n")
        while not seen:
            await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(watch())
    assert [type(each.error) for each in seen] == [TaskFileError]
