"""The process that runs a unified model. Its parent writes one JSON line (what to load), then questions.

One thread reads questions and opens their pictures, the other answers by the batch. It holds no secret, opens no
connection, writes no file, keeps to its share of threads, and ends when its parent does: standard input closes.
"""

import hashlib
import json
import os
import resource
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import torch
from PIL import Image as Pillow

from plait.core.errors import InputError, PlaitError
from plait.core.grammar.ast import Painting
from plait.core.prompting.prompt import Picture
from plait.core.values.data_url import data_url
from plait.foundation.cards.inference_plan import Plan
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.resizing import squared
from plait.foundation.unified.generation.answering import Answerer, Pixels, Question
from plait.foundation.unified.generation.image_decoding import USUAL, Manner
from plait.foundation.unified.generation.painter import Commission, Hole, Painter
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.inference.compiled import compiled
from plait.foundation.unified.inference.precision import calculating
from plait.foundation.unified.weights.weight_files import load
from plait.service.engines.unified.messages import Asked, Brush, line, read
from plait.service.engines.unified.request_queue import Waiting
from plait.service.models.discovery import digest
from plait.types.box.frames import BINS
from plait.types.image.image import Image
from plait.types.image.opening import encoded

SQUARES = 256  # pictures kept as the model's square, 28 kB each for nano: many questions about one come one by one


@dataclass(frozen=True)
class Ready:
    """What was asked, its picture opened."""

    number: int
    question: Question | Commission
    manner: Manner = USUAL
    watched: bool = False


class Child:
    def __init__(self, answerer: Answerer, questions: IO[bytes], answers: IO[bytes]) -> None:
        self.answerer, self.questions, self.answers = answerer, questions, answers
        self.waiting: Waiting[Ready] = Waiting()
        self.saying = threading.Lock()
        self.squares: OrderedDict[tuple[bytes, int], Pixels] = OrderedDict()

    def read(self) -> None:
        """Until the parent is gone. Then the process is over: torch's own threads would not end with Python."""
        try:
            while (asked := read(self.questions)) is not None:
                if isinstance(asked, int):
                    self.waiting.drop(asked)
                else:
                    self.take(asked)
        except Exception:
            traceback.print_exc()
        os._exit(0)

    def take(self, asked: Asked) -> None:
        try:
            self.waiting.add(self.ready(asked))
        except InputError as error:
            self.refuse(asked.number, error)

    def ready(self, asked: Asked) -> Ready:
        """Raises InputError where the picture cannot be opened."""
        size = self.answerer.model.size
        picture = self.square(asked.picture, size.side) if asked.picture else None
        if not isinstance(asked.grammar, Painting):
            return Ready(asked.number, Question(asked.source, picture, asked.grammar))
        hole = None
        if picture is not None:
            left, top, right, bottom = (location / (BINS - 1) for location in asked.hole)
            hole = Hole(picture, self.square(asked.picture, size.canvas), (left, top, right, bottom))
        return Ready(asked.number, Commission(asked.source, hole, asked.brush.seed), manner(asked.brush), asked.watched)

    def square(self, picture: bytes, side: int) -> Pixels:
        key = hashlib.sha256(picture).digest(), side
        if key not in self.squares:
            self.squares[key] = squared(Image(picture), side)
            if len(self.squares) > SQUARES:
                self.squares.popitem(last=False)
        self.squares.move_to_end(key)
        return self.squares[key]

    def answer(self) -> None:
        while True:
            for batch in alike(self.waiting.batch()):
                try:
                    self.answer_together(batch)
                except Exception:  # one of them is at fault: the others are answered without it
                    for each in batch:
                        self.answer_alone(each)

    def answer_alone(self, ready: Ready) -> None:
        try:
            self.answer_together([ready])
        except InputError as error:
            self.refuse(ready.number, error)
        except Exception as fault:
            traceback.print_exc()
            self.say({"ask": ready.number, "error": f"the model failed: {type(fault).__name__}: {fault}"})

    def answer_together(self, batch: Sequence[Ready]) -> None:
        """All of one sort: questions, or paintings in one manner."""
        commissions = [each.question for each in batch if isinstance(each.question, Commission)]
        if commissions:
            self.paint(batch, commissions)
            return
        answers = self.answerer.answers([each.question for each in batch if isinstance(each.question, Question)])
        for ready, answer in zip(batch, answers, strict=True):
            self.say({"ask": ready.number, "wire": answer.wire, "tokens": len(answer.ids), "whole": answer.whole})

    def paint(self, batch: Sequence[Ready], commissions: Sequence[Commission]) -> None:
        pictures: list[Pixels] = []
        for pictures in self.painter.growing(commissions, batch[0].manner):
            for ready, picture in zip(batch, pictures, strict=True):
                if ready.watched:
                    self.say({"ask": ready.number, "preview": as_url(picture)})
        for ready, picture in zip(batch, pictures, strict=True):
            codes = self.answerer.model.size.codes**2
            self.say({"ask": ready.number, "wire": as_url(picture), "tokens": codes, "whole": True})

    @cached_property
    def painter(self) -> Painter:
        return Painter(self.answerer, image_tokenizer())

    def refuse(self, number: int, error: InputError) -> None:
        self.say({"ask": number, "error": error.message, "way_out": error.way_out, "of_caller": True})

    def say(self, told: dict[str, Any]) -> None:
        with self.saying:
            self.answers.write(line(told))
            self.answers.flush()


def alike(batch: Sequence[Ready]) -> list[list[Ready]]:
    """What is answered together: questions, and paintings by their manner."""
    groups: dict[object, list[Ready]] = {}
    for each in batch:
        groups.setdefault(each.manner if isinstance(each.question, Commission) else None, []).append(each)
    return list(groups.values())


def manner(brush: Brush) -> Manner:
    told = {name: value for name, value in vars(brush).items() if name != "seed" and value is not None}
    return Manner(**told)


def as_url(picture: Pixels) -> str:
    return data_url(Picture("image/png", encoded(Pillow.fromarray(picture), "PNG")))


def main() -> None:
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    told = json.loads(questions.readline())
    try:
        path = told["path"]
        child = Child(loaded(told), questions, answers)
    except PlaitError as error:
        answers.write(line({"error": error.message, "way_out": error.way_out}))
        return
    confine()
    child.say({"digest": digest(Path(path))})
    threading.Thread(target=child.read, name="questions", daemon=True).start()
    child.answer()


def loaded(told: dict[str, Any]) -> Answerer:
    path, plan = Path(told.pop("path")), Plan(**told)
    torch.set_num_threads(plan.threads)
    model = calculating(load(path), plan.arithmetic)
    return Answerer(compiled(model, vocabulary()) if plan.compiled else model, vocabulary())


def confine() -> None:
    """What it never needs again."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
