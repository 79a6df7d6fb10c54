"""Two real servers on loopback: llama.cpp's own, and Plait itself. Both run the embedded model."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from pydantic import BaseModel, Field

from plait import task
from plait.core.calls import event_loop
from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import TextDelta
from plait.core.errors import AnswerTooLong, ContextTooLong, EngineError, ModelNotFound
from plait.core.prompting.prompt import Message, Prompt
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.openai.engine import OpenAI
from plait.testing import check_engine
from plait.testing.engines import LAMPS, greet, read_order, turn, weigh
from tests.support.openai_requests import chat_text, complete, error_of, model
from tests.support.running_server import needs_model, serve_command

pytestmark = [needs_model, pytest.mark.model]
KEY = "a-key-of-this-test"


class Visit(BaseModel):
    who: str = Field(max_length=20)
    guests: Annotated[int, Field(ge=1, le=9)]


@task
def read_visit(text: str) -> Visit | None:
    """Read the visit that {text} tells of."""
    ...


@dataclass(frozen=True)
class PeerServer:
    """A server, as plait.toml would name it."""

    url: str
    key: str

    def model(self, **settings: Any) -> OpenAI:
        return model(self.url, **{"name": "", "key": self.key, **settings})


@pytest.fixture(scope="module")
def llamacpp() -> Iterator[PeerServer]:
    """llama.cpp's own server with its own key, in the process that Plait's engine starts for it."""
    file = embedded_file()
    assert file
    engine = LlamaCpp("smollm2", file, CONTEXT)
    running = event_loop.run(engine.ensure_running())
    key = running.http.headers["authorization"].removeprefix("Bearer ")
    yield PeerServer(f"{str(running.http.base_url).rstrip('/')}/v1", key)
    event_loop.run(engine.aclose())


@pytest.fixture(scope="module")
def plait_itself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeerServer]:
    """`plait serve` with a key, in a process of its own."""
    folder: Path = tmp_path_factory.mktemp("served")
    env = {"PLAIT_KEYS": KEY, "PLAIT_DATA": str(folder / "data"), "PLAIT_URL": "none"}
    with serve_command("--port", "0", env=env, cwd=folder) as server:
        yield PeerServer(f"{server.url}/v1", KEY)


@pytest.fixture(params=["llamacpp", "plait_itself"])
def server(request: pytest.FixtureRequest) -> PeerServer:
    return request.getfixturevalue(request.param)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["llamacpp", "plait_itself"], indirect=True)
def test_the_conformance_test_passes_with_either_server(server: PeerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_ANSWER_TOKENS", "64")

    async def kit() -> None:
        engine = ChatEngine(server.model())
        try:
            await check_engine(engine)
        finally:
            await engine.aclose()

    asyncio.run(kit())


@pytest.mark.parametrize(
    ("each", "inputs"),
    [
        (turn, {"wish": "light in the kitchen", "lamps": LAMPS}),
        (weigh, {"things": "a cat, a chair"}),
        (read_visit, {"text": "Ada comes with two friends."}),
    ],
    ids=["a union", "a list", "a record or none"],
)
def test_each_server_constrains_answers_by_any_schema(
    server: PeerServer, each: Any, inputs: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    """No request is repeated and no warning logged: the schema was accepted unchanged."""
    engine = server.model()
    with caplog.at_level(logging.WARNING, "plait"):
        assert complete(engine, each, inputs, timeout=240).usage.answer_tokens > 0
    assert not caplog.records and set(engine.capabilities.mode_index.values()) <= {0}


def test_a_datetime_is_constrained_by_its_pattern(server: PeerServer) -> None:
    """Dates are the hardest part of a schema: a pattern, a format, and days that do not exist."""
    assert complete(server.model(), read_order, timeout=240).value.due.year > 0


def test_the_same_seed_gives_the_same_answer(server: PeerServer) -> None:
    first, second, other = (
        chat_text(server.model(), temperature=1.0, seed=seed, max_tokens=16)[0] for seed in (5, 5, 6)
    )
    assert first == second != other


def test_a_repetition_penalty_is_accepted_by_both_servers(server: PeerServer) -> None:
    """A second attempt has one; who does not know it is asked without."""
    engine = server.model()
    assert chat_text(engine, "Say hello.", repeat_penalty=1.1, max_tokens=8)[0]
    assert engine.capabilities.unsupported <= {"frequency_penalty"}


def test_usage_is_that_of_the_server(server: PeerServer) -> None:
    text, end, pieces = chat_text(server.model(), "Count from one to five.", max_tokens=12)
    assert text and end.usage.prompt_tokens > 10 and 0 < end.usage.answer_tokens <= 12 and len(pieces) > 1


def test_a_limit_truncates_with_finish_reason_length(server: PeerServer) -> None:
    _, end, _ = chat_text(server.model(), "Tell a long story of a ship.", max_tokens=8)
    assert end.reason == "length" and end.usage.answer_tokens == 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAIT_ANSWER_TOKENS", "5")
        assert isinstance(error_of(server.model(), timeout=240), AnswerTooLong)


def test_stop_sequences_end_an_answer_and_are_not_part_of_it(server: PeerServer) -> None:
    free = chat_text(server.model(), "Tell a story of a ship.", max_tokens=24)[0]
    mark = free[20:24]
    text, end, _ = chat_text(server.model(), "Tell a story of a ship.", max_tokens=24, stop=(mark,))
    assert text == free.partition(mark)[0] and end.reason == "stop"


def test_a_prompt_that_is_too_long_raises_with_both_counts(server: PeerServer) -> None:
    error = error_of(server.model(), greet, {"name": "Ada " * 20_000}, timeout=240)
    assert isinstance(error, ContextTooLong), error
    assert error.tokens > 20_000 and 7_000 < error.limit <= 1.5 * CONTEXT
    assert error.message.startswith(f"the prompt has {error.tokens:,} tokens, gpu-box takes {error.limit:,}")


def test_a_wrong_key_is_named_by_its_setting(server: PeerServer) -> None:
    error = error_of(server.model(key="wrong-key", name="x"))
    assert type(error) is EngineError and error.message.startswith("gpu-box refuses the key of [models.gpu-box]: ")
    assert "wrong-key" not in str(error)


def test_an_unknown_model_of_a_plait_server_is_reported_with_the_nearest_name(plait_itself: PeerServer) -> None:
    """llama.cpp's server answers to any name."""
    error = error_of(plait_itself.model(name="smollm3"), greet, {"name": "Ada"})
    assert isinstance(error, ModelNotFound) and error.hint == "did you mean smollm2?"


