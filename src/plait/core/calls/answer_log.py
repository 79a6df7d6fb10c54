"""The memory of recent answers, by which an answer is read and corrected later.

A server and a Python process that answers by itself keep one. It is bounded in number, bytes and age, and never written
to disk.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import to_json

from plait.core.engine.envelope import completed_from_json, details_json, envelope
from plait.core.engine.validation import Completed
from plait.core.errors import AnswerNotFound
from plait.core.task.declaration import Declaration, Parameter
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.data_url import ImageContent
from plait.core.values.inputs import input_from_json
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.core.values.value_type import IMAGE, select_values

if TYPE_CHECKING:
    from plait.core.calls.transport import Call

MAX_ANSWERS = 1_000
MAX_BYTES = 64 * 2**20
MAX_AGE = 3_600.0  # seconds
ANSWER_ID = re.compile(r"[0-9a-f]+-[0-9a-f]+")
REDACTED = "redacted"  # in the content of a recorded answer: the names of the inputs that were not kept


@dataclass(frozen=True)
class RecordedAnswer:
    """An answer with its inputs, as it was given. `author` is who asked.

    `content` is the JSON of its details and of the inputs; those with images are values in `images`, because their
    data URLs take longer to write than everything else.
    """

    id: str
    declaration: Declaration
    author: str
    content: bytes
    images: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def json_value(self) -> dict[str, Any]:
        """The envelope, with the inputs as `inputs` and the name of the task as `task`."""
        details = envelope(self.completed, self.declaration, self.inputs)
        images = {name: self.parameter(name).value_type.encode(each, NO_CONTEXT) for name, each in self.images.items()}
        return {"task": self.declaration.name, **details, "inputs": {**self.content_json["inputs"], **images}}

    @property
    def completed(self) -> Completed:
        """The answer without its value."""
        completed = completed_from_json(None, self.content_json)
        defaults = self.content_json.get("defaults")
        return completed if defaults is None else replace(completed, defaults=frozenset(defaults))

    @property
    def content_json(self) -> dict[str, Any]:
        return cast("dict[str, Any]", parse_json(self.content))

    @property
    def inputs(self) -> dict[str, object]:
        """The inputs as Python values, always new ones. Raises InputError."""
        recorded = self.content_json["inputs"]
        return {
            each.name: self.images[each.name] if each.name in self.images else input_from_json(each, recorded)
            for each in self.declaration.parameters
        }

    def parameter(self, name: str) -> Parameter:
        parameter = self.declaration.parameter(name)
        assert parameter is not None
        return parameter

    @property
    def size(self) -> int:
        """Bytes in memory, apart from a constant."""
        return len(self.content) + sum(image_bytes(self.parameter(name), each) for name, each in self.images.items())


def record_answer(call: "Call", completed: Completed) -> RecordedAnswer:
    """The record of an answer. It holds nothing that the caller could change afterwards, apart from images.

    Every call makes one, in 10 microseconds; `dumps` alone takes 12.
    """
    images: dict[str, object] = {}
    inputs: dict[str, Json] = {}
    for each in call.declaration.parameters:
        value = call.inputs[each.name]
        if each.has_images:
            images[each.name] = value
        else:
            inputs[each.name] = each.value_type.encode(value, NO_CONTEXT)
    content = to_json({**details_json(completed), "defaults": sorted(completed.defaults), "inputs": inputs})
    return RecordedAnswer(completed.id, call.declaration, call.author, content, images)


def image_bytes(parameter: Parameter, value: object) -> int:
    images = select_values(parameter.value_type, value, lambda value_type: value_type.media == IMAGE)
    return sum(len(cast(ImageContent, image).content) for _, image in images)


class AnswerLog:
    """The last answers, by id. It is used from one event loop."""

    def __init__(
        self,
        max_answers: int = MAX_ANSWERS,
        max_bytes: int = MAX_BYTES,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_answers, self.max_bytes, self.max_age, self.clock = max_answers, max_bytes, max_age, clock
        self.answers: OrderedDict[str, tuple[float, RecordedAnswer]] = OrderedDict()
        self.size = 0

    def add(self, answer: RecordedAnswer) -> None:
        """Keeps the answer and forgets the oldest ones; an answer larger than the whole memory is not kept."""
        self.answers[answer.id] = self.clock(), answer
        self.size += answer.size
        self.forget()

    def find(self, id: str, author: str) -> RecordedAnswer:
        """The answer with this id. Raises AnswerNotFound, the same whether there is none or somebody else asked."""
        self.forget()
        _, answer = self.answers.get(id, (0.0, None))
        if answer is None or answer.author != author:
            raise answer_not_found(id)
        return answer

    def forget(self) -> None:
        """Removes the oldest answers until all bounds hold."""
        oldest_time = self.clock() - self.max_age
        while self.answers:
            added, oldest = next(iter(self.answers.values()))
            if added >= oldest_time and len(self.answers) <= self.max_answers and self.size <= self.max_bytes:
                return
            del self.answers[oldest.id]
            self.size -= oldest.size


def answer_not_found(id: object, task: str = "TASK") -> AnswerNotFound:
    return AnswerNotFound(
        f"no answer with the id {quote(id)} is known",
        hint=f"the last {MAX_ANSWERS:,} answers are kept for an hour, for the key that asked; "
        "[recording] in plait.toml keeps them\n"
        "for an older one, write its inputs and the right answer as a row: "
        f"plait correct {task} --rows corrected.jsonl",
    )
