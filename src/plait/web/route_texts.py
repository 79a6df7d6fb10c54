"""Texts about routes on the page of models, in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class RouteStrings:
    """The texts of the table of routes."""

    title: str
    lead: str
    task: str
    asks: str
    right: str
    seconds: str


ENGLISH = RouteStrings(
    title="Routes",
    lead="Models that are asked one after the other until one is sure enough of its answer. plait route makes and "
    "measures them; the figures are those of held-out rows.",
    task="Task",
    asks="Asks, from which confidence",
    right="All values right",
    seconds="Seconds per answer",
)

CHINESE = RouteStrings(
    title="路由",
    lead="依次询问各个模型，直到其中一个对答案足够有把握。路由由 plait route 建立并测定，数字来自留出的数据。",
    task="任务",
    asks="依次询问，以及所需的把握",
    right="全部正确",
    seconds="每个回答的秒数",
)

ROUTE_STRINGS: Mapping[Language, RouteStrings] = {"en": ENGLISH, "zh": CHINESE}
