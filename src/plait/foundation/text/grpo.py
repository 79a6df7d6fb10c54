"""Group relative policy optimisation (Shao et al. 2024, arXiv 2402.03300): what is better than its group gets likelier.

The policy answers each prompt several times, a reward says how good each answer is, and the advantage of an answer is
its reward less the mean of its group, in standard deviations. No model of values is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.errors import CheckpointError, TrainingError
from plait.foundation.text.adapt_request import GrpoConfig
from plait.foundation.text.adapter_file import write_adapter
from plait.foundation.text.adapter_objective import AdapterObjective
from plait.foundation.text.answer_samples import AnswerGroup, PromptRow, Sampler, SampleRequest
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.packing import TokenBatch
from plait.foundation.text.reward import RewardModel
from plait.foundation.text.sample_rounds import SampledRound, read_round, round_file, sampled_rounds, write_round
from plait.foundation.training.lora import reference_adapters
from plait.foundation.training.objective import LossBreakdown

POLICY_FILE = "policy.gguf"


@dataclass(frozen=True)
class SampleBatch:
    """The answers of the groups that teach, packed, with what the loss needs of each learned token.

    `policy` and `reference` are log-probabilities, `advantages` those of the token's answer, `weights` the share of
    the token in the loss: groups weigh alike, so do the answers of a group, and the learned tokens of an answer.
    """

    tokens: TokenBatch
    policy: Float[Tensor, " k"]
    reference: Float[Tensor, " k"]
    advantages: Float[Tensor, " k"]
    weights: Float[Tensor, " k"]


class GrpoObjective(AdapterObjective[PromptRow, SampledRound]):
    """Loss: `policy`, the negative of equation 3, on the answers of a round, which `sampler` gives.

    Tokens that the grammar forces have the probability 1 whatever the weights are, so they are not counted. Groups with
    equal rewards have no advantage, and are left out. `folder` keeps the rounds.
    """

    def __init__(
        self,
        model: TextDecoder,
        rows: Sequence[PromptRow],
        config: GrpoConfig,
        base_sha256: str,
        folder: Path,
        sampler: Sampler,
        reward_model: RewardModel | None = None,
    ) -> None:
        super().__init__(model, rows, config, base_sha256)
        self.config, self.folder, self.sampler, self.reward_model = config, folder, sampler, reward_model

    # Rounds

    def batch(self, step: int) -> SampledRound:
        number, rows = step // self.config.updates, self.plan[step]
        content = read_round(self.folder, number)
        if content is None:
            content = self.sampled_round(number, rows)
            write_round(self.folder, number, content)
            self.check_progress(step)
        if content.rows != rows:
            file = round_file(self.folder, number)
            raise CheckpointError(f"{file} has the samples of other rows", hint=f"rm {file} samples them anew")
        return content

    def sampled_round(self, number: int, rows: tuple[int, ...]) -> SampledRound:
        """Samples by the weights of this moment, which the sampler gets as a file."""
        policy = self.folder / POLICY_FILE
        write_adapter(policy, self.model, self.config.effective_lora, base_sha256=self.base_sha256)
        groups = tuple(map(self.rewarded, self.sampler(SampleRequest(number, rows, policy))))
        content = SampledRound(groups, (), ())
        if not content.teaching:
            return content
        tokens = self.pack(content)
        with torch.no_grad():
            of_policy = self.target_log_probs(tokens).tolist()
            with reference_adapters(self.model):
                of_reference = self.target_log_probs(tokens).tolist()
        return replace(content, policy=tuple(of_policy), reference=tuple(of_reference))

    def rewarded(self, group: AnswerGroup) -> AnswerGroup:
        """The group with the rewards of the reward model, if there is one."""
        if self.reward_model is None or not group.answers:
            return group
        rewards = self.reward_model.rewards(group.token_rows(self.rows[group.row].prompt))
        answers = (replace(each, reward=reward) for each, reward in zip(group.answers, rewards, strict=True))
        return replace(group, answers=tuple(answers))

    def check_progress(self, step: int) -> None:
        """Raises TrainingError when every prompt was answered once, and no group taught anything."""
        unseen = set(range(len(self.rows))) - {row for batch in self.plan[: step + 1] for row in batch}
        if not unseen and not any(each.teaching for each in sampled_rounds(self.folder)):
            raise TrainingError(
                f"all {self.config.group} answers to each of the {len(self.rows):,} prompts had the same reward, so "
                "there is nothing to learn",
                hint="--group 16 samples more, --method sft learns right answers first, --reward FILE.py:NAME tells "
                "answers apart",
            )

    # Loss

    def pack(self, content: SampledRound) -> TokenBatch:
        rows = [row for group in content.teaching for row in group.token_rows(self.rows[group.row].prompt)]
        return self.token_batch(rows)

    def sample_batch(self, content: SampledRound) -> SampleBatch:
        tokens, groups = self.pack(content), content.teaching
        counts = torch.tensor(tokens.counts)
        answers = torch.cat([advantages(each.rewards) for each in groups])
        shares = torch.cat([torch.full((len(each.answers),), 1 / len(each.answers) / len(groups)) for each in groups])
        weights = (shares / counts.clamp(min=1)).repeat_interleave(counts)
        tensors = (torch.tensor(content.policy), torch.tensor(content.reference), answers.repeat_interleave(counts))
        return SampleBatch(tokens, *(each.to(self.device) for each in (*tensors, weights)))

    def loss(self, batch: SampledRound) -> dict[str, Tensor]:
        if not batch.teaching:
            self.breakdown = LossBreakdown(shares_of(batch))
            return {
                "policy": sum(
                    (0 * each.sum() for each in self.module.parameters()), torch.zeros((), device=self.device)
                )
            }
        samples = self.sample_batch(batch)
        log_probs = self.target_log_probs(samples.tokens)
        ratios = (log_probs - samples.policy).exp()
        gains = clipped_gains(ratios, samples.advantages, self.config.clip)
        divergence = kl_estimates(log_probs, samples.reference)
        is_clipped = (gains < ratios * samples.advantages).float()
        figures = {"divergence": divergence, "clipped": is_clipped}
        means = {name: (samples.weights * each).sum().detach() for name, each in figures.items()}
        self.breakdown = LossBreakdown(shares_of(batch) | means)
        return {"policy": -(samples.weights * (gains - self.config.beta * divergence)).sum()}


def advantages(rewards: Sequence[float]) -> Float[Tensor, " n"]:
    """The rewards of a group, less their mean, in standard deviations of the group (section 4.1.2)."""
    values = torch.tensor(rewards, dtype=torch.float64)
    return ((values - values.mean()) / values.std(correction=0)).float()


def clipped_gains(ratios: Float[Tensor, " k"], advantages: Float[Tensor, " k"], clip: float) -> Float[Tensor, " k"]:
    """The smaller of both products: a probability that has moved by more than `clip` as wanted gains nothing more."""
    return torch.minimum(ratios * advantages, ratios.clamp(1 - clip, 1 + clip) * advantages)


def kl_estimates(log_probs: Float[Tensor, " k"], reference: Float[Tensor, " k"]) -> Float[Tensor, " k"]:
    """Estimates of the KL divergence from the reference, each at least 0 (equation 4)."""
    log_ratios = reference - log_probs
    return log_ratios.exp() - log_ratios - 1


def shares_of(content: SampledRound) -> dict[str, Tensor]:
    """The share of groups that teach nothing, and the mean reward."""
    equal = torch.tensor(1 - len(content.teaching) / max(len(content.groups), 1))
    has_answers = any(each.answers for each in content.groups)
    return {"equal": equal} | ({"reward": torch.tensor(content.mean_reward)} if has_answers else {})
