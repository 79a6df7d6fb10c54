"""A task: a typed function without a body, and everything one does with it.

`Task[P, R]` keeps the function's own parameters and answer for type checkers: `locate(...)` is a `Box`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from plait.core import loop
from plait.core.answering import Answered, Event
from plait.core.batch import Outcome, Progress, outcomes
from plait.core.declaration import Declaration, Wordings, declaration
from plait.core.derive import Schema, grammar, schema
from plait.core.door import Call, Transport, transport
from plait.core.engine import Engine
from plait.core.errors import BatchFailed, InputError
from plait.core.examples import Examples
from plait.core.grammar import Grammar
from plait.core.inputs import inputs_from_call
from plait.core.kinds import Beside
from plait.core.options import Options
from plait.core.prompt import Prompt, prompt
from plait.core.settings import settings
from plait.core.streams import Growing, handed_out

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Task(Generic[P, R]):
    """A declared task. `by_code` are the engines that its writer gave it, the newest last; `.using` copies share them.

    R is invariant: a task that answers `Literal["a", "b"]` is no task that answers `str`, and streams otherwise.
    """

    def __init__(
        self, declared: Declaration, options: Options | None = None, by_code: list[Engine] | None = None
    ) -> None:
        self.declaration = declared
        self.options = options or Options()
        self.by_code: list[Engine] = [] if by_code is None else by_code
        self.__name__ = declared.name
        self.__doc__ = declared.function.__doc__
        self.__wrapped__ = declared.function

    def __repr__(self) -> str:
        return f"<task {self.declaration.name} {self.declaration.fingerprint}>"

    # ── ask ──

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer, of the declared type. Raises the errors of `plait.core.errors`."""
        return loop.run(answer_of(self.call(args, kwargs), transport()))

    async def acall(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return await loop.awaited(answer_of(self.call(args, kwargs), transport()))

    @overload
    def stream(self: "Task[P, str]", *args: P.args, **kwargs: P.kwargs) -> Iterator[str]: ...
    @overload
    def stream(self: "Task[P, list[T]]", *args: P.args, **kwargs: P.kwargs) -> Iterator[T]: ...
    @overload
    def stream(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Growing[R]]: ...
    def stream(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
        """The answer as it comes: pieces of a text, each item of a list once whole, a record so far and then whole."""
        return loop.iterate(self._handed_out(args, kwargs))

    @overload
    def astream(self: "Task[P, str]", *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[str]: ...
    @overload
    def astream(self: "Task[P, list[T]]", *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]: ...
    @overload
    def astream(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Growing[R]]: ...
    def astream(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Any]:
        return loop.aiterate(self._handed_out(args, kwargs))

    def batch(self, rows: Iterable[Mapping[str, Any]]) -> list[R]:
        """An answer per row (a mapping of slots), in order. Raises BatchFailed with all answers where a row failed."""
        return loop.run(self._batched(rows, transport()))

    async def abatch(self, rows: Iterable[Mapping[str, Any]]) -> list[R]:
        return await loop.awaited(self._batched(rows, transport()))

    def using(
        self,
        model: str | None = None,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        timeout: float | None = None,
        shots: int | None = None,
        wording: str | None = None,
    ) -> "Task[P, R]":
        """The same task asked otherwise: by another model, from a seed, in another wording. What is None stays."""
        chosen: dict[str, Any] = {
            "model": model, "seed": seed, "temperature": temperature,
            "timeout": timeout, "shots": shots, "wording": wording,
        }  # fmt: skip
        chosen = {name: value for name, value in chosen.items() if value is not None}
        return Task(self.declaration, replace(self.options, **chosen), self.by_code)

    # ── look ──

    @property
    def schema(self) -> Schema:
        """JSON Schemas, `.request` of what comes in and `.answer` of what goes out."""
        return schema(self.declaration)

    @property
    def grammar(self) -> Grammar | None:
        """What the decoder is held to, before a call's inputs say what a Ref may point at."""
        return grammar(self.declaration, Beside())

    @property
    def examples(self) -> Examples:
        return Examples(self.declaration)

    def prompt(self, *args: P.args, **kwargs: P.kwargs) -> Prompt:
        """What a chat model is sent, examples included."""
        inputs = inputs_from_call(self.declaration, args, kwargs)
        count = settings().shots if self.options.shots is None else self.options.shots
        return prompt(self.declaration, inputs, self.examples.first(count), self.options.wording or "")

    # ── how a call travels ──

    def call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, streamed: bool = False) -> Call:
        inputs = inputs_from_call(self.declaration, args, kwargs)
        return Call(self.declaration, inputs, self.options, tuple(self.by_code), streamed)

    def _handed_out(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> AsyncIterator[Any]:
        events = transport().answer(self.call(args, kwargs, streamed=True))
        return handed_out(events, self.declaration.answer.name)

    async def _batched(self, rows: Iterable[Mapping[str, Any]], through: Transport) -> list[R]:
        progress = Progress(self.declaration.name, len(rows) if isinstance(rows, list) else None)
        done: list[Outcome] = []
        failed = 0
        async for outcome in outcomes(lambda row: self._row(row, through), rows):
            done.append(outcome)
            failed += outcome.error is not None
            progress.tell(len(done), failed)
        if failed:
            raise BatchFailed(
                f"{failed} of {len(done)} rows failed",
                answers=[outcome.answer for outcome in done],
                errors=[outcome.error for outcome in done],
            )
        return [cast(R, outcome.answer) for outcome in done]

    def _row(self, row: Any, through: Transport) -> Awaitable[Any]:
        if not isinstance(row, Mapping):
            raise InputError(f"a row is a mapping of slots, not {row!r}", way_out='batch([{"text": ...}, ...])')
        return answer_of(self.call((), cast("Mapping[str, Any]", row)), through)


async def answer_of(call: Call, through: Transport) -> Any:
    return (await answered(through.answer(call))).value


async def answered(events: AsyncIterator[Event]) -> Answered:
    """The last event of an answer."""
    last: Event | None = None
    async for event in events:
        last = event
    assert isinstance(last, Answered)
    return last


@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(*, wordings: Wordings | None = None) -> Callable[[Callable[P, R]], Task[P, R]]: ...
def task(function: Callable[P, R] | None = None, /, *, wordings: Wordings | None = None) -> Any:
    """Declare a task: signature = slots, docstring = instruction, return annotation = what comes back, always valid.

    `wordings` are other words for the same task, by name ("zh"); a list holds paraphrases, the first of which is asked.
    Raises the DeclarationErrors, each with your own line.
    """

    def declared(function: Callable[P, R]) -> Task[P, R]:
        return Task(declaration(function, wordings))

    return declared if function is None else declared(function)
