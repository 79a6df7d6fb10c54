"""A cascade: models that are asked one after the other, until one is sure enough of its answer (Chen et al. 2023).

The fallback of a call that demands confidence is a cascade of two; a route has as many as it was made of.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.config import settings
from plait.core.engine.calibration import WHOLE
from plait.core.engine.protocol import Usage
from plait.core.engine.validation import AnswerEvent, Completed
from plait.core.errors import AnswerTooLong, ContextTooLong, InvalidAnswer, Unsure
from plait.core.task.options import OPTIONS, Options
from plait.core.values.json_text import dumps
from plait.core.values.quoting import shorten

MAX_ANSWER_SHOWN = 400  # characters of an unsure answer in the message
NO_ANSWERS = (InvalidAnswer, AnswerTooLong, ContextTooLong)  # of a model that is not up to this input

AnswerFunction = Callable[[Call], AsyncGenerator[AnswerEvent, None]]


@dataclass(frozen=True)
class CascadeStep:
    """A model, and the confidence from which its answer is given; without a threshold any answer is.

    `answered_by` is the version that the threshold was chosen for, "" for whichever.
    """

    model: str | None
    threshold: float | None = None
    answered_by: str = ""


OtherVersion = Callable[[CascadeStep, str], None]  # what to do about an answer of another version, the one named


async def cascade_answer(
    call: Call, steps: Sequence[CascadeStep], answer: AnswerFunction, other_version: OtherVersion
) -> AsyncGenerator[AnswerEvent, None]:
    """The first answer with enough confidence; nothing before that decision. The time limit is that of all together.

    A model without a valid answer is not sure. Usage and seconds are those of all answers. Raises Unsure if the last
    model has a threshold and is not sure either.
    """
    deadline = time.monotonic() + time_limit(call.options)
    earlier: list[Completed] = []
    for step in steps:
        is_last = step is steps[-1]
        own = replace(call, options=step_options(call.options, step, deadline if step is not steps[0] else None))
        if step.threshold is None:
            async with aclosing(answer(own)) as events:
                async for event in events:
                    check_version(step, event, other_version)
                    yield with_costs(event, earlier)
            return
        try:
            completed = await last_event(answer(replace(own, streamed=False)))
        except NO_ANSWERS:
            if is_last:
                raise
            continue
        check_version(step, completed, other_version)
        confidence = completed.confidence.get(WHOLE)
        if confidence is not None and confidence >= step.threshold:
            yield with_costs(completed, earlier)
            return
        if is_last:
            raise unsure(call, completed, confidence, step.threshold)
        earlier.append(completed)


def with_costs(event: AnswerEvent, earlier: Sequence[Completed]) -> AnswerEvent:
    """The event; an answer with the tokens and seconds of the unsure ones before it."""
    if not isinstance(event, Completed) or not earlier:
        return event
    every = (*earlier, event)
    usage = Usage(sum(each.usage.prompt_tokens for each in every), sum(each.usage.answer_tokens for each in every))
    return replace(event, usage=usage, seconds=sum(each.seconds for each in every))


def time_limit(options: Options) -> float:
    return settings().timeout if options.timeout is None else options.timeout


def step_options(options: Options, step: CascadeStep, deadline: float | None) -> Options:
    """The options of the call for one model, with the time that is left until the deadline."""
    timeout = options.timeout if deadline is None else max(deadline - time.monotonic(), OPTIONS["timeout"].minimum)
    return replace(options, model=step.model, timeout=timeout, min_confidence=None, risk=None, fallback=None)


def check_version(step: CascadeStep, event: AnswerEvent, other_version: OtherVersion) -> None:
    if isinstance(event, Completed) and step.answered_by and event.model != step.answered_by:
        other_version(step, event.model)


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
