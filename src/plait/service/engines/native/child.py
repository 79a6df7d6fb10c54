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
from pathlib import Path
from typing import IO, Any

import torch

from plait.core.errors import InputError, PlaitError
from plait.foundation.data.resizing import squared
from plait.foundation.generation.answering import Answered, Answerer, Pixels, Question
from plait.foundation.vocabulary import vocabulary
from plait.foundation.weights.files import load
from plait.modalities.image.image import Image
from plait.service.engines.native.batching import Waiting
from plait.service.engines.native.messages import Asked, line, read
from plait.service.models import digest

SQUARES = 256  # pictures kept as the model's square, 28 kB each for nano: many questions about one come one by one


@dataclass(frozen=True)
class Ready:
    """A question whose picture was opened."""

    number: int
    question: Question


class Child:
    def __init__(self, answerer: Answerer, questions: IO[bytes], answers: IO[bytes]) -> None:
        self.answerer, self.questions, self.answers = answerer, questions, answers
        self.waiting: Waiting[Ready] = Waiting()
        self.saying = threading.Lock()
        self.squares: OrderedDict[bytes, Pixels] = OrderedDict()

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
            picture = self.square(asked.picture) if asked.picture else None
        except InputError as error:
            self.say({"ask": asked.number, "error": error.message, "way_out": error.way_out, "of_caller": True})
            return
        self.waiting.add(Ready(asked.number, Question(asked.source, picture, asked.grammar)))

    def square(self, picture: bytes) -> Pixels:
        key = hashlib.sha256(picture).digest()
        if key not in self.squares:
            self.squares[key] = squared(Image(picture), self.answerer.model.size.side)
            if len(self.squares) > SQUARES:
                self.squares.popitem(last=False)
        self.squares.move_to_end(key)
        return self.squares[key]

    def answer(self) -> None:
        while True:
            batch = self.waiting.batch()
            try:
                self.tell(batch, self.answerer.answers([each.question for each in batch]))
            except Exception:  # one of them is at fault: the others are answered without it
                for each in batch:
                    self.answer_alone(each)

    def answer_alone(self, ready: Ready) -> None:
        try:
            self.tell([ready], self.answerer.answers([ready.question]))
        except Exception as fault:
            traceback.print_exc()
            self.say({"ask": ready.number, "error": f"the model failed: {type(fault).__name__}: {fault}"})

    def tell(self, batch: Sequence[Ready], answers: Sequence[Answered]) -> None:
        for ready, answer in zip(batch, answers, strict=True):
            self.say({"ask": ready.number, "wire": answer.wire, "tokens": len(answer.ids), "whole": answer.whole})

    def say(self, told: dict[str, Any]) -> None:
        with self.saying:
            self.answers.write(line(told))
            self.answers.flush()


def main() -> None:
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    told = json.loads(questions.readline())
    try:
        child = Child(loaded(told), questions, answers)
    except PlaitError as error:
        answers.write(line({"error": error.message, "way_out": error.way_out}))
        return
    confine()
    child.say({"digest": digest(Path(told["path"]))})
    threading.Thread(target=child.read, name="questions", daemon=True).start()
    child.answer()


def loaded(told: dict[str, Any]) -> Answerer:
    torch.set_num_threads(told["threads"])
    return Answerer(load(Path(told["path"])), vocabulary())


def confine() -> None:
    """What it never needs again."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
