"""The transport that answers calls in this process: chooses an engine and starts it when a call needs it."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from plait.core.calls.answer_log import AnswerLog, record_answer
from plait.core.calls.corrections import remove_correction
from plait.core.calls.feedback import Feedback
from plait.core.calls.transport import Call, TaskSummary
from plait.core.config import settings
from plait.core.engine.chat import ChatEngine
from plait.core.engine.conversation import CompletionRequest, Conversation
from plait.core.engine.protocol import Engine, Finish, HasBoxFormat, Installable, TaskRequest, TextDelta
from plait.core.engine.token_probs import NUM_CANDIDATES
from plait.core.engine.validation import AnswerEvent, Completed, answer_events, with_deadline
from plait.core.errors import ModelNotFound, NoCapableModel
from plait.core.prompting.example_rows import Example
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.project import OWNER
from plait.core.prompting.prompt import instruction_for
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.service.answer_feedback import store_feedback, store_watched_correction
from plait.service.answer_lookup import find_answer
from plait.service.answer_recorder import AnswerRecorder
from plait.service.cascade import cascade_answer
from plait.service.catalog import AnyTask, Catalog, summarize_task
from plait.service.chat import complete_text, continue_chat, prepare_images
from plait.service.confidence import (
    calibration_for,
    check_fallback,
    demand,
    num_shots,
    refuse_other_version,
    wants_confidence,
    with_confidence,
)
from plait.service.engine_pool import EnginePool
from plait.service.models.discovery import Model, find_model, known_models, no_chat_model_error
from plait.service.route_calls import find_route, route_steps, unknown_model_error, warn_other_version
from plait.service.version_routing import VersionRouter


class LocalTransport:
    """Transport without a server. `only` is an engine that answers every task."""

    def __init__(self, *, catalog: Iterable[AnyTask] | None = None, only: Engine | None = None) -> None:
        self.catalog = catalog
        self.only = only
        self.pool = EnginePool()
        self.versions = VersionRouter(self.pool)
        self.answers = AnswerLog()
        self.recorder = AnswerRecorder()

    async def answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None]:
        async with aclosing(self.routed_answer(call) or self.model_answer(call)) as events:
            async for event in events:
                yield event

    def routed_answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None] | None:
        """The answer of a route, if the call names one instead of a model."""
        route = None if self.only else find_route(call.declaration, call.options.model, call.code_engines)
        if route is None:
            return None

        def engine_of(name: str) -> Engine:
            return self.engine_for(call.declaration, name, call.code_engines, person=call.person)

        steps = route_steps(call, route, engine_of)
        return cascade_answer(replace(call, route=route.name), steps, self.answer, warn_other_version(route))

    async def model_answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None]:
        engine = self.engine_for(call.declaration, call.options.model, call.code_engines, person=call.person)
        if wants_confidence(call):
            events = cascade_answer(call, demand(call, engine), self.answer, refuse_other_version(call))
        else:
            check_fallback(call)
            events = self.engine_answer(call, engine)
        with self.pool.using(engine):
            async with aclosing(events):
                async for event in events:
                    yield event

    async def engine_answer(self, call: Call, engine: Engine) -> AsyncGenerator[AnswerEvent, None]:
        """The engine's answer, with its confidence if one is known."""
        config = settings()
        # isinstance with a protocol costs 20 µs
        box_format = cast("HasBoxFormat", engine).box_format if hasattr(engine, "box_format") else ""
        context = call_context(call.declaration, call.inputs, by_name=True, box_format=box_format)
        # The caller's mistakes are reported first and for every engine: unknown wordings, empty lists of candidates.
        instruction_for(call.declaration, call.options.wording or "")
        answer_grammar(call.declaration, context)
        examples = (
            await asyncio.to_thread(
                select_shots, call.declaration, call.inputs, num_shots(call.options, engine), call.author
            )
            if isinstance(engine, ChatEngine)
            else ()
        )
        calibration = calibration_for(call, engine)
        candidates = NUM_CANDIDATES if call.wants_probs or calibration else 0
        request = TaskRequest(call.declaration, call.inputs, context, call.options, examples, candidates=candidates)
        timeout = config.timeout if call.options.timeout is None else call.options.timeout
        async with aclosing(answer_events(engine, request, streamed=call.streamed, timeout=timeout)) as events:
            async for event in events:
                if isinstance(event, Completed):
                    event = replace(event, route=call.route) if call.route else event
                    if calibration:
                        event = await asyncio.to_thread(with_confidence, call, event, calibration)
                    if call.can_correct:
                        recorded = record_answer(call, event)
                        self.answers.add(recorded)
                        self.recorder.add(call, recorded, event, config)
                yield event

    async def correct(self, declaration: Declaration, id: str, changes: Mapping[str, object]) -> Example:
        answer = await find_answer(self.answers, [declaration], id, OWNER)
        return await asyncio.to_thread(store_watched_correction, answer, changes)

    async def undo_correction(self, declaration: Declaration, id: str) -> bool:
        return await asyncio.to_thread(remove_correction, declaration, id, OWNER)

    async def feedback(self, feedback: Feedback) -> None:
        await store_feedback(self.answers, feedback, OWNER)

    async def chat(self, conversation: Conversation) -> AsyncGenerator[TextDelta | Finish, None]:
        chat_model = self.chat_engine(conversation.model).model
        deltas = continue_chat(chat_model, await prepare_images(chat_model, conversation), settings().answer_tokens)
        async with aclosing(with_timeout(deltas, conversation.timeout)) as timed:
            async for delta in timed:
                yield delta

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        deltas = complete_text(self.chat_engine(request.model).model, request, settings().answer_tokens)
        async with aclosing(with_timeout(deltas, request.timeout)) as timed:
            async for delta in timed:
                yield delta

    def chat_model_names(self) -> list[str]:
        """Names of the chat models."""
        own_names = [self.only.name] if isinstance(self.only, ChatEngine) else []
        return [
            *own_names,
            *(model.name for model in known_models() if model.config.chats and model.name not in own_names),
        ]

    async def tasks(self) -> list[TaskSummary]:
        catalog = Catalog.all_installed() if self.catalog is None else self.catalog
        return [summarize_task(task.declaration) for task in catalog]

    def engine_for(
        self, declaration: Declaration, name: str | None, code_engines: Sequence[Engine] = (), *, person: str = ""
    ) -> Engine:
        """The engine for a task: the named one, else the newest code engine, else the first model that supports it.

        In place of a model it is the version that the registry has for the task.
        """
        if self.only:
            return self.first_capable([self.only], declaration)
        if name:
            named = self.engine_named(name, code_engines, declaration)
            engine = self.first_capable([named], declaration)
        else:
            engine = self.first_capable([*reversed(code_engines), *map(self.engine, known_models())], declaration)
        base = self.pool.model_of(engine)
        return engine if base is None else self.engine(self.versions.route(base, declaration, name, person))

    def capable_models(self, declaration: Declaration, code_engines: Sequence[Engine] = ()) -> list[str]:
        """Names of the engines and models that can answer the task; the first one does by default."""
        engines = [self.only] if self.only else [*reversed(code_engines), *map(self.engine, known_models())]
        return list(dict.fromkeys(engine.name for engine in engines if not engine.can(declaration)))

    def first_capable(self, engines: Sequence[Engine], declaration: Declaration) -> Engine:
        reasons: list[str] = []
        for engine in engines:
            reason = engine.can(declaration)
            if not reason:
                return engine
            reasons.append(reason)
        if not reasons:
            raise no_chat_model_error(f"no model can answer {declaration.name!r}")
        raise NoCapableModel(
            f"no model can answer {declaration.name!r}: {'; '.join(reasons)}",
            hint=first_install_command(engines, declaration)
            or f"add a model that {required_ability(declaration)} to plait.toml, or pass --model NAME",
        )

    def engine_named(self, name: str, code_engines: Sequence[Engine], declaration: Declaration) -> Engine:
        code_engine = next((engine for engine in reversed(code_engines) if engine.name == name), None)
        if code_engine:
            return code_engine
        try:
            return self.engine(find_model(name, [engine.name for engine in code_engines], declaration))
        except ModelNotFound as error:
            raise unknown_model_error(error, declaration, name) from None

    def chat_engine(self, name: str | None) -> ChatEngine:
        """The chat model of that name; without a name, the first one. Raises ModelNotFound, NoCapableModel."""
        only_engine = self.only if isinstance(self.only, ChatEngine) else None
        if only_engine and name in (None, only_engine.name):
            return only_engine
        named = [] if name is None else [find_model(name, [only_engine.name] if only_engine else [])]
        for engine in map(self.engine, named or known_models()):
            if isinstance(engine, ChatEngine):
                return engine
        if named:
            chat_names = ", ".join(self.chat_model_names())
            raise NoCapableModel(
                f"{name} cannot chat: it answers only the tasks that it was trained on",
                hint=f"plait models lists them; {chat_names} can chat" if chat_names else "plait models lists them",
            )
        raise no_chat_model_error("no model can chat")

    def engine(self, model: Model) -> Engine:
        return self.pool.engine(model)

    @property
    def engines(self) -> Mapping[Model, Engine]:
        return self.pool.engines

    async def aclose(self) -> None:
        await self.pool.aclose()
        await asyncio.to_thread(self.recorder.close)


def first_install_command(engines: Sequence[Engine], declaration: Declaration) -> str:
    """The install command of the first engine that could answer if its packages were installed; "" if there is none."""
    commands = (engine.install_command(declaration) for engine in engines if isinstance(engine, Installable))
    return next(filter(None, commands), "")


def required_ability(declaration: Declaration) -> str:
    """The ability that a model needs for the task, in words for an error hint."""
    return "reads images" if any(parameter.has_images for parameter in declaration.parameters) else "can answer it"


async def with_timeout(
    deltas: AsyncGenerator[TextDelta | Finish, None], timeout: float | None
) -> AsyncGenerator[TextDelta | Finish, None]:
    """Passes on the deltas. All must arrive within `timeout` seconds; the default is the timeout of the settings."""
    seconds = settings().timeout if timeout is None else timeout
    deadline = asyncio.get_running_loop().time() + seconds
    async with aclosing(deltas), aclosing(with_deadline(deadline, seconds, deltas)) as timed:
        async for delta in timed:
            yield delta
