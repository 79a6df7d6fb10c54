"""The figures of a calibration for the terminal."""

from collections.abc import Iterator

from plait.core.engine.calibration import Calibration
from plait.core.evaluation.calibration import CalibrationFigures, ConfidenceFigures

RISKS = (0.01, 0.05, 0.1, 0.2)


def calibration_lines(calibration: Calibration, confidence: ConfidenceFigures) -> Iterator[str]:
    yield f"{calibration.task} · {calibration.model} · confidence, on rows that it was not fitted on"
    yield ""
    yield from confidence_lines(confidence)
    yield ""
    yield "risk: the share of wrong answers, of all rows"
    for risk in RISKS:
        yield f"  risk={risk:<5g} {risk_text(calibration, risk)}"


def risk_text(calibration: Calibration, risk: float) -> str:
    threshold = calibration.threshold(risk)
    if threshold is None:
        return "cannot be kept: too few answers are known"
    coverage = calibration.coverage(threshold)
    if not coverage:
        return "is kept only by answering nothing"
    return f"answers from a confidence of {threshold:.2f}: {coverage:.0%} of the rows"


def confidence_lines(confidence: ConfidenceFigures) -> Iterator[str]:
    yield from figures_lines("values", confidence.values)
    if confidence.missing:
        yield f"  {confidence.missing} values have no confidence: no answer of the fitted half had their field"
    yield from figures_lines("answers, all values right", confidence.answers)


def figures_lines(title: str, figures: CalibrationFigures) -> Iterator[str]:
    yield f"{title}: {figures.count:,}, {figures.right:.3f} of them right"
    yield f"  calibration error  {figures.ece}   (always the base rate: {figures.base_ece:.3f})"
    auroc = "undefined: all are right, or all are wrong" if figures.auroc is None else str(figures.auroc)
    yield f"  right above wrong  {auroc}   (always the base rate: 0.500)"
    shares = "  ".join(f"{coverage:.0%}: {accuracy:.2f}" for coverage, accuracy in figures.accuracy.items())
    yield f"  accuracy of the surest  {shares}"
