"""`Task`, a typed function without a body, and its methods.

`Task[P, R]` keeps the function's parameters and answer type for type checkers: `locate(...)` is a `Box`.
"""

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, overload

from plait.core.task.declaration import Declaration, Wordings, declaration
from plait.core.task.derive import Schema, grammar, schema
from plait.core.task.options import Options
from plait.core.task.page_texts import Labels, Purpose
from plait.core.values.call_context import CallContext
from plait.core.values.inputs import inputs_from_call

if TYPE_CHECKING:
    from plait.core.calls.corrections import Correction
    from plait.core.calls.streaming import StreamedAnswer
    from plait.core.calls.transport import Call
    from plait.core.engine.envelope import DetailedAnswer
    from plait.core.engine.protocol import Engine
    from plait.core.evaluation.adaptation import Adaptation, TaskAdapter
    from plait.core.evaluation.report import Report
    from plait.core.grammar.ast import Grammar
    from plait.core.prompting.examples import Examples
    from plait.core.prompting.prompt import Prompt

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Task(Generic[P, R]):
    """A declared task. `code_engines` are the engines its author attached, newest last; `.using` copies share them.

    R is invariant: a task that answers `Literal["a", "b"]` cannot replace one that answers `str`, since it streams
    differently.
    """

    def __init__(
        self, declaration: Declaration, options: Options | None = None, code_engines: "list[Engine] | None" = None
    ) -> None:
        self.declaration = declaration
        self.options = options or Options()
        self.code_engines: "list[Engine]" = [] if code_engines is None else code_engines
        self.__name__ = declaration.name
        self.__doc__ = declaration.function.__doc__
        self.__wrapped__ = declaration.function

    def __repr__(self) -> str:
        return f"<task {self.declaration.name} {self.declaration.fingerprint}>"

    def __reduce__(self) -> tuple[object, ...]:
        return restore_task, (*task_address(self), self.options)

    def __copy__(self) -> "Task[P, R]":
        return self

    def __deepcopy__(self, memo: object) -> "Task[P, R]":
        return self

    # ── call ──

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer, of the declared type. Raises the errors of `plait.core.errors`."""
        from plait.core.calls import dispatch

        return dispatch.answer(self.call(*args, **kwargs))

    async def acall(self, *args: P.args, **kwargs: P.kwargs) -> R:
        from plait.core.calls import dispatch

        return await dispatch.aanswer(self.call(*args, **kwargs))

    def detailed(self, *args: P.args, **kwargs: P.kwargs) -> "DetailedAnswer[R]":
        """The answer with its evidence, id, model, usage and seconds."""
        from plait.core.calls import dispatch

        return dispatch.detailed(self.call(*args, **kwargs))

    async def adetailed(self, *args: P.args, **kwargs: P.kwargs) -> "DetailedAnswer[R]":
        from plait.core.calls import dispatch

        return await dispatch.adetailed(self.call(*args, **kwargs))

    @overload
    def stream(self: "Task[P, str]", *args: P.args, **kwargs: P.kwargs) -> Iterator[str]: ...
    @overload
    def stream(self: "Task[P, list[T]]", *args: P.args, **kwargs: P.kwargs) -> Iterator[T]: ...
    @overload
    def stream(self, *args: P.args, **kwargs: P.kwargs) -> "Iterator[StreamedAnswer[R]]": ...
    def stream(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
        """The answer as it grows: pieces of a text, each complete item of a list, or partial records and then the full
        one.
        """
        from plait.core.calls import dispatch

        return dispatch.stream(replace(self.call(*args, **kwargs), streamed=True))

    @overload
    def astream(self: "Task[P, str]", *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[str]: ...
    @overload
    def astream(self: "Task[P, list[T]]", *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]: ...
    @overload
    def astream(self, *args: P.args, **kwargs: P.kwargs) -> "AsyncIterator[StreamedAnswer[R]]": ...
    def astream(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Any]:
        from plait.core.calls import dispatch

        return dispatch.astream(replace(self.call(*args, **kwargs), streamed=True))

    @overload
    def batch(self, rows: Iterable[Mapping[str, Any]], *, detailed: Literal[False] = False) -> list[R]: ...
    @overload
    def batch(self, rows: Iterable[Mapping[str, Any]], *, detailed: Literal[True]) -> "list[DetailedAnswer[R]]": ...
    def batch(self, rows: Iterable[Mapping[str, Any]], *, detailed: bool = False) -> list[Any]:
        """One answer per row (a mapping of inputs), in order, as `task.detailed` gives it if `detailed`.

        Raises BatchFailed with all answers if a row failed.
        """
        from plait.core.calls import dispatch

        return dispatch.batch(self.declaration, self.call, rows, detailed=detailed)

    @overload
    async def abatch(self, rows: Iterable[Mapping[str, Any]], *, detailed: Literal[False] = False) -> list[R]: ...
    @overload
    async def abatch(
        self, rows: Iterable[Mapping[str, Any]], *, detailed: Literal[True]
    ) -> "list[DetailedAnswer[R]]": ...
    async def abatch(self, rows: Iterable[Mapping[str, Any]], *, detailed: bool = False) -> list[Any]:
        from plait.core.calls import dispatch

        return await dispatch.abatch(self.declaration, self.call, rows, detailed=detailed)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> "Call":
        """The validated inputs with the options of this task, ready for a transport."""
        from plait.core.calls.transport import Call

        inputs = inputs_from_call(self.declaration, args, kwargs)
        return Call(self.declaration, inputs, self.options, tuple(self.code_engines))

    def using(
        self,
        model: str | None = None,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        timeout: float | None = None,
        shots: int | None = None,
        wording: str | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        order: str | None = None,
        min_confidence: float | None = None,
        risk: float | None = None,
        fallback: str | None = None,
    ) -> "Task[P, R]":
        """A copy of the task with other options: model, seed, wording, or steps of image generation. None keeps the
        current value.

        With `min_confidence` an answer of less confidence raises Unsure, or is given by the model `fallback`; `risk`
        chooses the least confidence, so that the share of wrong answers, of all rows, stays within it.
        """
        chosen: dict[str, Any] = {
            "model": model, "seed": seed, "temperature": temperature,
            "timeout": timeout, "shots": shots, "wording": wording,
            "steps": steps, "guidance": guidance, "order": order,
            "min_confidence": min_confidence, "risk": risk, "fallback": fallback,
        }  # fmt: skip
        chosen = {name: value for name, value in chosen.items() if value is not None}
        return Task(self.declaration, replace(self.options, **chosen), self.code_engines)

    # ── improve ──

    def correct(self, id: str, changes: Mapping[str, Any] | None = None, /, **fields: Any) -> "Correction":
        """Makes an answer, with the right values of some fields, an example that prompts show from the next call on.

        Without any field the answer is right as it is. `changes` has values by dotted path, such as
        `{"lines.0.price": "3.00"}`; `answer=...` replaces an answer without fields. `.undo()` takes it back. Raises
        AnswerNotFound, InputError.
        """
        from plait.core.calls import corrections

        return corrections.correct(self.declaration, id, {**(changes or {}), **fields})

    def evaluate(self, data: "str | Path", *, limit: int | None = None, fresh: bool = False) -> "Report":
        """Scores the task on a .csv or .jsonl file with a column per input and one called `answer`.

        The report has confidence intervals and baselines without a model. An interrupted run resumes; `fresh` starts
        over. `limit` is the maximum number of rows.
        """
        from plait.core.evaluation.evaluate import EvaluationPlan, evaluate

        plan = EvaluationPlan(self.declaration, Path(data), self.options, tuple(self.code_engines), limit, fresh=fresh)
        return evaluate(plan)

    def adapt(
        self,
        data: "str | Path | None" = None,
        *,
        method: str = "sft",
        model: str | None = None,
        epochs: int | None = None,
        rank: int | None = None,
        gate_rows: int | None = None,
        promote: bool = True,
        from_base: bool = False,
    ) -> "Adaptation":
        """Adapts a model to the task by the rows of a file, by default by all examples, and uses it if it is better.

        `method` "dpo" learns from pairs of answers, "kto" from answers marked right or wrong: those of the file, by
        default corrections and feedback. The adapter that answers now is trained on, `from_base` a new one.

        `verdict` of the result says how it compares on held-out rows, of which at most `gate_rows` are scored. An
        interrupted run resumes. Raises InputError, SettingsError, MissingDependency.
        """
        from plait.core import plugins

        adapter: "TaskAdapter" = plugins.load(plugins.ADAPTERS, "lora")
        file = None if data is None else Path(data)
        chosen = self.options.model if model is None else model
        return adapter(
            self.declaration,
            file,
            method=method,
            model=chosen,
            epochs=epochs,
            rank=rank,
            gate_rows=gate_rows,
            promote=promote,
            from_base=from_base,
        )

    # ── inspect ──

    @property
    def schema(self) -> Schema:
        """JSON Schemas: `.request` of the inputs and `.answer` of the answer."""
        return schema(self.declaration)

    @property
    def grammar(self) -> "Grammar | None":
        """The grammar of the answer, before a call's inputs define the targets of a Ref."""
        return grammar(self.declaration, CallContext())

    @property
    def examples(self) -> "Examples":
        from plait.core.prompting.examples import Examples  # a declaration needs no settings and no files

        return Examples(self.declaration)

    def prompt(self, *args: P.args, **kwargs: P.kwargs) -> "Prompt":
        """The messages that a chat model receives, including examples."""
        from plait.core.prompting.few_shot import select_shots
        from plait.core.prompting.prompt import prompt

        inputs = inputs_from_call(self.declaration, args, kwargs)
        examples = select_shots(self.declaration, inputs, self.options.shots)
        return prompt(self.declaration, inputs, examples, self.options.wording or "")


