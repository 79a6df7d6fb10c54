"""XML of annotation tools, read without entities: those can make a small file very large."""

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from plait.core.errors import InputError
from plait.core.values.json_value import InvalidValue

FIRST_TAG = re.compile(rb"<([A-Za-z_][\w.-]*)")
HEAD = 4_096  # bytes in which the first tag is


def root_tag(file: Path) -> str:
    """The name of the root element by a look at the beginning; "" if there is none."""
    try:
        with file.open("rb") as stream:
            match = FIRST_TAG.search(stream.read(HEAD))
    except OSError:
        return ""
    return match[1].decode() if match else ""


def read_xml(file: Path) -> Element:
    """The root element. Raises InputError for a file that is no XML, or that declares entities."""
    try:
        content = file.read_bytes()
        if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
            raise InputError(f"{file} declares a document type, which is not read", hint="remove <!DOCTYPE ...>")
        return ElementTree.fromstring(content)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
    except ElementTree.ParseError as error:
        raise InputError(f"{file} is not XML: {error}", hint="export it again") from None


def text_of(element: Element, path: str) -> str:
    """The text of an inner element, "" without one."""
    return (element.findtext(path) or "").strip()


def claimed_size(width: str, height: str) -> tuple[int, int] | None:
    """Width and height that a file says; None if it does not, or says 0, as some tools do."""
    return (int(width), int(height)) if width.isdecimal() and height.isdecimal() and int(width) else None


def number_of(text: str, name: str) -> float:
    """Raises InvalidValue for a text that is no number."""
    try:
        return float(text)
    except ValueError:
        raise InvalidValue(f"{name}: should be a number, not {text!r}", text) from None
