"""Answers with confidence: the calibration of a call, and what happens to an answer that has too little of it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.config import settings
from plait.core.engine.calibration import WHOLE, Calibration
from plait.core.engine.calibration_files import find_calibration
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import Engine, name_of_model
from plait.core.engine.signals import NUM_NEIGHBOURS, answer_signals
from plait.core.engine.validation import AnswerEvent, Completed
from plait.core.errors import InputError, Problem, Unsure
from plait.core.prompting.few_shot import nearest_examples
from plait.core.task.options import Options
from plait.core.task.printed_call import task_address
from plait.core.values.json_text import dumps
from plait.core.values.quoting import quote, shorten

MAX_ANSWER_SHOWN = 400  # characters of an unsure answer in the message


@dataclass(frozen=True)
class Demand:
    """The confidence that a call wants of its answer, and the model that answers below it."""

    threshold: float
    fallback: str | None
    calibration: Calibration


def wants_confidence(call: Call) -> bool:
    return call.options.min_confidence is not None or call.options.risk is not None


def calibration_for(call: Call, engine: Engine) -> Calibration | None:
    """The calibration that fits a call: of its task and model, with as many examples in the prompt, sampled alike."""
    calibration = find_calibration(call.declaration, engine.name)
    return calibration if calibration and not deviation(call, engine, calibration) else None


def num_shots(options: Options, engine: Engine) -> int:
    """How many examples a prompt has: as the call says, otherwise as is usual for the engine."""
    if options.shots is not None:
        return options.shots
    return engine.default_shots if isinstance(engine, ChatEngine) else settings().shots


def deviation(call: Call, engine: Engine, calibration: Calibration) -> str:
    """How the options of a call differ from those that its calibration was made with; empty if they do not."""
    options = call.options
    shots = num_shots(options, engine)
    if shots != calibration.shots:
        return f"its prompts had {calibration.shots} examples, this one has {shots}"
    if (options.wording or "") != calibration.wording:
        return f"its prompts had the wording {calibration.wording or 'of the docstring'!r}"
    return "its answers were the most likely ones, at temperature 0" if options.temperature else ""


def with_confidence(call: Call, completed: Completed, calibration: Calibration) -> Completed:
    """The answer with its confidence, if the calibration is that of the version that answered."""
    if calibration.model != completed.model:
        return completed
    near = nearest_examples(call.declaration, call.inputs, NUM_NEIGHBOURS, call.author)
    signals = answer_signals(call.declaration, call.inputs, completed.value, completed.probs, near)
    return replace(completed, confidence=calibration.confidence(signals))


def demand(call: Call, engine: Engine) -> Demand:
    """What a call wants. Raises InputError where it cannot be had: uncalibrated, or a risk that no threshold keeps."""
    options = call.options
    if options.min_confidence is not None and options.risk is not None:
        raise refused_option("risk", options.risk, "cannot be combined with min_confidence", "choose one of the two")
    name, value = demanded(call)
    calibration = find_calibration(call.declaration, engine.name)
    if calibration is None:
        raise not_calibrated(call, name, value, engine.name)
    if reason := deviation(call, engine, calibration):
        raise not_calibrated(call, name, value, engine.name, f": {reason}")
    if name == "min_confidence":
        return Demand(value, options.fallback, calibration)
    threshold = calibration.threshold(value)
    if threshold is None:
        rows = len(calibration.judgements)
        raise refused_option(
            "risk", value, f"cannot be kept: {rows:,} answers are known, and {needed_rows(value)} are needed",
            f"calibrate on more rows, or allow a risk of {1 / (rows + 1):.3g}",
        )  # fmt: skip
    if not calibration.coverage(threshold) and options.fallback is None:
        message = f"is kept only by answering nothing: {call.declaration.name} is wrong too often with {engine.name}"
        raise refused_option("risk", value, message, "allow a higher risk, use a larger model, or name a fallback")
    return Demand(threshold, options.fallback, calibration)


def needed_rows(risk: float) -> str:
    return f"{-(-1 // risk) - 1:,.0f}" if risk else "no number of them"


def not_calibrated(call: Call, name: str, value: float, model: str, reason: str = "") -> InputError:
    message = f"needs a calibration of {call.declaration.name} with {model}{reason}"
    command = f"plait evaluate {task_address(call.declaration)} --model {name_of_model(model)} --calibrate"
    return refused_option(name, value, message, command)


def check_fallback(call: Call) -> None:
    """Raises InputError for a fallback that nothing would ask."""
    if call.options.fallback is not None:
        message = "needs min_confidence or risk, below which the fallback is asked"
        raise refused_option("fallback", call.options.fallback, message, "add min_confidence=0.8")


def refused_option(name: str, value: object, message: str, hint: str) -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, quote(value)),), hint=hint)


async def decided_answer(
    call: Call, wanted: Demand, answer: Callable[[Call], AsyncGenerator[AnswerEvent, None]]
) -> AsyncGenerator[AnswerEvent, None]:
    """The answer if it has enough confidence, otherwise that of the fallback; nothing before the decision.

    Raises Unsure without a fallback.
    """
    undemanding = replace(call.options, min_confidence=None, risk=None, fallback=None)
    completed = await last_event(answer(replace(call, options=undemanding, streamed=False)))
    confidence = completed.confidence.get(WHOLE)
    if confidence is None and completed.model != wanted.calibration.model:
        known = f": the calibration is that of {wanted.calibration.model}"
        raise not_calibrated(call, *demanded(call), completed.model, known)
    if confidence is not None and confidence >= wanted.threshold:
        yield completed
    elif wanted.fallback is None:
        raise unsure(call, completed, confidence, wanted.threshold)
    else:
        second = replace(call, options=replace(undemanding, model=wanted.fallback))
        async with aclosing(answer(second)) as events:
            async for event in events:
                yield event


def demanded(call: Call) -> tuple[str, float]:
    options = call.options
    return ("risk", options.risk) if options.risk is not None else ("min_confidence", options.min_confidence or 0.0)


def unsure(call: Call, completed: Completed, confidence: float | None, threshold: float) -> Unsure:
    known = "is not known" if confidence is None else f"is {confidence:.2f}"
    limit = "no answer" if threshold > 1 else f"{threshold:.2f}"
    return Unsure(
        f"the confidence of {call.declaration.name} in its answer {known}, and {limit} is wanted",
        answer=completed.value,
        json_value=completed.json_value,
        id=completed.id,
        confidence=dict(completed.confidence),
        details=(shorten(dumps(completed.json_value), MAX_ANSWER_SHOWN),),
        hint=f"fallback= asks another model; the answer is in error.answer\n"
        f"if it is right: plait correct {completed.id} --right",
    )
