"""Confidence of answers: calibrated numbers alone, and a demand that is kept, refused beforehand, or passed on."""

import asyncio
import json
import os
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel

import plait
from plait import Client, task
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.engine.calibration import Calibration, Judgement, LogisticModel
from plait.core.engine.calibration_files import calibration_file, find_calibration, save_calibration
from plait.core.engine.chat import ChatEngine
from plait.core.engine.validation import AnswerEvent, Completed
from plait.core.errors import InputError, SettingsError, Unsure, error_text
from plait.core.task.options import Options
from plait.core.task.printed_call import task_address
from plait.service.catalog import Catalog, find_task
from plait.service.local_transport import LocalTransport
from tests.support.running_server import error_of, serve_catalog
from tests.support.token_probs import ConfidentChatModel


class Sorted(BaseModel):
    label: Literal["billing", "spam"]
    urgent: bool


@task
def sort_mail(message: str) -> Sorted:
    """Sort {message}."""
    ...


CALIBRATION_FIGURES = Path(__file__).parents[2] / "benchmarks" / "calibration.json"
ANSWER = '{"label":"spam","urgent":true}'
KNOWN = tuple(Judgement(index / 100, index > 40) for index in range(100))


def calibration(**changes: Any) -> Calibration:
    """Confidence that grows with the share of the tokens."""
    values = LogisticModel(0.0, (1.0, 0.0, 0.0, 0.0, 0.0), {"label": 0.0, "urgent": 0.0})
    made = Calibration(
        "sort_mail", sort_mail.declaration.fingerprint, "talker@abc", 4, "", 0.5, 0.4,
        values, LogisticModel(0.0, (0.0, 1.0)), KNOWN,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text("")
    return tmp_path


def engine(sure: float, name: str = "talker", text: str = ANSWER) -> ChatEngine:
    return ChatEngine(ConfidentChatModel(text, name=name, sure=sure))


def events(transport: LocalTransport, streamed: bool = False, **options: Any) -> list[AnswerEvent]:
    async def collect() -> list[AnswerEvent]:
        call = Call(sort_mail.declaration, {"message": "Win now"}, Options(**options), streamed=streamed)
        return [event async for event in transport.answer(call)]

    return asyncio.run(collect())


def answered(sure: float, **options: Any) -> Completed:
    (completed,) = events(LocalTransport(only=engine(sure)), **options)
    assert isinstance(completed, Completed)
    return completed


def refusal(sure: float = 0.9, **options: Any) -> InputError:
    error = error_of(lambda: answered(sure, **options))
    assert isinstance(error, InputError)
    return error


def test_a_calibrated_answer_has_a_confidence_for_each_value_and_for_all() -> None:
    save_calibration(sort_mail.declaration, calibration())
    sure, unsure = answered(0.99).confidence, answered(0.6).confidence
    assert [*sure] == ["label", "urgent", ""]
    assert all(sure[path] > unsure[path] for path in sure) and sure[""] < sure["urgent"]


def test_without_a_calibration_no_probabilities_are_asked_for_and_no_number_is_given() -> None:
    model = ConfidentChatModel(ANSWER)
    (completed,) = events(LocalTransport(only=ChatEngine(model)))
    assert isinstance(completed, Completed) and completed.confidence == {} and completed.probs == {}
    assert model.samplings[0].candidates == 0


def test_a_demand_of_an_uncalibrated_task_is_refused_with_the_command() -> None:
    error = refusal(min_confidence=0.8)
    assert error.message == "option min_confidence needs a calibration of sort_mail with talker"
    assert f"plait evaluate {task_address(sort_mail.declaration)} --model talker --calibrate" in error.hint


def test_an_answer_of_enough_confidence_is_given_and_another_raises_unsure_with_it() -> None:
    save_calibration(sort_mail.declaration, calibration())
    assert answered(0.999, min_confidence=0.8).value == Sorted(label="spam", urgent=True)
    error = error_of(lambda: answered(0.6, min_confidence=0.8))
    assert isinstance(error, Unsure) and error.answer == Sorted(label="spam", urgent=True)
    assert error.message.startswith("the confidence of sort_mail in its answer is 0.") and error.details == (ANSWER,)
    assert error.confidence[""] < 0.8 and f"plait correct {error.id}" in error.hint
    again = pickle.loads(pickle.dumps(error))
    assert (again.answer, again.confidence, error_text(again)) == (error.answer, error.confidence, error_text(error))


@pytest.mark.parametrize("sure", [0.6, 0.999])
def test_a_stream_sends_nothing_before_the_decision(sure: float) -> None:
    save_calibration(sort_mail.declaration, calibration())
    transport = LocalTransport(only=engine(sure))
    assert len(events(transport, streamed=True)) > 3
    if sure > 0.9:
        (only,) = events(transport, streamed=True, min_confidence=0.8)
        assert isinstance(only, Completed)
    else:
        assert isinstance(error_of(lambda: events(transport, streamed=True, min_confidence=0.8)), Unsure)


def test_the_fallback_answers_instead_of_an_unsure_model() -> None:
    save_calibration(sort_mail.declaration, calibration())
    small, large = engine(0.6), engine(0.6, "large", '{"label":"billing","urgent":false}')
    options = Options(model="talker", min_confidence=0.8, fallback="large")

    async def answer(call: Call) -> Completed:
        return await last_event(LocalTransport(catalog=()).answer(call))

    call = Call(sort_mail.declaration, {"message": "Win now"}, options, (small, large))
    completed = asyncio.run(answer(call))
    assert completed.model == "large@abc" and completed.value == Sorted(label="billing", urgent=False)
    sure = replace(call, code_engines=(engine(0.999), large))
    assert asyncio.run(answer(sure)).model == "talker@abc"


def test_a_fallback_without_a_demand_is_refused() -> None:
    assert "needs min_confidence or risk" in refusal(fallback="large").message
    assert "choose one" in refusal(min_confidence=0.5, risk=0.1).hint


def test_a_risk_chooses_the_threshold_from_known_answers() -> None:
    save_calibration(sort_mail.declaration, calibration())
    threshold = calibration().threshold(0.1)
    assert threshold and answered(0.999, risk=0.1).confidence[""] >= threshold
    unsure = error_of(lambda: answered(0.3, risk=0.1))
    assert isinstance(unsure, Unsure) and f"{threshold:.2f} is wanted" in unsure.message


def test_a_risk_that_cannot_be_kept_is_refused_beforehand() -> None:
    save_calibration(sort_mail.declaration, calibration(judgements=KNOWN[:10]))
    error = refusal(risk=0.05)
    assert "cannot be kept: 10 answers are known, and 19 are needed" in error.message and "0.0909" in error.hint
    save_calibration(sort_mail.declaration, calibration(judgements=tuple(Judgement(0.5, False) for _ in range(50))))
    assert "is kept only by answering nothing" in refusal(risk=0.05).message


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"shots": 0}, "its prompts had 4 examples, this one has 0"),
        ({"temperature": 0.7}, "its answers were the most likely ones, at temperature 0"),
    ],
)
def test_a_call_that_differs_from_the_calibrated_ones_has_no_confidence(options: dict[str, Any], reason: str) -> None:
    save_calibration(sort_mail.declaration, calibration())
    assert answered(0.9, **options).confidence == {}
    assert reason in refusal(min_confidence=0.5, **options).message


