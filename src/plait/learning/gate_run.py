"""Runs the gate: parity, then the answers of candidate and champion to the held-out rows, then the verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from plait.core.config import settings
from plait.core.engine.calibration import Calibration
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.learning.adapt_progress import Watch, unwatched
from plait.learning.backend import ServedVersions
from plait.learning.evidence import Evidence
from plait.learning.gate import GateRow, GateRule
from plait.learning.held_out import HeldOutRow
from plait.learning.parity import ServingParity
from plait.learning.scoring import (
    ScoredAnswers,
    WatchRows,
    paired_rows,
    refitted_calibration,
    score_system,
    worse_rows,
    write_sample,
)
from plait.learning.verdict import GateVerdict, HeldOutFacts, JudgedCandidate, judge

Tell = Callable[[str], None]
SAMPLE_FILE = "gate-rows.jsonl"


@dataclass(frozen=True)
class GateInput:
    """A candidate, its champion (None is the base itself), and what they are judged on.

    `rows` are the scored ones of the held-out rows, on which `earlier` other versions were judged; `folder` has the
    files of the run.
    """

    declaration: Declaration
    base: str
    served: ServedVersions
    candidate: LoraAdapter
    champion: LoraAdapter | None
    rule: GateRule
    rows: tuple[HeldOutRow, ...]
    evidence: Evidence
    parity_count: int
    folder: Path
    earlier: int = 0

    @property
    def champion_name(self) -> str:
        return self.champion.name if self.champion else self.base


@dataclass(frozen=True)
class GateResult:
    """The verdict, and the calibration to keep if the candidate is promoted."""

    verdict: GateVerdict
    calibration: Calibration | None


async def run_gate(gate: GateInput, tell: Tell, watch: Watch = unwatched) -> GateResult:
    """Raises EngineError, SettingsError; what has been answered is kept for the next attempt."""
    try:
        watch("comparing", 0, 0)
        tell(f"comparing server and trainer on {gate.parity_count} rows")
        parity = await gate.served.parity(gate.rule.min_positions)
        if not gate.rows:
            return GateResult(verdict_of(gate, (), parity), None)
        write_sample(gate.declaration, gate.rows, gate.folder / SAMPLE_FILE)
        candidate = await score(gate, gate.candidate, tell, partial(watch, "scoring_candidate"), wants_probs=True)
        champion = await score(gate, gate.champion, tell, partial(watch, "scoring_champion"))
    finally:
        await gate.served.aclose()
    calibration, text = refitted_calibration(candidate)
    rows = paired_rows(gate.rows, champion.report, candidate.report)
    result = GateResult(verdict_of(gate, rows, parity, champion, candidate, text), calibration)
    for each in (champion, candidate):
        each.journal.delete()
    return result


async def score(
    gate: GateInput, adapter: LoraAdapter | None, tell: Tell, watch: WatchRows, *, wants_probs: bool = False
) -> ScoredAnswers:
    """Scores a model as it is served: adapted ones without examples in the prompt, the base with them."""
    shots = 0 if adapter else settings().shots
    seed = 0 if gate.declaration.answer.media else None  # both draw with the same chance
    options = Options(model=adapter.name if adapter else gate.base, shots=shots, seed=seed)
    sample, engine = gate.folder / SAMPLE_FILE, gate.served.engine(adapter)
    return await score_system(gate.declaration, sample, engine, options, tell, watch, wants_probs=wants_probs)


def verdict_of(
    gate: GateInput,
    rows: Sequence[GateRow],
    parity: ServingParity,
    champion: ScoredAnswers | None = None,
    candidate: ScoredAnswers | None = None,
    calibration: str = "",
) -> GateVerdict:
    evidence, sample = gate.evidence, gate.folder / SAMPLE_FILE
    return judge(
        gate.rule,
        rows,
        JudgedCandidate(
            gate.declaration.name,
            gate.declaration.fingerprint,
            gate.candidate.name,
            gate.champion_name,
            HeldOutFacts(
                evidence.source,
                evidence.available,
                len(rows),
                file_sha256(sample) if rows else "",
                evidence.left_out,
                gate.earlier,
            ),
            parity,
            calibration,
            worse_rows(rows, champion, candidate) if champion and candidate else (),
            candidate.report.rivals if candidate else (),
            evidence.missing,
            evidence.hints,
        ),
    )
