"""Check of `plait doctor`: each model can be used. Its engine checks file, server, threads and memory."""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

from plait.service.models.discovery import Model, known_models, no_chat_model_error
from plait.service.supervisor.finding import Findings, wrong
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


def check_model(model: Model, cpu: CpuUsage) -> Findings:
    module = f"{model.config.package}.doctor"
    if find_spec(module):
        yield from import_module(module).check(model.name, model.config, cpu)
