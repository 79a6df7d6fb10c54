"""What a control is drawn in: the form around it, the inputs an answer points into, the language.

The macros of every `control.html` get a Context. They give and see the values inside their own by asking it back, so
that a record draws fields of kinds that it has never heard of.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Literal

from markupsafe import Markup

from plait.core.forms import Fields
from plait.core.kinds import Json, Kind, part
from plait.modalities.list.control import filled_rows
from plait.web.called import SHOWN, called
from plait.web.drawing import macros
from plait.web.headline import spelled
from plait.web.words import Words

# How much room there is: a slot on its own, a field in a card, a cell in a table.
Room = Literal["page", "card", "cell"]
# Kinds that fit into a cell of a table.
SMALL = ("text", "number", "boolean", "label", "moment", "ref")
MOMENT = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:T(?P<time>.+))?", re.ASCII)
COLUMNS = 4  # more than that is a stack of cards: cells of less than 100 px hold nothing


@dataclass(frozen=True)
class Pointed:
    """What a reference points at: how it is called, and where it stands on the page."""

    name: str
    href: str


class Nothing:
    """What is known of a value that has not come yet."""


NOTHING = Nothing()


def ghost(text: str) -> Markup:
    return Markup('<span class="ghost">{}</span>').format(text)


def plain(number: object) -> str:
    """A number without what says nothing: 5 for 5.0."""
    text = format(number, "f") if isinstance(number, Decimal) else repr(number)
    return text.removesuffix(".0")


@dataclass(frozen=True)
class Context:
    words: Words
    fields: Fields = field(default_factory=Fields)
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    room: Room = "page"
    leavable: bool = False
    usual: object = NOTHING

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
        """The control of a value. `leavable` ones may stay empty, and are then what is `usual`, if anything is."""
        inner = replace(self, room=room or self.room, leavable=leavable, usual=usual)
        return Markup(macros(kind.modality).give(inner, kind, name, label))

    def see(self, kind: Kind, wire: object, room: Room | None = None) -> Markup:
        """The value as it looks; `wire` may be anything: while an answer grows, keys are missing and texts half."""
        if wire is NOTHING and not kind.children:
            return ghost(spelled(kind))
        return Markup(macros(kind.modality).see(replace(self, room=room or self.room), kind, wire))

    # ── the form ──

    def said(self, name: str) -> str:
        """The text that stands in a field."""
        given = self.fields.many(name)
        return given[-1] if given else ""

    def id(self, name: str) -> str:
        """The id of the field in the page: stable, so that an answer can point at it."""
        return "in-" + re.sub(r"[^\w-]+", "-", name)

    def attributes(self, name: str, label: str = "") -> Markup:
        """What every control carries: its id and name, its label where none stands beside it, its hint and problem."""
        at = self.id(name)
        told = {"id": at, "name": name, "aria-describedby": f"{at}-hint {at}-problem"}
        if label:
            told["aria-label"] = label
        if name in self.problems:
            told["aria-invalid"] = "true"
        return Markup(" ").join(Markup('{}="{}"').format(Markup(key), text) for key, text in told.items())

    def problem(self, name: str) -> str:
        return "; ".join(self.problems.get(name, ()))

    def marks(self, name: str) -> Markup:
        """What of the value is meant although it looks blank: see `plait.core.forms`."""
        return self.hidden(f"{name}._given", self.fields.many(f"{name}._given")) + self.kept(name)

    def kept(self, name: str, only: str | None = None) -> Markup:
        texts = self.fields.many(f"{name}._kept".removeprefix("."))
        return self.hidden(f"{name}._kept".removeprefix("."), [text for text in texts if only in (None, text)])

    def hidden(self, name: str, texts: Sequence[str]) -> Markup:
        inputs = (Markup('<input type="hidden" name="{}" value="{}">').format(name, text) for text in texts)
        return Markup("").join(inputs)

    def rows(self, name: str) -> list[str]:
        """Names of a list's rows; where it has none yet, one to be filled in."""
        return self.fields.rows(name) or [f"{name}.0"]

    def blank_row(self, name: str) -> tuple[str, str, "Context"]:
        """A row for the page's script to copy: its name with a mark for the number, the mark, and an empty form."""
        mark = f"__{name.count('__') // 2}__"
        return f"{name}.{mark}", mark, replace(self, fields=Fields(), problems={})

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

    # ── words ──

    def label(self, name: str) -> str:
        """A name of code as people write it: `unit_price` is "Unit price"."""
        spaced = name.replace("_", " ").strip()
        return spaced[:1].upper() + spaced[1:]

    def hint(self, kind: Kind, *parts: str) -> str:
        """What the writer said of the value, what bounds it, and whether it may stay empty."""
        empty = self.when_empty if self.leavable and self.room != "cell" else ""
        return " · ".join(part for part in (getattr(kind, "description", ""), *parts, empty) if part)

    @property
    def when_empty(self) -> str:
        shown = self.usual_shown
        return self.words.usual.format(value=shown) if shown else self.words.optional

    @property
    def usual_shown(self) -> str:
        """The default that holds where nothing is given, where it can be said in a word."""
        match self.usual:
            case bool():
                return self.words.yes if self.usual else self.words.no
            case int() | float():
                return plain(self.usual)
            case str() | date() | time() | Enum():
                text = str(self.usual.value if isinstance(self.usual, Enum) else self.usual)
                return text if len(text) <= SHOWN else ""
            case _:
                return ""

    def bounds(self, of: str, low: object, high: object, above: bool = False, below: bool = False) -> str:
        """How many, how long or how large, where there is a bound; `above` and `below` exclude it."""
        prefix = "" if of == "number" else f"{of}_"
        if above or below or low is None or high is None:
            least = self.words.more_than if above else getattr(self.words, f"{prefix}least", self.words.at_least)
            most = self.words.less_than if below else getattr(self.words, f"{prefix}most", self.words.at_most)
            parts = [] if low is None else [least.format(low=plain(low))]
            return ", ".join([*parts, *([] if high is None else [most.format(high=plain(high))])])
        return getattr(self.words, f"{prefix}between").format(low=plain(low), high=plain(high))

    def plain(self, number: object) -> str:
        return plain(number)

    def moment(self, wire: str) -> str:
        """A date, a time or both as people write them; what is none, or not whole yet, as it stands."""
        found = MOMENT.fullmatch(wire)
        if not found or not 1 <= int(found["month"]) <= 12:
            return wire
        month = self.words.months[int(found["month"]) - 1]
        date = self.words.date.format(day=int(found["day"]), month=month, year=int(found["year"]))
        return f"{date}, {found['time']}" if found["time"] else date

    def control(self, kind: Kind, function: str) -> object:
        """What the kind's own control.py says."""
        return part(kind.modality, f"control.{function}")(kind)

    def columns(self, kind: Kind) -> tuple[tuple[str, Kind], ...]:
        """The fields of a record small enough for a table's row; none where it is not."""
        small = kind.name == "record" and all(self.small(inner) for _, inner in kind.children)
        return kind.children if small else ()

    def small(self, kind: Kind) -> bool:
        return kind.name in SMALL or (kind.name == "optional" and all(self.small(inner) for _, inner in kind.children))

    def fits(self, kind: Kind) -> bool:
        """Whether giving a list of it is a table."""
        return 0 < len(self.columns(kind)) <= COLUMNS

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
        field_name = ".".join(path)
        rows = filled_rows(self.fields, field_name)
        row = rows[wire] if wire < len(rows) else f"{field_name}.{wire}"
        return Pointed(names[wire], f"#{self.id(row)}")


