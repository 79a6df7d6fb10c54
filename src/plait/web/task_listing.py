"""A task in the list of the home page: what it is for, what it takes and gives, who answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plait.core.calls.answer_table import has_media
from plait.core.task.declaration import Declaration
from plait.web.headline import Headline, Slot, headline, slot
from plait.web.texts import PageStrings
from plait.web.type_words import type_words
from plait.web.views import Language

Group = Literal["own", "text", "pictures"]


@dataclass(frozen=True)
class TaskListing:
    """A task in the list. `takes` are its inputs, `parts` the fields of its answer; `answered_by` names its model."""

    headline: Headline
    takes: tuple[Slot, ...] = ()
    parts: str = ""
    group: Group = "text"
    answered_by: str = ""
    unavailable_reason: str = ""


def task_listing(
    declaration: Declaration, language: Language, *, is_own: bool, answered_by: str = "", unavailable_reason: str = ""
) -> TaskListing:
    words = type_words(declaration, language)
    return TaskListing(
        headline(declaration, language),
        tuple(slot(each.name, words.labels) for each in declaration.parameters),
        words.parts(declaration.answer),
        "own" if is_own else "pictures" if has_media(declaration) else "text",
        answered_by,
        unavailable_reason,
    )


def grouped(tasks: Sequence[TaskListing], strings: PageStrings) -> list[tuple[str, list[TaskListing]]]:
    """The tasks under the titles of their groups, those of the served files first; empty ones are left out."""
    titles: dict[Group, str] = {
        "own": strings.own_tasks,
        "text": strings.text_tasks,
        "pictures": strings.picture_tasks,
    }
    groups = [(title, [task for task in tasks if task.group == name]) for name, title in titles.items()]
    return [(title, group) for title, group in groups if group]
