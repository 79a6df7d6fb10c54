"""How good an answer is, as a number: the task's score, rules in code, or a trained reward model."""

import hashlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from pkgutil import resolve_name

from plait.core.errors import InputError, SettingsError, quote_exception
from plait.core.evaluation.scoring import score
from plait.core.prompting.example_rows import Example
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.file_digest import file_sha256
from plait.core.values.quoting import quote
from plait.foundation.cards.gguf.adapter import read_adapter_header
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import ADAPTER_FILE
from plait.foundation.text.reward_head import REWARD_FILE, read_reward_head
from plait.service.task_module import import_file

SCORE = "score"
RewardFunction = Callable[[Example, object], object]
HINT = "--reward score, --reward rules.py:NAME, or --reward FOLDER of a trained reward model"


@dataclass(frozen=True)
class Reward:
    """A reward by its name; `sha256` identifies the code or the model. Without a function it is the model in `folder`,
    which the trainer asks.
    """

    name: str
    sha256: str = ""
    function: RewardFunction | None = None
    folder: Path | None = None

    def value(self, example: Example, answer: object) -> float | None:
        """The reward of an answer to the inputs of an example; None if a model gives it.

        Raises InputError if the function fails, or returns anything but a finite number.
        """
        if self.function is None:
            return None
        try:
            value = self.function(example, answer)
        except Exception as error:
            raise InputError(
                f"the reward {self.name} failed on the answer {quote(answer)}: {quote_exception(error)}",
                hint=f"correct {self.name}; the same command then begins anew",
            ) from error
        if not isinstance(value, Real) or not math.isfinite(value):
            raise InputError(
                f"the reward {self.name} of the answer {quote(answer)} is {quote(value) or 'None'}, and should be a "
                "finite number",
                hint=f"return a number in {self.name}; the same command then begins anew",
            )
        return float(value)


def find_reward(declaration: Declaration, name: str, base: Path) -> Reward:
    """The reward of a name: `score`, `rules.py:brief`, `my_rules.brief`, or the folder of a reward model.

    A function gets an example and an answer, as Python values. `base` is the model that is adapted. Raises
    SettingsError, CheckpointError for a damaged reward model or one of another base, TaskFileError for a file that
    cannot be imported.
    """
    if name == SCORE:
        return Reward(name, function=lambda example, answer: score(declaration, answer, example.answer).value)
    if Path(name).is_dir():
        return model_reward(declaration, Path(name).resolve(), base)
    file, colon, attribute = name.rpartition(":")
    function = function_in_file(Path(file), attribute) if colon and file.endswith(".py") else named_function(name)
    if not callable(function):
        raise SettingsError(f"the reward {name} is {quote(function)} and no function", hint=HINT)
    return Reward(name, source_sha256(function), function)


def model_reward(declaration: Declaration, folder: Path, base: Path) -> Reward:
    """The reward model of the folder of a run."""
    if not (folder / REWARD_FILE).exists():
        raise SettingsError(
            f"{folder} has no reward model: {REWARD_FILE} is missing",
            hint="plait adapt TASK --method reward trains one, and prints its folder",
        )
    read_reward_head(folder / REWARD_FILE).check_base(folder, file_sha256(base))
    header = read_adapter_header(read_gguf_header(folder / ADAPTER_FILE))
    if header.fingerprint != declaration.fingerprint:
        raise SettingsError(
            f"{folder} is a reward model of the task {header.task}, as it was when that was trained",
            hint=f"plait adapt {task_address(declaration)} --method reward trains one of this task",
        )
    digests = [file_sha256(folder / name) for name in (REWARD_FILE, ADAPTER_FILE)]
    return Reward(str(folder), hashlib.sha256("".join(digests).encode()).hexdigest(), folder=folder)


def function_in_file(file: Path, name: str) -> object:
    module = import_file(file)
    if not hasattr(module, name):
        raise SettingsError(
            f"{file} has no {name!r}",
            hint=did_you_mean(name, list(vars(module)), f"define it: def {name}(example, answer):"),
        )
    return getattr(module, name)


def named_function(name: str) -> object:
    try:
        return resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(f"there is no reward {quote(name)}: {quote_exception(error)}", hint=HINT) from None


def source_sha256(function: Callable[..., object]) -> str:
    """The digest of the file that defines a function; "" for one without a file."""
    try:
        file = inspect.getsourcefile(function)
    except TypeError:  # built in
        file = None
    return file_sha256(Path(file)) if file else ""