def task_address(task: Task[..., Any]) -> tuple[str, str]:
    """Module and name of a task, by which it is pickled. Raises PicklingError if another value has this name."""
    function = task.declaration.function
    module, name = function.__module__, function.__qualname__
    try:
        known = find_in_module(module, name)
    except (ImportError, AttributeError):
        known = None
    if not isinstance(known, Task) or known.declaration is not task.declaration:
        from pickle import PicklingError

        raise PicklingError(f"{task!r} is not {module}.{name}: declare a task at the top of a module to pickle it")
    return module, name


def restore_task(module: str, name: str, options: Options) -> Task[..., Any]:
    """The task at this address, with these options."""
    known: Task[..., Any] = find_in_module(module, name)
    return known if known.options == options else Task(known.declaration, options, known.code_engines)


def find_in_module(module: str, name: str) -> Any:
    value: Any = sys.modules.get(module) or import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(
    *, wordings: Wordings | None = None, purpose: str | Purpose | None = None, labels: Labels | None = None
) -> Callable[[Callable[P, R]], Task[P, R]]: ...
def task(
    function: Callable[P, R] | None = None,
    /,
    *,
    wordings: Wordings | None = None,
    purpose: str | Purpose | None = None,
    labels: Labels | None = None,
) -> Any:
    """Declares a task: signature = inputs, docstring = instruction, return annotation = type of the answer, always
    valid.

    `wordings` are alternative instructions by name ("zh"); a list holds paraphrases, of which the first is used.
    `purpose` is a sentence for people, or one by language; `labels` names inputs, fields, classes and choices by
    language, {"zh": {"text": "发票"}}: pages show both, no model reads them.

    Raises the DeclarationErrors, each with the author's own line.
    """

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        return Task(declaration(function, wordings, purpose, labels))

    return decorate if function is None else decorate(function)
