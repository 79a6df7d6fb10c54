"""Running totals over the rows of an evaluation."""

import hashlib
import heapq
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from plait.core.engine.calibration import WHOLE, Judgement
from plait.core.engine.calibration_files import find_calibration
from plait.core.engine.signals import NUM_NEIGHBOURS, answer_signals
from plait.core.engine.token_probs import AnswerProbs, LeafProbs
from plait.core.evaluation.calibration import (
    ConfidenceFigures,
    JudgedAnswer,
    figures,
    is_measured,
    value_judgements,
)
from plait.core.evaluation.interval import Interval, Tally, difference
from plait.core.evaluation.leaf_scores import right_leaves
from plait.core.evaluation.report import Report
from plait.core.evaluation.result import MAX_WORST_ROWS, Comparison, RowResult, Timing
from plait.core.evaluation.rows import DatasetRow
from plait.core.evaluation.scoring import AnswerScore, score
from plait.core.prompting.example_rows import Example
from plait.core.prompting.few_shot import nearest_examples
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import call_context
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.quoting import shorten
from plait.core.values.value_type import MISSING

MAX_SLICE_VALUES = 12  # values of a column; a column with more of them defines no slices
MAX_UNREAD_SHOWN = 20  # unreadable rows that are listed
MAX_TEXT_LENGTH = 4_000  # characters of an input text shown with a bad answer
MAX_PAIRED_ROWS = 100_000  # rows compared one by one; the means include all rows, also of ten million


@dataclass(frozen=True)
class RowReply:
    """The result of one row. `error` says why there is no answer; `again` means that a retry might succeed."""

    row: int
    answer: JsonValue = None
    error: str = ""
    again: bool = False
    seconds: float = 0.0
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    probs: AnswerProbs = field(default_factory=dict[str, LeafProbs])
    confidence: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass
class SystemScores:
    """The scores of one system, one entry per row."""

    scores: "array[float]" = field(default_factory=lambda: array("d"))
    exacts: "array[float]" = field(default_factory=lambda: array("d"))
    score: Tally = field(default_factory=Tally)
    exact: Tally = field(default_factory=Tally)

    def add(self, score: AnswerScore) -> None:
        if len(self.scores) < MAX_PAIRED_ROWS:
            self.scores.append(score.value)
            self.exacts.append(score.exact)
        self.score.add(score.value)
        self.exact.add(score.exact)


