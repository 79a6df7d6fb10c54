"""One budget of cores: answers of any process are seen; an adaptation pauses for them, and still comes to an end."""

import asyncio
import subprocess
import sys
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.config import settings
from plait.core.engine.chat import Sampling
from plait.core.prompting.prompt import Message, Prompt
from plait.service.core_budget import BURST, PAUSED_SHARE, AnsweringMark, PauseBudget, is_answering
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.supervisor.admission import Admission
from tests.support.running_server import needs_model

STEPS = st.lists(st.tuples(st.floats(0.01, 2.0), st.booleans()), max_size=300)


def test_a_mark_lasts_until_the_last_of_overlapping_answers_ends(tmp_path: Path) -> None:
    mark = AnsweringMark(tmp_path)
    assert not is_answering(tmp_path)
    with mark:
        with mark:
            assert is_answering(tmp_path)
        assert is_answering(tmp_path)
    assert not is_answering(tmp_path)


def test_the_mark_of_another_process_is_seen_and_ends_with_it_however_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom plait.service.core_budget import AnsweringMark\n"
        "with AnsweringMark(pathlib.Path(sys.argv[1])):\n    print('answering', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"answering\n"
        assert is_answering(tmp_path)
        process.kill()
        process.wait()
        assert not is_answering(tmp_path)


def test_two_engines_of_one_folder_are_marked_each_for_itself(tmp_path: Path) -> None:
    with AnsweringMark(tmp_path):
        with AnsweringMark(tmp_path):
            assert is_answering(tmp_path)
        assert is_answering(tmp_path)


def test_a_folder_that_cannot_be_written_is_never_marked_and_stops_no_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with AnsweringMark(tmp_path / "file"):
        assert not is_answering(tmp_path / "file")


def test_a_request_is_marked_while_it_has_its_slot_and_not_afterwards(tmp_path: Path) -> None:
    async def work() -> None:
        admission = Admission(tokens=10, slots=1, queue_limit=2, mark=AnsweringMark(tmp_path))
        with pytest.raises(ZeroDivisionError):
            async with admission.reserve(5):
                assert is_answering(tmp_path)
                raise ZeroDivisionError
        assert not is_answering(tmp_path)

    asyncio.run(work())


@needs_model
@pytest.mark.model
def test_an_answer_of_the_embedded_model_is_marked_in_the_data_folder() -> None:
    async def work() -> list[bool]:
        file = embedded_file()
        assert file
        settings().data.mkdir(parents=True, exist_ok=True)
        engine = LlamaCpp("smollm2", file, 512)
        seen = [is_answering(settings().data)]
        try:
            prompt = Prompt((Message("user", "Count to ten."),))
            async with aclosing(engine.chat(prompt, None, Sampling(max_tokens=8))) as events:
                seen += [is_answering(settings().data) async for _ in events]
            return [*seen, is_answering(settings().data)]
        finally:
            await engine.aclose()

    before, first, *_, after = asyncio.run(work())
    assert (before, first, after) == (False, True, False)


@given(STEPS)
def test_pauses_are_a_bounded_share_of_the_time_whatever_is_asked(steps: list[tuple[float, bool]]) -> None:
    budget, total, longest = PauseBudget(), 0.0, 0.0
    for seconds, answering in steps:
        was_paused = budget.is_paused
        budget.step(seconds, answering=answering)
        total, longest = total + seconds, max(longest, seconds)
        assert answering or not budget.is_paused, "nobody is answered, so it works"
        assert was_paused or budget.paused_seconds <= BURST + longest + PAUSED_SHARE * total


@given(STEPS)
def test_without_answers_nothing_is_paused(steps: list[tuple[float, bool]]) -> None:
    budget = PauseBudget()
    assert not any(budget.step(seconds, answering=False) for seconds, _ in steps)
    assert budget.paused_seconds == 0


def test_a_burst_is_granted_whole_and_an_endless_one_in_part() -> None:
    budget = PauseBudget()
    first = [budget.step(0.5, answering=True) for _ in range(int(BURST / 0.5))]
    assert all(first), "short bursts have all cores"
    later = [budget.step(0.5, answering=True) for _ in range(2_000)]
    assert sum(later) / len(later) == pytest.approx(PAUSED_SHARE, abs=0.01)
    changes = sum(a != b for a, b in pairwise(later))
    assert changes < len(later) / 2, "it does not pause at every look"
