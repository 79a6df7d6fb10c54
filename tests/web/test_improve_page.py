"""The Improve page of a task and the page of all models: forms without JavaScript, access, and what people write."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.http.security import AccessPolicy
from plait.learning.adapt import run_lock
from plait.learning.adapt_options import AdaptRequestOptions
from plait.learning.adapt_plan import runs_folder
from plait.learning.adapt_progress import PROGRESS_FILE, AdaptProgress, ProgressFile
from plait.learning.manifest import task_project
from plait.service.catalog import Catalog
from plait.service.models.model_version import NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from tests.support.browser import FAINT, Browser
from tests.support.improvable_task import ImprovableTask, improvable_task
from tests.support.lora_adapters import write_adapter
from tests.support.page_reading import Page
from tests.support.running_server import needs_model, serve_catalog
from tests.web.test_feedback_on_page import PAYLOADS

NAME = "tiny/leaves"
IMPROVE = "/tasks/leaves/improve"
USER, ADMIN = "u" * 16, "a" * 16

pytestmark = pytest.mark.model


@pytest.fixture
def leaves(load_source: Callable[..., Any], tmp_path: Path) -> ImprovableTask:
    return improvable_task(load_source, tmp_path)


@pytest.fixture
def registry(leaves: ImprovableTask, tmp_path: Path) -> ModelRegistry:
    """The registry with two versions of the task."""
    declaration, base = leaves.task.declaration, tmp_path / "tiny.gguf"
    for seed in (1, 2):
        file = write_adapter(tmp_path / "adapter.gguf", read_gguf_header(base), seed)
        new = NewVersion(task_project(declaration), NAME, "tiny", file_sha256(base), "leaves", declaration.fingerprint)
        current_registry().add_version(new, file)
        file.unlink()
    return current_registry()


@pytest.fixture
def site(leaves: ImprovableTask) -> Iterator[httpx.Client]:
    with (
        serve_catalog(Catalog((leaves.task,))) as server,
        httpx.Client(base_url=server.url, trust_env=False, follow_redirects=True) as client,
    ):
        yield client


def key_fields(leaves: ImprovableTask, registry: ModelRegistry) -> dict[str, str]:
    """The hidden fields of the forms of the alias, as it is now."""
    declaration = leaves.task.declaration
    project = task_project(declaration)
    seen = registry.alias(project, NAME, declaration.fingerprint).change
    return {"project": project, "name": NAME, "fingerprint": declaration.fingerprint, "seen": str(seen)}


def answering(leaves: ImprovableTask, registry: ModelRegistry) -> str:
    declaration = leaves.task.declaration
    return str(registry.alias(task_project(declaration), NAME, declaration.fingerprint))


# ── what the page says ──


def test_the_page_counts_what_there_is_and_names_what_is_missing(leaves: ImprovableTask, site: httpx.Client) -> None:
    page = Page(site.get(IMPROVE).text).text
    assert "0 examples to learn from; 10 are the least" in page and "plait correct leaves.py:leaves" in page
    leaves.add_examples(12)
    leaves.hold_out(12)
    page = Page(site.get(IMPROVE).text).text
    assert "there are 12 held-out rows, and 20 are the least" in page and "held_out/leaves.jsonl" in page
    leaves.hold_out(24)
    assert "Everything that an automatic promotion needs is there" in site.get(f"{IMPROVE}?lang=en").text
    assert not (runs_folder(leaves.task.declaration) / "held-out.json").exists(), "a look assigns nothing"


def test_without_torch_the_page_names_the_command(site: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.learning.adapt.find_spec", lambda name: None)
    assert "pip install -e &#39;.[train]&#39;" in site.get(IMPROVE).text


def test_an_interrupted_run_is_named_and_can_be_resumed(leaves: ImprovableTask, site: httpx.Client) -> None:
    folder = runs_folder(leaves.task.declaration)
    folder.mkdir(parents=True)
    options = AdaptRequestOptions("tiny", "dpo", gate_rows=40, promote=False, epochs=8, learning_rate=0.0005)
    progress = AdaptProgress("running", phase="training", model="tiny", options=options)
    ProgressFile(folder / PROGRESS_FILE, progress).write()
    page = site.get(f"{IMPROVE}?lang=en").text
    assert "The last adaptation was interrupted. It can be resumed where it was." in page and ">Resume<" in page
    for chosen in ('value="dpo" selected', 'name="gate_rows" value="40"', 'value="1" checked', 'value="0.0005"'):
        assert chosen in page, "the button resumes it with the options that it had"
    assert 'name="epochs" value="8"' in page
    with run_lock(folder):
        running = site.get(f"{IMPROVE}?lang=zh").text
        refused = site.post(f"{IMPROVE}?lang=en", data={"_do": "improve", "model": "tiny", "gate_rows": "20"})
    assert "训练" in running and 'value="stop"' in running
    assert refused.status_code == 422 and "leaves is being adapted already" in refused.text


def test_a_run_with_options_that_the_page_lacks_is_resumed_by_its_command(
    leaves: ImprovableTask, site: httpx.Client
) -> None:
    folder = runs_folder(leaves.task.declaration)
    folder.mkdir(parents=True)
    ProgressFile(folder / PROGRESS_FILE, AdaptProgress("stopped", phase="training", model="tiny")).write()
    page = site.get(f"{IMPROVE}?lang=en").text
    assert "The command that began it resumes it" in page and ">Resume<" not in page and ">Improve<" in page


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        ("epochs", "0", "epochs is 0"),
        ("epochs", "x", "no whole number"),
        ("learning_rate", "0", "no number above 0"),
        ("learning_rate", "2", "learning_rate is 2"),
        ("method", "magic", "method: "),
    ],
)
def test_an_option_out_of_bounds_comes_back_with_an_error(
    site: httpx.Client, field: str, text: str, fault: str
) -> None:
    refused = site.post(f"{IMPROVE}?lang=en", data={"_do": "improve", "model": "tiny", field: text})
    assert refused.status_code == 422 and fault in refused.text


def test_a_training_that_waits_for_answers_says_so(leaves: ImprovableTask, site: httpx.Client) -> None:
    folder = runs_folder(leaves.task.declaration)
    folder.mkdir(parents=True)
    file = ProgressFile(folder / PROGRESS_FILE, AdaptProgress("running", phase="training", model="tiny"))
    with run_lock(folder):
        for is_paused, line in (
            (True, "Paused: answers come first (41 s so far)"),
            (False, "paused 42 s for answers"),
        ):
            file.pause(is_paused, 41.2 + (not is_paused))
            assert line in site.get(f"{IMPROVE}?lang=en&part=live").text
        status = site.get("/v1/tasks/leaves/adapt").json()
    assert (status["is_paused"], status["paused_seconds"]) == (False, 42.2)


@needs_model
def test_adapters_that_come_with_tasks_are_on_the_page_of_models(site: httpx.Client) -> None:
    assert ">smollm2/home_command<" in site.get("/models").text


def test_a_bad_number_of_rows_comes_back_with_an_error(site: httpx.Client) -> None:
    refused = site.post(f"{IMPROVE}?lang=en", data={"_do": "improve", "gate_rows": "many"})
    assert refused.status_code == 422 and "gate_rows is" in refused.text and "no whole number" in refused.text


# ── which version answers ──


def test_promoting_without_a_good_verdict_is_an_override_and_can_be_rolled_back(
    leaves: ImprovableTask, registry: ModelRegistry, site: httpx.Client
) -> None:
    site.get("/")  # the session
    fields = key_fields(leaves, registry)
    page = site.post(IMPROVE, data={**fields, "_do": "promote", "version": "1", "reason": "it reads well"})
    assert page.status_code == 200 and answering(leaves, registry) == "1"
    (change,) = registry.history(fields["project"], NAME)
    assert (change.reason, change.person) == ("override: it reads well", f"session-{site.cookies['plait_session']}")
    stale = site.post(IMPROVE, data={**fields, "_do": "promote", "version": "2"})
    assert "was changed in the meantime" in stale.text and answering(leaves, registry) == "1"
    site.post(IMPROVE, data={**key_fields(leaves, registry), "_do": "rollback", "reason": "no"})
    assert answering(leaves, registry) == "base"


def test_the_page_of_models_sets_a_canary_and_shows_lineage_and_history(
    leaves: ImprovableTask, registry: ModelRegistry, site: httpx.Client
) -> None:
    weights = {"weight_0": "90", "weight_1": "10", "weight_2": "0"}
    page = site.post("/models?lang=en", data={**key_fields(leaves, registry), "_do": "set", **weights, "reason": "try"})
    assert answering(leaves, registry) == "base=90 1=10"
    text = Page(page.text).text
    assert "90 % base, 10 % tiny/leaves@1" in text and "answers 10 %" in text and "candidate" in text
    assert "an adapter of tiny, made on" in text and "not evaluated" in text and "try" in text
    wrong = {**weights, "weight_1": "20"}
    refused = site.post("/models?lang=en", data={**key_fields(leaves, registry), "_do": "set", **wrong})
    assert refused.status_code == 422 and "which sum to 110" in refused.text
    unknown = site.post("/models", data={**key_fields(leaves, registry), "name": "tiny/other", "_do": "rollback"})
    assert unknown.status_code == 404
    site.post("/models", data={**key_fields(leaves, registry), "_do": "rollback"})
    assert answering(leaves, registry) == "base"
    assert "基础模型" in site.get("/models?lang=zh").text


def test_another_key_than_an_admin_key_neither_sees_nor_changes_models(
    leaves: ImprovableTask, registry: ModelRegistry
) -> None:
    policy = AccessPolicy.from_settings("127.0.0.1", (), [USER], [ADMIN])
    promote = {**key_fields(leaves, registry), "_do": "promote", "version": "1"}
    weights = {**key_fields(leaves, registry), "_do": "set", "weight_1": "100"}
    with ExitStack() as stack:
        server = stack.enter_context(serve_catalog(Catalog((leaves.task,)), rules=policy))
        headers = [{"authorization": f"Bearer {key}", "accept": "text/html"} for key in (USER, ADMIN)]
        user, admin = (
            stack.enter_context(httpx.Client(base_url=server.url, headers=each, trust_env=False)) for each in headers
        )
        assert httpx.get(f"{server.url}/models", trust_env=False).status_code == 401
        for path in (IMPROVE, f"{IMPROVE}?part=live", "/models"):
            refused = user.get(path)
            assert refused.status_code == 403 and NAME not in refused.text
            assert admin.get(path).status_code == 200, "the control: an admin key sees it"
        for path, form in ((IMPROVE, promote), (IMPROVE, {"_do": "improve"}), ("/models", weights)):
            assert user.post(path, data=form).status_code == 403
        assert answering(leaves, registry) == "base"
        links = ("/tasks/leaves/improve", "/models?lang")
        for client, shown in ((user, False), (admin, True)):
            page = client.get("/tasks/leaves").text
            assert [link in page for link in links] == [shown, shown]
        assert admin.post(IMPROVE, data=promote).status_code == 303 and answering(leaves, registry) == "1"
        assert registry.history(promote["project"], NAME)[0].person.startswith("key-")


def test_a_page_of_another_site_cannot_promote(
    leaves: ImprovableTask, registry: ModelRegistry, site: httpx.Client
) -> None:
    form = {**key_fields(leaves, registry), "_do": "promote", "version": "1"}
    refused = site.post(IMPROVE, data=form, headers={"origin": "http://evil.example"})
    assert refused.status_code == 403 and answering(leaves, registry) == "base"


# ── what people write runs nowhere ──


@pytest.mark.browser
def test_a_hundred_scripts_in_reasons_and_names_run_nowhere(
    browser: Browser, leaves: ImprovableTask, registry: ModelRegistry, site: httpx.Client
) -> None:
    texts = PAYLOADS[:100]
    project, fingerprint = task_project(leaves.task.declaration), leaves.task.declaration.fingerprint
    for number, text in enumerate(texts):
        weights = {1 + number % 2: 100}
        registry.set_alias(project, NAME, weights, reason=text, person=text, fingerprint=fingerprint)
    form = {**key_fields(leaves, registry), "_do": "promote", "version": "1", "reason": texts[0]}
    assert site.post(IMPROVE, data=form).status_code == 200
    for path in (IMPROVE, "/models"):
        browser.open(f"{site.base_url}{path}?lang=en")
        browser.run("window.hits = 0; window.hit = () => { window.hits += 1 }")
        cells = browser.run(
            "[...document.querySelectorAll('.history-table tr')].map(row => row.lastElementChild?.innerText)"
        )
        assert len(cells) == 102
        shown = browser.run(
            "[...document.querySelectorAll('.history-table td:nth-child(4)')].map(each => each.textContent)"
        )
        assert shown[1:] == texts[::-1], "shown as they were written"
        counted = "document.querySelectorAll('.history-table :is(script, img, svg, iframe, a, details)').length"
        attributes = "[...document.querySelectorAll('main *')].flatMap(each => each.getAttributeNames())"
        assert browser.run(counted) == 0 and browser.run(f"{attributes}.filter(name => name.startsWith('on'))") == []
        assert browser.run("window.hits") == 0 and browser.complaints == []
    browser.run("document.querySelector('.history-table td').innerHTML = '<svg></svg>'")
    assert browser.run(counted) == 1, "the control: markup would be counted"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_fit_a_phone_and_can_be_read_in_the_dark(
    browser: Browser, leaves: ImprovableTask, registry: ModelRegistry, site: httpx.Client, language: str
) -> None:
    folder = runs_folder(leaves.task.declaration)
    (folder / "run").mkdir(parents=True)
    lines = [json.dumps({"step": step, "loss": 4 / step}) + "\n" for step in range(1, 30)]
    (folder / "run" / "losses.jsonl").write_text("".join(lines))
    progress = AdaptProgress("running", phase="training", done=29, total=60, model="tiny", run="run", step_tokens=9)
    ProgressFile(folder / PROGRESS_FILE, progress).write()
    with run_lock(folder):
        for path in (IMPROVE, "/models"):
            for width, dark in ((390, False), (390, True), (1280, True)):
                browser.dark(dark)
                browser.open(f"{site.base_url}{path}?lang={language}", width)
                assert browser.run("document.documentElement.scrollWidth <= innerWidth"), (path, width)
                assert browser.run(FAINT.read_text()) == [] and browser.nameless() == []
