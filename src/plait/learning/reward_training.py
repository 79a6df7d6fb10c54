"""`plait adapt TASK --method reward`: a model of how good an answer is, from pairs of a better and a worse one.

It is no version and answers nobody: `--method grpo --reward FOLDER` uses it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic_core import to_json

from plait.core.errors import SettingsError
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_private_folder
from plait.foundation.text.adapt_request import RewardConfig
from plait.foundation.text.reward_head import REWARD_FILE, RewardHead, read_reward_head
from plait.learning.adapt import plan_adaptation, prepare_run, run_lock, train
from plait.learning.adapt_plan import AdaptPlan, runs_folder
from plait.learning.adaptation import disk_errors
from plait.learning.held_out import HELD_OUT_SHARE, MIN_EXAMPLES_TO_SPLIT, group_assignment
from plait.learning.judged_run import AdaptOptions
from plait.learning.preferences import LearnedItem, data_to_learn
from plait.learning.trainer_process import training_threads
from plait.service.models.discovery import Model

ASSIGNMENT_FOLDER = "reward"  # of the pairs that are held out; examples have an assignment of their own


@dataclass(frozen=True)
class TrainedReward:
    """The folder of a reward model, and what it is."""

    folder: Path
    head: RewardHead

    def __str__(self) -> str:
        head = self.head
        if head.accuracy is None:
            return f"a reward model, measured on no pair: at least {MIN_EXAMPLES_TO_SPLIT} of unlike inputs are needed"
        right = round(head.accuracy * head.pairs)
        return f"a reward model that orders {right} of {head.pairs} held-out pairs as people did"

    def to_json(self) -> str:
        return to_json({"folder": str(self.folder), "pairs": self.head.pairs, "accuracy": self.head.accuracy}).decode()


def train_reward(
    declaration: Declaration, files: Sequence[Path], model: Model, options: AdaptOptions, tell: Callable[[str], None]
) -> TrainedReward:
    """Trains a reward model by the pairs of files, without any by corrections and choices; the same command finds it.

    Raises InputError for too few or unusable pairs, SettingsError for a model that cannot be adapted, and while another
    process works on the task.
    """
    if not isinstance(options.config, RewardConfig):
        raise SettingsError(f"{options.config.method} trains no reward model", hint="--method reward")
    folder = runs_folder(declaration)
    with disk_errors(folder):
        make_private_folder(folder)
        with run_lock(folder):
            data = data_to_learn(declaration, files, options.config.method, tell)
            plan = plan_adaptation(declaration, model, data.examples, options.config, data.preferences)
            plan = with_held_out_pairs(plan, data.preferences)
            tell(f"{len(plan.preferences):,} pairs to learn, {len(plan.held_out_pairs):,} held out")
            run = prepare_run(plan, options.threads or training_threads(), quantized=options.quantized)
            train(run)
            return TrainedReward(run.request.folder, read_reward_head(run.request.folder / REWARD_FILE))


def with_held_out_pairs(plan: AdaptPlan, pairs: Sequence[LearnedItem]) -> AdaptPlan:
    """The plan with its held-out pairs: those whose inputs are held out for the task, and are not learned.

    There may be none if the task has a file of held-out rows. Then it is about a fifth, by groups of near inputs.
    """
    learned = {id(each) for each in plan.preferences}
    if held_out := tuple(each for each in pairs if id(each) not in learned):
        return replace(plan, held_out_pairs=held_out)
    if len(pairs) < MIN_EXAMPLES_TO_SPLIT:
        return plan
    examples, folder = [each.example for each in pairs], plan.folder / ASSIGNMENT_FOLDER
    chosen = zip(pairs, group_assignment(plan.declaration, examples, folder, HELD_OUT_SHARE), strict=True)
    held_out = tuple(each for each, is_held_out in chosen if is_held_out)
    rest = tuple(each for each in pairs if each not in held_out)
    split = replace(plan.split, examples=tuple(each.example for each in rest))
    return replace(plan, split=split, preferences=rest, held_out_pairs=held_out)
