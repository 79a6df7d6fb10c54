"""Adds and removes list rows without JavaScript: each button submits the form, and the response is the changed form."""

from collections.abc import Sequence

from plait.core.values.forms import FormFields

ADD, DROP = "_add", "_drop"


def apply_row_button(fields: FormFields) -> FormFields | None:
    """The form with a blank row added or a row removed; None if neither button was pressed."""
    added, dropped = fields.get_list(ADD), fields.get_list(DROP)
    if added:
        return with_blank_row(without_fields(fields, [ADD]), added[-1])
    if dropped:
        return without_row(without_fields(fields, [DROP]), dropped[-1])
    return None


def with_blank_row(fields: FormFields, name: str) -> FormFields:
    """Adds a blank row. An empty list is displayed with one blank row already, so it then has two."""
    numbers = [int(row.rpartition(".")[2]) for row in fields.row_names(name)] or [0]
    rows = {f"{name}.{number}": [""] for number in (*numbers, max(numbers) + 1) if not fields.has(f"{name}.{number}")}
    return FormFields({**fields.data, **rows})


def without_row(fields: FormFields, row: str) -> FormFields:
    name, _, number = row.rpartition(".")
    left = without_fields(fields, fields.names_under(row))
    kept_numbers = [each for each in left.get_list(f"{name}._kept") if each != number]
    return FormFields(
        {**without_fields(left, [f"{name}._kept"]).data, **({f"{name}._kept": kept_numbers} if kept_numbers else {})}
    )


def without_fields(fields: FormFields, names: Sequence[str]) -> FormFields:
    removed = set(names)
    return FormFields({name: texts for name, texts in fields.data.items() if name not in removed})
