"""Hint for a prompt that is too long: how many items of the longest list would fit."""

from collections.abc import Mapping
from typing import cast

from plait.core.errors import ContextTooLong
from plait.core.prompting.prompt import Prompt
from plait.core.task.declaration import Declaration, Parameter

NO_LIST = (0, "", 0)
MIN_SHARE = 0.5  # share of the prompt's characters; a list below it is not the cause of the length


def add_count_hint(
    error: ContextTooLong, declaration: Declaration, inputs: Mapping[str, object], prompt: Prompt
) -> ContextTooLong:
    """The error with a hint: how many items of the longest list were passed, and about how many fit.

    Tokens are estimated from characters, so the count is a few per cent off. Without a list the error stays unchanged.
    """
    lists = list_inputs(declaration, inputs)
    sizes = ((len(parameter.value_type.render(items)), parameter.name, len(items)) for parameter, items in lists)
    size, name, count = max(sizes, default=NO_LIST)
    share = size / max(1, size, sum(len(message.content) for message in prompt.messages))
    if share < MIN_SHARE or not error.tokens:
        return error
    fit = int(count * max(0.0, error.limit - error.tokens * (1 - share)) / (error.tokens * share))
    return ContextTooLong(
        error.message,
        tokens=error.tokens,
        limit=error.limit,
        hint=f"{count} {name} were passed; about {fit} fit. Pass fewer, or use a model with a longer context "
        "(plait models)",
    )


def list_inputs(declaration: Declaration, inputs: Mapping[str, object]) -> list[tuple[Parameter, list[object]]]:
    values = [(parameter, inputs[parameter.name]) for parameter in declaration.parameters]
    return [
        (parameter, cast("list[object]", items))
        for parameter, items in values
        if parameter.value_type.item_type and items
    ]
