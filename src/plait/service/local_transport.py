"""Answers in this process: chooses who answers, and starts engines with the first call that needs them."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call, TaskCard
from plait.core.config import settings
from plait.core.engine.chat import ChatEngine, Chats
from plait.core.engine.completion import Beginning
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Ask, End, Engine, Framed, Installable, Piece
from plait.core.engine.validation import Event, answers, within
from plait.core.errors import NoModel
from plait.core.prompting.few_shot import shots
from plait.core.prompting.prompt import instruction_of
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.task.signature import beside_inputs
from plait.service.catalog import Catalog, card
from plait.service.chat import as_seen, completed, continued
from plait.service.models.discovery import (
    Model,
    ModelFile,
    ModelServer,
    UnifiedFile,
    known_models,
    missing,
    model_named,
)


class LocalTransport:
    """The transport of this process. `only` is an engine that answers alone, whatever else there is."""

    def __init__(self, *, catalog: Catalog | None = None, only: Engine | None = None) -> None:
        self.catalog = catalog
        self.only = only
        self.started: dict[Model, Engine] = {}

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        engine = self.engine_for(call.declaration, call.options.model, call.by_code)
        usual = settings()
        frame = engine.boxes if isinstance(engine, Framed) else ""
        beside = beside_inputs(call.declaration.targets, call.inputs, named=True, frame=frame)
        # The caller's errors, whoever answers: a wording that is not there, a list to point into that is empty.
        instruction_of(call.declaration, call.options.wording or "")
        answer_grammar(call.declaration, beside)
        examples = (
            await asyncio.to_thread(shots, call.declaration, call.inputs, call.options.shots)
            if isinstance(engine, ChatEngine)
            else ()
        )
        ask = Ask(call.declaration, call.inputs, beside, call.options, examples)
        timeout = usual.timeout if call.options.timeout is None else call.options.timeout
        async with closing(answers(engine, ask, streamed=call.streamed, timeout=timeout)) as events:
            async for event in events:
                yield event

    async def chat(self, conversation: Conversation) -> AsyncIterator[Piece | End]:
        chats = self.chat_engine(conversation.model).chats
        said = continued(chats, await as_seen(chats, conversation), settings().answer_tokens)
        async with closing(in_time(said, conversation.timeout)) as pieces:
            async for piece in pieces:
                yield piece

    async def complete(self, beginning: Beginning) -> AsyncIterator[Piece | End]:
        said = completed(self.chat_engine(beginning.model).chats, beginning, settings().answer_tokens)
        async with closing(in_time(said, beginning.timeout)) as pieces:
            async for piece in pieces:
                yield piece

    def chatting(self) -> list[str]:
        """The names of the models that chat."""
        alone = [self.only.name] if isinstance(self.only, ChatEngine) else []
        return [*alone, *(model.name for model in known_models() if can_chat(model) and model.name not in alone)]

    async def tasks(self) -> list[TaskCard]:
        catalog = self.catalog or Catalog.built_in()
        return [card(task.declaration) for task in catalog]

    def engine_for(self, declaration: Declaration, name: str | None, by_code: Sequence[Engine] = ()) -> Engine:
        """Who answers: the one that was named, else the newest given by code, else the first model that can."""
        if self.only:
            return self.able([self.only], declaration)
        if name:
            return self.able([self.named(name, by_code)], declaration)
        return self.able([*reversed(by_code), *map(self.engine, known_models())], declaration)

    def able(self, engines: Sequence[Engine], declaration: Declaration) -> Engine:
        reasons: list[str] = []
        for engine in engines:
            reason = engine.can(declaration)
            if not reason:
                return engine
            reasons.append(reason)
        if not reasons:
            raise missing(f"no model can answer {declaration.name!r}")
        raise NoModel(
            f"no model can answer {declaration.name!r}: {'; '.join(reasons)}",
            way_out=command(engines, declaration)
            or f"name a model that {lacking(declaration)} in plait.toml, or pass --model",
        )

    def named(self, name: str, by_code: Sequence[Engine]) -> Engine:
        given = next((engine for engine in reversed(by_code) if engine.name == name), None)
        return given or self.engine(model_named(name, [engine.name for engine in by_code]))

    def chat_engine(self, name: str | None) -> ChatEngine:
        """A model to talk with. Raises NoModel."""
        alone = self.only if isinstance(self.only, ChatEngine) else None
        if alone and name in (None, alone.name):
            return alone
        named = [] if name is None else [model_named(name, [alone.name] if alone else [])]
        for engine in map(self.engine, named or known_models()):
            if isinstance(engine, ChatEngine):
                return engine
        if named:
            chatting = ", ".join(self.chatting())
            raise NoModel(
                f"{name} does not chat: it answers the tasks that it was trained on",
                way_out=f"plait models lists them; {chatting} can chat" if chatting else "plait models lists them",
            )
        raise missing("no model can chat")

    def engine(self, model: Model) -> Engine:
        if model not in self.started:
            self.started[model] = engine_of(model)
        return self.started[model]

    async def aclose(self) -> None:
        for engine in self.started.values():
            await engine.aclose()
        self.started.clear()


def command(engines: Sequence[Engine], declaration: Declaration) -> str:
    """What makes the first of them answer that lacks nothing but packages."""
    commands = (engine.installs(declaration) for engine in engines if isinstance(engine, Installable))
    return next(filter(None, commands), "")


def lacking(declaration: Declaration) -> str:
    """What a model would have to do, that none here does."""
    return "reads pictures" if any(slot.pictured for slot in declaration.slots) else "can"


async def in_time(pieces: AsyncIterator[Piece | End], timeout: float | None) -> AsyncIterator[Piece | End]:
    """The pieces, within so many seconds for all of them, or within the usual."""
    seconds = settings().timeout if timeout is None else timeout
    over = asyncio.get_running_loop().time() + seconds
    async with closing(pieces), closing(within(over, seconds, pieces)) as timely:
        async for piece in timely:
            yield piece


def can_chat(model: Model) -> bool:
    return not isinstance(model, UnifiedFile)


def engine_of(model: Model) -> Engine:
    """The engine that runs a model, or asks for it. Nothing is loaded or connected yet."""
    if isinstance(model, UnifiedFile):
        from plait.service.engines.unified import Native

        return Native(model.name, model.path, model.plan)
    return ChatEngine(chats(model))


def chats(model: ModelFile | ModelServer) -> Chats:
    if isinstance(model, ModelServer):
        from plait.service.engines.openai import OpenAI

        return OpenAI(model.name, model.server)
    from plait.service.engines.llamacpp import LlamaCpp

    return LlamaCpp(model.name, model.path, model.context, model.threads)