class EvaluationTotals:
    """Totals over rows. `failed_count` rows have no answer; for `retryable_count` of them a retry might succeed."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.row_count = self.failed_count = self.retryable_count = self.known_count = self.unquotable_count = 0
        self.unread: list[str] = []
        self.rows = array("Q")
        self.model = SystemScores()
        self.baselines: dict[str, SystemScores] = {}
        self.fields: dict[str, Tally] = {}
        self.slices: dict[str, dict[str, Tally]] = {}
        self.models: dict[str, None] = {}
        self.seconds, self.prompt_tokens, self.answer_tokens = Tally(), Tally(), Tally()
        self.worst_rows: list[tuple[float, int, RowResult]] = []
        self.value_judgements: list[list[Judgement]] = []
        self.answer_judgements: list[list[Judgement]] = []
        self.missing_confidence = 0

    def add_unreadable(self, reason: str) -> None:
        self.row_count += 1
        self.unread.append(reason)

    def add(
        self,
        row: DatasetRow,
        example: Example,
        reply: RowReply,
        baseline_answers: Mapping[str, object],
        is_known: bool = False,
    ) -> None:
        self.row_count += 1
        self.known_count += is_known
        self.failed_count += bool(reply.error)
        self.retryable_count += reply.again
        self.unquotable_count += not stands_in_inputs(self.declaration, example)
        answer_score = score(self.declaration, predicted_value(self.declaration, example, reply), example.answer)
        if len(self.rows) < MAX_PAIRED_ROWS:
            self.rows.append(row.number)
        self.model.add(answer_score)
        for name, prediction in baseline_answers.items():
            self.baselines.setdefault(name, SystemScores()).add(score(self.declaration, prediction, example.answer))
        for path, agreement in answer_score.fields.items():
            self.fields.setdefault(path, Tally()).add(agreement)
        for name, value in row.slices().items():
            by = self.slices.setdefault(name, {})
            if value in by or len(by) <= MAX_SLICE_VALUES:
                by.setdefault(value, Tally()).add(answer_score.value)
        self.add_timing(reply)
        if reply.confidence and is_measured(self.declaration, example):
            self.add_confidence(example, reply)
        self.keep_worst(row, example, reply, answer_score)

    def add_confidence(self, example: Example, reply: RowReply) -> None:
        judged = judged_answer(self.declaration, example, reply)
        if judged and len(self.answer_judgements) < MAX_PAIRED_ROWS:
            values = value_judgements(reply.confidence, judged.right)
            self.value_judgements.append(values)
            self.answer_judgements.append([Judgement(reply.confidence[WHOLE], judged.exact)])
            self.missing_confidence += len(judged.right) - len(values)

    def confidence(self) -> ConfidenceFigures | None:
        """The figures of confidence on the rows that the calibration was not fitted on; None without any."""
        calibration = find_calibration(self.declaration, next(iter(self.models), ""))
        if not self.answer_judgements or calibration is None:
            return None
        return ConfidenceFigures(
            figures(self.value_judgements, calibration.value_rate),
            figures(self.answer_judgements, calibration.answer_rate),
            self.missing_confidence,
        )

    def add_timing(self, reply: RowReply) -> None:
        if not reply.error:
            self.models.setdefault(reply.model)
            self.seconds.add(reply.seconds)
            self.prompt_tokens.add(reply.prompt_tokens)
            self.answer_tokens.add(reply.answer_tokens)

    def keep_worst(self, row: DatasetRow, example: Example, reply: RowReply, score: AnswerScore) -> None:
        full = len(self.worst_rows) == MAX_WORST_ROWS
        if score.exact or (full and score.value >= -self.worst_rows[0][0]):
            return
        context = call_context(self.declaration, example.inputs)
        inputs = {
            each.name: truncate(each.value_type.encode(example.inputs[each.name], context))
            for each in self.declaration.parameters
        }
        judged = RowResult(
            row.number,
            row.where,
            score.value,
            cast(JsonValue, inputs),
            reply.answer,
            cast(JsonValue, self.declaration.answer.encode(example.answer, context.unquoted)),
            reply.error,
        )
        # The first entry of the heap is the best of the worst rows and is replaced first; among equal rows the earlier
        # stay.
        push = heapq.heappushpop if full else heapq.heappush
        push(self.worst_rows, (-score.value, -row.number, judged))

    def report(self, file: Path, options: Options, concurrency: int) -> Report:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        chosen = {name: value for name, value in vars(options).items() if value is not None}
        worst = sorted(self.worst_rows, key=lambda each: (-each[0], -each[1]))
        return Report(
            task=self.declaration.name,
            fingerprint=self.declaration.fingerprint,
            model=", ".join(self.models) or "none",
            data=str(file),
            digest=digest,
            options=chosen,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            score=self.model.score.score_interval,
            exact=self.model.exact.score_interval,
            fields={path: tally.score_interval for path, tally in self.fields.items()},
            slices={name: intervals(by) for name, by in sorted(self.slices.items()) if 1 < len(by) <= MAX_SLICE_VALUES},
            rivals=tuple(
                self.comparison(name, column) for name, column in self.baselines.items() if name not in self.models
            ),
            timing=self.timing(concurrency),
            failed=self.failed_count,
            unread=tuple(self.unread[:MAX_UNREAD_SHOWN]),
            unread_count=len(self.unread),
            known=self.known_count,
            worst_rows=tuple(judged for _, _, judged in worst),
            rows=tuple(self.rows),
            scores=tuple(self.model.scores),
            exacts=tuple(self.model.exacts),
            unquotable=self.unquotable_count,
            confidence=self.confidence(),
        )

    def comparison(self, name: str, scores: SystemScores) -> Comparison:
        return Comparison(
            name,
            scores.score.score_interval,
            scores.exact.score_interval,
            difference(self.model.scores, scores.scores),
            difference(self.model.exacts, scores.exacts),
        )

    def timing(self, concurrency: int) -> Timing:
        seconds = sorted(self.seconds.values)
        return Timing(
            quantile(seconds, 0.5),
            quantile(seconds, 0.95),
            concurrency,
            self.prompt_tokens.mean_interval.mean,
            self.answer_tokens.mean_interval.mean,
        )


def predicted_value(declaration: Declaration, example: Example, reply: RowReply) -> object:
    """The answer to a row; MISSING if there is none, or none of this type."""
    if reply.error:
        return MISSING
    context = call_context(declaration, example.inputs)
    try:
        return declaration.answer.decode(cast(Json, reply.answer), context)
    except InvalidValue:
        return MISSING


def judged_answer(declaration: Declaration, example: Example, reply: RowReply) -> JudgedAnswer | None:
    """The answer with its token probabilities and what is right of it; None where there is no answer."""
    if reply.error:
        return None
    json_value = cast(Json, reply.answer)
    try:
        answer = declaration.answer.decode(json_value, call_context(declaration, example.inputs))
    except InvalidValue:
        return None
    right = right_leaves(declaration, json_value, answer, example.answer)
    near = nearest_examples(declaration, example.inputs, NUM_NEIGHBOURS) if reply.probs else []
    signals = answer_signals(declaration, example.inputs, answer, reply.probs, near)
    return JudgedAnswer(signals, right, score(declaration, answer, example.answer).exact)


def stands_in_inputs(declaration: Declaration, example: Example) -> bool:
    """Whether every quoted value of the right answer stands in the inputs, so that a model can write it."""
    if not declaration.has_quotations:
        return True
    try:
        declaration.answer.encode(example.answer, call_context(declaration, example.inputs))
    except InvalidValue:
        return False
    return True


def truncate(json_value: Json) -> Json:
    """The JSON form with long texts cut, so that a report with fifty bad answers does not contain fifty images."""
    match json_value:
        case dict():
            return {name: truncate(inner) for name, inner in json_value.items()}
        case list():
            return [truncate(inner) for inner in json_value]
        case str():
            return shorten(json_value, MAX_TEXT_LENGTH, with_length=True)
        case _:
            return json_value


def intervals(tallies: Mapping[str, Tally]) -> dict[str, Interval]:
    return {value: tally.score_interval for value, tally in sorted(tallies.items())}


def quantile(numbers: Sequence[float], share: float) -> float:
    """The quantile of sorted numbers; 0 if there are none."""
    return numbers[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else 0.0
