"""The source line of an annotation without a value type, with a mark under the very part that is not supported."""

import ast
import inspect
import re
import textwrap

from plait.core.task.signature import UnsupportedType, annotation_text
from plait.core.task.source import FunctionSource, mark_line, relative_path

MODULE_PREFIX = re.compile(r"\b\w+\.(?=\w)")


def mark_annotation(error: UnsupportedType, source: FunctionSource, node: ast.expr | None) -> tuple[str, ...]:
    """The line of the `def`, or of the record's field that has the annotation."""
    field_lines = mark_field(error) if error.field else ()
    return field_lines or source.mark_node(node and unsupported_part(node, error.annotation))


def unsupported_part(node: ast.expr, annotation: object) -> ast.expr:
    """The first expression inside `node` that is written like the annotation, with its markers, else the whole node."""
    text = annotation_text(annotation)
    expressions = (each for each in ast.walk(node) if isinstance(each, ast.expr))
    return next((each for each in expressions if short_text(without_markers(each)) == text), node)


def without_markers(node: ast.expr) -> ast.expr:
    """The `T` of `Annotated[T, ...]`."""
    match node:
        case ast.Subscript(value, ast.Tuple([first, *_])) if short_text(value) == "Annotated":
            return first
        case _:
            return node


def short_text(node: ast.expr) -> str:
    return MODULE_PREFIX.sub("", ast.unparse(node))


def mark_field(error: UnsupportedType) -> tuple[str, ...]:
    """The line of a record's field, marked; () without source."""
    assert error.field is not None
    record, name = error.field
    try:
        lines, first = inspect.getsourcelines(record)
        body = ast.parse(textwrap.dedent("".join(lines))).body[0]
        file = inspect.getsourcefile(record) or ""
    except (OSError, TypeError, SyntaxError, IndexError):
        return ()
    for each in ast.walk(body):
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id == name:
            part = unsupported_part(each.annotation, error.annotation)
            line = textwrap.dedent("".join(lines)).splitlines()[part.lineno - 1]
            columns = (part.col_offset, part.end_col_offset or 0)  # in bytes
            begin, end = (len(line.encode()[:column].decode()) for column in columns)
            return mark_line(f"{relative_path(file)}:{first + part.lineno - 1}   ", line, begin, max(end - begin, 1))
    return ()
