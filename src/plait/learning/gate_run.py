"""Runs the gate: parity, then the answers of candidate and champion to the held-out rows, then the verdict."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from plait.core.config import settings
from plait.core.engine.calibration import Calibration
from plait.core.evaluation.interval import Difference
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.learning.adapt_progress import Watch, unwatched
from plait.learning.backend import ServedVersions
from plait.learning.evidence import Evidence
from plait.learning.gate import GateRow, GateRule
from plait.learning.parity import ServingParity
from plait.learning.regression import TaskRows
from plait.learning.scoring import (
    ScoredAnswers,
    WatchRows,
    input_dependence,
    paired_rows,
    refitted_calibration,
    score_system,
    worse_rows,
    write_sample,
)
from plait.learning.verdict import GateVerdict, HeldOutFacts, JudgedCandidate, WorseRow, judge
from plait.service.models.adapter_scope import AdapterScope

Tell = Callable[[str], None]


@dataclass(frozen=True)
class GateInput:
    """A candidate, its champion (None is the base itself), and what they are judged on.

    `parts` are the scored ones of the held-out rows, by task. `sample_sha256` is their digest, and `earlier` other
    versions were judged on them; `folder` has the files of the run.
    """

    scope: AdapterScope
    base: str
    served: ServedVersions
    candidate: LoraAdapter
    champion: LoraAdapter | None
    rule: GateRule
    parts: tuple[TaskRows, ...]
    evidence: Evidence
    parity_count: int
    folder: Path
    sample_sha256: str
    earlier: int = 0

    @property
    def champion_name(self) -> str:
        return self.champion.name if self.champion else self.base

    @property
    def row_count(self) -> int:
        return sum(len(part.rows) for part in self.parts)


@dataclass(frozen=True)
class GateResult:
    """The verdict, and the calibration to keep if the candidate is promoted."""

    verdict: GateVerdict
    calibration: Calibration | None


@dataclass(frozen=True)
class Scores:
    """The answers of champion and candidate to the rows of each part, in order."""

    champion: Sequence[ScoredAnswers]
    candidate: Sequence[ScoredAnswers]

    def gate_rows(self, parts: Sequence[TaskRows]) -> list[GateRow]:
        """The scores of both, row by row."""
        both = zip(parts, self.champion, self.candidate, strict=True)
        return [row for part, before, after in both for row in paired_rows(part.rows, before.report, after.report)]

    def worse_rows(self, rows: Sequence[GateRow]) -> tuple[WorseRow, ...]:
        return worse_rows(
            rows, *([case for each in of for case in each.cases] for of in (self.champion, self.candidate))
        )


def sample_file(folder: Path, declaration: Declaration) -> Path:
    """The rows of a task that are scored."""
    return folder / f"gate-rows.{declaration.name}.jsonl"


def write_samples(folder: Path, parts: Sequence[TaskRows]) -> str:
    """Writes the rows to score, a file for each task; returns their digest, "" without rows."""
    for part in parts:
        write_sample(part.declaration, part.rows, sample_file(folder, part.declaration))
    digests = [file_sha256(sample_file(folder, part.declaration)) for part in parts if part.rows]
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest() * bool(digests)


async def run_gate(gate: GateInput, tell: Tell, watch: Watch = unwatched) -> GateResult:
    """Raises EngineError, SettingsError; what has been answered is kept for the next attempt."""
    try:
        watch("comparing", 0, 0)
        tell(f"comparing server and trainer on {gate.parity_count} rows")
        parity = await gate.served.parity(gate.rule.min_positions)
        if not gate.row_count:
            return GateResult(verdict_of(gate, parity), None)
        candidate = await score(gate, gate.candidate, tell, partial(watch, "scoring_candidate"), wants_probs=True)
        champion = await score(gate, gate.champion, tell, partial(watch, "scoring_champion"))
    finally:
        await gate.served.aclose()
    # A calibration is one of a task; those that a version for any task meets are others.
    calibration, text = (None, "") if gate.scope.is_any_task else refitted_calibration(candidate[0])
    result = GateResult(verdict_of(gate, parity, Scores(champion, candidate), text), calibration)
    for each in (*champion, *candidate):
        each.journal.delete()
    return result


async def score(
    gate: GateInput, adapter: LoraAdapter | None, tell: Tell, watch: WatchRows, *, wants_probs: bool = False
) -> list[ScoredAnswers]:
    """Scores a model as it is served: what has learned the task without examples in the prompt, others with them."""
    shots = 0 if adapter and not gate.scope.is_any_task else settings().shots
    scored = list[ScoredAnswers]()
    for part in gate.parts:
        seed = 0 if part.declaration.answer.media else None  # both draw with the same chance
        options = Options(model=adapter.name if adapter else gate.base, shots=shots, seed=seed)
        file, engine = sample_file(gate.folder, part.declaration), gate.served.engine(adapter)
        before = sum(len(each.cases) for each in scored)

        def watch_part(done: int, _: int, before: int = before) -> None:
            watch(before + done, gate.row_count)

        answers = score_system(part.declaration, file, engine, options, tell, watch_part, wants_probs=wants_probs)
        scored.append(await answers)
    return scored


def dependence_of(gate: GateInput, scores: Scores) -> Difference | None:
    """That of the candidate's pictures on their descriptions; None for answers in words."""
    declaration = gate.parts[0].declaration
    return input_dependence(declaration, scores.candidate[0].cases) if declaration.answer.media else None


def verdict_of(
    gate: GateInput, parity: ServingParity, scores: Scores | None = None, calibration: str = ""
) -> GateVerdict:
    evidence, rows = gate.evidence, scores.gate_rows(gate.parts) if scores else []
    facts = HeldOutFacts(
        evidence.source, evidence.available, len(rows), gate.sample_sha256, evidence.left_out, gate.earlier
    )
    judged = JudgedCandidate(
        gate.scope.task,
        gate.scope.fingerprint,
        gate.candidate.name,
        gate.champion_name,
        facts,
        parity,
        calibration,
        scores.worse_rows(rows) if scores else (),
        scores.candidate[0].report.rivals if scores and not gate.scope.is_any_task else (),
        evidence.missing,
        evidence.hints,
        dependence_of(gate, scores) if scores else None,
    )
    return judge(gate.rule, rows, judged)
