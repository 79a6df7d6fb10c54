"""What the rows of an evaluation add up to, one by one."""

import hashlib
import heapq
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from plait.core.evaluation.interval import Interval, Tally, difference
from plait.core.evaluation.report import Report
from plait.core.evaluation.result import KEPT_WORST, Judged, Rival, Timing
from plait.core.evaluation.rows import Row
from plait.core.evaluation.scoring import Score, score
from plait.core.prompting.examples import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.task.signature import beside_inputs
from plait.core.values.value_type import MISSING, Json, WireError

VALUES = 12  # of one column: with more of them it tells no slices
TOLD = 20  # rows that could not be read
LONGEST = 4_000  # characters of a text among the inputs of a bad answer
PAIRED = 100_000  # rows that are compared one by one; of ten million, all are in the means


@dataclass(frozen=True)
class Reply:
    """What came of one row. `error` is why there is no answer; `again`, that another try might bring one."""

    row: int
    answer: JsonValue = None
    error: str = ""
    again: bool = False
    seconds: float = 0.0
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass
class Column:
    """The scores of one system, row by row."""

    scores: "array[float]" = field(default_factory=lambda: array("d"))
    exacts: "array[float]" = field(default_factory=lambda: array("d"))
    score: Tally = field(default_factory=Tally)
    exact: Tally = field(default_factory=Tally)

    def add(self, found: Score) -> None:
        if len(self.scores) < PAIRED:
            self.scores.append(found.value)
            self.exacts.append(found.exact)
        self.score.add(found.value)
        self.exact.add(found.exact)


class Findings:
    """Adds up rows. `seen` are all, `failed` those without an answer, `again` those that another try might answer."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.seen = self.failed = self.again = self.known = 0
        self.unread: list[str] = []
        self.rows = array("Q")
        self.model = Column()
        self.rivals: dict[str, Column] = {}
        self.fields: dict[str, Tally] = {}
        self.slices: dict[str, dict[str, Tally]] = {}
        self.models: dict[str, None] = {}
        self.seconds, self.prompt_tokens, self.answer_tokens = Tally(), Tally(), Tally()
        self.worst: list[tuple[float, int, Judged]] = []

    def unreadable(self, why: str) -> None:
        self.seen += 1
        self.unread.append(why)

    def take(self, row: Row, example: Example, reply: Reply, rivals: Mapping[str, object], known: bool = False) -> None:
        self.seen += 1
        self.known += known
        self.failed += bool(reply.error)
        self.again += reply.again
        found = score(self.declaration, self.prediction(example, reply), example.answer)
        if len(self.rows) < PAIRED:
            self.rows.append(row.number)
        self.model.add(found)
        for name, said in rivals.items():
            self.rivals.setdefault(name, Column()).add(score(self.declaration, said, example.answer))
        for path, agreement in found.fields.items():
            self.fields.setdefault(path, Tally()).add(agreement)
        for name, value in row.slices().items():
            by = self.slices.setdefault(name, {})
            if value in by or len(by) <= VALUES:
                by.setdefault(value, Tally()).add(found.value)
        self.time(reply)
        self.keep_if_bad(row, example, reply, found)

    def prediction(self, example: Example, reply: Reply) -> object:
        if reply.error:
            return MISSING
        beside = beside_inputs(self.declaration.targets, example.inputs)
        try:
            return self.declaration.answer.decode(cast(Json, reply.answer), beside)
        except WireError:
            return MISSING

    def time(self, reply: Reply) -> None:
        if not reply.error:
            self.models.setdefault(reply.model)
            self.seconds.add(reply.seconds)
            self.prompt_tokens.add(reply.prompt_tokens)
            self.answer_tokens.add(reply.answer_tokens)

    def keep_if_bad(self, row: Row, example: Example, reply: Reply, found: Score) -> None:
        full = len(self.worst) == KEPT_WORST
        if found.exact or (full and found.value >= -self.worst[0][0]):
            return
        beside = beside_inputs(self.declaration.targets, example.inputs)
        slots = self.declaration.slots
        inputs = {slot.name: cut(slot.kind.encode(example.inputs[slot.name], beside)) for slot in slots}
        judged = Judged(
            row.number,
            row.where,
            found.value,
            cast(JsonValue, inputs),
            reply.answer,
            cast(JsonValue, self.declaration.answer.encode(example.answer, beside)),
            reply.error,
        )
        # The heap's first is the best of the worst, and gives way; of equally bad rows the earlier ones stay.
        push = heapq.heappushpop if full else heapq.heappush
        push(self.worst, (-found.value, -row.number, judged))

    def report(self, file: Path, options: Options, at_once: int) -> Report:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        chosen = {name: value for name, value in vars(options).items() if value is not None}
        worst = sorted(self.worst, key=lambda each: (-each[0], -each[1]))
        return Report(
            task=self.declaration.name,
            fingerprint=self.declaration.fingerprint,
            model=", ".join(self.models) or "none",
            data=str(file),
            digest=digest,
            options=chosen,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            score=self.model.score.interval,
            exact=self.model.exact.interval,
            fields={path: tally.interval for path, tally in self.fields.items()},
            slices={name: intervals(by) for name, by in sorted(self.slices.items()) if 1 < len(by) <= VALUES},
            rivals=tuple(self.rival(name, column) for name, column in self.rivals.items() if name not in self.models),
            timing=self.timing(at_once),
            failed=self.failed,
            unread=tuple(self.unread[:TOLD]),
            unread_count=len(self.unread),
            known=self.known,
            worst_rows=tuple(judged for _, _, judged in worst),
            rows=tuple(self.rows),
            scores=tuple(self.model.scores),
            exacts=tuple(self.model.exacts),
        )

    def rival(self, name: str, column: Column) -> Rival:
        return Rival(
            name,
            column.score.interval,
            column.exact.interval,
            difference(self.model.scores, column.scores),
            difference(self.model.exacts, column.exacts),
        )

    def timing(self, at_once: int) -> Timing:
        seconds = sorted(self.seconds.kept)
        return Timing(
            quantile(seconds, 0.5),
            quantile(seconds, 0.95),
            at_once,
            self.prompt_tokens.spread.mean,
            self.answer_tokens.spread.mean,
        )


def cut(wire: Json) -> Json:
    """The wire form with long texts cut: a report with fifty bad answers is no place for fifty pictures."""
    match wire:
        case dict():
            return {name: cut(inner) for name, inner in wire.items()}
        case list():
            return [cut(inner) for inner in wire]
        case str() if len(wire) > LONGEST:
            return f"{wire[:LONGEST]}… ({len(wire):,} characters)"
        case _:
            return wire


def intervals(tallies: Mapping[str, Tally]) -> dict[str, Interval]:
    return {value: tally.interval for value, tally in sorted(tallies.items())}


def quantile(numbers: Sequence[float], share: float) -> float:
    """Of numbers in order; 0 of none."""
    return numbers[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else 0.0
