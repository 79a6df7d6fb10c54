"""What is adapted to what, and the run that does it: the plan of an adaptation, whatever kind of model it is for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from pydantic import JsonValue

from plait.core.config import settings
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import file_sha256
from plait.foundation.text.adapt_request import AdaptRequest, MethodConfig
from plait.foundation.training.likely_tokens import LikelyTokens, read_likely_tokens
from plait.foundation.unified.adaptation.request import PictureAdaptConfig, PictureAdaptRequest
from plait.learning.answering_adapter import StartingAdapter
from plait.learning.held_out import Split
from plait.learning.preferences import LearnedItem, Preference
from plait.learning.rewards import Reward
from plait.learning.run_rows import RowSources, TaskExample, TaskPart, parity_candidates
from plait.service.models.adapter_scope import NO_PROJECT, AdapterScope, task_scope
from plait.service.models.discovery import Model

AdaptationConfig: TypeAlias = MethodConfig | PictureAdaptConfig
ALL_PROJECTS = "all-projects"  # the name of a project's folder ends with a digest
REQUEST_FILE = "request.json"
ROWS, PARITY_ROWS, HELD_OUT_ROWS = "rows.jsonl", "parity-rows.jsonl", "held-out-rows.jsonl"


class RunPlan(Protocol):
    """What the run of any plan needs, whether its adapter is for one task or for any."""

    @property
    def scope(self) -> AdapterScope:
        """What the adapter is for."""
        ...

    @property
    def model(self) -> Model: ...

    @property
    def config(self) -> AdaptationConfig: ...

    @property
    def parts(self) -> tuple[TaskPart, ...]:
        """What is learned, by task."""
        ...

    @property
    def reward(self) -> Reward | None: ...

    @property
    def start(self) -> StartingAdapter | None:
        """The adapter that is trained on; None for a new one."""
        ...

    @property
    def is_served(self) -> bool: ...

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What the manifest says beside the configuration."""
        ...


@dataclass(frozen=True)
class AdaptPlan:
    """What is adapted to what: the examples to learn, and the rows that are held out.

    With `preferences` these are learned, and `examples` are theirs; a reward model is measured on `held_out_pairs`.
    `teacher` is the model that answered some of the examples, `reward` rewards answers that are sampled, `start` is the
    adapter that is trained on.
    """

    declaration: Declaration
    model: Model
    split: Split
    config: AdaptationConfig
    preferences: tuple[LearnedItem, ...] = ()
    teacher: str = ""
    reward: Reward | None = None
    held_out_pairs: tuple[LearnedItem, ...] = ()
    start: StartingAdapter | None = None

    @property
    def is_served(self) -> bool:
        """Whether the adapter answers, and is compared with a server. That of a reward model does not."""
        return self.config.method != "reward"

    @property
    def row_sources(self) -> RowSources:
        """What the rows of a run are made from."""
        parity = self.parity_examples if self.is_served else ()
        return RowSources(self.preferences or self.examples, parity, self.held_out_pairs)

    @property
    def scope(self) -> AdapterScope:
        return task_scope(self.declaration)

    @property
    def parts(self) -> tuple[TaskPart, ...]:
        return (TaskPart(self.declaration, self.row_sources, (*self.examples, *self.rejected_examples)),)

    @property
    def facts(self) -> dict[str, JsonValue]:
        teacher = {"teacher": self.teacher} if self.teacher else {}
        return {**teacher, **(self.start.facts if self.start else {})}

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.split.examples

    @property
    def rejected_examples(self) -> tuple[Example, ...]:
        """The recorded answers that are to become less likely than those of the examples."""
        return tuple(each.rejected for each in self.preferences if isinstance(each, Preference) and each.is_recorded)

    @property
    def parity_examples(self) -> tuple[Example, ...]:
        """The examples on which server and trainer are compared, if they can be rows."""
        return tuple(parity_candidates(self.split))

    @property
    def folder(self) -> Path:
        """The folder of all runs of this task in this project."""
        return runs_folder(self.declaration)


@dataclass(frozen=True)
class AdapterRun:
    """A run that is ready to start: its request, its rows, and how many tokens its steps read and compute.

    What rows of a batch share is computed once, so fewer tokens are computed than read. Server and trainer are compared
    on `parity_examples`, whose rows are in the file `request.parity_rows`. `learned_examples` are those of the rows, if
    these are examples. `size` says in words what is learned.
    """

    request: AdaptRequest | PictureAdaptRequest
    row_count: int
    token_count: int
    computed_count: int
    step_count: int = 0
    parity_examples: tuple[TaskExample, ...] = ()
    learned_examples: tuple[Example, ...] = ()
    size: str = ""

    @property
    def adapter(self) -> Path:
        return self.request.adapter

    @property
    def request_file(self) -> Path:
        return self.request.folder / REQUEST_FILE

    @property
    def likely_tokens(self) -> LikelyTokens | None:
        """What the trainer computed of the rows of parity; None if it did not, or of other rows."""
        file, rows = self.request.parity_file, self.request.parity_rows
        known = read_likely_tokens(file) if rows and file.exists() else None
        return known if known and rows and known.rows_sha256 == file_sha256(rows) else None

    @property
    def is_finished(self) -> bool:
        return self.adapter.exists() and (self.request.parity_rows is None or self.likely_tokens is not None)


def runs_folder(declaration: Declaration) -> Path:
    """The folder of the runs of a task in its project."""
    return scope_folder(task_scope(declaration))


def scope_folder(scope: AdapterScope) -> Path:
    """The folder of the runs whose adapters are for this."""
    project = ALL_PROJECTS if scope.project == NO_PROJECT else scope.project
    return all_runs_folder() / project / f"{scope.task}-{scope.fingerprint}"


def all_runs_folder() -> Path:
    """The folder of the runs of all projects, a folder each."""
    return settings().data / "adapters"
