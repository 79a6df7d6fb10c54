"""A route answers wherever a model is named: the first model that is sure, the last one in any case."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel

from plait import Client, Task, task
from plait.core.calls.scope import use_transport
from plait.core.calls.transport import Call
from plait.core.engine.calibration import Calibration, LogisticModel
from plait.core.engine.calibration_files import save_calibration
from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed
from plait.core.errors import InputError, ModelNotFound
from plait.core.task.options import Options
from plait.service import route_calls
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.service.models.model_route import ModelRoute, RouteStep
from plait.service.models.route_registry import current_routes
from plait.service.models.version_models import project_of
from plait.storage.database import current_database
from plait.storage.model_table import AliasKey, StoredVersion, insert_version
from plait.storage.schema import writing
from plait.storage.tables import aliases
from tests.support.routes import route_of
from tests.support.running_server import error_of, serve_catalog
from tests.support.token_probs import ConfidentChatModel


class Sorted(BaseModel):
    label: Literal["billing", "spam"]
    urgent: bool


@task
def route_mail(message: str) -> Sorted:
    """Sort {message}."""
    ...


DECLARATION = route_mail.declaration
SPAM, BILLING = '{"label":"spam","urgent":true}', '{"label":"billing","urgent":false}'
NAME = "mail-route"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text("")
    route_calls.warn_once.cache_clear()
    return tmp_path


def calibrate(model: str, **changes: Any) -> None:
    """Confidence that grows with the share of the tokens."""
    values = LogisticModel(0.0, (1.0, 0.0, 0.0, 0.0, 0.0), {"label": 0.0, "urgent": 0.0})
    whole = LogisticModel(0.0, (0.0, 1.0))
    made = Calibration("route_mail", DECLARATION.fingerprint, f"{model}@abc", 4, "", 0.5, 0.4, values, whole, ())
    save_calibration(DECLARATION, replace(made, **changes))


def chat_engine(name: str, sure: float, text: str = SPAM) -> ChatEngine:
    return ChatEngine(ConfidentChatModel(text, name=name, sure=sure))


def kept(*steps: RouteStep, name: str = NAME) -> ModelRoute:
    route = route_of(DECLARATION, steps, name)
    current_routes().keep(route)
    return route


def three_models(small: float = 0.6, middle: float = 0.6) -> tuple[ChatEngine, ...]:
    for name in ("small", "middle"):
        calibrate(name)
    kept(
        RouteStep("small", 0.8, "small@abc"),
        RouteStep("middle", 0.8, "middle@abc"),
        RouteStep("large", None, "large@abc"),
    )
    return chat_engine("small", small), chat_engine("middle", middle), chat_engine("large", 0.5, BILLING)


def events(engines: tuple[ChatEngine, ...], *, streamed: bool = False, **options: Any) -> list[AnswerEvent]:
    async def collect() -> list[AnswerEvent]:
        call = Call(DECLARATION, {"message": "Win now"}, Options(**{"model": NAME, **options}), engines, streamed)
        return [event async for event in LocalTransport().answer(call)]

    return asyncio.run(collect())


def answer(engines: tuple[ChatEngine, ...], **options: Any) -> Completed:
    (completed,) = events(engines, **options)
    assert isinstance(completed, Completed)
    return completed


def prompts(engine: ChatEngine) -> int:
    model = engine.model
    assert isinstance(model, ConfidentChatModel)
    return len(model.prompts)


@pytest.mark.parametrize(
    ("small", "middle", "answers", "calls"),
    [(0.999, 0.6, "small@abc", [1, 0, 0]), (0.6, 0.999, "middle@abc", [1, 1, 0]), (0.6, 0.6, "large@abc", [1, 1, 1])],
)
def test_the_first_model_that_is_sure_answers_and_no_later_one_is_asked(
    small: float, middle: float, answers: str, calls: list[int]
) -> None:
    engines = three_models(small, middle)
    completed = answer(engines)
    assert completed.model == answers and completed.json_value == json.loads(BILLING if "large" in answers else SPAM)
    assert [*map(prompts, engines)] == calls


def test_a_stream_sends_nothing_before_the_decision_and_the_last_model_streams() -> None:
    (only,) = events(three_models(small=0.999), streamed=True)
    assert isinstance(only, Completed) and only.model == "small@abc"
    streamed = events(three_models(), streamed=True)
    assert len(streamed) > 3 and isinstance(streamed[-1], Completed) and streamed[-1].model == "large@abc"


def test_tokens_and_seconds_are_those_of_all_answers() -> None:
    first, last = answer(three_models(small=0.999)), answer(three_models())
    assert (first.usage.prompt_tokens, first.usage.answer_tokens) == (7, len(SPAM))
    assert (last.usage.prompt_tokens, last.usage.answer_tokens) == (21, 2 * len(SPAM) + len(BILLING))
    assert last.seconds > 0


def test_a_model_without_a_valid_answer_is_not_sure() -> None:
    _, middle, large = three_models(middle=0.999)
    invalid = chat_engine("small", 0.999, '{"label":"neither"}')
    assert answer((invalid, middle, large)).model == "middle@abc" and prompts(invalid) == 2


def test_the_time_limit_is_that_of_all_models_together(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = three_models()
    limits: list[float | None] = []
    whole = LocalTransport.engine_answer

    def engine_answer(self: LocalTransport, call: Call, engine: Any) -> Any:
        limits.append(call.options.timeout)
        return whole(self, call, engine)

    monkeypatch.setattr(LocalTransport, "engine_answer", engine_answer)
    answer(engines, timeout=500)
    first, second, third = limits
    assert first == 500 and second and third and 300 < third < second < 500


# ── stale routes ──


def test_a_model_that_changed_is_passed_over_and_the_command_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    engines = three_models(small=0.999)
    changed = ChatEngine(ConfidentChatModel(SPAM, name="small", sure=0.999, digest="new"))
    with caplog.at_level(logging.WARNING, "plait"):
        assert [answer((changed, *engines[1:])).model for _ in range(2)] == ["large@abc"] * 2
    assert prompts(changed) == 0
    assert [each.getMessage() for each in caplog.records] == [
        f"the route {NAME} is stale: small answers as small@new now, and small@abc was measured; "
        "measure it anew: plait route mail"
    ]


def test_a_model_whose_version_shows_with_its_answer_alone_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    _, middle, large = three_models()

    class Unknown(ConfidentChatModel):
        """As a server: its version is known from its first answer on."""

        async def says(self, sampling: Sampling) -> AsyncIterator[TextDelta | Finish]:
            self.digest = "new"
            async for event in super().says(sampling):
                yield event

    late = ChatEngine(Unknown(SPAM, name="small", sure=0.999, digest=""))
    with caplog.at_level(logging.WARNING, "plait"):
        assert answer((late, middle, large)).model == "large@abc"
    assert prompts(late) == 1 and "small answers as small@new now" in caplog.text


def test_a_model_that_is_calibrated_anew_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    engines = three_models(small=0.999)
    calibrate("small", answers=LogisticModel(5.0, (0.0, 1.0)))
    with caplog.at_level(logging.WARNING, "plait"):
        assert answer(engines).model == "large@abc"
    assert prompts(engines[0]) == 0 and "small has another calibration now" in caplog.text


def test_a_version_that_still_loads_is_passed_over_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    engines = three_models(small=0.999)
    project, fingerprint = project_of(DECLARATION), DECLARATION.fingerprint
    version = StoredVersion(project, "small/route_mail", "route_mail", fingerprint, "small", "b", "a", 1, "{}", "")
    database = current_database()
    with writing(database) as connection:
        number = insert_version(connection, version).number
        key = AliasKey(project, version.name, fingerprint)
        connection.execute(aliases.insert().values({**vars(key), "number": number, "version_id": 1, "weight": 100}))
    for answered_by, is_said in ((f"small/route_mail@{number}", False), ("small/route_mail@7", True)):
        kept(RouteStep("small", 0.8, answered_by), RouteStep("large", None, "large@abc"))
        with caplog.at_level(logging.WARNING, "plait"):
            assert answer(engines).model == "large@abc"
        assert ("is stale" in caplog.text) is is_said


def test_the_last_model_answers_even_if_it_changed_and_a_missing_one_is_passed_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    three_models()
    large = ChatEngine(ConfidentChatModel(BILLING, name="large", digest="new"))
    with caplog.at_level(logging.WARNING, "plait"):
        assert answer((large,)).model == "large@new"
    assert "large answers as large@new now" in caplog.text and "no model is called 'small'" in caplog.text


def test_a_route_whose_last_model_is_gone_is_named_with_the_command() -> None:
    small, middle, _ = three_models()
    error = error_of(lambda: answer((small, middle)))
    assert isinstance(error, ModelNotFound) and error.hint.endswith("\nplait route mail")
    assert error.message == f"the route {NAME} asks large last: no model is called 'large'"


# ── refusals ──


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"min_confidence": 0.5}, "option min_confidence cannot be combined with the route mail-route"),
        ({"risk": 0.1}, "option risk cannot be combined"),
        ({"fallback": "large"}, "option fallback cannot be combined"),
        ({"shots": 0}, "which was measured otherwise with small: its prompts had 4 examples, this one has 0"),
        ({"temperature": 0.7}, "the most likely ones, at temperature 0"),
    ],
)
def test_options_that_a_route_was_not_measured_with_are_refused(options: dict[str, Any], why: str) -> None:
    engines = three_models(small=0.999)
    error = error_of(lambda: answer(engines, **options))
    assert isinstance(error, InputError) and why in error.message
    assert "small ≥ 0.8, else middle ≥ 0.8, else large" in error.hint
    assert [*map(prompts, engines)] == [0, 0, 0]


def test_a_route_of_another_form_or_task_is_refused_with_the_command() -> None:
    route = route_of(DECLARATION, [RouteStep("large", None, "large@abc")])
    current_routes().keep(replace(route, fingerprint="another"))
    error = error_of(lambda: answer((chat_engine("large", 0.5),)))
    assert "another form of route_mail" in error.message and error.hint == "plait route mail"
    current_routes().keep(replace(route, task="other"))
    assert "is a route of other" in error_of(lambda: answer((chat_engine("large", 0.5),))).message


def test_a_name_nearly_that_of_a_route_is_answered_with_it() -> None:
    error = error_of(lambda: answer(three_models(), model="mail-rout"))
    assert isinstance(error, ModelNotFound) and error.hint == "did you mean mail-route?"


def test_a_model_of_the_same_name_is_asked_instead_of_the_route() -> None:
    engines = three_models()
    assert answer((*engines, chat_engine(NAME, 0.9, BILLING))).model == f"{NAME}@abc"


def test_one_model_is_needed_where_a_route_is_no_answer() -> None:
    three_models()
    error = error_of(lambda: LocalTransport().engine_for(DECLARATION, NAME))
    assert error.message == f"{NAME} is a route, and one model is needed here" and "small, middle, large" in error.hint


def test_a_route_may_be_the_fallback_of_a_demand() -> None:
    engines = (*three_models(middle=0.999), chat_engine("tiny", 0.5))
    calibrate("tiny")
    assert answer(engines, model="tiny", min_confidence=0.9, fallback=NAME).model == "middle@abc"


# ── from Python and over HTTP ──


@pytest.fixture
def routed() -> Iterator[Task[[str], Sorted]]:
    engines = three_models(middle=0.999)
    route_mail.code_engines[:] = engines
    yield route_mail
    route_mail.code_engines.clear()


def test_a_route_is_used_by_its_name_from_python(routed: Task[[str], Sorted]) -> None:
    with use_transport(LocalTransport()):
        answer = routed.using(NAME).detailed("Win now")
        assert answer.model == "middle@abc" and answer.route == NAME
        assert routed.using("middle").detailed("Win now").route == ""
        assert [each.label for each in routed.using(NAME).batch([{"message": "a"}, {"message": "b"}])] == ["spam"] * 2


def test_a_route_answers_over_http_and_on_the_page(routed: Task[[str], Sorted]) -> None:
    with serve_catalog(Catalog((routed,))) as server:
        url = f"{server.url}/v1/tasks/route_mail?model={NAME}"
        answer = httpx.post(url, json={"message": "Win now"}).json()
        assert answer["model"] == "middle@abc" and answer["route"] == NAME
        assert "route" not in httpx.post(url.replace(NAME, "middle"), json={"message": "Win now"}).json()
        streamed = httpx.post(url, json={"message": "Win now"}, headers={"accept": "text/event-stream"}).text
        assert streamed.count("data:") == 1 and '"model":"middle@abc"' in streamed.replace(": ", ":")
        refused = httpx.post(f"{url}&min_confidence=0.5", json={"message": "Win now"})
        assert refused.status_code == 422 and "cannot be combined" in refused.json()["error"]["message"]
        page = httpx.get(f"{server.url}/tasks/route_mail").text
        assert f'<option value="{NAME}"' in page
        with Client(server.url):
            assert routed.using(NAME).detailed("Win now").route == NAME
        why = httpx.get(f"{server.url}/v1/answers/{answer['id']}/why").json()
        assert why["route"] == NAME and why["model"] == "middle@abc"
        page = httpx.get(f"{server.url}/answers/{answer['id']}/why").text
        assert "Chosen by the route" in page and NAME in page


def test_the_page_of_models_lists_the_routes(routed: Task[[str], Sorted]) -> None:
    with serve_catalog(Catalog((routed,))) as server:
        english, chinese = (httpx.get(f"{server.url}/models?lang={language}").text for language in ("en", "zh"))
    assert f'<th scope="row">{NAME}</th>' in english and "small ≥ 0.8, else middle ≥ 0.8, else large" in english
    assert "0.900 [0.800, 1.000]" in english and "Routes" in english and "路由" in chinese
    current_routes().remove(project_of(DECLARATION), NAME)
    with serve_catalog(Catalog((routed,))) as server:
        assert "Routes" not in httpx.get(f"{server.url}/models?lang=en").text


def test_nothing_of_an_unsure_answer_is_streamed() -> None:
    texts = [each.text for each in events(three_models(), streamed=True) if isinstance(each, TextDelta)]
    assert "spam" not in "".join(texts)
