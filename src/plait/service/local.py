"""Answers in this process: chooses who answers, and starts engines with the first call that needs them."""

from collections.abc import AsyncIterator, Sequence

from plait.core.answering import Event, answers
from plait.core.chats import ChatEngine, Sampling
from plait.core.declaration import Declaration
from plait.core.derive import answer_grammar
from plait.core.door import Call, TaskCard
from plait.core.engine import Ask, End, Engine, Piece
from plait.core.errors import NoModel
from plait.core.examples import Examples
from plait.core.loop import closing
from plait.core.options import Options
from plait.core.prompt import Message, Prompt, instruction_of
from plait.core.reading import beside_inputs
from plait.core.settings import settings
from plait.service.catalog import Catalog, card
from plait.service.models import ModelFile, missing, model_file, model_files


class LocalTransport:
    """The transport of this process. `only` is an engine that answers alone, whatever else there is."""

    def __init__(self, *, catalog: Catalog | None = None, only: Engine | None = None) -> None:
        self.catalog = catalog
        self.only = only
        self.started: dict[ModelFile, ChatEngine] = {}

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        engine = self.engine_for(call.declaration, call.options.model, call.by_code)
        usual = settings()
        beside = beside_inputs(call.declaration.targets, call.inputs, named=True)
        # The caller's errors, whoever answers: a wording that is not there, a list to point into that is empty.
        instruction_of(call.declaration, call.options.wording or "")
        answer_grammar(call.declaration, beside)
        count = usual.shots if call.options.shots is None else call.options.shots
        examples = Examples(call.declaration).first(count) if isinstance(engine, ChatEngine) else ()
        ask = Ask(call.declaration, call.inputs, beside, call.options, examples)
        timeout = usual.timeout if call.options.timeout is None else call.options.timeout
        async with closing(answers(engine, ask, streamed=call.streamed, timeout=timeout)) as events:
            async for event in events:
                yield event

    async def chat(self, messages: Sequence[Message], options: Options) -> AsyncIterator[Piece | End]:
        engine = self.chat_engine(options.model)
        temperature = 0.6 if options.temperature is None else options.temperature
        sampling = Sampling(settings().answer_tokens, temperature, options.seed)
        async with closing(engine.chats.chat(Prompt(tuple(messages)), None, sampling)) as pieces:
            async for piece in pieces:
                yield piece

    async def tasks(self) -> list[TaskCard]:
        catalog = self.catalog or Catalog.built_in()
        return [card(task.declaration) for task in catalog]

    def engine_for(self, declaration: Declaration, name: str | None, by_code: Sequence[Engine] = ()) -> Engine:
        """Who answers: the one that was named, else the newest given by code, else the first model that can."""
        if self.only:
            return self.able([self.only], declaration)
        if name:
            return self.able([self.named(name, by_code)], declaration)
        return self.able([*reversed(by_code), *map(self.engine, model_files())], declaration)

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
            way_out="name a model that can in plait.toml, or pass --model",
        )

    def named(self, name: str, by_code: Sequence[Engine]) -> Engine:
        given = next((engine for engine in reversed(by_code) if engine.name == name), None)
        return given or self.engine(model_file(name, [engine.name for engine in by_code]))

    def chat_engine(self, name: str | None) -> ChatEngine:
        """A model to talk with. Raises NoModel."""
        if name is not None:
            return self.engine(model_file(name))
        for file in model_files():
            return self.engine(file)
        raise missing("no model can chat")

    def engine(self, file: ModelFile) -> ChatEngine:
        from plait.service.engines.llamacpp import LlamaCpp

        if file not in self.started:
            self.started[file] = ChatEngine(LlamaCpp(file.name, file.path, file.context, file.threads))
        return self.started[file]

    async def aclose(self) -> None:
        for engine in self.started.values():
            await engine.aclose()
        self.started.clear()
