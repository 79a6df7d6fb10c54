"""What a control is drawn in: the form around it, the inputs an answer points into, the language.

The macros of every `control.html` get a Context. They give and see the values inside their own by asking it back, so
that a record draws fields of kinds that it has never heard of.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from markupsafe import Markup

from plait.core.values.forms import Fields
from plait.core.values.value_type import Json, Kind, part
from plait.types.list.control import filled_rows
from plait.web import box_overlays, formatting
from plait.web.display_names import called
from plait.web.headline import spelled
from plait.web.templating import macros
from plait.web.texts import Words
from plait.web.views import TaskView

# How much room there is: a slot on its own, a field in a card, a cell in a table.
Room = Literal["page", "card", "cell"]
# Kinds that fit into a cell of a table.
SMALL = ("text", "number", "boolean", "label", "moment", "ref", "box")
COLUMNS = 4  # more than that is a stack of cards: cells of less than 100 px hold nothing


class Nothing:
    """What is known of a value that has not come yet."""


NOTHING = Nothing()


@dataclass(frozen=True)
class Pointed:
    """What a reference points at: how it is called, and where it stands on the page."""

    name: str
    href: str


@dataclass(frozen=True)
class Context:
    """`leavable` is a value that may stay empty, and is then what is `usual`, if anything is.

    A `fragment` is put into a page that has the inputs' pictures already.
    """

    words: Words
    fields: Fields = field(default_factory=Fields)
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    room: Room = "page"
    leavable: bool = False
    usual: object = NOTHING
    fragment: bool = False

    # ── a value inside another ──

    def give(
        self,
        kind: Kind,
        name: str,
        label: str,
        room: Room | None = None,
        leavable: bool = False,
        usual: object = NOTHING,
    ) -> Markup:
        """The control of a value."""
        inner = replace(self, room=room or self.room, leavable=leavable, usual=usual)
        return Markup(macros(kind.modality).give(inner, kind, name, label))

    def see(self, kind: Kind, wire: object, room: Room | None = None) -> Markup:
        """The value as it looks; `wire` may be anything: while an answer grows, keys are missing and texts half."""
        if wire is NOTHING and not kind.children:
            return ghost(spelled(kind))
        return Markup(macros(kind.modality).see(replace(self, room=room or self.room), kind, wire))

    def control(self, kind: Kind, function: str) -> object:
        """What the kind's own control.py says."""
        return part(kind.modality, f"control.{function}")(kind)

    # ── the form ──

    def said(self, name: str) -> str:
        """The text that stands in a field."""
        given = self.fields.many(name)
        return given[-1] if given else ""

    def id(self, name: str) -> str:
        """The id of the field in the page: stable, so that an answer can point at it."""
        return "in-" + re.sub(r"[^\w-]+", "-", name)

    def attributes(self, name: str) -> Markup:
        """What every control carries: its id and name, its hint and its problem."""
        at = self.id(name)
        told = {"id": at, "name": name, "aria-describedby": f"{at}-hint {at}-problem"}
        if name in self.problems:
            told["aria-invalid"] = "true"
        return Markup(" ").join(Markup('{}="{}"').format(key, text) for key, text in told.items())

    def problem(self, name: str) -> str:
        return "; ".join(self.problems.get(name, ()))

    def marks(self, name: str) -> Markup:
        """What of the value is meant although it looks blank: see `plait.core.values.forms`."""
        return self.hidden(f"{name}._given") + self.kept(name)

    def kept(self, name: str, only: str | None = None) -> Markup:
        return self.hidden(f"{name}._kept".removeprefix("."), only)

    def hidden(self, name: str, only: str | None = None) -> Markup:
        texts = [text for text in self.fields.many(name) if only in (None, text)]
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, text) for text in texts
        )

    def rows(self, name: str) -> list[str]:
        """Names of a list's rows; where it has none yet, one to be filled in."""
        return self.fields.rows(name) or [f"{name}.0"]

    def blank_row(self, name: str) -> tuple[str, str, "Context"]:
        """A row for the page's script to copy: its name with a mark for the number, the mark, and an empty form."""
        mark = f"__{name.count('__') // 2}__"
        return f"{name}.{mark}", mark, replace(self, fields=Fields(), problems={})

    def columns(self, kind: Kind) -> tuple[tuple[str, Kind], ...]:
        """The fields of a record small enough for a table's row; none where it is not."""
        return kind.children if kind.name == "record" and all(self.small(inner) for _, inner in kind.children) else ()

    def small(self, kind: Kind) -> bool:
        return kind.name in SMALL or (kind.name == "optional" and all(self.small(inner) for _, inner in kind.children))

    def fits(self, kind: Kind) -> bool:
        """Whether giving a list of it is a table."""
        return 0 < len(self.columns(kind)) <= COLUMNS

    # ── an answer on its way ──

    @property
    def nothing(self) -> Nothing:
        return NOTHING

    def missing(self, wire: object) -> bool:
        """Whether nothing is known of a value yet."""
        return wire is NOTHING

    def at(self, wire: object, name: str) -> object:
        """What is known of a field."""
        return wire.get(name, NOTHING) if isinstance(wire, Mapping) else NOTHING

    def raw(self, wire: object) -> Markup:
        """What cannot be drawn as what it should be, as JSON."""
        return ghost("…") if wire is NOTHING else Markup('<code class="raw">{}</code>').format(self.json(wire))

    def json(self, wire: object, indent: int | None = None) -> str:
        return json.dumps(wire, ensure_ascii=False, indent=indent, default=str)

    # ── what an answer points at ──

    def candidates(self, path: Sequence[str]) -> list[Json]:
        found: Json = dict(self.inputs)
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return found if isinstance(found, list) else []

    def names(self, path: Sequence[str]) -> list[str]:
        """How the candidates are called, each so that a person can tell it."""
        return called(self.candidates(path))

    def pointed(self, path: Sequence[str], wire: object) -> Pointed | None:
        """What a reference means: an index as on the wire, or a name as a model writes it. None where it is neither."""
        names = self.names(path)
        if isinstance(wire, str) and wire in names:
            wire = names.index(wire)
        if isinstance(wire, bool) or not isinstance(wire, int) or not 0 <= wire < len(names):
            return None
        name = ".".join(path)
        rows = filled_rows(self.fields, name)
        return Pointed(names[wire], f"#{self.id(rows[wire] if wire < len(rows) else f'{name}.{wire}')}")

    # ── boxes ──

    def boxed(self, view: TaskView, wire: object) -> list[box_overlays.Shown]:
        """The pictures that the answer's boxes lie on."""
        return box_overlays.pictures(view.declaration.answer, wire, view.sizes, self.inputs, whole=not self.fragment)

    def box_key(self, wire: object) -> str:
        """What ties a whole box to where it is drawn; empty for one that is none."""
        corners = box_overlays.corners_of(wire)
        return box_overlays.key(corners) if corners else ""

    def corners(self, name: str) -> list[str]:
        """The texts of a box's four fields."""
        return [self.said(f"{name}.{each}") for each in box_overlays.CORNERS]

    # ── words ──

    def label(self, name: str) -> str:
        return formatting.label(name)

    def plain(self, number: object) -> str:
        return formatting.plain(number)

    def moment(self, wire: str) -> str:
        return formatting.moment(self.words, wire)

    def bounds(self, of: str, low: object, high: object, above: bool = False, below: bool = False) -> str:
        return formatting.bounds(self.words, of, low, high, above, below)

    @property
    def usual_shown(self) -> str:
        """What holds where nothing is given."""
        return formatting.usual(self.words, self.usual)

    def hint(self, kind: Kind, *parts: str) -> str:
        """What the writer said of the value, what bounds it, and what it is where it stays empty."""
        shown = self.usual_shown
        empty = self.words.usual.format(value=shown) if shown else self.words.optional
        told = (getattr(kind, "description", ""), *parts, empty if self.leavable and self.room != "cell" else "")
        return " · ".join(filter(None, told))


def ghost(text: str) -> Markup:
    return Markup('<span class="ghost">{}</span>').format(text)
