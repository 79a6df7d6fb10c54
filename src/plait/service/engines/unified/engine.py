"""A unified model as an engine: it answers the tasks that it was trained on, in English and Chinese."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from plait.core.calls.event_loop import closing
from plait.core.config import settings
from plait.core.engine.protocol import Finish, PartialAnswer, TaskRequest, TextDelta, Usage
from plait.core.errors import CheckpointError, ContextTooLong, InputError
from plait.core.grammar.ast import ImageCodes
from plait.core.prompting.prompt import input_images, json_to_text
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import CallContext, Json, ValueType, iter_values
from plait.foundation.cards.card import ModelCard
from plait.foundation.cards.header import read_header
from plait.foundation.cards.inference_plan import DEFAULT_PLAN, InferencePlan
from plait.foundation.cards.instruction import BOX_FORMAT, CONTEXT_LENGTH, instruction_ids, texts, wording_of
from plait.foundation.cards.letterbox import image_with_filled_hole
from plait.foundation.cards.vocabulary import vocabulary
from plait.service.engines.unified.messages import ImageSampling, InferenceRequest
from plait.service.engines.unified.process import INSTALL_UNIFIED, WorkerProcess, start_worker
from plait.service.supervisor.admission import Admission
from plait.types.box.value import Box
from plait.types.image.image import Image

PACKAGES = ("torch", "numpy", "safetensors", "tokenizers", "jaxtyping")
MAX_HOLE_SHARE = 0.9  # of a picture
MAX_CONCURRENCY = 32  # in the process: a batch that is answered, and the next one


class UnifiedEngine:
    """Nothing is loaded before the first call. `boxes` is the frame that it reads and writes boxes in."""

    box_format = BOX_FORMAT

    def __init__(self, name: str, path: Path, plan: InferencePlan = DEFAULT_PLAN) -> None:
        self.name, self.path, self.plan = name, path, plan
        self.admission = Admission(MAX_CONCURRENCY, MAX_CONCURRENCY, settings().queue)
        self.worker: WorkerProcess | None = None
        self.start_lock = asyncio.Lock()

    @property
    def digest(self) -> str:
        return self.worker.digest if self.worker else ""

    @property
    def pid(self) -> int | None:
        return self.worker.child.process.pid if self.worker else None

    @cached_property
    def card(self) -> ModelCard:
        """Raises CheckpointError."""
        return read_header(self.path).card

    @property
    def missing_packages(self) -> tuple[str, ...]:
        """The packages that it needs and that are not installed."""
        return find_missing_packages()

    def can(self, declaration: Declaration) -> str:
        try:
            card = self.card
        except CheckpointError as error:
            return error.message
        if declaration.fingerprint in card.tasks.values():
            return f"{self.name} needs the package {', '.join(self.missing_packages)}" if self.missing_packages else ""
        if declaration.name in card.tasks:
            return f"{self.name} was trained on another {declaration.name}, of other slots, types or words"
        return f"{self.name} was not trained on {declaration.name!r}; it can {', '.join(card.tasks)}"

    def install_command(self, declaration: Declaration) -> str:
        try:
            trained = declaration.fingerprint in self.card.tasks.values()
        except CheckpointError:
            return ""
        return INSTALL_UNIFIED if trained and self.missing_packages else ""

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | PartialAnswer | Finish]:
        # In a thread: a text of a megabyte takes a second to become ids, and the first one of all loads the table.
        asked = await asyncio.to_thread(to_inference_request, request)
        if len(asked.input_ids) > CONTEXT_LENGTH:
            raise too_long_error(len(asked.input_ids), self.name)
        async with self.admission.reserve(1), closing((await self.ensure_running()).results(asked)) as answers:
            async for said in answers:
                wire = await asyncio.to_thread(fill_hole, request, said.json_value) if asked.hole else said.json_value
                if said.partial:
                    yield PartialAnswer(wire)
                    continue
                if said.complete:
                    yield TextDelta(json_to_text(request.declaration, wire))
                yield Finish(Usage(len(asked.input_ids), said.tokens), said.complete)

    async def ensure_running(self) -> WorkerProcess:
        """The running process, started where there is none."""
        async with self.start_lock:
            if self.worker and not self.worker.alive:
                await self.worker.stop()
                self.worker = None
            if self.worker is None:
                self.worker = await start_worker(self.path, self.plan, self.name)
            return self.worker

    async def aclose(self) -> None:
        if self.worker:
            running, self.worker = self.worker, None
            await running.stop()


@cache
def find_missing_packages() -> tuple[str, ...]:
    return tuple(name for name in PACKAGES if find_spec(name) is None)


def to_inference_request(request: TaskRequest) -> InferenceRequest:
    """What the model is asked. Raises InputError where there is nothing to paint."""
    declaration, beside = request.declaration, replace(request.context, frame=BOX_FORMAT)
    ids = instruction_ids(declaration, request.inputs, beside, wording(request), vocabulary())
    pictures = [picture for _, picture in input_images(declaration, request.inputs)]
    content: bytes = getattr(pictures[0], "content") if pictures else b""  # noqa: B009 - no modality's class is known here
    asked = InferenceRequest(0, tuple(ids), answer_grammar(declaration, beside), content)
    return add_image_sampling(request, asked, beside) if isinstance(asked.grammar, ImageCodes) else asked


def add_image_sampling(
    request: TaskRequest, inference_request: InferenceRequest, context: CallContext
) -> InferenceRequest:
    """With the hole in a picture, and how it is to be painted. Without a seed every picture is another one."""
    said = [
        text for slot in request.declaration.parameters for text in texts(slot.value_type, request.inputs[slot.name])
    ]
    if said and not any(map(str.strip, said)):
        raise InputError(
            f"{request.declaration.name} is told nothing to paint", hint="say what is to be seen: a cat and a dog"
        )
    for _, box in boxes_in(request):
        check_hole(cast(Box, box), cast(Image, input_images(request.declaration, request.inputs)[0][1]))
    chosen = request.options
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed + request.attempt
    brush = ImageSampling(seed, chosen.steps, chosen.guidance, chosen.temperature, chosen.order)
    hole = next((kind.encode(box, context) for kind, box in boxes_in(request)), ())
    return replace(inference_request, hole=tuple(cast("list[int]", hole)), brush=brush, watched=request.streamed)


def check_hole(hole: Box, image: Image) -> None:
    """Raises InputError where too little is left to be painted from."""
    width, height = image.size
    share = (hole.x1 - hole.x0) * (hole.y1 - hole.y0) / (width * height)
    if share > MAX_HOLE_SHARE:
        raise InputError(
            f"the hole covers {share:.0%} of the picture: too little is left to tell what was there",
            hint=f"leave {1 - MAX_HOLE_SHARE:.0%} of it, or paint a picture from words: plait run draw",
        )


def boxes_in(request: TaskRequest) -> Iterator[tuple[ValueType, object]]:
    for slot in request.declaration.parameters:
        yield from iter_values("box", slot.value_type, request.inputs[slot.name])


def fill_hole(request: TaskRequest, square: Json) -> Json:
    """The picture that was passed in, with what was painted where its hole is."""
    (_, picture), *_ = input_images(request.declaration, request.inputs)
    (_, hole), *_ = boxes_in(request)
    box = cast(Box, hole)
    return image_with_filled_hole(cast(Image, picture), (box.x0, box.y0, box.x1, box.y1), Image(str(square))).data_url


def wording(request: TaskRequest) -> str:
    """The one that was chosen; else the Chinese one where a text of the inputs is Chinese: it is answered as asked."""
    if request.options.wording is not None:
        return request.options.wording
    slots = request.declaration.parameters
    return wording_of(
        request.declaration, (text for slot in slots for text in texts(slot.value_type, request.inputs[slot.name]))
    )


def too_long_error(tokens: int, name: str) -> ContextTooLong:
    return ContextTooLong(
        f"the question has {tokens:,} tokens, {name} takes {CONTEXT_LENGTH:,}",
        tokens=tokens,
        limit=CONTEXT_LENGTH,
        hint="pass less text, or ask another model (plait models)",
    )
