"""Samples answers by the served engine, with the adapter that is being trained, and rewards them.

So the samples come from the very prompt, grammar and decoder that users are served by, and each of them is an answer of
the declared type. Every round starts the engine anew: llama.cpp takes adapters when it starts.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass

from plait.core.calls import event_loop
from plait.core.calls.batch import outcomes
from plait.core.config import settings
from plait.core.engine.chat import ChatModel, Sampling, stop_at_repetition
from plait.core.engine.validation import AnswerDraft
from plait.core.errors import AnswerTooLong, InputError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import MAX_SEED
from plait.core.values.json_value import InvalidValue
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.text.adapt_request import GrpoConfig
from plait.foundation.text.answer_samples import AnswerGroup, SampledAnswer, Sampler, SampleRequest
from plait.learning.adapt_plan import AdapterRun, AdaptPlan
from plait.learning.forced_tokens import learned_indices
from plait.learning.rewards import Reward
from plait.learning.text_backend import gguf_config
from plait.learning.token_rows import RowTokenizer, SentRequest, sent_request
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import SLOTS, LlamaCpp
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer

POLICY = "policy"


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer as a Python value and as token ids, with the indices of those that the grammar does not force."""

    value: object
    token_ids: tuple[int, ...]
    learned: tuple[int, ...]


@dataclass(frozen=True)
class AnswerSampler:
    """Answers the prompts of `examples`, by the numbers of their rows, `group` times each."""

    declaration: Declaration
    examples: Sequence[Example]
    base: str
    config: Config
    reward: Reward
    group: int
    seed: int

    def __call__(self, request: SampleRequest) -> list[AnswerGroup]:
        """Raises EngineError, and InputError of a reward that fails.

        Rewards are computed in the caller's thread: a reward may call a task.
        """
        written = event_loop.run(self.answers(request))
        return [self.rewarded(row, answers) for row, answers in zip(request.rows, written, strict=True)]

    def rewarded(self, row: int, answers: Iterable[WrittenAnswer | None]) -> AnswerGroup:
        sampled: list[SampledAnswer] = []
        for each in filter(None, answers):
            reward = self.reward.value(self.examples[row], each.value)
            sampled.append(SampledAnswer(each.token_ids, each.learned, reward))
        return AnswerGroup(row, tuple(sampled), failed=self.group - len(sampled))

    async def answers(self, request: SampleRequest) -> list[list[WrittenAnswer | None]]:
        """The answers to each prompt; None stands for one that is invalid or too long."""
        adapter = LoraAdapter(POLICY, request.adapter)
        engine = LlamaCpp(self.base, self.config.path, self.config.context, self.config.threads, (adapter,))
        engine.admission.mark = nullcontext()  # samples are training: it does not pause for them
        policy = PolicySampler(engine.adapted(POLICY), LlamaRowTokenizer(engine))

        async def answer(row: int) -> list[WrittenAnswer | None]:
            sent = await sent_request(self.declaration, self.examples[row].inputs, engine)
            # One after another: the slot of the first one has the prompt, and the others need not read it.
            seeds = [sample_seed(self.seed, request.round, row, index) for index in range(self.group)]
            return [await policy.answer(sent, seed) for seed in seeds]

        results: list[list[WrittenAnswer | None]] = []
        try:
            async for outcome in outcomes(answer, request.rows, SLOTS):
                if outcome.error is not None:
                    raise outcome.error
                results.append(outcome.answer)
        finally:
            await engine.aclose()
        return results


@dataclass(frozen=True)
class PolicySampler:
    """Draws answers of a model, from all tokens that the grammar admits, by their probabilities."""

    model: ChatModel
    tokenizer: RowTokenizer

    async def answer(self, sent: SentRequest, seed: int) -> WrittenAnswer | None:
        """An answer; None if it is invalid or too long. Raises EngineError."""
        draft = AnswerDraft(sent.request, streamed=False)
        sampling = Sampling(settings().answer_tokens, temperature=1.0, seed=seed, untruncated=True)
        deltas = self.model.chat(sent.prompt, sent.grammar, sampling)
        try:
            async with (
                asyncio.timeout(settings().timeout),
                aclosing(deltas),
                aclosing(stop_at_repetition(deltas)) as events,
            ):
                async for event in events:
                    draft.feed(event)
            value = draft.final_answer().value
            token_ids, pieces = await self.tokenizer.answer_tokens(draft.text)
            return WrittenAnswer(
                value, tuple(token_ids), learned_indices(sent.grammar, pieces, self.tokenizer.token_texts)
            )
        except (AnswerTooLong, InvalidValue, InputError, TimeoutError):
            return None


def sample_seed(seed: int, *place: int) -> int:
    """The seed of one sample of a run."""
    digest = hashlib.sha256(f"sample {seed} {place}".encode()).digest()
    return int.from_bytes(digest[:4]) % (MAX_SEED + 1)


def policy_sampler(plan: AdaptPlan, run: AdapterRun) -> Sampler | None:
    """What samples for a run; None for methods that learn no samples."""
    if not isinstance(plan.config, GrpoConfig):
        return None
    assert plan.reward is not None, "a plan to learn samples has a reward"
    config = gguf_config(plan.model)
    return AnswerSampler(
        plan.declaration,
        run.learned_examples,
        plan.model.name,
        config,
        plan.reward,
        plan.config.group,
        plan.config.seed,
    )
