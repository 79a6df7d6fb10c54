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
from plait.foundation.cards.card import beside, card_of
from plait.foundation.cards.shipped import shipped
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.suite.suite import Plan
from plait.foundation.unified.suite.suite import report as suite
from plait.foundation.unified.suite.trained_solver import solver
from plait.foundation.unified.weights.export import scores
from plait.foundation.unified.weights.weight_files import save_card


@click.command(help=__doc__)
@click.argument("name")
@click.option("--before", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--limit", type=int, help="Questions of each task in each split.")
def main(name: str, before: Path | None, limit: int | None) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as both:  # a core each
        shipped_, before_ = both.submit(asked, name, limit), before and both.submit(asked, str(before), limit)
        found, fp32 = shipped_.result(), before_ and before_.result()
    found.save(FOLDER / "unified_suite.json")
    file = next(each for each in shipped() if each.stem == name)
    card = card_of(beside(file).read_bytes(), file)
    save_card(replace(card, scores=scores(found)), file)
    told = {"scores": told_by(found)}
    if fp32:
        told["int8 less fp32"] = differences(told_by(found), told_by(fp32))
    report("unified_scores", told)


def asked(name: str, limit: int | None) -> SuiteReport:
    """Beside the baselines where it is what ships."""
    torch.set_num_threads(1)
    return suite(solver(name), Plan(limit=limit), baselines=not Path(name).is_dir())


def told_by(found: SuiteReport) -> dict[str, dict[str, float]]:
    """Each measure of each task and split, by its first name."""
    return {
        f"{each.task} {each.split}": {name: round(value.mean, 4) for name, value in each.measures.items()}
        for each in found.results
        if each.solver == found.model
    }


def differences(one: dict[str, dict[str, float]], other: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {key: {name: round(each - other[key][name], 4) for name, each in of.items()} for key, of in one.items()}


if __name__ == "__main__":
    main()
