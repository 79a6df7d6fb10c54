"""Exports the weights of a run for shipping: int8 in files of at most 15 MiB, with a card that adds up all runs.

python -m tools.gpu.exporting RUN OUT [--from FILE]
"""

import argparse
from dataclasses import replace
from pathlib import Path

from plait.foundation.cards.card import ModelCard, card_path, parse_card
from plait.foundation.unified.weights.export import export
from plait.foundation.unified.weights.weight_files import save_card
from tools.gpu.plan import MAX_FILE_BYTES, NAME


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--from", dest="weights", type=Path)
    options = parser.parse_args()
    export_run(options.run, options.out, options.weights)


def export_run(run: Path, out: Path, initial_weights: Path | None) -> None:
    """Exports the newest checkpoint of a run; its card includes the steps and cost that made `initial_weights`."""
    file, card = export(run, NAME, out, MAX_FILE_BYTES)
    if initial_weights:
        card = add_earlier_run(card, parse_card(card_path(initial_weights).read_bytes(), initial_weights))
        save_card(card, file)
    print(f"{file}: {card.parameters:,} parameters, {card.run.steps:,} steps, {card.run.watt_hours:.1f} Wh in total")


def add_earlier_run(card: ModelCard, before: ModelCard) -> ModelCard:
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
