"""Whether held-out rows can decide on a candidate at all, and what supplies them if not."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.learning.gate import GateRule
from plait.learning.held_out import HeldOutRow, Split

# Corrected answers are those that the champion got wrong, so a set of them alone favours every candidate.
LEAST_UNCORRECTED = 0.25  # share of held-out rows


@dataclass(frozen=True)
class Evidence:
    """What is known of the held-out rows: where they come from, how many there are, and what is missing of them.

    `hints` are commands that supply it; `left_out` as in Split.
    """

    source: str
    available: int
    left_out: int
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def evidence_of(declaration: Declaration, split: Split, scored: Sequence[HeldOutRow], rule: GateRule) -> Evidence:
    missing = tuple(missing_evidence(split, scored))
    is_short = len(scored) < rule.min_rows
    hints = tuple(commands(declaration)) if missing or is_short else tuple(larger_sample(declaration, split, scored))
    return Evidence(split.source, len(split.held_out), split.left_out, missing, hints)


def larger_sample(declaration: Declaration, split: Split, scored: Sequence[HeldOutRow]) -> Iterator[str]:
    """The command that scores more rows, which narrows every interval."""
    if len(scored) < len(split.held_out):
        more = min(3 * len(scored), len(split.held_out))
        yield f"plait adapt {task_address(declaration)} --gate-rows {more} scores more rows: intervals get narrower"


def missing_evidence(split: Split, scored: Sequence[HeldOutRow]) -> Iterator[str]:
    corrected = sum(bool(row.example.correction) and not row.example.is_right for row in scored)
    if scored and len(scored) - corrected < LEAST_UNCORRECTED * len(scored):
        yield (
            f"{corrected} of {len(scored)} held-out rows are corrections, which the champion got wrong: "
            "they favour every candidate"
        )


def commands(declaration: Declaration) -> Iterator[str]:
    """Commands that supply held-out rows."""
    file = os.path.relpath(Examples(declaration).held_out_file)
    yield "plait feedback last --right marks an answer that is right; of 40 examples some are held out"
    yield f"or write rows with right answers, which are never learned, to {file}"
