"""How often the gate promotes: a candidate without gain, by luck, and better ones of several gains.

    python benchmarks/gate_power.py

Scores are 0 or 1 and independent of each other, which is the worst case: on real rows both systems fail on the same
difficult ones, so the intervals of differences are narrower.
"""

from random import Random

from plait.learning.gate import GateRow, GateRule, objections, score_difference, slice_losses
from plait.learning.parity import HALF_PRECISION, ServingParity

REPEATS = 400
CHAMPION = 0.4
SOUND = ServingParity(40, 500, 0.0, 0.0, 0.0, 0, HALF_PRECISION)


def made_rows(counts: dict[str, int], gain: float, seed: int) -> list[GateRow]:
    """Rows of several languages that both systems answer right with their probabilities."""
    draw = Random(f"{seed} {gain}")
    return [
        GateRow(
            "row", float(draw.random() < CHAMPION), float(draw.random() < CHAMPION + gain), slices={"language": name}
        )
        for name, count in counts.items()
        for _ in range(count)
    ]


def promoted_share(counts: dict[str, int], gain: float) -> float:
    rule, promoted = GateRule(), 0
    for seed in range(REPEATS):
        rows = made_rows(counts, gain, seed)
        promoted += not list(objections(rule, score_difference(rows), slice_losses(rows, rule), SOUND))
    return promoted / REPEATS


def main() -> None:
    for count in (20, 40, 120):
        print(f"{count} rows of one language, no gain: promoted in {promoted_share({'en': count}, 0.0):.3f}")
    for total in (120, 360):
        counts = {"en": total * 3 // 5, "zh": total * 2 // 5}
        for gain in (0.1, 0.2, 0.3, 0.4):
            print(f"{total} rows of two languages, gain {gain}: promoted in {promoted_share(counts, gain):.3f}")


if __name__ == "__main__":
    main()
