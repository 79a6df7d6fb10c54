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
from plait.core.engine.protocol import Ask, End, Piece, Preview, Usage
from plait.core.errors import CheckpointError, ContextTooLong, InputError
from plait.core.grammar.ast import Painting
from plait.core.prompting.prompt import as_text, pictures_in
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import Beside, Json, Kind, held
from plait.foundation.cards.card import Card
from plait.foundation.cards.header import header
from plait.foundation.cards.inference_plan import ONE_THREAD, Plan
from plait.foundation.cards.instruction import CONTEXT, FRAME, instruction_ids, texts, wording_of
from plait.foundation.cards.letterbox import filled
from plait.foundation.cards.vocabulary import vocabulary
from plait.service.engines.unified.messages import Asked, Brush
from plait.service.engines.unified.process import EXTRA, Running, started
from plait.service.supervisor.admission import Admission
from plait.types.box.value import Box
from plait.types.image.image import Image

PACKAGES = ("torch", "numpy", "safetensors", "tokenizers", "jaxtyping")
LARGEST_HOLE = 0.9  # of a picture
AT_ONCE = 32  # in the process: a batch that is answered, and the next one


class Native:
    """Nothing is loaded before the first call. `boxes` is the frame that it reads and writes boxes in."""

    boxes = FRAME

    def __init__(self, name: str, path: Path, plan: Plan = ONE_THREAD) -> None:
        self.name, self.path, self.plan = name, path, plan
        self.admission = Admission(AT_ONCE, AT_ONCE, settings().queue)
        self.running: Running | None = None
        self.starting = asyncio.Lock()

    @property
    def digest(self) -> str:
        return self.running.digest if self.running else ""

    @property
    def pid(self) -> int | None:
        return self.running.child.process.pid if self.running else None

    @cached_property
    def card(self) -> Card:
        """Raises CheckpointError."""
        return header(self.path).card

    @property
    def lacks(self) -> tuple[str, ...]:
        """The packages that it needs and that are not installed."""
        return lacking()

    def can(self, declaration: Declaration) -> str:
        try:
            card = self.card
        except CheckpointError as error:
            return error.message
        if declaration.fingerprint in card.tasks.values():
            return f"{self.name} needs the package {', '.join(self.lacks)}" if self.lacks else ""
        if declaration.name in card.tasks:
            return f"{self.name} was trained on another {declaration.name}, of other slots, types or words"
        return f"{self.name} was not trained on {declaration.name!r}; it can {', '.join(card.tasks)}"

    def installs(self, declaration: Declaration) -> str:
        try:
            trained = declaration.fingerprint in self.card.tasks.values()
        except CheckpointError:
            return ""
        return EXTRA if trained and self.lacks else ""

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | Preview | End]:
        # In a thread: a text of a megabyte takes a second to become ids, and the first one of all loads the table.
        asked = await asyncio.to_thread(question, ask)
        if len(asked.source) > CONTEXT:
            raise too_long(len(asked.source), self.name)
        async with self.admission.room(1), closing((await self.up()).answers(asked)) as answers:
            async for said in answers:
                wire = await asyncio.to_thread(restored, ask, said.wire) if asked.hole else said.wire
                if said.preview:
                    yield Preview(wire)
                    continue
                if said.whole:
                    yield Piece(as_text(ask.declaration, wire))
                yield End(Usage(len(asked.source), said.tokens), said.whole)

    async def up(self) -> Running:
        """The running process, started where there is none."""
        async with self.starting:
            if self.running and not self.running.alive:
                await self.running.end()
                self.running = None
            if self.running is None:
                self.running = await started(self.path, self.plan, self.name)
            return self.running

    async def aclose(self) -> None:
        if self.running:
            running, self.running = self.running, None
            await running.end()


@cache
def lacking() -> tuple[str, ...]:
    return tuple(name for name in PACKAGES if find_spec(name) is None)


def question(ask: Ask) -> Asked:
    """What the model is asked. Raises InputError where there is nothing to paint."""
    declaration, beside = ask.declaration, replace(ask.beside, frame=FRAME)
    ids = instruction_ids(declaration, ask.inputs, beside, wording(ask), vocabulary())
    pictures = [picture for _, picture in pictures_in(declaration, ask.inputs)]
    content: bytes = getattr(pictures[0], "content") if pictures else b""  # noqa: B009 - no modality's class is known here
    asked = Asked(0, tuple(ids), answer_grammar(declaration, beside), content)
    return painting(ask, asked, beside) if isinstance(asked.grammar, Painting) else asked


def painting(ask: Ask, asked: Asked, beside: Beside) -> Asked:
    """With the hole in a picture, and how it is to be painted. Without a seed every picture is another one."""
    said = [text for slot in ask.declaration.slots for text in texts(slot.kind, ask.inputs[slot.name])]
    if said and not any(map(str.strip, said)):
        raise InputError(
            f"{ask.declaration.name} is told nothing to paint", way_out="say what is to be seen: a cat and a dog"
        )
    for _, box in boxes_in(ask):
        check_hole(cast(Box, box), cast(Image, pictures_in(ask.declaration, ask.inputs)[0][1]))
    chosen = ask.options
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed + ask.attempt
    brush = Brush(seed, chosen.steps, chosen.guidance, chosen.temperature, chosen.order)
    hole = next((kind.encode(box, beside) for kind, box in boxes_in(ask)), ())
    return replace(asked, hole=tuple(cast("list[int]", hole)), brush=brush, watched=ask.watched)


def check_hole(hole: Box, picture: Image) -> None:
    """Raises InputError where too little is left to be painted from."""
    width, height = picture.size
    share = (hole.x1 - hole.x0) * (hole.y1 - hole.y0) / (width * height)
    if share > LARGEST_HOLE:
        raise InputError(
            f"the hole covers {share:.0%} of the picture: too little is left to tell what was there",
            way_out=f"leave {1 - LARGEST_HOLE:.0%} of it, or paint a picture from words: plait run draw",
        )


def boxes_in(ask: Ask) -> Iterator[tuple[Kind, object]]:
    for slot in ask.declaration.slots:
        yield from held("box", slot.kind, ask.inputs[slot.name])


def restored(ask: Ask, square: Json) -> Json:
    """The picture that was passed in, with what was painted where its hole is."""
    (_, picture), *_ = pictures_in(ask.declaration, ask.inputs)
    (_, hole), *_ = boxes_in(ask)
    box = cast(Box, hole)
    return filled(cast(Image, picture), (box.x0, box.y0, box.x1, box.y1), Image(str(square))).data_url


def wording(ask: Ask) -> str:
    """The one that was chosen; else the Chinese one where a text of the inputs is Chinese: it is answered as asked."""
    if ask.options.wording is not None:
        return ask.options.wording
    slots = ask.declaration.slots
    return wording_of(ask.declaration, (text for slot in slots for text in texts(slot.kind, ask.inputs[slot.name])))


def too_long(tokens: int, name: str) -> ContextTooLong:
    return ContextTooLong(
        f"the question has {tokens:,} tokens, {name} takes {CONTEXT:,}",
        tokens=tokens,
        limit=CONTEXT,
        way_out="pass less text, or ask another model (plait models)",
    )
