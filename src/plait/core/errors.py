"""All errors that a user of Plait can meet, as one tree.

PlaitError
├── DeclarationError        a task is declared wrongly; raised when its file is imported
│   ├── InstructionError    docstring and parameters disagree
│   ├── AnnotationError     a type that is unknown or cannot be resolved
│   ├── RefError            a Ref that points to nothing, or to two lists
│   ├── ParameterError      a parameter that cannot be an input
│   ├── BodyError           the function has a body
│   └── TaskFileError       a file of tasks that cannot be imported; its own line
├── InputError              a call's values: wrong type, missing, unknown, not JSON
│   └── InputTooLarge       more bytes, depth or rows than are accepted
├── TaskNotFound            no task of that name
├── AnswerNotFound          no answer of that id that the caller may read or correct
├── ModelNotFound           no model of that name
│   └── NoCapableModel      no model can answer the task, or none can chat
├── ContextTooLong          the prompt does not fit; both token counts
├── NotVerified             an answer that its certificate does not prove
├── InvalidAnswer           the model answered twice with what the return type refuses
├── AnswerTooLong           the answer was cut by its limit
├── Unsure                  an answer of less confidence than the call wants; carries the answer
├── Incomplete              the final answer was read while it was still being written
├── BatchFailed             some rows of a batch failed; carries answers and errors
├── EngineError             what runs the model failed
│   ├── EngineDied          its process ended; the next call starts it again          (retryable)
│   ├── EngineBusy          its queue is full                                         (retryable)
│   └── TimedOut            the call's time was over                                  (retryable)
├── ServerError             the server does not answer, or answers nonsense
├── TrainingError           training cannot continue: non-finite losses, a process that died
│   └── CheckpointError     a checkpoint that cannot be written, is damaged, or belongs to another recipe or model
├── Forbidden               no key, a wrong key, a foreign host or origin
├── MissingDependency       a package is not installed; names the command
└── SettingsError           a setting, port or folder that cannot be used

`str(error)` is the message with its details; the hint is an exception note, so that a traceback ends with it.
Python, shell, HTTP and page show the same text: `error_text(error)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from plait.core.deprecation import renamed_names, renamed_property

E = TypeVar("E", bound="PlaitError")


class PlaitError(Exception):
    """Base class of all errors that a user of Plait can meet.

    `hint` says what to do next; `details` are lines shown under the message; `retryable` means that the same call may
    succeed a moment later.
    """

    retryable: bool = False

    def __init__(self, message: str, *, details: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.hint = hint
        if hint:
            self.add_note(f"  → {hint}")

    way_out = renamed_property("way_out", "hint")

    def __str__(self) -> str:
        return "\n".join((self.message, *(f"    {line}" for line in self.details)))

    def __reduce__(self) -> tuple[object, ...]:
        # Without the constructor, whose keywords pickle does not know.
        return rebuild_error, (type(self), self.args, vars(self))


def rebuild_error(error_class: type[E], args: tuple[object, ...], fields: Mapping[str, object]) -> E:
    """An error from its pickled parts."""
    error = error_class.__new__(error_class, *args)
    vars(error).update(fields)
    return error


def to_plait_error(error: BaseException) -> PlaitError:
    """The error itself; other exceptions become an EngineError that quotes them and the line that raised them."""
    if isinstance(error, PlaitError):
        return error
    import traceback  # costs milliseconds

    frames = traceback.extract_tb(error.__traceback__)
    details = (f"{frames[-1].filename}:{frames[-1].lineno}   {frames[-1].line}".rstrip(),) if frames else ()
    return EngineError(quote_exception(error), details=details)


def quote_exception(error: BaseException) -> str:
    """The class of an exception and the first line of its message."""
    message = error.message if isinstance(error, PlaitError) else next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {message}".removesuffix(": ")


def error_text(error: PlaitError) -> str:
    """The text of an error for people: the same in Python, on the shell, over HTTP and on a page."""
    return "\n".join((f"{type(error).__name__}: {error}", *(f"  → {line}" for line in error.hint.splitlines())))


class DeclarationError(PlaitError): ...


class InstructionError(DeclarationError): ...


class AnnotationError(DeclarationError): ...


class RefError(DeclarationError): ...


class ParameterError(DeclarationError): ...


class BodyError(DeclarationError): ...


class TaskFileError(DeclarationError): ...


@dataclass(frozen=True)
class Problem:
    """One fault of a value: its location (dotted path), a message, and the value as written."""

    path: str
    message: str
    value: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}    {self.value}".strip(": ")


class NotVerified(PlaitError):
    """An answer and its certificate, or the inputs, do not agree. `problems` lists every fault."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, details=tuple(map(str, problems)), hint=hint)
        self.problems = problems


