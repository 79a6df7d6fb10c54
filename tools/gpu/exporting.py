"""The weights of a run as they ship: int8 in files of at most 15 MiB, with a card that counts all runs before.

python -m tools.gpu.exporting RUN OUT [--from FILE]
"""

import argparse
from dataclasses import replace
from pathlib import Path

from plait.foundation.cards.card import ModelCard, card_path, parse_card
from plait.foundation.unified.weights.export import export
from plait.foundation.unified.weights.weight_files import save_card
from tools.gpu.plan import LARGEST, NAME


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("run", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--from", dest="weights", type=Path)
    given = options.parse_args()
    exported(given.run, given.out, given.weights)


def exported(run: Path, out: Path, before: Path | None) -> None:
    """Exports the newest checkpoint of a run that started from the weights `before`."""
    file, card = export(run, NAME, out, LARGEST)
    if before:
        card = summed(card, parse_card(card_path(before).read_bytes(), before))
        save_card(card, file)
    print(f"{file}: {card.parameters:,} parameters after {card.run.steps:,} steps, {card.run.watt_hours:.1f} Wh in all")


def summed(card: ModelCard, before: ModelCard) -> ModelCard:
    """The card with steps and cost of the earlier runs added."""
    run, earlier = card.run, before.run
    return replace(
        card,
        run=replace(
            run,
            steps=run.steps + earlier.steps,
            cpu_hours=run.cpu_hours + earlier.cpu_hours,
            watt_hours=run.watt_hours + earlier.watt_hours,
        ),
    )


if __name__ == "__main__":
    main()