def test_a_calibration_of_another_version_or_form_is_not_used() -> None:
    save_calibration(sort_mail.declaration, calibration(model="talker@old"))
    assert answered(0.9).confidence == {}
    assert "the calibration is that of talker@old" in refusal(min_confidence=0.5).message
    save_calibration(sort_mail.declaration, calibration(fingerprint="another"))
    assert find_calibration(sort_mail.declaration, "talker") is None


def test_a_file_that_is_no_calibration_is_named() -> None:
    file = calibration_file(sort_mail.declaration, "talker")
    file.parent.mkdir()
    file.write_text('{"task": 1}')
    error = error_of(lambda: answered(0.9))
    assert isinstance(error, SettingsError) and str(file) in error.message and "--calibrate" in error.hint


def test_a_changed_calibration_is_read_again() -> None:
    save_calibration(sort_mail.declaration, calibration())
    first = answered(0.9).confidence[""]
    file = save_calibration(sort_mail.declaration, calibration(answers=LogisticModel(-3.0, (0.0, 1.0))))
    os.utime(file, (1, 1))
    assert answered(0.9).confidence[""] < first


# ── over HTTP ──


@pytest.fixture
def server() -> Iterator[str]:
    save_calibration(sort_mail.declaration, calibration())
    with serve_catalog(Catalog((sort_mail,)), LocalTransport(only=engine(0.6))) as running:
        yield running.url


def test_http_sends_the_confidence_and_the_unsure_answer(server: str) -> None:
    url = f"{server}/v1/tasks/sort_mail"
    sent = httpx.post(url, json={"message": "Win now"}).json()
    assert {*sent["confidence"]} == {"", "label", "urgent"} and 0 < sent["confidence"]["label"] < 1
    refused = httpx.post(f"{url}?min_confidence=0.9", json={"message": "Win now"})
    error = refused.json()["error"]
    assert refused.status_code == 422 and error["type"] == "Unsure"
    assert error["answer"] == json.loads(ANSWER) and error["confidence"][""] < 0.9
    corrected = httpx.post(f"{server}/v1/answers/{error['id']}/correction", json={"fields": {"urgent": False}})
    assert corrected.is_success


def test_the_client_raises_unsure_with_an_answer_of_the_declared_type(server: str) -> None:
    with Client(server):
        detailed = sort_mail.detailed("Win now")
        assert detailed.confidence["label"] and detailed.confidence["label"] < 1
        with pytest.raises(Unsure) as caught:
            sort_mail.using(min_confidence=0.9)("Win now")
        with pytest.raises(Unsure):
            list(sort_mail.using(min_confidence=0.9).stream("Win now"))
    assert caught.value.answer == Sorted(label="spam", urgent=True) and caught.value.confidence["urgent"]


# ── what comes with Plait ──


def test_the_calibrations_of_built_in_tasks_belong_to_their_present_form_and_keep_the_bounds() -> None:
    files = sorted((Path(plait.__file__).parent / "tasks" / "calibrations").glob("*.json"))
    measured = json.loads(CALIBRATION_FIGURES.read_text())["figures"]
    assert files and {file.name.partition(".")[0] for file in files} == {*measured}
    for file in files:
        declaration = find_task(file.name.partition(".")[0])[0].declaration
        known = find_calibration(declaration, "smollm2")
        assert known and known.fingerprint == declaration.fingerprint
        figures = measured[declaration.name]
        assert figures["model"] == known.model and figures["answers"]["count"] == len(known.judgements)
        assert figures["values"]["count"] >= 500 and figures["missing"] == 0
        assert figures["values"]["ece"]["mean"] <= 0.08 and figures["values"]["auroc"]["mean"] >= 0.70
