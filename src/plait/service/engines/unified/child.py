"""The worker process of a unified model. Its parent writes one JSON line (what to load), then requests.

One thread reads requests and decodes their images, the other answers in batches. The process has no secret, opens no
connection, writes no file, uses only its share of threads, and exits when its parent does: standard input closes.
"""

import hashlib
import json
import os
import resource
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import torch
from PIL import Image as Pillow

from plait.core.errors import InputError, PlaitError
from plait.core.grammar.ast import ImageCodes
from plait.core.values.data_url import ImageContent, data_url
from plait.core.values.file_digest import DIGEST_LENGTH, file_sha256
from plait.core.values.json_value import Json
from plait.foundation.cards.adapter import adapted_digest
from plait.foundation.cards.inference_plan import InferencePlan
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.resizing import letterbox_image
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest, Pixels
from plait.foundation.unified.generation.image_decoding import DEFAULT_SAMPLING, PaintSampling
from plait.foundation.unified.generation.painter import Hole, Painter, PaintRequest
from plait.foundation.unified.generation.right_answers import (
    likely_answer_ids,
    likely_drawing_codes,
    sort_left_to_right,
)
from plait.foundation.unified.image_tokenizer.shipped import encode_picture, image_tokenizer
from plait.foundation.unified.inference.compiled import compile_decoder_layers
from plait.foundation.unified.inference.precision import convert_precision
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.weights.adapter_file import merge_adapter
from plait.foundation.unified.weights.weight_files import load
from plait.service.engines.unified.messages import ImageSampling, InferenceRequest, json_line, read_request
from plait.service.engines.unified.request_queue import BatchQueue
from plait.types.box.box_formats import BINS
from plait.types.image.image import Image
from plait.types.image.opening import image_bytes

# Decoded and resized; 28 kB each for nano. Several requests about one image usually follow each other.
MAX_CACHED_IMAGES = 256


@dataclass(frozen=True)
class PreparedRequest:
    """A request with its image decoded."""

    number: int
    question: AnswerRequest | PaintRequest
    sampling: PaintSampling = DEFAULT_SAMPLING
    streamed: bool = False
    right_answer: Json = None
    queued: float = field(default_factory=time.monotonic)


class InferenceWorker:
    def __init__(self, answerer: Answerer, requests: IO[bytes], responses: IO[bytes]) -> None:
        self.answerer, self.requests, self.responses = answerer, requests, responses
        self.queue: BatchQueue[PreparedRequest] = BatchQueue()
        self.write_lock = threading.Lock()
        self.image_cache: OrderedDict[tuple[bytes, int], Pixels] = OrderedDict()

    def read_requests(self) -> None:
        """Queues requests until the input closes, then exits the process: torch's threads do not end with Python."""
        try:
            while (request := read_request(self.requests)) is not None:
                if isinstance(request, int):
                    self.queue.drop(request)
                else:
                    self.enqueue(request)
        except Exception:
            traceback.print_exc()
        os._exit(0)

    def enqueue(self, request: InferenceRequest) -> None:
        try:
            self.queue.add(self.prepare(request))
        except InputError as error:
            self.send_error(request.number, error)

    def prepare(self, request: InferenceRequest) -> PreparedRequest:
        """Decodes the image. Raises InputError if it cannot be opened."""
        size = self.answerer.model.size
        image = self.square_pixels(request.image, size.side) if request.image else None
        if not isinstance(request.grammar, ImageCodes):
            question = AnswerRequest(request.input_ids, image, request.grammar)
            return PreparedRequest(request.number, question, right_answer=request.right_answer)
        hole = None
        if image is not None:
            left, top, right, bottom = (location / (BINS - 1) for location in request.hole)
            hole = Hole(image, self.square_pixels(request.image, size.canvas), (left, top, right, bottom))
        return PreparedRequest(
            request.number,
            PaintRequest(request.input_ids, hole, request.sampling.seed),
            paint_sampling(request.sampling),
            request.streamed,
            request.right_answer,
        )

    def square_pixels(self, image: bytes, side: int) -> Pixels:
        key = hashlib.sha256(image).digest(), side
        if key not in self.image_cache:
            self.image_cache[key] = letterbox_image(Image(image), side)
            if len(self.image_cache) > MAX_CACHED_IMAGES:
                self.image_cache.popitem(last=False)
        self.image_cache.move_to_end(key)
        return self.image_cache[key]

    def run(self) -> None:
        while True:
            for batch in group_by_sampling(self.queue.next_batch()):
                try:
                    self.answer_batch(batch)
                except Exception:  # one request failed: each is answered alone, so that the others succeed
                    for each in batch:
                        self.answer_one(each)

    def answer_one(self, request: PreparedRequest) -> None:
        try:
            self.answer_batch([request])
        except InputError as error:
            self.send_error(request.number, error)
        except Exception as error:
            traceback.print_exc()
            self.send({"request": request.number, "error": f"the model failed: {type(error).__name__}: {error}"})

    def answer_batch(self, batch: Sequence[PreparedRequest]) -> None:
        """Answers requests of one group: all text, or all images with the same sampling."""
        started = time.monotonic()
        if batch[0].right_answer is not None:
            self.score(batch[0])
            return
        paint_requests = [each.question for each in batch if isinstance(each.question, PaintRequest)]
        if paint_requests:
            self.paint(batch, paint_requests, started)
            return
        answers = self.answerer.answers([each.question for each in batch if isinstance(each.question, AnswerRequest)])
        for request, answer in zip(batch, answers, strict=True):
            self.send(
                {
                    "request": request.number,
                    "json_value": answer.json_value,
                    "tokens": len(answer.output_ids),
                    "is_complete": answer.is_complete,
                    "waited": started - request.queued,
                }
            )

    def score(self, request: PreparedRequest) -> None:
        """Sends the ids of the right answer, and those that are likely at each of its positions."""
        answerer, question = self.answerer, request.question
        if isinstance(question, PaintRequest):
            picture = Image(str(request.right_answer)).content
            target_ids = encode_picture(self.square_pixels(picture, answerer.model.size.canvas)).tolist()
            tokens = likely_drawing_codes(answerer, question.input_ids)
        else:
            target_ids = answerer.token_grammar(question.grammar).encode(sort_left_to_right(request.right_answer))
            tokens = likely_answer_ids(answerer, question, target_ids)
        scored = {"target_ids": target_ids, "tokens": tokens}
        self.send({"request": request.number, "json_value": scored, "tokens": 0, "is_complete": True, "waited": 0.0})

    def paint(self, batch: Sequence[PreparedRequest], paint_requests: Sequence[PaintRequest], started: float) -> None:
        images: list[Pixels] = []
        for images in self.painter.paint_steps(paint_requests, batch[0].sampling):
            for request, image in zip(batch, images, strict=True):
                if request.streamed:
                    self.send({"request": request.number, "preview": to_data_url(image)})
        for request, image in zip(batch, images, strict=True):
            codes = self.answerer.model.size.code_grid**2
            self.send(
                {
                    "request": request.number,
                    "json_value": to_data_url(image),
                    "tokens": codes,
                    "is_complete": True,
                    "waited": started - request.queued,
                }
            )

    @cached_property
    def painter(self) -> Painter:
        return Painter(self.answerer, image_tokenizer())

    def send_error(self, number: int, error: InputError) -> None:
        self.send({"request": number, "error": error.message, "hint": error.hint, "is_input_error": True})

    def send(self, payload: dict[str, Any]) -> None:
        with self.write_lock:
            self.responses.write(json_line(payload))
            self.responses.flush()


