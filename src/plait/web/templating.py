"""Templates and files: where they lie, and how a value type finds the drawing in its own folder."""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from plait.core.grammar.ast import MAX_INTEGER, MAX_NUMBER, MAX_TEXT_LENGTH

HERE = files("plait.web")
CONTROL_TEMPLATE = "/control.html"


class FolderLoader(BaseLoader):
    """`plait.types.text/control.html` is the file control.html of that package, ours or a plug-in's."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        package = template.removesuffix(CONTROL_TEMPLATE)
        try:
            file = files(package) / "control.html"
            return file.read_text("utf-8"), str(file), lambda: True
        except (ModuleNotFoundError, FileNotFoundError, TypeError, ValueError):
            raise TemplateNotFound(template) from None


@cache
def environment() -> Environment:
    jinja = Environment(
        loader=ChoiceLoader([FileSystemLoader(str(HERE / "templates")), FolderLoader()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals |= {"asset": asset, "TEXT": MAX_TEXT_LENGTH, "WHOLE": MAX_INTEGER, "NUMBER": MAX_NUMBER}
    jinja.tests["matches"] = lambda text, pattern: bool(re.fullmatch(pattern, text, re.ASCII))
    jinja.tests["list"] = lambda value: isinstance(value, list)
    jinja.filters["type_name"] = lambda value: type(value).__name__
    return jinja


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content: it may be cached for ever."""
    content = (HERE / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


@cache
def control_macros(package: str) -> Any:
    """The macros `form_control` and `display` of a value type; JSON text where its folder has no control.html."""
    try:
        return environment().get_template(package + CONTROL_TEMPLATE).module
    except TemplateNotFound as error:
        if error.name != package + CONTROL_TEMPLATE:
            raise
        return environment().get_template("json.html").module


def render(template: str, **variables: Any) -> str:
    return environment().get_template(template).render(**variables)
