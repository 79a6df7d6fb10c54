"""Answers that a policy gives to its prompts, with their rewards: what reinforcement learning learns from.

A trainer computes and does not serve, so it asks for samples: a request names the rows whose prompts are answered, and
the file of the adapter that answers. The process that started the trainer serves it (plait.learning.answer_sampler).
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import TrainingError
from plait.foundation.text.token_row import TokenRow, read_rows, token_row_fault

MIN_DIFFERENCE = 1e-6  # of rewards; less is rounding, and would be blown up to standard deviations


@dataclass(frozen=True)
class PromptRow:
    """A prompt to which `samples` answers are sampled. `answer` is the right one: they are expected to be as long."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    samples: int

    @property
    def token_ids(self) -> tuple[int, ...]:
        """As many tokens as there will be to compute, the prompt once."""
        return self.prompt + self.answer * self.samples


@dataclass(frozen=True)
class SampledAnswer:
    """An answer as token ids; `learned` are indices into it. Its reward is None until a reward model gives one."""

    answer: tuple[int, ...]
    learned: tuple[int, ...]
    reward: float | None = None


@dataclass(frozen=True)
class AnswerGroup:
    """The answers to the prompt of a row. `failed` more were not valid, or too long, and are left out."""

    row: int
    answers: tuple[SampledAnswer, ...]
    failed: int = 0

    @property
    def rewards(self) -> tuple[float, ...]:
        return tuple(0.0 if each.reward is None else each.reward for each in self.answers)

    @property
    def teaches(self) -> bool:
        """Whether some answers are better than others."""
        return bool(self.answers) and max(self.rewards) - min(self.rewards) > MIN_DIFFERENCE

    def token_rows(self, prompt: tuple[int, ...]) -> list[TokenRow]:
        return [TokenRow(prompt, each.answer, each.learned) for each in self.answers]


@dataclass(frozen=True)
class SampleRequest:
    """Asks for a group of answers to the prompt of each row, by the model with the adapter of a file."""

    round: int
    rows: tuple[int, ...]
    adapter: Path


Sampler = Callable[[SampleRequest], Sequence[AnswerGroup]]


class SamplerGone(TrainingError):
    """The process that samples has ended, or was interrupted; it says why."""


def no_sampler(request: SampleRequest) -> Sequence[AnswerGroup]:
    """The sampler of a run that needs none. Raises SamplerGone."""
    raise SamplerGone("nothing samples answers for this run", hint="plait adapt TASK --method grpo starts it")


@dataclass(frozen=True)
class PipeSampler:
    """Asks the parent process for samples: a line of JSON out, a line of JSON in."""

    output: IO[bytes]
    input: IO[bytes]

    @classmethod
    def of_this_process(cls) -> "PipeSampler":
        """On standard input and output. Whatever else is printed from now on goes to standard error."""
        output = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        return cls(output, sys.stdin.buffer)

    def __call__(self, request: SampleRequest) -> Sequence[AnswerGroup]:
        """Raises SamplerGone."""
        try:
            self.output.write(to_json(asdict(request)) + b"\n")
            line = self.input.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            return no_sampler(request)
        return TypeAdapter(tuple[AnswerGroup, ...]).validate_json(line)


def serve_samples(requests: IO[bytes], replies: IO[bytes], sampler: Sampler) -> None:
    """The parent's side: answers every request until the trainer ends. Raises what the sampler raises."""
    for line in requests:
        try:
            request = TypeAdapter(SampleRequest).validate_json(line)
        except ValidationError:
            raise TrainingError(f"the trainer asks for samples by {line[:60]!r}") from None
        reply = to_json([asdict(each) for each in sampler(request)]) + b"\n"
        try:
            replies.write(reply)
            replies.flush()
        except BrokenPipeError:  # the trainer ended meanwhile
            return


def read_prompt_rows(file: Path, num_tokens: int) -> tuple[PromptRow, ...]:
    """The rows of a file for a vocabulary of `num_tokens`. Raises InputError with the line at fault."""

    def fault(row: PromptRow) -> str:
        return token_row_fault(TokenRow(row.prompt, row.answer, ()), num_tokens) or (
            "samples fewer than two answers" if row.samples < 2 else ""
        )

    return read_rows(file, PromptRow, fault)
