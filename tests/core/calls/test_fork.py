"""A process that is forked after a call answers calls of its own, and leaves its parent's alone."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from plait.service.catalog import Catalog, tasks_in
from tests.support import house_tasks as house
from tests.support.running_server import HOUSE, needs_model, serve_catalog

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
FORKING = Path(__file__).parents[2] / "support" / "forking.py"


def forking(*arguments: str, **env: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(FORKING), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_forked_child_answers_in_its_own_process() -> None:
    answers = forking(f"{HOUSE}:shorten", "text", "")
    assert answers == ["one two", "+".join(["three four"] * 5), "+".join(["five six"] * 5), "seven"]


@pytest.mark.parametrize("by", ["client", "setting"])
def test_a_forked_child_calls_the_server_that_its_parent_called(by: str) -> None:
    with serve_catalog(Catalog.from_tasks(tasks_in(house))) as server:
        url, setting = (server.url, "none") if by == "client" else ("", server.url)
        answers = forking(f"{HOUSE}:shorten", "text", url, PLAIT_URL=setting)
    assert answers == ["one two", "+".join(["three four"] * 5), "+".join(["five six"] * 5), "seven"]


@needs_model
@pytest.mark.model
@pytest.mark.slow
def test_a_forked_child_starts_its_own_model_and_its_parent_keeps_its() -> None:
    first, *children, last = forking("sort_message", "message", "", PLAIT_ANSWER_TOKENS="64")
    assert all(len(each.split("+")) == 5 for each in children)
    assert "urgency=" in first and "urgency=" in last


def test_a_pool_of_processes_calls_a_task() -> None:
    house.shorten("the parent has called")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(house.shorten, ["a b c d", "e f g h"])) == ["a b c", "e f g"]
