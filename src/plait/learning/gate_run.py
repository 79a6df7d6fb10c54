"""Runs the gate: parity, then the answers of candidate and champion to the held-out rows, then the verdict.

One process of the engine serves the base with both adapters.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from plait.core.config import settings
from plait.core.engine.calibration import Calibration
from plait.core.engine.chat import ChatEngine
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.likely_tokens import LikelyTokens
from plait.foundation.text.token_row import TokenRow, read_token_rows
from plait.learning.adapt_progress import Watch, unwatched
from plait.learning.evidence import Evidence
from plait.learning.gate import GateRow, GateRule
from plait.learning.held_out import HeldOutRow
from plait.learning.parity import ServingParity, measure_parity, parity_limits
from plait.learning.scoring import (
    ScoredAnswers,
    WatchRows,
    paired_rows,
    refitted_calibration,
    score_system,
    worse_rows,
    write_sample,
)
from plait.learning.token_rows import token_row
from plait.learning.verdict import GateVerdict, HeldOutFacts, JudgedCandidate, judge
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.next_tokens import NextTokens
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer

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
    config: Config
    candidate: LoraAdapter
    champion: LoraAdapter | None
    rule: GateRule
    rows: tuple[HeldOutRow, ...]
    evidence: Evidence
    parity_examples: tuple[Example, ...]
    parity_rows: Path
    likely: LikelyTokens
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
    async with served_base(gate) as engine:
        watch("comparing", 0, 0)
        tell(f"comparing server and trainer on {len(gate.parity_examples)} rows")
        parity = await serving_parity(gate, engine)
        if not gate.rows:
            return GateResult(verdict_of(gate, (), parity), None)
        write_sample(gate.declaration, gate.rows, gate.folder / SAMPLE_FILE)
        candidate = await score(
            gate, engine, gate.candidate, tell, partial(watch, "scoring_candidate"), wants_probs=True
        )
        champion = await score(gate, engine, gate.champion, tell, partial(watch, "scoring_champion"))
    calibration, text = refitted_calibration(candidate)
    rows = paired_rows(gate.rows, champion.report, candidate.report)
    result = GateResult(verdict_of(gate, rows, parity, champion, candidate, text), calibration)
    for each in (champion, candidate):
        each.journal.delete()
    return result


@asynccontextmanager
async def served_base(gate: GateInput) -> AsyncGenerator[LlamaCpp, None]:
    """The engine of the base with the adapters of candidate and champion."""
    adapters = tuple(filter(None, (gate.candidate, gate.champion)))
    engine = LlamaCpp(gate.base, gate.config.path, gate.config.context, gate.config.threads, adapters)
    try:
        yield engine
    finally:
        await engine.aclose()


async def serving_parity(gate: GateInput, engine: LlamaCpp) -> ServingParity:
    """Server and trainer compared. The server makes the rows of the same examples once more."""
    trained = read_token_rows(gate.parity_rows, 2**31)
    tokenizer = LlamaRowTokenizer(engine)
    served: list[TokenRow] = [
        await token_row(gate.declaration, example, engine, tokenizer) for example in gate.parity_examples
    ]
    log_probs = NextTokens(engine, gate.candidate).log_probs
    limits = parity_limits(read_gguf_header(gate.config.path))
    return await measure_parity(trained, served, gate.likely.tokens, log_probs, limits, gate.rule.min_positions)


async def score(
    gate: GateInput,
    engine: LlamaCpp,
    adapter: LoraAdapter | None,
    tell: Tell,
    watch: WatchRows,
    *,
    wants_probs: bool = False,
) -> ScoredAnswers:
    """Scores a model as it is served: adapted ones without examples in the prompt, the base with them."""
    model = ChatEngine(engine.adapted(adapter.name) if adapter else engine)
    shots = 0 if adapter else settings().shots
    options = Options(model=adapter.name if adapter else gate.base, shots=shots)
    sample = gate.folder / SAMPLE_FILE
    return await score_system(gate.declaration, sample, model, options, tell, watch, wants_probs=wants_probs)


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