def group_by_sampling(batch: Sequence[PreparedRequest]) -> list[list[PreparedRequest]]:
    """Batches that can be answered together: all text requests, and image requests by their sampling options. A right
    answer is scored alone.
    """
    groups: dict[object, list[PreparedRequest]] = {}
    for each in batch:
        sampling = each.sampling if isinstance(each.question, PaintRequest) else None
        groups.setdefault(sampling if each.right_answer is None else each.number, []).append(each)
    return list(groups.values())


def paint_sampling(sampling: ImageSampling) -> PaintSampling:
    options = {name: value for name, value in vars(sampling).items() if name != "seed" and value is not None}
    return PaintSampling(**options)


def to_data_url(image: Pixels) -> str:
    return data_url(ImageContent("image/png", image_bytes(Pillow.fromarray(image), "PNG")))


def main() -> None:
    requests, responses = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output of libraries must not reach the pipe
    options = json.loads(requests.readline())
    try:
        answerer, digest = load_answerer(options)
        worker = InferenceWorker(answerer, requests, responses)
    except PlaitError as error:
        responses.write(json_line({"error": error.message, "hint": error.hint}))
        return
    limit_resources()
    worker.send({"digest": digest})
    threading.Thread(target=worker.read_requests, name="requests", daemon=True).start()
    worker.run()


def load_answerer(options: dict[str, Any]) -> tuple[Answerer, str]:
    """The model, and its short digest. Raises CheckpointError, also for an adapter of other weights."""
    path, adapter = Path(options.pop("path")), options.pop("adapter")
    plan = InferencePlan(**options)
    torch.set_num_threads(plan.threads)
    model, digest = load_model(path, adapter)
    model = convert_precision(model, plan.arithmetic)
    return Answerer(compile_decoder_layers(model, vocabulary()) if plan.compiled else model, vocabulary()), digest


def load_model(path: Path, adapter: dict[str, str] | None) -> tuple[UnifiedModel, str]:
    model, sha256 = load(path), file_sha256(path)
    if adapter is None:
        return model, sha256[:DIGEST_LENGTH]
    return model, adapted_digest(sha256, merge_adapter(model, Path(adapter["path"]), path, sha256, adapter["sha256"]))


def limit_resources() -> None:
    """Forbids core dumps and file writes. Nothing needs them after loading."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
