"""How good the shipped unified model is, and what int8 costs it: the whole suite, written beside this and on its card.

    python -m benchmarks.unified_scores plait-nano [--before RUN_FOLDER]

`--before` is the run that it was exported from, whose fp32 weights answer the same questions.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import click
import torch

from benchmarks.measure import FOLDER, report
from plait.foundation.cards.card import card_path, parse_card
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.unified.suite.report import SuiteReport, score_cards
from plait.foundation.unified.suite.suite import SuitePlan
from plait.foundation.unified.suite.suite import run_suite as suite
from plait.foundation.unified.suite.trained_solver import trained_solver
from plait.foundation.unified.weights.weight_files import save_card


@click.command(help=__doc__)
@click.argument("name")
@click.option("--before", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--limit", type=int, help="Questions of each task in each split.")
def main(name: str, before: Path | None, limit: int | None) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:  # one core per process
        shipped_, before_ = (
            executor.submit(suite_scores, name, limit),
            before and executor.submit(suite_scores, str(before), limit),
        )
        suite_report, fp32 = shipped_.result(), before_ and before_.result()
    suite_report.save(FOLDER / "unified_suite.json")
    file = next(each for each in shipped_weights_files() if each.stem == name)
    card = parse_card(card_path(file).read_bytes(), file)
    save_card(replace(card, scores=score_cards(suite_report)), file)
    figures = {"scores": means_by_measure(suite_report)}
    if fp32:
        figures["int8 less fp32"] = differences(means_by_measure(suite_report), means_by_measure(fp32))
    report("unified_scores", figures)


def suite_scores(name: str, limit: int | None) -> SuiteReport:
    """Scores of a model on the suite; with baselines if it is the shipped model."""
    torch.set_num_threads(1)
    return suite(trained_solver(name), SuitePlan(limit=limit), baselines=not Path(name).is_dir())


def means_by_measure(suite_report: SuiteReport) -> dict[str, dict[str, float]]:
    """Means of each measure by task and split."""
    return {
        f"{each.task} {each.split}": {name: round(value.mean, 4) for name, value in each.measures.items()}
        for each in suite_report.results
        if each.solver == suite_report.model
    }


def differences(one: dict[str, dict[str, float]], other: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        key: {name: round(each - other[key][name], 4) for name, each in values.items()} for key, values in one.items()
    }


if __name__ == "__main__":
    main()
