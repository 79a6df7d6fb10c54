"""Rows of chat datasets: ShareGPT, Alpaca, and OpenAI's fine-tuning files, as rows of a task with one text as input.

    {"conversations": [{"from": "human", "value": "..."}, {"from": "gpt", "value": "..."}]}
    {"instruction": "...", "input": "...", "output": "..."}
    {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}

A system message and an Alpaca instruction are left out if the task has its own: a task's instruction is its docstring.
"""

from collections.abc import Mapping, Sequence

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote

USER_ROLES = ("human", "user")
MODEL_ROLES = ("gpt", "assistant", "chatgpt", "bing", "bard")
SYSTEM_ROLES = ("system", "developer")


def chat_format(row: Mapping[str, Json]) -> str:
    """The name of the format that a row is in; "" for a row of a task."""
    if isinstance(row.get("conversations"), list):
        return "ShareGPT"
    if isinstance(row.get("messages"), list):
        return "OpenAI"
    return "Alpaca" if {"instruction", "output"} <= row.keys() and "answer" not in row else ""


def row_from_chat(declaration: Declaration, row: Mapping[str, Json], where: str) -> dict[str, Json]:
    """The row of the task. Raises InputError if the task takes something else than one text, or the chat is longer."""
    parameter = text_parameter(declaration, row, where)
    question, answer = alpaca_turns(row) if chat_format(row) == "Alpaca" else chat_turns(row, where)
    return {parameter: question, "answer": answer if declaration.is_plain_text else answer_json(answer, where)}


def text_parameter(declaration: Declaration, row: Mapping[str, Json], where: str) -> str:
    """The name of the only input, a text."""
    required = [each for each in declaration.parameters if each.required] or list(declaration.parameters)
    if len(required) != 1 or required[0].value_type.name != "text":
        names = ", ".join(each.name for each in required)
        raise InputError(
            f"{where} is a row of {chat_format(row)}, and {declaration.name} takes more than one text: {names}",
            hint=f"write a column for each of its inputs, and one called answer: {names}, answer",
        )
    return required[0].name


def alpaca_turns(row: Mapping[str, Json]) -> tuple[str, str]:
    return str(row.get("input") or row["instruction"]), str(row["output"])


def chat_turns(row: Mapping[str, Json], where: str) -> tuple[str, str]:
    """The question and the answer of a chat of one turn."""
    turns: list[tuple[str, str]] = []
    listed = row.get("conversations") or row.get("messages") or []
    assert isinstance(listed, list), "chat_format has checked it"
    for each in listed:
        role, content = turn(each)
        if role not in SYSTEM_ROLES:
            turns.append((role, content))
    if len(turns) != 2 or turns[0][0] not in USER_ROLES or turns[1][0] not in MODEL_ROLES:
        raise not_one_turn(turns, row, where)
    return turns[0][1], turns[1][1]


def turn(each: Json) -> tuple[str, str]:
    """Role and text of a message; ("", "") for what is none."""
    if not isinstance(each, dict):
        return "", ""
    role, content = each.get("from", each.get("role")), each.get("value", each.get("content"))
    return str(role or ""), content if isinstance(content, str) else ""


def not_one_turn(turns: Sequence[tuple[str, str]], row: Mapping[str, Json], where: str) -> InputError:
    roles = ", ".join(role or "?" for role, _ in turns[:6]) or "nothing"
    return InputError(
        f"{where} is a row of {chat_format(row)} with {roles}, and a task learns one question with one answer",
        hint="keep one message of the user and the answer to it in each row",
    )


def answer_json(answer: str, where: str) -> Json:
    """The answer in JSON form; a text that is no JSON is the value itself, as of an enumeration."""
    try:
        return parse_json(answer)
    except ValueError:
        if answer.lstrip().startswith(("{", "[")):
            raise InputError(f"{where} has an answer that is no JSON: {quote(answer)}") from None
        return answer
