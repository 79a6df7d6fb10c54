"""The samples of a run, a file for each round, written before the first step that learns them.

So a killed run repeats a step with the very answers, rewards and log-probabilities that it had before, to the same
bytes: another sample of the same policy would be another one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import CheckpointError
from plait.core.values.durable_files import create, make_folder
from plait.foundation.text.answer_samples import AnswerGroup

ROUNDS_FOLDER = "rounds"
COMPARED_SHARE = 0.1  # of all rounds: the first and the last ones are compared


@dataclass(frozen=True)
class SampledRound:
    """The groups of a round, and log-probabilities of the learned tokens of those that teach, answer by answer.

    `policy` are those of the model that gave the answers, `reference` those of the model without adapters.
    """

    groups: tuple[AnswerGroup, ...]
    policy: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def teaching(self) -> tuple[AnswerGroup, ...]:
        """The groups in which some answers are better than others. The rest has no gradient."""
        return tuple(each for each in self.groups if each.teaches)

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(each.row for each in self.groups)

    @property
    def mean_reward(self) -> float:
        """NaN without any answer."""
        rewards = [reward for each in self.groups for reward in each.rewards]
        return fmean(rewards) if rewards else float("nan")


def round_file(folder: Path, number: int) -> Path:
    return folder / ROUNDS_FOLDER / f"{number:06}.json"


def write_round(folder: Path, number: int, content: SampledRound) -> None:
    """Writes a round, durable on return. Raises OSError."""
    make_folder(folder / ROUNDS_FOLDER)
    create(round_file(folder, number), to_json(asdict(content)))


def read_round(folder: Path, number: int) -> SampledRound | None:
    """A round of a run; None if it was not sampled yet. Raises CheckpointError for a damaged file."""
    file = round_file(folder, number)
    try:
        return TypeAdapter(SampledRound).validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise CheckpointError(
            f"{file} has no samples",
            details=tuple(str(error).splitlines()[:4]),
            hint=f"rm {file} samples them anew",
        ) from None


def sampled_rounds(folder: Path) -> Iterator[SampledRound]:
    """The rounds that a run has sampled, in order. Raises CheckpointError for a damaged file."""
    numbers = sorted(int(file.stem) for file in (folder / ROUNDS_FOLDER).glob("[0-9]*.json"))
    yield from filter(None, (read_round(folder, number) for number in numbers))


def sampling_summary(rounds: Sequence[SampledRound]) -> str:
    """What the samples of a run were like, in a sentence or two."""
    groups = [group for each in rounds for group in each.groups]
    answers = sum(len(each.answers) for each in groups)
    equal = sum(not each.teaches for each in groups)
    failed = sum(each.failed for each in groups)
    means = [each.mean_reward for each in rounds if any(group.answers for group in each.groups)]
    part = max(1, round(COMPARED_SHARE * len(means)))
    trend = f", mean reward {fmean(means[:part]):.3f} at first and {fmean(means[-part:]):.3f} at last" if means else ""
    lines = [f"{answers:,} answers in {len(groups):,} groups{trend}"]
    if equal:
        lines.append(f"{equal:,} groups had equal rewards and taught nothing")
    if failed:
        lines.append(f"{failed:,} answers were invalid or too long, and left out")
    return "; ".join(lines)
