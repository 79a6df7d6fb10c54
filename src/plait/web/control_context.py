"""The context in which a template renders a value: the form, the inputs that an answer refers to, the language.

The macros of each value type get a ControlContext. They render nested values through it, so that a record can render
fields of types that it does not know.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json, value_at
from plait.core.values.value_type import ValueType
from plait.web import box_overlays, formatting
from plait.web.display_names import display_names
from plait.web.templating import control_macros
from plait.web.texts import PageStrings
from plait.web.type_words import OR, TypeWords
from plait.web.views import TaskView

if TYPE_CHECKING:
    from plait.web.doubt import DoubtMarks
    from plait.web.quotations import QuoteNumbers

# Available space: an input of its own, a field in a card, a cell in a table.
Placement = Literal["page", "card", "cell"]
MAX_COLUMNS = 4  # with more, rows become a stack of cards: cells narrower than 100 px are unusable


class PendingValue:
    """Placeholder for a value that a streamed answer does not contain yet."""


PENDING = PendingValue()


@dataclass(frozen=True)
class ReferenceLink:
    """The target of a reference: its display name, and its place on the page."""

    name: str
    href: str


@dataclass(frozen=True)
class ControlContext:
    """The context of a control.

    `optional`: the value may stay empty; it is then `default`, if there is one.
    `quotes` numbers the quoted values of a complete answer, `doubt` shades those of little confidence.
    `labels` are the author's names for inputs, fields, classes and choices.
    `is_fragment`: the HTML goes into a page that contains the images of the inputs already.
    """

    strings: PageStrings
    fields: FormFields = field(default_factory=FormFields)
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    placement: Placement = "page"
    optional: bool = False
    default: object = PENDING
    is_fragment: bool = False
    quotes: "QuoteNumbers | None" = None
    doubt: "DoubtMarks | None" = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    # ── nested values ──

    def form_control(
        self,
        value_type: ValueType,
        name: str,
        label: str,
        placement: Placement | None = None,
        optional: bool = False,
        default: object = PENDING,
    ) -> Markup:
        """HTML of the form control of a value."""
        inner = replace(self, placement=placement or self.placement, optional=optional, default=default)
        return Markup(control_macros(type(value_type)).form_control(inner, value_type, name, label))

    def display(self, value_type: ValueType, json_value: object, placement: Placement | None = None) -> Markup:
        """HTML of a value. `json_value` may be partial while an answer streams: missing keys, incomplete texts."""
        if json_value is PENDING and not value_type.children:
            return placeholder(self.type_words.words(value_type).replace(OR, f" {self.strings.or_} "))
        inner = replace(self, placement=placement or self.placement)
        html = Markup(control_macros(type(value_type)).display(inner, value_type, json_value))
        return html if self.doubt is None else self.doubt.shade(value_type, json_value, html)

    # ── the form ──

    def field_text(self, name: str) -> str:
        """The current text of a field."""
        texts = self.fields.get_list(name)
        return texts[-1] if texts else ""

    def element_id(self, name: str) -> str:
        """The id of the field in the page. It is stable, so that an answer can link to it."""
        return "in-" + re.sub(r"[^\w-]+", "-", name)

    def attributes(self, name: str) -> Markup:
        """HTML attributes of every control: id, name, and references to its hint and problem."""
        element_id = self.element_id(name)
        attributes = {"id": element_id, "name": name, "aria-describedby": f"{element_id}-hint {element_id}-problem"}
        if name in self.problems:
            attributes["aria-invalid"] = "true"
        return Markup(" ").join(Markup('{}="{}"').format(key, text) for key, text in attributes.items())

    def problem(self, name: str) -> str:
        return "; ".join(self.problems.get(name, ()))

    def marker_inputs(self, name: str) -> Markup:
        """Hidden inputs that mark blank values as given on purpose: see `plait.core.values.forms`."""
        return self.hidden_inputs(f"{name}._given") + self.kept_inputs(name)

    def kept_inputs(self, name: str, only: str | None = None) -> Markup:
        return self.hidden_inputs(f"{name}._kept".removeprefix("."), only)

    def hidden_inputs(self, name: str, only: str | None = None) -> Markup:
        texts = [text for text in self.fields.get_list(name) if only in (None, text)]
        return Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, text) for text in texts
        )

    def row_names(self, name: str) -> list[str]:
        """Names of a list's rows; one blank row if it has none yet."""
        return self.fields.row_names(name) or [f"{name}.0"]

    def blank_row(self, name: str) -> tuple[str, str, "ControlContext"]:
        """A row that the page's script copies: its name with a mark in place of the number, the mark, an empty form."""
        mark = f"__{name.count('__') // 2}__"
        return f"{name}.{mark}", mark, replace(self, fields=FormFields(), problems={})

    def columns(self, value_type: ValueType) -> tuple[tuple[str, ValueType], ...]:
        """The fields of a record, if all are compact enough for a table row; else none."""
        columns = value_type.columns
        return columns if all(inner.is_compact for _, inner in columns) else ()

    def fits_in_table(self, value_type: ValueType) -> bool:
        """Whether the control of a list of this type is a table."""
        return 0 < len(self.columns(value_type)) <= MAX_COLUMNS

    # ── streamed answers ──

    @property
    def pending(self) -> PendingValue:
        return PENDING

    def is_pending(self, json_value: object) -> bool:
        """Whether a streamed answer does not contain the value yet."""
        return json_value is PENDING

    def field_value(self, json_value: object, name: str) -> object:
        """The value of a record's field, or PENDING."""
        return json_value.get(name, PENDING) if isinstance(json_value, Mapping) else PENDING

    def raw_json(self, json_value: object) -> Markup:
        """HTML of a value as JSON, for values that do not fit their type."""
        return (
            placeholder("…")
            if json_value is PENDING
            else Markup('<code class="raw">{}</code>').format(self.json(json_value))
        )

    def json(self, json_value: object, indent: int | None = None) -> str:
        return json.dumps(json_value, ensure_ascii=False, indent=indent, default=str)

    # ── quotations ──

    def next_mark(self) -> str:
        """The id of the mark of the next quoted value; "" while the answer is not complete."""
        return "" if self.quotes is None else self.quotes.next()

    # ── references ──

    def candidates(self, path: Sequence[str]) -> list[Json]:
        value = value_at(dict(self.inputs), path)
        return value if isinstance(value, list) else []

    def candidate_names(self, path: Sequence[str]) -> list[str]:
        """Display names of the candidates, each unambiguous for people."""
        return display_names(self.candidates(path))

    def reference_link(self, path: Sequence[str], json_value: object) -> ReferenceLink | None:
        """The target of a reference, given as an index (JSON form) or a name (written by a model); None if invalid."""
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
        """The images that the answer's boxes refer to."""
        return box_overlays.annotated_images(
            view.declaration.answer, json_value, view.image_sizes, self.inputs, with_source=not self.is_fragment
        )

    def box_key(self, json_value: object) -> str:
        """The key that links a complete box to its overlay; "" if it is not a complete box."""
        corners = box_overlays.corners_of(json_value)
        return box_overlays.box_key(corners) if corners else ""

    def corner_texts(self, name: str) -> list[str]:
        """The texts of a box's four fields."""
        return [self.field_text(f"{name}.{each}") for each in box_overlays.CORNERS]

    # ── texts ──

    @property
    def type_words(self) -> TypeWords:
        return TypeWords(self.strings, self.labels)

    def label(self, name: str) -> str:
        return self.type_words.label(name)

    def field_label(self, record: ValueType, name: str) -> str:
        return self.type_words.field_label(record, name)

    def choice_label(self, name: object) -> object:
        """The label of an option or choice; an unnamed one as it is."""
        return self.labels.get(str(name), name)

    def format_number(self, number: object) -> str:
        return formatting.format_number(number)

    def format_datetime(self, iso_text: str) -> str:
        return formatting.format_datetime(self.strings, iso_text)

    def bounds_text(self, quantity: str, low: object, high: object, above: bool = False, below: bool = False) -> str:
        return formatting.bounds_text(self.strings, quantity, low, high, above, below)

    @property
    def default_text(self) -> str:
        """The default as text."""
        return formatting.default_text(self.strings, self.default)

    def hint(self, value_type: ValueType, *parts: str) -> str:
        """The hint of a control: description, bounds, and the default if the value may stay empty."""
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
