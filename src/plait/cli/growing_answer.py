"""Waits for an answer, and shows on a terminal how it grows: drawn again in place, and removed at the end."""

import os
import shutil
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

import click

from plait.cli.readable_answer import Names, indented, names_in, with_names
from plait.core.calls import event_loop
from plait.core.calls.transport import Call, transport
from plait.core.engine.protocol import PartialAnswer, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, ListItem
from plait.core.progress import ProgressDisplay
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.json_value import Json
from plait.core.values.value_type import IMAGE

CLEAR_BELOW = "\x1b[J"


def wait_for_answer(call: Call, *, to_screen: bool) -> Completed:
    """The answer. With `to_screen` a text is printed as it grows; another answer grows on standard error."""
    event: AnswerEvent | None = None
    growing = GrowingAnswer(call)
    try:
        for event in event_loop.iterate(transport().answer(call)):
            if to_screen and isinstance(event, TextDelta):
                click.echo(event.text, nl=False)
            else:
                growing.show(event)
    finally:
        growing.clear()
    if to_screen:
        click.echo()
    assert isinstance(event, Completed)
    return event


class GrowingAnswer:
    """The known part of an answer on a terminal. Elsewhere it is nothing: a pipe never gets half an answer."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.display = ProgressDisplay()
        self.items: list[Json] = []
        self.known_names: Names | None = None
        self.steps = 0
        self.height = 0  # lines on the terminal

    def show(self, event: AnswerEvent) -> None:
        if not self.display.is_terminal or not isinstance(event, PartialAnswer | ListItem):
            return
        self.steps += 1
        if isinstance(event, ListItem):
            self.items.append(self.item_json(event))
        if self.display.is_due():
            self.draw(event.json_value if isinstance(event, PartialAnswer) else [*self.items])

    def draw(self, json_value: Json) -> None:
        """Draws the answer. An image, and a terminal that cannot move its cursor, get one line."""
        declaration = self.call.declaration
        text = indented(with_names(declaration.answer, json_value, self.names))
        if declaration.answer.media == IMAGE:
            self.display.show(f"{declaration.name}: step {self.steps}")
        elif not can_move_cursor():
            self.display.show(f"{declaration.name}: {len(text)} characters")
        else:
            size = shutil.get_terminal_size()
            lines = [cut(line, size.columns - 1) for line in text.splitlines()[-(size.lines - 1) :]]
            self.display.write("".join((self.to_top(), *(f"{line}\n" for line in lines))))
            self.height = len(lines)

    def clear(self) -> None:
        self.display.clear()
        if self.height:
            self.display.write(self.to_top())
        self.height = 0

    def to_top(self) -> str:
        """The code that moves to the first line of the answer and removes everything below."""
        return f"\x1b[{self.height}A{CLEAR_BELOW}" if self.height else ""

    def item_json(self, item: ListItem) -> Json:
        declaration: Declaration = self.call.declaration
        item_type = declaration.answer.item_type
        assert item_type is not None
        return item_type.encode(item.value, call_context(declaration, self.call.inputs).json_context)

    @property
    def names(self) -> Names:
        if self.known_names is None:
            self.known_names = names_in(self.call.declaration, self.call.inputs)
        return self.known_names


def can_move_cursor() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb"


def cut(text: str, columns: int) -> str:
    """The beginning of a line that fits into the columns; what a terminal could take for a code is left out."""
    return "".join(fitting(text, columns))


def fitting(text: str, columns: int) -> Iterator[str]:
    for character in text:
        columns -= 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        if columns < 0:
            return
        yield character if character.isprintable() else "�"
