"""The engine of unified models: answers the tasks that the weights were trained on, in English and Chinese."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from plait.core.config import settings
from plait.core.engine.answer_clock import add_wait
from plait.core.engine.protocol import Finish, PartialAnswer, TaskRequest, TextDelta, Usage
from plait.core.errors import CheckpointError, EngineError, InputError
from plait.core.grammar.ast import ImageCodes
from plait.core.prompting.prompt import input_images, json_to_text
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType, select_values
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.card import ModelCard
from plait.foundation.cards.header import read_header
from plait.foundation.cards.inference_plan import DEFAULT_PLAN, InferencePlan
from plait.foundation.cards.instruction import BOX_FORMAT, CONTEXT_LENGTH, instruction_ids, texts, wording_of
from plait.foundation.cards.letterbox import image_with_filled_hole
from plait.foundation.cards.vocabulary import vocabulary
from plait.service.core_budget import AnsweringMark
from plait.service.engines.unified.config import Config
from plait.service.engines.unified.messages import ImageSampling, InferenceRequest, ScoredAnswer, scored_answer
from plait.service.engines.unified.process import INSTALL_UNIFIED, WorkerProcess, start_worker
from plait.service.supervisor.admission import Admission
from plait.service.supervisor.process_engine import ProcessEngine, too_long_error
from plait.types.box import Box
from plait.types.image.image import Image

PACKAGES = ("torch", "numpy", "safetensors", "tokenizers", "jaxtyping")
MAX_HOLE_SHARE = 0.9  # of the area of an image
MAX_CONCURRENCY = 32  # requests in the process: the current batch and the next one


class UnifiedEngine(ProcessEngine[WorkerProcess]):
    """Answers with a unified model in a worker process, which the first call starts."""

    box_format = BOX_FORMAT

    def __init__(
        self, name: str, path: Path, plan: InferencePlan = DEFAULT_PLAN, adapter: LoraAdapter | None = None
    ) -> None:
        """The weights of `path`, changed by the adapter as they are loaded: such an answer takes no longer."""
        super().__init__()
        self.name, self.path, self.plan, self.adapter = name, path, plan, adapter
        self.admission = Admission(MAX_CONCURRENCY, MAX_CONCURRENCY, settings().queue, AnsweringMark(settings().data))

    @property
    def threads(self) -> int:
        return self.plan.threads

    async def start(self) -> WorkerProcess:
        return await start_worker(self.path, self.plan, self.name, self.adapter)

    @cached_property
    def card(self) -> ModelCard:
        """The model card of the weights. Raises CheckpointError."""
        return read_header(self.path).card

    @property
    def missing_packages(self) -> tuple[str, ...]:
        """Packages that the engine needs and that are not installed."""
        return find_missing_packages()

    def can(self, declaration: Declaration) -> str:
        try:
            card = self.card
        except CheckpointError as error:
            return error.message
        if declaration.fingerprint in card.tasks.values():
            return f"{self.name} needs the package {', '.join(self.missing_packages)}" if self.missing_packages else ""
        if declaration.name in card.tasks:
            return (
                f"{self.name} was trained on another version of {declaration.name}, with other inputs, types or wording"
            )
        return f"{self.name} was not trained on {declaration.name!r}; its tasks are {', '.join(card.tasks)}"

    def install_command(self, declaration: Declaration) -> str:
        try:
            trained = declaration.fingerprint in self.card.tasks.values()
        except CheckpointError:
            return ""
        return INSTALL_UNIFIED if trained and self.missing_packages else ""

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | PartialAnswer | Finish, None]:
        # In a thread: encoding a text of one megabyte takes a second, and the first call also loads the vocabulary.
        inference_request = await asyncio.to_thread(to_inference_request, request)
        if len(inference_request.input_ids) > CONTEXT_LENGTH:
            raise too_long_error(
                self.name,
                len(inference_request.input_ids),
                CONTEXT_LENGTH,
                advice="pass less text, or use another model (plait models)",
            )
        async with (
            self.admission.reserve(1),
            aclosing((await self.ensure_running()).results(inference_request)) as results,
        ):
            async for result in results:
                add_wait(result.waited)
                json_value = (
                    await asyncio.to_thread(fill_hole, request, result.json_value)
                    if inference_request.hole
                    else result.json_value
                )
                if result.partial:
                    yield PartialAnswer(json_value)
                    continue
                if result.complete:
                    yield TextDelta(json_to_text(request.declaration, json_value))
                yield Finish(
                    Usage(len(inference_request.input_ids), result.tokens), "stop" if result.complete else "length"
                )

    async def score_answer(self, request: TaskRequest, answer: object) -> ScoredAnswer:
        """The right answer to a request as this model reads it, with the ids that it finds likely."""
        context = replace(request.context, box_format=BOX_FORMAT)
        inference_request = await asyncio.to_thread(to_inference_request, request)
        right_answer = request.declaration.answer.encode(answer, context)
        running = await self.ensure_running()
        async with (
            self.admission.reserve(1),
            aclosing(running.results(replace(inference_request, right_answer=right_answer))) as results,
        ):
            async for result in results:
                return scored_answer(inference_request.input_ids, result.json_value)
        raise EngineError(f"{self.name} returned no result", hint="try again")


def engine(name: str, config: Config) -> UnifiedEngine:
    adapter = LoraAdapter(name, config.adapter) if config.adapter else None
    return UnifiedEngine(name, config.file, config.plan, adapter)


@cache
def find_missing_packages() -> tuple[str, ...]:
    return tuple(name for name in PACKAGES if find_spec(name) is None)


def to_inference_request(request: TaskRequest) -> InferenceRequest:
    """Encodes the request for the worker. Raises InputError if the hole of an image task leaves too little."""
    declaration, context = request.declaration, replace(request.context, box_format=BOX_FORMAT)
    ids = instruction_ids(declaration, request.inputs, context, wording(request), vocabulary())
    images = [image for _, image in input_images(declaration, request.inputs)]
    content: bytes = getattr(images[0], "content") if images else b""  # noqa: B009 - no type's class is known here
    inference_request = InferenceRequest(0, tuple(ids), answer_grammar(declaration, context), content)
    return (
        add_image_sampling(request, inference_request, context)
        if isinstance(inference_request.grammar, ImageCodes)
        else inference_request
    )


def add_image_sampling(
    request: TaskRequest, inference_request: InferenceRequest, context: CallContext
) -> InferenceRequest:
    """Adds the hole and the sampling options to the request. Without a seed, a random one is chosen."""
    for _, box in boxes_in(request):
        check_hole(cast(Box, box), cast(Image, input_images(request.declaration, request.inputs)[0][1]))
    options = request.options
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed + request.attempt
    sampling = ImageSampling(seed, options.steps, options.guidance, options.temperature, options.order)
    hole = next((value_type.encode(box, context) for value_type, box in boxes_in(request)), ())
    return replace(inference_request, hole=tuple(cast("list[int]", hole)), sampling=sampling, streamed=request.streamed)


def check_hole(hole: Box, image: Image) -> None:
    """Raises InputError if the hole leaves too little of the image."""
    width, height = image.size
    share = (hole.x1 - hole.x0) * (hole.y1 - hole.y0) / (width * height)
    if share > MAX_HOLE_SHARE:
        raise InputError(
            f"the hole covers {share:.0%} of the picture; too little is left to restore it from",
            hint=f"leave {1 - MAX_HOLE_SHARE:.0%} of it, or generate a picture from a description:\n"
            "plait run draw --description 'a cat' --out cat.png",
        )


def boxes_in(request: TaskRequest) -> Iterator[tuple[ValueType, object]]:
    for parameter in request.declaration.parameters:
        yield from select_values(
            parameter.value_type, request.inputs[parameter.name], lambda value_type: value_type.needs_image
        )


def fill_hole(request: TaskRequest, square: Json) -> Json:
    """The input image with the generated content in its hole, as a data URL."""
    (_, image), *_ = input_images(request.declaration, request.inputs)
    (_, hole), *_ = boxes_in(request)
    box = cast(Box, hole)
    return image_with_filled_hole(cast(Image, image), (box.x0, box.y0, box.x1, box.y1), Image(str(square))).data_url


def wording(request: TaskRequest) -> str:
    """The name of the wording: the chosen one, else the Chinese one if an input text is Chinese."""
    if request.options.wording is not None:
        return request.options.wording
    parameters = request.declaration.parameters
    return wording_of(
        request.declaration,
        (text for parameter in parameters for text in texts(parameter.value_type, request.inputs[parameter.name])),
    )
