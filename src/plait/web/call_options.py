"""The options of a call on a task's page: which the page offers, and their fields in the form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.task.options import OPTIONS
from plait.core.values.forms import FormFields
from plait.core.values.value_type import IMAGE
from plait.web.form import OPTION_PREFIX
from plait.web.headline import wording
from plait.web.option_texts import OPTION_TEXTS, OptionText
from plait.web.views import Language, TaskView

FIRST = ("model", "seed", "temperature", "steps", "guidance", "order", "shots", "wording", "timeout",
         "min_confidence", "risk", "fallback")  # fmt: skip
OF_CONFIDENCE = frozenset({"min_confidence", "risk", "fallback"})


@dataclass(frozen=True)
class OptionField:
    """The field of an option. `choices` are value and label of each; a field without choices takes typed text."""

    name: str
    text: str
    texts: OptionText
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def field(self) -> str:
        return OPTION_PREFIX + self.name

    @property
    def is_whole_number(self) -> bool:
        return OPTIONS[self.name].value_type is int


def option_fields(view: TaskView, language: Language) -> list[OptionField]:
    """The fields of the options that apply to the task, the most used ones first."""
    typed = {"wording": wording(view.declaration, language), **view.option_texts}
    texts = OPTION_TEXTS[language]
    return [
        OptionField(name, typed.get(name, ""), texts[name], tuple(choices(view, name, typed, texts[name].default)))
        for name in FIRST
        if applies(name, view.declaration)
    ]


def applies(name: str, declaration: Declaration) -> bool:
    if OPTIONS[name].for_images or name in OF_CONFIDENCE:
        return (declaration.answer.media == IMAGE) == OPTIONS[name].for_images
    return name != "wording" or len(declaration.wordings) > 1


def choices(view: TaskView, name: str, typed: Mapping[str, str], default: str) -> Iterator[tuple[str, str]]:
    """The choices of an option: none for one that takes any text or number; the current text is always among them."""
    known = {
        "model": view.models,
        "fallback": view.models,
        "wording": tuple(filter(None, view.declaration.wordings)),
    }.get(name, OPTIONS[name].choices)
    if not known and name not in ("model", "wording", "fallback"):
        return
    yield "", f"{default}: {known[0]}" if name == "model" and known else default
    for choice in known:
        yield choice, choice
    if typed.get(name) and typed[name] not in known:
        yield typed[name], typed[name]


def option_texts(query: Mapping[str, str], form: FormFields | None = None) -> dict[str, str]:
    """The texts of the options, by name: those of the address, replaced by those of the form."""
    texts = {name: text for name, text in query.items() if name in OPTIONS}
    for field in form.names_under(OPTION_PREFIX[:-1]) if form else ():
        texts[field.removeprefix(OPTION_PREFIX)] = form.get_list(field)[-1].strip() if form else ""
    return texts


def chosen_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The options that were chosen; a blank one keeps its default."""
    return {name: text for name, text in texts.items() if text}


def chosen_options(view: TaskView, language: Language) -> dict[str, int | float | str]:
    """The options as values, for code that makes the same call; a text that is not valid is left out."""
    values: dict[str, int | float | str] = {}
    for name, text in chosen_texts({"wording": wording(view.declaration, language), **view.option_texts}).items():
        if name not in OPTIONS:
            continue
        try:
            values[name] = OPTIONS[name].parse(name, text)
            OPTIONS[name].check(name, values[name])
        except InputError:
            values.pop(name, None)
    return values