class InputError(PlaitError):
    """The values of a call were refused. `problems` lists every fault; `input` is the parameter of the first one."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, details=tuple(map(str, problems)), hint=hint)
        self.problems = problems

    @property
    def input(self) -> str:
        return self.problems[0].path.partition(".")[0] if self.problems else ""

    slot = renamed_property("slot", "input")


class InputTooLarge(InputError): ...


class TaskNotFound(PlaitError): ...


class AnswerNotFound(PlaitError): ...


class ModelNotFound(PlaitError): ...


class NoCapableModel(ModelNotFound): ...


class ContextTooLong(PlaitError):
    """The prompt has `tokens` tokens and the limit is `limit`; 0 if a server did not report the number."""

    def __init__(self, message: str, *, tokens: int = 0, limit: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.tokens = tokens
        self.limit = limit


class InvalidAnswer(PlaitError):
    """The answer failed validation twice. `answer` is its text, `problems` give the reasons."""

    def __init__(self, message: str, *, answer: str = "", problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, details=tuple(map(str, problems)), hint=hint)
        self.answer = answer
        self.problems = problems


class AnswerTooLong(PlaitError):
    """The answer was cut by its limit. `answer` is the text up to that point."""

    def __init__(self, message: str, *, answer: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.answer = answer


class Unsure(PlaitError):
    """The confidence of an answer is below what the call wants.

    `answer` is the answer, of the declared type, `json_value` its JSON form, `id` its id, by which it can be corrected,
    and `confidence` what was known of its values: by dotted path, "" for the whole answer.
    """

    def __init__(
        self,
        message: str,
        *,
        answer: object = None,
        json_value: object = None,
        id: str = "",
        confidence: Mapping[str, float] | None = None,
        details: tuple[str, ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, details=details, hint=hint)
        self.answer = answer
        self.json_value = json_value
        self.id = id
        self.confidence = confidence or {}


class Incomplete(PlaitError): ...


class BatchFailed(PlaitError):
    """Some rows of a batch failed. `answers` and `errors` have one entry per row, None where the other list has the
    entry. An error is any exception that its row raised, also in the author's own code.
    """

    def __init__(self, message: str, *, answers: list[object], errors: list[BaseException | None]) -> None:
        failed = [(row, error) for row, error in enumerate(errors) if error is not None]
        details = tuple(f"row {row}: {quote_exception(error)}" for row, error in failed[:3])
        super().__init__(message, details=details, hint="the answers are in error.answers, the errors in error.errors")
        self.answers = answers
        self.errors = errors


class EngineError(PlaitError): ...


class EngineDied(EngineError):
    retryable = True


class EngineBusy(EngineError):
    retryable = True


class TimedOut(EngineError):
    retryable = True


class ServerError(PlaitError): ...


class TrainingError(PlaitError): ...


class CheckpointError(TrainingError): ...


class Forbidden(PlaitError): ...


class MissingDependency(PlaitError): ...


class SettingsError(PlaitError): ...


# Deprecated names, read for one more version with a DeprecationWarning.
__getattr__ = renamed_names(
    __name__,
    {
        "MissingExtra": "MissingDependency",
        "NoModel": "ModelNotFound",
        "NoTask": "TaskNotFound",
        "NotWhole": "Incomplete",
        "SlotError": "ParameterError",
    },
)
