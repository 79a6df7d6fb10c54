"""Chat models, and the adapter that turns one into an engine."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from plait.core.config import settings
from plait.core.engine.protocol import Finish, Loadable, TaskRequest, TextDelta, Usage
from plait.core.engine.repetition import is_repeating
from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.prompting.context_hint import add_count_hint
from plait.core.prompting.prompt import Prompt, prompt
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType, iter_types

REPEAT_PENALTY = 1.1
CHECK_INTERVAL = 24  # pieces; a check costs a tenth of a token


@dataclass(frozen=True)
class Sampling:
    """Sampling parameters of one answer.

    `seed` None picks a fresh seed, temperature 0 is greedy, a penalty above 1 discourages repetition. `stop` are texts
    that end the answer and are not part of it; `top_p` None keeps the engine's default. `candidates` is the number of
    most likely tokens that are reported beside each token. `untruncated` draws the least likely tokens as well.
    """

    max_tokens: int = 1_024
    temperature: float = 0.0
    seed: int | None = None
    repeat_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    top_p: float | None = None
    candidates: int = 0
    untruncated: bool = False

    def chosen_fields(self) -> dict[str, Json]:
        """Seed, top_p and stop as far as they are set, under the names that OpenAI's API and llama.cpp share."""
        fields: dict[str, Json] = {"seed": self.seed, "top_p": self.top_p, "stop": list(self.stop) or None}
        return {name: value for name, value in fields.items() if value is not None}


class ChatModel(Protocol):
    """Protocol of a model that continues a conversation, constrained by a grammar if one is given.

    `accepts` lists the media that it reads beside text ("image"). `box_format` is the format in which it writes boxes;
    with "" (unknown) tasks with boxes are refused.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def accepts(self) -> frozenset[str]: ...

    @property
    def box_format(self) -> str: ...

    def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]: ...

    async def aclose(self) -> None: ...


class ModelProperties:
    """What an engine or a wrapper has from its chat model."""

    model: ChatModel

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def digest(self) -> str:
        return self.model.digest

    @property
    def box_format(self) -> str:
        return self.model.box_format


class ChatModelWrapper(ModelProperties):
    """The properties of a chat model around another one; a subclass says what `chat` and `aclose` do."""

    @property
    def accepts(self) -> frozenset[str]:
        return self.model.accepts


@dataclass(frozen=True)
class ChatEngine(ModelProperties):
    """Engine for any task whose values can be written as text, on top of any chat model."""

    model: ChatModel

    @property
    def is_loaded(self) -> bool:
        return not isinstance(self.model, Loadable) or self.model.is_loaded

    async def load(self) -> None:
        if isinstance(self.model, Loadable):
            await self.model.load()

    @property
    def default_shots(self) -> int:
        """How many examples a prompt has unless the call says so: none where the model has learned the task."""
        return 0 if getattr(self.model, "is_specialized", False) else settings().shots

    def can(self, declaration: Declaration) -> str:
        for parameter in declaration.parameters:
            for _, value_type in iter_types(parameter.value_type):
                if not self.can_read(value_type):
                    return f"it needs {with_article(value_type)} in; {self.name} reads text only"
        for _, value_type in iter_types(declaration.answer):
            if value_type.media:
                return f"it answers with {with_article(value_type)}; {self.name} writes text only"
        answers_with_boxes = any(value_type.needs_image for _, value_type in iter_types(declaration.answer))
        if (
            answers_with_boxes or any(parameter.has_boxes for parameter in declaration.parameters)
        ) and not self.model.box_format:
            return f'the box format of {self.name} is unknown; set it in plait.toml: boxes = "per-mille"'
        return ""

    def can_read(self, value_type: ValueType) -> bool:
        return not value_type.media or value_type.media in self.model.accepts

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        grammar = answer_grammar(request.declaration, request.context)
        chat_prompt = await self.build_prompt(request)
        async with aclosing(self.model.chat(chat_prompt, grammar, task_sampling(request))) as events:
            first_typed = not request.declaration.is_plain_text and not request.attempt
            try:
                async with aclosing(stop_at_repetition(events) if first_typed else events) as deltas:
                    async for event in deltas:
                        yield event
            except ContextTooLong as error:
                raise add_count_hint(error, request.declaration, request.inputs, chat_prompt) from None

    async def build_prompt(self, request: TaskRequest) -> Prompt:
        """The prompt. Images are prepared in a thread: a photo of 12 megapixels takes 0.25 s."""
        arguments = (
            request.declaration,
            request.inputs,
            request.examples,
            request.options.wording or "",
            self.model.box_format,
        )
        has_images = any(parameter.has_images for parameter in request.declaration.parameters)
        return await asyncio.to_thread(prompt, *arguments) if has_images else prompt(*arguments)

    async def aclose(self) -> None:
        await self.model.aclose()


def with_article(value_type: ValueType) -> str:
    return f"{'an' if value_type.name[0] in 'aeiou' else 'a'} {value_type.name}"


async def stop_at_repetition(
    deltas: AsyncGenerator[TextDelta | Finish, None],
) -> AsyncGenerator[TextDelta | Finish, None]:
    """The pieces of an answer, stopped when the text begins to repeat itself: a second attempt is worth more than the
    rest.
    """
    texts: list[str] = []
    async for event in deltas:
        yield event
        if isinstance(event, TextDelta):
            texts.append(event.text)
            if len(texts) % CHECK_INTERVAL == 0 and is_repeating("".join(texts)):
                yield Finish(Usage(answer_tokens=len(texts)), "repetition")
                return


def task_sampling(request: TaskRequest) -> Sampling:
    """Sampling of a task: greedy for typed answers, higher temperature for prose and for a second attempt.

    Only the second attempt has a repetition penalty. Of ten invoices eight ran to their limit without it, and none with
    it; from the first attempt on, the penalty scored 0.107 instead of 0.133, and the same on commands
    (benchmarks/repetition.py).
    """
    is_typed = not request.declaration.is_plain_text
    default_temperature = 0.0 if is_typed and not request.attempt else 0.6
    chosen_temperature = request.options.temperature
    seed = None if request.options.seed is None else request.options.seed + request.attempt
    penalty = REPEAT_PENALTY if is_typed and request.attempt else 1.0
    return Sampling(
        settings().answer_tokens,
        default_temperature if chosen_temperature is None else chosen_temperature,
        seed,
        penalty,
        candidates=request.candidates,
    )
