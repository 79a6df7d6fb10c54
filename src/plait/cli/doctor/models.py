"""Checks of `plait doctor`: each model can be used, and which of them is being adapted, which takes cores from answers.

Whether a model can be used is checked by its engine: file, server, threads and memory.
"""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

from plait.learning.adapt_status import running_adaptations
from plait.service.models.discovery import Model, known_models, no_chat_model_error
from plait.service.supervisor.finding import Findings, ok, wrong
from plait.service.supervisor.machine import CpuUsage


def check_models(cpu: CpuUsage) -> Findings:
    models = known_models()
    if not any(model.config.chats for model in models):
        error = no_chat_model_error("no chat model is installed")
        yield wrong(error.message, error.hint)
    for position, model in enumerate(models):
        for finding in check_model(model, cpu):
            # The first model is the default of every task that it can answer, so its problems block answers.
            yield replace(finding, mark="warn") if position and finding.mark == "wrong" else finding
    for each in running_adaptations():
        paused = f"; it was paused for {each.paused_seconds:,.0f} s so far" if each.paused_seconds else ""
        message = f"process {each.pid} adapts {each.model} to {each.task}, and pauses while answers are made{paused}"
        yield ok(message, pid=each.pid, paused_seconds=round(each.paused_seconds))


def check_model(model: Model, cpu: CpuUsage) -> Findings:
    module = f"{model.config.package}.doctor"
    if find_spec(module):
        yield from import_module(module).check(model.name, model.config, cpu)
