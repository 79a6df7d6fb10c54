"""The unified model in its own process: the contract, batches, death, leaving, limits, and what it says it can do.

The model is a real one of the smallest size with random weights: what it answers is nonsense, always of the right type.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from plait import Box, Image, task
from plait.core.calls import event_loop
from plait.core.engine.protocol import Finish, HasBoxFormat, TaskRequest
from plait.core.engine.validation import Completed, answer_events
from plait.core.errors import ContextTooLong, EngineBusy, EngineDied, EngineError, InputError
from plait.core.task.options import Options
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.foundation.cards.inference_plan import PRECISIONS, InferencePlan, Precision
from plait.service.engines.unified import engine
from plait.service.engines.unified.engine import CONTEXT_LENGTH, UnifiedEngine, wording
from plait.service.engines.unified.process import InferenceResult
from plait.tasks.ask import ask as ask_about
from plait.tasks.describe import describe
from plait.tasks.describe_region import describe_region
from plait.tasks.locate import locate
from plait.tasks.matches import matches
from plait.tasks.restore_text import restore_text
from plait.testing import check_engine
from plait.testing.engines import TASKS as OF_KIT
from tests.support.killed_parent import assert_ends_with_parent
from tests.support.running_server import error_of
from tests.support.shelf import PNG, SIZE, encode_picture, shelf
from tests.support.tiny_weights import save_tiny_weights

T = TypeVar("T")
TRAINED: tuple[Task[..., Any], ...] = (locate, describe_region, matches, ask_about, restore_text)
FREE = (engine.MAX_CONCURRENCY, engine.MAX_CONCURRENCY)


@task
def weigh(things: str) -> int:
    """How heavy are {things}?"""
    ...


def fingerprints_of(tasks: tuple[Task[..., Any], ...]) -> dict[str, str]:
    return {each.declaration.name: each.declaration.fingerprint for each in tasks}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("models") / "small.safetensors"
    save_tiny_weights(file, fingerprints_of((*TRAINED, *(each for each, _ in OF_KIT))))
    return file


@pytest.fixture(scope="module")
def model(file: Path) -> Iterator[UnifiedEngine]:
    """One process for all tests; it lives on the background loop, where every call is run."""
    running = UnifiedEngine("small", file)
    yield running
    event_loop.run(running.aclose())


def run(work: Coroutine[Any, Any, T]) -> T:
    async def bounded() -> T:
        async with asyncio.timeout(110):
            return await work

    return event_loop.run(bounded())


def task_request(task: Task[..., Any], *inputs: Any, options: Options | None = None) -> TaskRequest:
    declared, call = task.declaration, task.call(*inputs)
    context = call_context(declared, call.inputs, by_name=True, box_format=UnifiedEngine.box_format)
    return TaskRequest(declared, call.inputs, context, options or Options())


async def complete(model: UnifiedEngine, ask: TaskRequest) -> Completed:
    async with aclosing(answer_events(model, ask, streamed=False, timeout=100)) as events:
        *_, last = [event async for event in events]
    assert isinstance(last, Completed)
    return last


PHRASES = (
    "the red mug",
    "the cat",
    "the second dog from the left",
    "左边的猫",
    "a",
    "an apple beside the big blue car",
)
PICTURE = Image(PNG)
OTHER = Image(encode_picture(shelf().rotate(90, expand=True)))


# ── the contract ──


@pytest.mark.parametrize(
    "arithmetic", [each if each == "int8" else pytest.param(each, marks=pytest.mark.slow) for each in PRECISIONS]
)
def test_the_unified_engine_passes_the_conformance_test(file: Path, arithmetic: Precision) -> None:
    async def on_its_own_loop() -> None:
        own = UnifiedEngine("small", file, InferencePlan(1, arithmetic))
        try:
            await check_engine(own)
        finally:
            await own.aclose()

    asyncio.run(on_its_own_loop())


def test_a_box_is_returned_in_pixels_of_its_picture(model: UnifiedEngine) -> None:
    result = run(complete(model, task_request(locate, PICTURE, "the red mug")))
    assert isinstance(model, HasBoxFormat) and isinstance(result.value, Box)
    assert result.value.x1 <= SIZE[0] and result.value.y1 <= SIZE[1]
    assert result.usage.prompt_tokens > 5 and result.usage.answer_tokens == 4
    assert result.model == f"small@{model.digest}" and len(model.digest) == 12


def test_a_batch_equals_single_calls(model: UnifiedEngine) -> None:
    """Pictures of other shapes, none at all, other tasks and lengths together."""
    requests = [task_request(locate, picture, phrase) for picture in (PICTURE, OTHER) for phrase in PHRASES]
    requests += [task_request(matches, PICTURE, phrase) for phrase in PHRASES[:3]]
    requests += [
        task_request(describe_region, OTHER, Box(0, 0, 20, 30)),
        task_request(restore_text, "a ___ in the ___"),
    ]

    async def alone() -> list[object]:
        return [(await outcome(model, each)) for each in requests]

    async def together() -> list[object]:
        return await asyncio.gather(*(outcome(model, each) for each in requests))

    one_by_one, at_once = run(alone()), run(together())
    assert at_once == one_by_one and len(set(map(repr, one_by_one))) > 5


async def outcome(model: UnifiedEngine, ask: TaskRequest) -> object:
    """The wire of an answer, or what was written when it was cut."""
    pieces = [piece async for piece in model.answer(ask)]
    return pieces


# ── death and leaving ──


def test_a_killed_process_is_reported_to_every_running_call_and_the_next_is_answered(model: UnifiedEngine) -> None:
    async def killed() -> list[Any]:
        await complete(model, task_request(matches, PICTURE, "a cat"))
        assert model.running and model.pid
        os.kill(model.pid, signal.SIGSTOP)
        calls = [asyncio.create_task(complete(model, task_request(matches, PICTURE, phrase))) for phrase in PHRASES]
        await asyncio.sleep(0.3)
        os.kill(model.pid, signal.SIGKILL)
        return await asyncio.gather(*calls, return_exceptions=True)

    before = model.pid
    results = run(killed())
    assert [type(each) for each in results] == [EngineDied] * len(PHRASES)
    assert results[0].hint == "try again: the process restarts"
    assert (model.admission.tokens, model.admission.slots) == FREE
    assert isinstance(run(complete(model, task_request(matches, PICTURE, "a cat"))).value, bool)
    assert model.pid not in (None, before)


def test_a_cancelled_call_leaves_the_queue(model: UnifiedEngine) -> None:
    async def left() -> None:
        await complete(model, task_request(matches, PICTURE, "a cat"))
        assert model.running and model.pid
        os.kill(model.pid, signal.SIGSTOP)
        calls = [asyncio.create_task(complete(model, task_request(matches, PICTURE, phrase))) for phrase in PHRASES]
        await asyncio.sleep(0.3)
        assert len(model.running.pending) == len(PHRASES)
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert not model.running.pending
        os.kill(model.pid, signal.SIGCONT)
        await complete(model, task_request(matches, PICTURE, "a cat"))

    run(left())
    assert (model.admission.tokens, model.admission.slots) == FREE


def test_requests_beyond_the_queue_limit_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_QUEUE", "2")
    small = UnifiedEngine("small", file)
    small.admission.slots = 0

    async def crowd() -> list[Any]:
        calls = [asyncio.create_task(complete(small, task_request(matches, PICTURE, phrase))) for phrase in PHRASES[:3]]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        for each in calls:
            each.cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    assert [type(each) for each in run(crowd())].count(EngineBusy) == 1


def test_the_process_inherits_no_secret_of_the_parent(model: UnifiedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(complete(model, task_request(matches, PICTURE, "a cat")))
    environment = Path(f"/proc/{model.pid}/environ").read_bytes()
    assert b"PLAIT_" not in environment and b"PATH=" in environment


def test_the_process_ends_if_its_parent_is_killed(file: Path, tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from plait.service.engines.unified.engine import UnifiedEngine\n"
        f"model = UnifiedEngine('small', Path({str(file)!r}))\n"
        "async def main():\n    await model.ensure_running()\n    print(model.pid, flush=True)\n    sys.stdin.read()\n"
        "asyncio.run(main())\n"
    )
    assert_ends_with_parent(script, tmp_path, within=30)


def test_calls_from_many_threads_are_answered(model: UnifiedEngine) -> None:
    results: list[object] = []

    def ask() -> None:
        results.append(run(complete(model, task_request(matches, PICTURE, "a cat"))).value)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 6 and len(set(results)) == 1


# ── limits and refusals ──


def test_a_text_that_is_too_long_is_refused_with_both_counts(model: UnifiedEngine) -> None:
    error = error_of(lambda: run(complete(model, task_request(matches, PICTURE, "many words " * 1_000))))
    assert isinstance(error, ContextTooLong) and error.tokens > 2_000 and error.limit == CONTEXT_LENGTH
    assert error.message == f"the prompt has {error.tokens:,} tokens, small takes {CONTEXT_LENGTH:,}"


def test_an_unreadable_picture_is_an_input_error_and_the_others_are_answered(
    model: UnifiedEngine,
) -> None:
    async def both() -> list[Any]:
        running = await model.ensure_running()
        question = engine.to_inference_request(task_request(matches, PICTURE, "a cat"))
        half = replace(question, image=question.image[: len(question.image) // 2])
        return await asyncio.gather(*(last(running.results(each)) for each in (half, question)), return_exceptions=True)

    error, answer = run(both())
    assert isinstance(error, InputError) and "is damaged or truncated" in error.message
    assert answer.complete and isinstance(answer.json_value, bool)


def test_the_time_in_the_queue_is_told_apart(model: UnifiedEngine) -> None:
    async def together() -> list[InferenceResult]:
        running = await model.ensure_running()
        question = engine.to_inference_request(task_request(matches, PICTURE, "a cat"))
        return await asyncio.gather(*(last(running.results(question)) for _ in range(40)))

    waits = sorted(each.waited for each in run(together()))
    assert 0 <= waits[0] < waits[-1], "the third batch waits for two others"


async def last(answers: AsyncIterator[InferenceResult]) -> InferenceResult:
    *_, whole = [each async for each in answers]
    return whole


def test_damaged_weights_are_reported_with_the_message_of_the_reader(file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    content = bytearray(file.read_bytes())
    at = content.index(b'"vocabulary":"') + len(b'"vocabulary":"')
    content[at : at + 4] = b"cafe"
    broken.write_bytes(bytes(content))
    damaged = UnifiedEngine("broken", broken)
    try:
        error = error_of(lambda: run(complete(damaged, task_request(matches, PICTURE, "a cat"))))
    finally:
        run(damaged.aclose())
    assert isinstance(error, EngineError) and "was made with another vocabulary: cafe" in error.message


# ── what it can ──


def test_a_model_answers_its_trained_tasks_and_lists_them_for_others(model: UnifiedEngine) -> None:
    assert [model.can(each.declaration) for each in TRAINED] == [""] * len(TRAINED)
    known = ", ".join([*fingerprints_of(TRAINED), *(each.declaration.name for each, _ in OF_KIT)])
    assert model.can(describe.declaration) == f"small was not trained on 'describe'; its tasks are {known}"


def test_a_task_of_the_same_name_with_other_wordings_is_another_task(file: Path, model: UnifiedEngine) -> None:
    @task
    def locate(picture: Image, phrase: str) -> Box:
        """In {picture}, where is {phrase}?"""
        ...

    reason = model.can(locate.declaration)
    assert reason == "small was trained on another version of locate, with other inputs, types or wording"


def test_missing_or_invalid_weights_are_reported_without_torch(tmp_path: Path) -> None:
    gone, other = (
        UnifiedEngine("gone", tmp_path / "gone.safetensors"),
        UnifiedEngine("other", tmp_path / "other.safetensors"),
    )
    (tmp_path / "other.safetensors").write_bytes(b"GGUF" * 20)
    assert gone.can(matches.declaration).endswith("gone.safetensors cannot be read: No such file or directory")
    assert other.can(matches.declaration).endswith("other.safetensors is not a safetensors file, or is truncated")
    assert gone.install_command(matches.declaration) == other.install_command(matches.declaration) == ""


def test_a_missing_package_is_reported_with_the_command_that_installs_it(
    model: UnifiedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "find_missing_packages", lambda: ("torch",))
    assert model.can(matches.declaration) == "small needs the package torch"
    assert model.install_command(matches.declaration) == "pip install -e '.[unified]'"
    assert model.install_command(describe.declaration) == "" and "was not trained" in model.can(describe.declaration)


# ── words ──


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (task_request(locate, PICTURE, "the mug"), ""),
        (task_request(locate, PICTURE, "左边的猫"), "zh"),
        (task_request(ask_about, PICTURE, "What is 猫?"), "zh"),
        (task_request(locate, PICTURE, "左边的猫", options=Options(wording="")), ""),
        (task_request(locate, PICTURE, "the mug", options=Options(wording="zh")), "zh"),
        (task_request(describe, PICTURE), ""),
        (task_request(weigh, "一只猫"), ""),
    ],
)
def test_a_chinese_text_uses_the_chinese_wording_unless_one_is_chosen(ask: TaskRequest, expected: str) -> None:
    assert wording(ask) == expected


def test_the_wording_determines_the_instruction(model: UnifiedEngine) -> None:
    requests = (task_request(describe, PICTURE, options=Options(wording=wording)) for wording in ("", "zh"))
    english, chinese = (engine.to_inference_request(each).input_ids for each in requests)
    assert english != chinese


def test_the_parent_process_imports_nothing_heavy(tmp_path: Path, file: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom plait.service.engines.unified.engine import UnifiedEngine\n"
        "from plait.tasks.matches import matches\n"
        f"assert UnifiedEngine('small', Path({str(file)!r})).can(matches.declaration) == ''\n"
        "print(sorted({'torch', 'numpy', 'PIL', 'tokenizers', 'safetensors'} & set(sys.modules)))\n"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert process.stdout == "[]\n"


def test_a_truncated_answer_is_reported(model: UnifiedEngine) -> None:
    """Weights that never end a text write until their limit."""

    async def ends() -> list[Any]:
        return [piece async for piece in model.answer(task_request(restore_text, "a ___"))]

    *pieces, end = run(ends())
    assert isinstance(end, Finish) and (end.reason == "stop") == bool(pieces)
