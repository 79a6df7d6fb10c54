"""Everything that can go wrong, as one tree.

PlaitError
├── DeclarationError        a task was written wrongly; said when its file is imported
│   ├── InstructionError    docstring and parameters disagree
│   ├── AnnotationError     a type that is unknown or cannot be resolved
│   ├── RefError            a Ref that points to nothing, or to two things
│   ├── SlotError           a parameter that cannot be a slot
│   └── BodyError           the function does something by itself
├── InputError              a call's values: wrong type, missing, unknown, not JSON
│   └── InputTooLarge       more bytes, depth or rows than are taken
├── NoTask                  no task of that name
├── NoModel                 no model can answer, or none is called so
├── ContextTooLong          the prompt does not fit; both token counts
├── InvalidAnswer           the model answered twice with what the return type refuses
├── AnswerTooLong           the answer was cut by its limit
├── NotWhole                the whole of an answer was asked for while it was growing
├── BatchFailed             some rows of a batch failed; carries answers and errors
├── EngineError             what runs the model failed
│   ├── EngineDied          its process ended; it starts again with the next call     (retryable)
│   ├── EngineBusy          its queue is full                                         (retryable)
│   └── TimedOut            the call's time was over                                  (retryable)
├── ServerError             the server that was called is not there or answers nonsense
├── TrainingError           training cannot go on: losses that are no numbers, a process that died
│   └── CheckpointError     a checkpoint that cannot be written, is damaged, or was made by another recipe or model
├── Forbidden               no key, a wrong key, a foreign host or origin
├── MissingExtra            a package is not installed; names the command
└── SettingsError           a setting, port or folder that cannot be used

`str(error)` is the message with its details; the way out is an exception note, so that a traceback ends with it.
Python, shell, HTTP and page show the same words: `words(error)`.
"""

from dataclasses import dataclass


class PlaitError(Exception):
    """Base of all errors that a user of Plait can meet.

    `way_out` says what to do next; `details` are lines shown under the message; `retryable` tells that the same call
    may succeed a moment later.
    """

    retryable: bool = False

    def __init__(self, message: str, *, details: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.hint = hint
        if hint:
            self.add_note(f"  → {hint}")

    def __str__(self) -> str:
        return "\n".join((self.message, *(f"    {line}" for line in self.details)))


def error_text(error: PlaitError) -> str:
    """The error as a person reads it, whichever door it leaves by."""
    return "\n".join((f"{type(error).__name__}: {error}", *(f"  → {line}" for line in error.hint.splitlines())))


class DeclarationError(PlaitError): ...


class InstructionError(DeclarationError): ...


class AnnotationError(DeclarationError): ...


class RefError(DeclarationError): ...


class ParameterError(DeclarationError): ...


class BodyError(DeclarationError): ...


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a value: where (dotted path), what, and the value as it was written."""

    path: str
    message: str
    value: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}    {self.value}".strip(": ")


class InputError(PlaitError):
    """The values of a call were refused; `problems` names each of them, the first by its slot in `slot`."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, details=tuple(map(str, problems)), hint=hint)
        self.problems = problems

    @property
    def input(self) -> str:
        return self.problems[0].path.partition(".")[0] if self.problems else ""


class InputTooLarge(InputError): ...


class TaskNotFound(PlaitError): ...


class ModelNotFound(PlaitError): ...


class ContextTooLong(PlaitError):
    """The prompt has `tokens`, and `limit` of them are taken; 0 where a server did not say."""

    def __init__(self, message: str, *, tokens: int = 0, limit: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.tokens = tokens
        self.limit = limit


class InvalidAnswer(PlaitError):
    """What the model answered twice is not what the return type allows; `answer` is its text, `problems` say why."""

    def __init__(self, message: str, *, answer: str = "", problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, details=tuple(map(str, problems)), hint=hint)
        self.answer = answer
        self.problems = problems


class AnswerTooLong(PlaitError):
    """The answer was cut by its limit; `answer` is what there was of it."""

    def __init__(self, message: str, *, answer: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.answer = answer


class Incomplete(PlaitError): ...


class BatchFailed(PlaitError):
    """Some rows failed, the others did not: `answers` and `errors` have one entry a row, None where the other holds."""

    def __init__(self, message: str, *, answers: list[object], errors: list[PlaitError | None]) -> None:
        failed = [(row, error) for row, error in enumerate(errors) if error]
        shown = tuple(f"row {row}: {type(error).__name__}: {error.message}" for row, error in failed[:3])
        super().__init__(message, details=shown, hint="the answers are in error.answers, the errors in error.errors")
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
