"""A page as a browser reads it: the fields a form would send, and what a person without eyes or mouse has of it."""

import math
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from plait.core.values.forms import FormFields

VOID = {"col", "input", "meta", "link", "img", "br", "hr", "path"}
NATIVE = {
    "date": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
    "datetime-local": r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class Select:
    name: str
    options: list[str] = field(default_factory=list)
    chosen: str | None = None


class Page(HTMLParser):
    """The elements of a page. Those inside a `<template>` are separate, because they are not in the page yet."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.templates: list[Element] = []
        self.sent: list[tuple[str, str]] = []
        self.elsewhere: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[Element] = []
        self._select: Select | None = None
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {[each.tag for each in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"an attribute twice in <{tag} {attrs}>"
        element = Element(tag, attributes, tuple(each.tag for each in self._open))
        hidden = "template" in element.inside
        (self.templates if hidden else self.elements).append(element)
        if tag not in VOID:
            self._open.append(element)
        if hidden:
            return
        match tag:
            case "input":
                self.entries(element).extend(form_entries(attributes))
            case "select":
                self._select = Select(attributes["name"])
            case "option" if self._select:
                self._select.options.append(attributes["value"])
                if "selected" in attributes:
                    self._select.chosen = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        element = self._open.pop()
        assert element.tag == tag, f"<{element.tag}> closed by </{tag}>"
        if self._open:
            self._open[-1].text += element.text
        if "template" in element.inside:
            return
        if tag == "textarea":
            # HTML standard: the line end right behind <textarea> is not part of it.
            self.entries(element).append((element.attributes["name"], element.text.removeprefix("\n")))
        elif tag == "select" and self._select:
            first = self._select.options[0] if self._select.options else ""
            chosen = first if self._select.chosen is None else self._select.chosen
            self.entries(element).append((self._select.name, chosen))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
            if not {"template", "script", "style"} & {each.tag for each in self._open}:
                self.text += data

    def entries(self, element: Element) -> list[tuple[str, str]]:
        """Where the entries of a control go: those of the page's first form are sent."""
        forms = [each for each in self._open if each.tag == "form"]
        return self.sent if forms and forms[0] is self.all("form")[0] else self.elsewhere

    @property
    def fields(self) -> FormFields:
        """The fields that the form, or a single control, would submit.

        Line ends travel as CRLF (HTML standard, constructing the entry list).
        """
        sent: dict[str, list[str]] = {}
        for name, value in self.sent or self.elsewhere:
            sent.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\n", "\r\n"))
        return FormFields(sent)

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]


def form_entries(attributes: dict[str, str]) -> list[tuple[str, str]]:
    """The entries that an input submits. A browser empties a value that is not of its type: asserted against."""
    name, value, kind = attributes.get("name", ""), attributes.get("value", ""), attributes["type"]
    if not name or kind in ("submit", "button"):
        return []
    if kind in ("checkbox", "radio"):
        return [(name, value)] if "checked" in attributes else []
    if kind == "text":
        assert "\n" not in value and "\r" not in value, "a line of text loses its line ends"
    if kind == "number" and value:
        assert math.isfinite(float(value)), value
    if kind in NATIVE and value:
        assert re.fullmatch(NATIVE[kind], value, re.ASCII), value
    return [(name, value)]


def unlabelled_controls(page: Page) -> list[Element]:
    """Controls that no label names, and buttons and links without words."""
    labelled = {label.attributes.get("for") for label in page.all("label") if label.text.strip()}
    controls = [each for each in page.all("input", "select", "textarea") if each.attributes.get("type") != "hidden"]
    bare = [each for each in controls if each.attributes.get("id") not in labelled and not has_name(each)]
    return bare + [each for each in page.all("button", "a") if not each.text.strip() and not has_name(each)]


def has_name(element: Element) -> bool:
    return bool(element.attributes.get("aria-label", "").strip())
