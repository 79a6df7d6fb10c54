"""Doubt on a page: the values of an answer whose calibrated confidence is low are shaded."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from markupsafe import Markup

from plait.core.engine.calibration import WHOLE
from plait.core.engine.certificate import answer_leaves
from plait.core.values.value_type import ValueType
from plait.web.views import TaskView

UNSURE, DOUBTFUL = 0.8, 0.5  # a value of less confidence is shaded lightly, or fully


@dataclass
class DoubtMarks:
    """The confidence of an answer's values in the order in which they are displayed; None where there is none."""

    confidence: list[float | None]
    title: str
    values: Iterator[float | None] = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.values = iter(self.confidence)

    def shade(self, value_type: ValueType, json_value: object, html: Markup) -> Markup:
        """The value's HTML, shaded if it is doubtful. A value that contains others is never shaded itself."""
        if not is_leaf(value_type, json_value):
            return html
        self.count += 1
        confidence = next(self.values, None)
        if confidence is None or confidence >= UNSURE:
            return html
        level = "doubtful" if confidence < DOUBTFUL else "unsure"
        title = self.title.format(percent=percent(confidence))
        return Markup('<span class="doubt {}" title="{}">{}</span>').format(level, title, html)

    @property
    def fits(self) -> bool:
        """Whether every value was displayed: those of a type that is shown as JSON are not."""
        return self.count == len(self.confidence)


def is_leaf(value_type: ValueType, json_value: object) -> bool:
    return not value_type.quotes_inputs and (json_value in (None, []) or not value_type.children)


def doubt_marks(view: TaskView, title: str) -> DoubtMarks | None:
    """The marks of the view's answer; None without any confidence."""
    if view.completed is None or not view.completed.confidence:
        return None
    leaves = answer_leaves(view.declaration.answer, view.completed.json_value, "", {})
    known = view.completed.confidence
    return DoubtMarks([known.get(path) for path, _ in leaves], title)


def whole_confidence(view: TaskView) -> str:
    """The probability that all values are right, as text; "" where it is not known."""
    known = view.completed.confidence.get(WHOLE) if view.completed else None
    return "" if known is None else percent(known)


def percent(confidence: float) -> str:
    return f"{confidence:.0%}"
