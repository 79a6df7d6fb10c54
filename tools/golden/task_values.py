"""Values of tasks.json: fingerprints, JSON Schemas, grammars, prompts and token ids of the built-in tasks."""

from typing import Any, get_args

from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.prompting.example_rows import read_examples
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.prompt import Prompt, answer_text, prompt
from plait.core.task.derive import answer_grammar
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.foundation.cards.instruction import BOX_FORMAT, instruction_ids
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.worlds.task_items import TASKS as UNIFIED_TASKS
from plait.service.engines.openai import config as openai
from tools.golden.recording import Json, sha256
from tools.golden.samples import ROWS, built_in_tasks, row_files, samples, take

BOX_FORMATS = (*get_args(openai.BoxFormatName), BOX_FORMAT)


def all_task_values() -> Json:
    return {name: task_values(task) for name, task in built_in_tasks().items()}


def task_values(task: "Task[..., Any]") -> Json:
    return {
        "fingerprint": task.declaration.fingerprint,
        "request": task.schema.request,
        "answer": task.schema.answer,
        "samples": {where: sample_values(task, inputs) for where, inputs in samples(task)},
        "answers": [
            answer_text(task.declaration, each.inputs, each.answer)
            for file in row_files(task)
            for each in take(ROWS, read_examples(task.declaration, file))
        ],
    }


def sample_values(task: "Task[..., Any]", inputs: dict[str, object]) -> Json:
    wordings = list(task.declaration.wordings)
    values: dict[str, Json] = {
        "prompts": {name: messages(task.using(wording=name).prompt(**inputs)) for name in wordings},
        "frames": frame_values(task, inputs),
    }
    if task.declaration.name in UNIFIED_TASKS:
        context = call_context(task.declaration, inputs, by_name=True, box_format=BOX_FORMAT)
        ids = {name: instruction_ids(task.declaration, inputs, context, name, vocabulary()) for name in wordings}
        values["ids"] = ids
    return values


def frame_values(task: "Task[..., Any]", inputs: dict[str, object]) -> Json:
    """Grammar and prompt for each box format; formats that change nothing are omitted."""
    distinct: dict[str, Json] = {}
    examples = select_shots(task.declaration, inputs, task.options.shots)
    for box_format in BOX_FORMATS:
        context = call_context(task.declaration, inputs, by_name=True, box_format=box_format)
        grammar = answer_grammar(task.declaration, context)
        values = {
            "gbnf": gbnf(grammar),
            "json_schema": json_schema(grammar),
            "prompt": messages(prompt(task.declaration, inputs, examples, "", box_format)),
        }
        if values != distinct.get(""):
            distinct[box_format] = values
    return distinct


def messages(of: Prompt) -> Json:
    return [
        {
            "role": each.role,
            "content": each.content,
            "pictures": [[picture.media_type, sha256(picture.content)] for picture in each.images],
        }
        for each in of.messages
    ]