def test_many_calls_share_few_connections_and_get_their_own_answers(server: PeerServer) -> None:
    colours = ["red", "blue", "green", "yellow"]

    async def all_at_once() -> list[str]:
        engine = server.model()

        async def one(colour: str) -> str:
            prompt = Prompt((Message("user", f"Repeat exactly: the {colour} door"),))
            stream = engine.chat(prompt, None, Sampling(12, 0.0, 1))
            return "".join([each.text async for each in stream if isinstance(each, TextDelta)])

        try:
            return await asyncio.gather(*map(one, colours))
        finally:
            await engine.aclose()

    answers = asyncio.run(all_at_once())
    for answer_given, colour in zip(answers, colours, strict=True):
        assert not [other for other in colours if other != colour and other in answer_given.lower()], (
            colour,
            answer_given,
        )


def test_the_peer_servers_are_the_expected_programs(llamacpp: PeerServer, plait_itself: PeerServer) -> None:
    def model_entry(server: PeerServer) -> Any:
        headers = {"authorization": f"Bearer {server.key}"}
        return httpx.get(f"{server.url}/models", headers=headers, trust_env=False).json()["data"][0]

    assert model_entry(llamacpp)["owned_by"] == "llamacpp" and model_entry(plait_itself)["owned_by"] == "plait"


def test_a_server_needs_only_a_table_in_plait_toml(
    server: PeerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_BOX_KEY", server.key)
    (tmp_path / "plait.toml").write_text(f'[models.gpu-box]\nurl = "{server.url}"\nkey = "env:GPU_BOX_KEY"\n')
    assert greet("Ada")
    assert greet.using("gpu-box", seed=1, temperature=0)("Ada")
    assert turn("light in the kitchen", LAMPS) is not None
