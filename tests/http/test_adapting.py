"""Adapting over HTTP: start, progress, stop, resume, verdict, and the keys that may do so."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait.http.security import AccessPolicy
from plait.learning.adapt import run_lock
from plait.learning.adapt_plan import runs_folder
from plait.learning.adapt_status import adapt_status, lock_holder
from plait.service.catalog import Catalog
from tests.support.improvable_task import ImprovableTask, improvable_task
from tests.support.running_server import serve_catalog, serve_command, wait_until

ADAPT = "/v1/tasks/leaves/adapt"
QUICK = {"model": "tiny", "epochs": 8, "learning_rate": 5e-3}
KEYS = {"nobody": "", "user": "u" * 16, "admin": "a" * 16}


@pytest.fixture
def leaves(load_source: Callable[..., Any], tmp_path: Path) -> ImprovableTask:
    return improvable_task(load_source, tmp_path)


@contextmanager
def clients(leaves: ImprovableTask, *keys: str) -> Iterator[list[httpx.Client]]:
    """A client for each key of a server that has a key of a user and one of an administrator."""
    policy = AccessPolicy.from_settings("127.0.0.1", (), [KEYS["user"]], [KEYS["admin"]])
    with ExitStack() as stack:
        server = stack.enter_context(serve_catalog(Catalog((leaves.task,)), rules=policy if keys else None))
        headers = [{"authorization": f"Bearer {key}"} if key else {} for key in keys] or [{}]
        opened = [httpx.Client(base_url=server.url, headers=each, trust_env=False, timeout=60) for each in headers]
        yield [stack.enter_context(each) for each in opened]


def state(client: httpx.Client) -> str:
    return client.get(ADAPT).json()["state"]


def is_training(client: httpx.Client) -> bool:
    status = client.get(ADAPT).json()
    return status["phase"] == "training" and status["done"] > 0 and len(status["losses"]) > 1


@pytest.mark.model
@pytest.mark.slow
def test_an_adaptation_is_followed_stopped_resumed_and_promoted(leaves: ImprovableTask) -> None:
    leaves.hold_out()
    leaves.add_examples()
    with clients(leaves) as (client,):
        assert client.get(ADAPT).json()["state"] == "none"
        started = client.post(ADAPT, json=QUICK)
        assert started.status_code == 202 and started.json()["state"] == "running", started.text
        again = client.post(ADAPT, json=QUICK)
        assert again.status_code == 422 and "leaves is being adapted already" in again.text
        wait_until(lambda: is_training(client), 240)
        status = client.get(ADAPT).json()
        assert status["tokens_per_second"] > 0 and status["seconds_left"] > 0 and status["total"] > status["done"]
        assert client.post("/v1/tasks/leaves", json={"tree": "an oak"}).status_code == 200, "serving goes on"

        assert client.delete(ADAPT).status_code == 202
        wait_until(lambda: state(client) == "stopped", 120)
        stopped = client.get(ADAPT).json()
        assert stopped["done"] > 0 and client.delete(ADAPT).status_code == 422, "it is over"

        client.post(ADAPT)  # without a body: with the options that it was stopped with
        wait_until(lambda: state(client) != "running", 400)
        status = client.get(ADAPT).json()
        assert (status["state"], status["version"], status["promoted"]) == ("done", "tiny/leaves@1", True), status
        assert status["run"] == stopped["run"], "the same run, not another one"
        assert status["verdict"]["reasons"] == [] and status["losses"][0][0] == 1
        wait_until(lambda: asked(client)["model"].startswith("tiny/leaves@1"), 120)
        assert asked(client)["answer"] == leaves.answer


def asked(client: httpx.Client) -> dict[str, Any]:
    return client.post("/v1/tasks/leaves", json={"tree": "a young oak"}).json()


@pytest.mark.model
@pytest.mark.slow
def test_an_adaptation_ends_with_its_server_and_is_called_interrupted_or_stopped(leaves: ImprovableTask) -> None:
    leaves.add_examples()
    with clients(leaves) as (client,):
        client.post(ADAPT, json=QUICK)
        wait_until(lambda: is_training(client), 240)
    wait_until(lambda: lock_holder(runs_folder(leaves.task.declaration)) is None, 120)
    assert adapt_status(leaves.task.declaration).progress.state == "stopped"


@pytest.mark.model
@pytest.mark.slow
def test_a_killed_adaptation_is_interrupted_and_one_of_another_program_is_left_alone(leaves: ImprovableTask) -> None:
    leaves.add_examples()
    command = [
        sys.executable,
        "-m",
        "plait",
        "adapt",
        "leaves.py:leaves",
        "--model",
        "tiny",
        "--learning-rate",
        "0.005",
    ]
    with clients(leaves) as (client,), subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: is_training(client), 240)
            refused = client.delete(ADAPT)
            assert refused.status_code == 422 and f"kill -INT {process.pid}" in refused.text and process.poll() is None
            assert "being adapted already" in client.post(ADAPT, json=QUICK).text
        finally:
            process.send_signal(signal.SIGKILL)
        process.wait()
        assert state(client) == "interrupted"


@pytest.mark.model
@pytest.mark.slow
def test_an_adaptation_outlives_a_killed_server_and_the_next_one_stops_it(leaves: ImprovableTask) -> None:
    leaves.add_examples()
    with serve_command("leaves.py", "--port", "0") as served:
        assert httpx.post(served.url + ADAPT, json=QUICK, trust_env=False).status_code == 202
        wait_until(lambda: lock_holder(runs_folder(leaves.task.declaration)), 120)
        served.process.kill()
        served.process.wait()
    with clients(leaves) as (client,):
        assert state(client) == "running" and client.delete(ADAPT).status_code == 202
        wait_until(lambda: state(client) == "stopped", 120)


def test_a_process_that_ends_at_once_has_failed_with_what_it_wrote(
    leaves: ImprovableTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plait.learning.adapt_jobs.task_address", lambda declaration: "missing.py:leaves")
    with clients(leaves) as (client,):
        assert client.post(ADAPT, json={"model": "tiny"}).status_code == 202
        wait_until(lambda: state(client) != "running", 240)
        status = client.get(ADAPT).json()
    assert status["state"] == "failed" and "missing.py" in status["error"]


def test_bad_options_are_refused_with_the_name_at_fault(leaves: ImprovableTask) -> None:
    with clients(leaves) as (client,):
        for body, said in (
            ({"gate_rows": 0}, "gate_rows is 0"),
            ({"epochs": 101}, "epochs is 101"),
            ({"learning_rate": 2}, "learning_rate is 2"),
            ({"promote": "yes"}, "promote: "),
            ({"rank": 8}, "rank: "),
            ([], "no request to adapt"),
        ):
            refused = client.post(ADAPT, content=json.dumps(body))
            assert refused.status_code == 422 and said in refused.text, refused.text
        assert client.post(ADAPT, json={"model": "--data"}).status_code == 404
        assert client.get("/v1/tasks/nothing/adapt").status_code == 404
        assert client.get(ADAPT).json()["state"] == "none", "nothing was started"


def test_an_adaptation_that_cannot_begin_says_why(leaves: ImprovableTask) -> None:
    with clients(leaves) as (client,):
        assert client.post(ADAPT, json={"model": "tiny"}).status_code == 202
        wait_until(lambda: state(client) != "running", 240)
        status = client.get(ADAPT).json()
    assert (
        status["state"] == "failed"
        and "0 examples to learn from" in status["error"]
        and "plait correct" in status["hint"]
    )


def test_without_torch_the_install_command_is_named(leaves: ImprovableTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.learning.adapt.find_spec", lambda name: None)
    with clients(leaves) as (client,):
        refused = client.post(ADAPT, json={"model": "tiny"})
    assert refused.status_code == 501 and "pip install -e '.[train]'" in refused.text


def test_another_key_than_an_admin_key_sees_and_changes_nothing(leaves: ImprovableTask) -> None:
    leaves.task.examples.add(leaves.answer, tree="a secret tree")
    folder = runs_folder(leaves.task.declaration)
    folder.mkdir(parents=True)
    with clients(leaves, *KEYS.values()) as (nobody, user, admin), run_lock(folder):
        for method in ("GET", "POST", "DELETE"):
            assert nobody.request(method, ADAPT).status_code == 401
            refused = user.request(method, ADAPT)
            assert refused.status_code == 403 and "admin_keys" in refused.text and "leaves" not in refused.text
        assert user.post("/v1/tasks/leaves", content="{").status_code == 422, "the control: the key grants access"
        assert admin.get(ADAPT).status_code == 200, "the control: an admin key is let in"
        assert "being adapted already" in admin.post(ADAPT, json=QUICK).text
