"""What a control is drawn in: the form around it, the inputs an answer points into, the language.

The macros beside every value type get a ControlContext. They draw the values inside their own through it, so that a
record draws fields of types that it does not know.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from markupsafe import Markup

from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType
from plait.web import box_overlays, formatting
from plait.web.display_names import display_names
from plait.web.templating import control_macros
from plait.web.texts import PageStrings
from plait.web.views import TaskView

# How much room there is: an input on its own, a field in a card, a cell in a table.
Placement = Literal["page", "card", "cell"]
MAX_COLUMNS = 4  # more than that is a stack of cards: cells of less than 100 px hold nothing


class PendingValue:
    """What is known of a value that has not come yet."""


PENDING = PendingValue()


@dataclass(frozen=True)
class ReferenceLink:
    """What a reference points at: how it is called, and where it stands on the page."""

    name: str
    href: str


@dataclass(frozen=True)
class ControlContext:
    """`optional`: the value may stay empty, and is then `default`, if there is one.

    `is_fragment`: the page that this is put into has the inputs' pictures already.
    """

    strings: PageStrings
    fields: FormFields = field(default_factory=FormFields)
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    placement: Placement = "page"
    optional: bool = False
    default: object = PENDING
    is_fragment: bool = False

    # ── a value inside another ──

    def form_control(
        self,
        value_type: ValueType,
        name: str,
        label: str,
        placement: Placement | None = None,
        optional: bool = False,
        default: object = PENDING,
    ) -> Markup:
        """The control of a value."""
        inner = replace(self, placement=placement or self.placement, optional=optional, default=default)
        return Markup(control_macros(type(value_type)).form_control(inner, value_type, name, label))

    def display(self, value_type: ValueType, json_value: object, placement: Placement | None = None) -> Markup:
        """HTML of a value. `json_value` may be incomplete while an answer grows: keys missing, texts half."""
        if json_value is PENDING and not value_type.children:
            return placeholder(value_type.display_name())
        inner = replace(self, placement=placement or self.placement)
        return Markup(control_macros(type(value_type)).display(inner, value_type, json_value))

    # ── the form ──

    def field_text(self, name: str) -> str:
        """The text that stands in a field."""
        texts = self.fields.get_list(name)
        return texts[-1] if texts else ""

    def element_id(self, name: str) -> str:
        """The id of the field in the page: stable, so that an answer can point at it."""
        return "in-" + re.sub(r"[^\w-]+", "-", name)

    def attributes(self, name: str) -> Markup:
        """What every control carries: its id and name, its hint and its problem."""
        element_id = self.element_id(name)
        attributes = {"id": element_id, "name": name, "aria-describedby": f"{element_id}-hint {element_id}-problem"}
        if name in self.problems:
            attributes["aria-invalid"] = "true"
        return Markup(" ").join(Markup('{}="{}"').format(key, text) for key, text in attributes.items())

    def problem(self, name: str) -> str:
        return "; ".join(self.problems.get(name, ()))

    def marker_inputs(self, name: str) -> Markup:
        """What of the value is meant although it looks blank: see `plait.core.values.forms`."""
        return self.hidden_inputs(f"{name}._given") + self.kept_inputs(name)

    def kept_inputs(self, name: str, only: str | None = None) -> Markup:
        return self.hidden_inputs(f"{name}._kept".removeprefix("."), only)

    def hidden_inputs(self, name: str, only: str | None = None) -> Markup:
        texts = [text for text in self.fields.get_list(name) if only in (None, text)]
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, text) for text in texts
        )

    def row_names(self, name: str) -> list[str]:
        """Names of a list's rows; where it has none yet, one to be filled in."""
        return self.fields.row_names(name) or [f"{name}.0"]

    def blank_row(self, name: str) -> tuple[str, str, "ControlContext"]:
        """A row for the page's script to copy: its name with a mark for the number, the mark, and an empty form."""
        mark = f"__{name.count('__') // 2}__"
        return f"{name}.{mark}", mark, replace(self, fields=FormFields(), problems={})

    def columns(self, value_type: ValueType) -> tuple[tuple[str, ValueType], ...]:
        """The fields of a record small enough for a table's row; none where it is not."""
        columns = value_type.columns
        return columns if all(inner.is_compact for _, inner in columns) else ()

    def fits_in_table(self, value_type: ValueType) -> bool:
        """Whether giving a list of it is a table."""
        return 0 < len(self.columns(value_type)) <= MAX_COLUMNS

    # ── an answer on its way ──

    @property
    def pending(self) -> PendingValue:
        return PENDING

    def is_pending(self, json_value: object) -> bool:
        """Whether nothing is known of a value yet."""
        return json_value is PENDING

    def field_value(self, json_value: object, name: str) -> object:
        """What is known of a field."""
        return json_value.get(name, PENDING) if isinstance(json_value, Mapping) else PENDING

    def raw_json(self, json_value: object) -> Markup:
        """What cannot be drawn as what it should be, as JSON."""
        return (
            placeholder("…")
            if json_value is PENDING
            else Markup('<code class="raw">{}</code>').format(self.json(json_value))
        )

    def json(self, json_value: object, indent: int | None = None) -> str:
        return json.dumps(json_value, ensure_ascii=False, indent=indent, default=str)

    # ── what an answer points at ──

    def candidates(self, path: Sequence[str]) -> list[Json]:
        value: Json = dict(self.inputs)
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value if isinstance(value, list) else []

    def candidate_names(self, path: Sequence[str]) -> list[str]:
        """How the candidates are called, each so that a person can tell it."""
        return display_names(self.candidates(path))

    def reference_link(self, path: Sequence[str], json_value: object) -> ReferenceLink | None:
        """What a reference means: an index as on the wire, or a name as a model writes it. None where it is neither."""
        names = self.candidate_names(path)
        if isinstance(json_value, str) and json_value in names:
            json_value = names.index(json_value)
        if isinstance(json_value, bool) or not isinstance(json_value, int) or not 0 <= json_value < len(names):
            return None
        name = ".".join(path)
        rows = self.fields.item_rows(name)
        return ReferenceLink(
            names[json_value],
            f"#{self.element_id(rows[json_value] if json_value < len(rows) else f'{name}.{json_value}')}",
        )

    # ── boxes ──

    def annotated_images(self, view: TaskView, json_value: object) -> list[box_overlays.AnnotatedImage]:
        """The pictures that the answer's boxes lie on."""
        return box_overlays.annotated_images(
            view.declaration.answer, json_value, view.image_sizes, self.inputs, with_source=not self.is_fragment
        )

    def box_key(self, json_value: object) -> str:
        """What ties a whole box to where it is drawn; empty for one that is none."""
        corners = box_overlays.corners_of(json_value)
        return box_overlays.box_key(corners) if corners else ""

    def corner_texts(self, name: str) -> list[str]:
        """The texts of a box's four fields."""
        return [self.field_text(f"{name}.{each}") for each in box_overlays.CORNERS]

    # ── words ──

    def label(self, name: str) -> str:
        return formatting.label(name)

    def format_number(self, number: object) -> str:
        return formatting.format_number(number)

    def format_datetime(self, iso_text: str) -> str:
        return formatting.format_datetime(self.strings, iso_text)

    def bounds_text(self, quantity: str, low: object, high: object, above: bool = False, below: bool = False) -> str:
        return formatting.bounds_text(self.strings, quantity, low, high, above, below)

    @property
    def default_text(self) -> str:
        """What holds where nothing is given."""
        return formatting.default_text(self.strings, self.default)

    def hint(self, value_type: ValueType, *parts: str) -> str:
        """What the writer said of the value, what bounds it, and what it is where it stays empty."""
        default_text = self.default_text
        empty = self.strings.default_hint.format(value=default_text) if default_text else self.strings.optional_hint
        texts = (
            getattr(value_type, "description", ""),
            *parts,
            empty if self.optional and self.placement != "cell" else "",
        )
        return " · ".join(filter(None, texts))


def placeholder(text: str) -> Markup:
    return Markup('<span class="ghost">{}</span>').format(text)
