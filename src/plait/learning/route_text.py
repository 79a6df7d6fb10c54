"""The report of a route for the terminal."""

from collections.abc import Iterator

from plait.core.evaluation.table import bar
from plait.learning.route_report import CurvePoint, ModelAlone, RouteReport, cost_of
from plait.service.models.model_route import RouteFigures, steps_text

MAX_POINTS = 10  # of the curve that are shown; all are in the JSON


def report_text(report: RouteReport) -> str:
    return "\n".join(line.rstrip() for line in report_lines(report))


def report_lines(report: RouteReport) -> Iterator[str]:
    yield f"{report.task} · {len(report.models)} models · goal: {report.goal}"
    yield f"thresholds chosen by {report.choosing} held-out rows; all figures are of {report.measuring} others"
    yield ""
    yield from table_lines(report)
    if report.route is not None:
        yield ""
        yield f"the route against each model alone, on the same {report.measuring} rows"
        yield from (f"  {comparison_line(each, report.route)}" for each in report.models)
    for line in (*report.notes, *(f"not kept: {each}" for each in report.objections)):
        yield ""
        yield line


def table_lines(report: RouteReport) -> Iterator[str]:
    """The models alone, then the curve: from point to point it costs more, and is right more often on the rows that
    chose it.
    """
    points = shown_points(report)
    names = [each.model for each in report.models] + [steps_text(each.steps) for _, each in points]
    width = max(map(len, names))
    money = "  money per 1,000" if report.has_prices else ""
    yield f"  {'each model alone':{width}}  {'all values right':<41}  seconds{money}"
    for each in report.models:
        yield f"  {each.model:{width}}  {figures_text(each.figures, report.has_prices)}"
    yield ""
    yield f"  {'the curve of routes':{width}}"
    for number, point in points:
        mark = "→" if number == report.chosen else " "
        name = steps_text(point.steps)
        yield f"{mark} {name:{width}}  {figures_text(point.figures, report.has_prices)}  {shares_text(point)}"


def shown_points(report: RouteReport) -> list[tuple[int, CurvePoint]]:
    """The points at equal distances of the curve, its ends and the chosen one among them."""
    points = list(enumerate(report.curve))
    last = len(points) - 1
    shown = {last * step // (MAX_POINTS - 1) for step in range(MAX_POINTS)} | {report.chosen}
    return [each for each in points if each[0] in shown]


def figures_text(own: RouteFigures, has_prices: bool) -> str:
    money = f"  {1000 * own.money:15.4g}" if has_prices else ""
    return f"{bar(own.right, 18)}  {own.right!s:21}  {own.seconds:7.3f}{money}"


def shares_text(point: CurvePoint) -> str:
    if len(point.steps) == 1:
        return ""
    shares = zip(point.steps, point.figures.shares, strict=True)
    return ", ".join(f"{step.model} answers {share:.0%}" for step, share in shares)


def comparison_line(alone: ModelAlone, route: CurvePoint) -> str:
    return f"{alone.model}: right {alone.ahead}; {saving_text(alone, route)}"


def saving_text(alone: ModelAlone, route: CurvePoint) -> str:
    """How much less, or more, the route costs than a model alone, in the unit that decides."""
    theirs, ours = cost_of(alone.figures), cost_of(route.figures)
    if ours.money or theirs.money:
        return relative_text(ours.money, theirs.money, "money")
    return relative_text(ours.seconds, theirs.seconds, "time")


def relative_text(ours: float, theirs: float, unit: str) -> str:
    if not theirs:
        return f"it takes no {unit}" if ours else f"neither takes {unit}"
    ratio = ours / theirs
    if ratio >= 2:
        return f"{ratio:.1f} times the {unit}"
    return (
        f"the same {unit}"
        if abs(ratio - 1) < 0.005
        else f"{abs(ratio - 1):.0%} {'less' if ratio < 1 else 'more'} {unit}"
    )
