"""Answers with confidence: the calibration of a call, and the confidence that a call demands of its answer."""

from dataclasses import replace

from plait.core.calls.transport import Call
from plait.core.config import settings
from plait.core.engine.calibration import Calibration
from plait.core.engine.calibration_files import find_calibration
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import Engine, name_of_model
from plait.core.engine.signals import NUM_NEIGHBOURS, answer_signals
from plait.core.engine.validation import Completed
from plait.core.errors import InputError, Problem
from plait.core.prompting.few_shot import nearest_examples
from plait.core.task.options import Options
from plait.core.task.printed_call import task_address
from plait.core.values.quoting import quote
from plait.service.cascade import CascadeStep, OtherVersion


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


def demand(call: Call, engine: Engine) -> tuple[CascadeStep, ...]:
    """What a call wants: an answer of enough confidence, and below it that of the fallback.

    Raises InputError where it cannot be had: uncalibrated, or a risk that no threshold keeps.
    """
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
        return demanded_steps(call, value, calibration)
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
    return demanded_steps(call, threshold, calibration)


def demanded_steps(call: Call, threshold: float, calibration: Calibration) -> tuple[CascadeStep, ...]:
    options = call.options
    own = CascadeStep(options.model, threshold, calibration.model)
    return (own,) if options.fallback is None else (own, CascadeStep(options.fallback))


def needed_rows(risk: float) -> str:
    return f"{-(-1 // risk) - 1:,.0f}" if risk else "no number of them"


def not_calibrated(call: Call, name: str, value: float, model: str, reason: str = "") -> InputError:
    message = f"needs a calibration of {call.declaration.name} with {model}{reason}"
    command = f"plait evaluate {task_address(call.declaration)} --model {name_of_model(model)} --calibrate"
    return refused_option(name, value, message, command)


def refuse_other_version(call: Call) -> OtherVersion:
    """Raises InputError for the answer of another version than the calibrated one."""

    def refuse(step: CascadeStep, model: str) -> None:
        raise not_calibrated(call, *demanded(call), model, f": the calibration is that of {step.answered_by}")

    return refuse


def check_fallback(call: Call) -> None:
    """Raises InputError for a fallback that nothing would ask."""
    if call.options.fallback is not None:
        message = "needs min_confidence or risk, below which the fallback is asked"
        raise refused_option("fallback", call.options.fallback, message, "add min_confidence=0.8")


def refused_option(name: str, value: object, message: str, hint: str) -> InputError:
    return InputError(f"option {name} {message}", problems=(Problem(name, message, quote(value)),), hint=hint)


def demanded(call: Call) -> tuple[str, float]:
    options = call.options
    return ("risk", options.risk) if options.risk is not None else ("min_confidence", options.min_confidence or 0.0)
