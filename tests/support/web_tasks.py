"""Tasks that the tests of the pages show: the built-in ones, and one with every kind of value."""

import json
from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import BaseModel, Field

from plait import Ref, task
from plait.core.errors import NoCapableModel
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.values.json_value import Json
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.home_command import home_command
from plait.web.task_listing import TaskListing, task_listing
from plait.web.views import Language


class Sentence(BaseModel):
    text: str
    source: Ref[str] | None


@task
def cited_answer(question: str, passages: list[str]) -> list[Sentence]:
    """Answer {question} from {passages}, sentence by sentence, naming the passage that supports each."""
    ...


@task(wordings={"zh": "用一句话概括{text}。"})
def shorten(text: str) -> str:
    """Say {text} in one sentence."""
    ...


class Circle(BaseModel):
    radius: float = Field(gt=0, description="in centimetres")


class Stop(BaseModel):
    place: str = Field(max_length=60)
    on: date
    nights: int = Field(ge=0, le=30)
    booked: bool
    kind: Literal["hotel", "friends", "tent"] = "hotel"


class Journey(BaseModel):
    title: str
    note: str | None = None
    stops: list[Stop] = Field(min_length=1)
    tags: list[str] = []


@task
def every_kind(
    journey: Journey,
    words: list[str],
    leave: datetime,
    wake: time | None,
    mood: Literal["calm", "lively"],
    budget: float = 100.0,
    quick: bool = False,
    shape: Circle | Stop | None = None,
) -> Journey | Circle:
    """Plan {journey} in the {mood} of {words}, leaving at {leave}, up at {wake}, for {budget}, {quick}, as {shape}.

    Nothing is booked: {journey} comes back with what was meant.
    """
    ...


TASKS: dict[str, Declaration] = {
    each.declaration.name: each.declaration
    for each in (extract_invoice, home_command, cited_answer, shorten, every_kind)
}

STOP: dict[str, Json] = {"place": "Ghent", "on": "2026-07-02", "nights": 2, "booked": True, "kind": "friends"}
JOURNEY: dict[str, Json] = {
    "title": "North, slowly",
    "note": None,
    "stops": [STOP, {**STOP, "place": "Aarhus", "nights": 0, "booked": False, "kind": "tent"}],
    "tags": ["trains", ""],
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "cited_answer": [
        {
            "question": "When was the lighthouse built, and what does it look like today?",
            "passages": [
                "The lighthouse on the northern point was finished in 1871 after four winters of work.",
                "Its tower is white with a single red band, and 31 metres high.",
                "The keeper's garden is open on Sundays.",
            ],
            "answer": [
                {"text": "The lighthouse was finished in 1871.", "source": 0},
                {"text": "Today its tower is white with one red band.", "source": 1},
                {"text": "It is loved by painters.", "source": None},
            ],
        }
    ],
    "shorten": [
        {
            "text": "The ferry to the island leaves every morning at seven, except on Mondays, when the crew mends "
            "nets, and on days of storm, of which there are about forty a year.",
            "answer": "The ferry leaves daily at seven except on Mondays and about forty stormy days a year.",
        }
    ],
    "every_kind": [
        {
            "journey": JOURNEY,
            "words": ["sea", "bread\nand butter"],
            "leave": "2026-07-02T09:30:00",
            "wake": "07:15:00",
            "mood": "calm",
            "budget": 250.5,
            "quick": True,
            "shape": {"Circle": {"radius": 2}},
            "answer": {"Journey": JOURNEY},
        }
    ],
}


def examples_of(declared: Declaration) -> list[dict[str, Any]]:
    """Inputs with their answers, in wire form."""
    if declared.name in ROWS:
        return ROWS[declared.name]
    with Examples(declared).seeds_file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(5), strict=False)]


def task_listings(language: Language = "en") -> list[TaskListing]:
    """The tasks as on the home page: one of the served file, one that no model answers, and the others."""
    reason = "it needs time in; smollm2 reads text only"
    return [
        task_listing(
            declared,
            language,
            is_own=name == "shorten",
            answered_by="" if name == "every_kind" else "smollm2",
            unavailable_reason=reason if name == "every_kind" else "",
        )
        for name, declared in TASKS.items()
    ]


MISSING = NoCapableModel("no model can chat: there is no default chat model", hint="pip install a-model\nor name one")
ANSWERS: dict[str, Any] = {name: examples_of(declared)[0]["answer"] for name, declared in TASKS.items()}
