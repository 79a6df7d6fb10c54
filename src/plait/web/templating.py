"""Loads templates, static files, and the control templates that lie beside value types."""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from plait.core.grammar.ast import MAX_INTEGER, MAX_NUMBER, MAX_TEXT_LENGTH
from plait.core.values.value_type import ValueType

HERE = files("plait.web")


class ControlLoader(BaseLoader):
    """Loads the template beside the module of a value type: "plait.types.text.html" is plait/types/text.html."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        module, _, suffix = template.rpartition(".")
        try:
            spec = find_spec(module) if suffix == "html" else None
        except (ImportError, ValueError):
            spec = None
        file = Path(spec.origin).parent / f"{module.rpartition('.')[2]}.html" if spec and spec.origin else None
        if file is None or not file.is_file():
            raise TemplateNotFound(template)
        return file.read_text("utf-8"), str(file), lambda: True


@cache
def environment() -> Environment:
    jinja = Environment(
        loader=ChoiceLoader([FileSystemLoader(str(HERE / "templates")), ControlLoader()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals |= {
        "asset": asset,
        "vendor_asset": vendor_asset,
        "TEXT": MAX_TEXT_LENGTH,
        "WHOLE": MAX_INTEGER,
        "NUMBER": MAX_NUMBER,
    }
    jinja.tests["matches"] = lambda text, pattern: bool(re.fullmatch(pattern, text, re.ASCII))
    jinja.tests["list"] = lambda value: isinstance(value, list)
    jinja.filters["type_name"] = lambda value: type(value).__name__
    return jinja


@cache
def asset(name: str) -> str:
    """The URL of a static file. It changes with the content, so browsers may cache it forever."""
    return f"/static/{name}?v={content_digest((HERE / 'static' / name).read_bytes())}"


@cache
def vendor_asset(name: str) -> str:
    """The same of a third-party file, which lies compressed."""
    return f"/vendor/{name}?v={content_digest((HERE / 'vendor' / f'{name}.gz').read_bytes())}"


def content_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


@cache
def control_macros(value_type: type[ValueType]) -> Any:
    """The macros `form_control` and `display` of a value type; those of JSON text if its module has no template."""
    name = f"{value_type.__module__}.html"
    try:
        return environment().get_template(name).module
    except TemplateNotFound as error:
        if error.name != name:
            raise
        return environment().get_template("json.html").module


def render(template: str, **variables: Any) -> str:
    return environment().get_template(template).render(**variables)
