"""From a plan to a version that answers, or that stays a candidate: train, add it to the registry, judge, promote.

Every step leaves its result behind: what is trained or judged already is not done again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plait.core.calls import event_loop
from plait.core.engine.calibration_files import save_calibration
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.text.adapt_request import GrpoConfig, MethodConfig, SftConfig, check_processes
from plait.foundation.text.sample_rounds import sampled_rounds, sampling_summary
from plait.learning.adapt import backend_of, logged_steps, prepare_run, train
from plait.learning.adapt_options import GATE_ROWS
from plait.learning.adapt_plan import AdapterRun, AdaptPlan, RunPlan
from plait.learning.adapt_progress import ProgressFile
from plait.learning.answer_sampler import policy_sampler
from plait.learning.answering_adapter import champion_adapter, served_adapter
from plait.learning.backend import VersionsToServe
from plait.learning.distill import Teacher
from plait.learning.evidence import Evidence
from plait.learning.gate import GateRule
from plait.learning.gate_run import GateInput, GateResult, run_gate, write_samples
from plait.learning.manifest import version_of_run
from plait.learning.regression import TaskRows
from plait.learning.rewards import SCORE
from plait.learning.stored_verdicts import judged_before, known_verdict
from plait.learning.trainer_process import training_threads
from plait.learning.verdict import GateVerdict
from plait.service.models.model_version import ALL, AliasState, ModelVersion
from plait.service.models.registry import current_registry


@dataclass(frozen=True)
class AdaptOptions:
    """How to adapt and to judge. At most `gate_rows` held-out rows are scored; without `threads` one core is left.

    Without `promote` the version stays a candidate, whatever the verdict. `reward` names the reward of sampled answers:
    the task's score, a function in a file or module, or the folder of a reward model. `quantized` keeps the frozen
    weights quantised while it trains; several `processes` share weights and rows. `from_base` trains a new adapter
    where otherwise the one that answers now is trained on.
    """

    config: MethodConfig = field(default_factory=SftConfig)
    threads: int | None = None
    gate_rows: int = GATE_ROWS
    promote: bool = True
    rule: GateRule = field(default_factory=GateRule)
    teacher: Teacher | None = None
    reward: str = SCORE
    quantized: bool = False
    processes: int = 1
    from_base: bool = False

    def __post_init__(self) -> None:
        check_processes(self.config.method, self.processes)


@dataclass(frozen=True)
class AdaptedVersion:
    """A version of a model that was adapted to a task, its verdict, and the alias that says which version answers."""

    version: ModelVersion
    verdict: GateVerdict
    alias: AliasState
    adapter: Path

    @property
    def name(self) -> str:
        """The name to ask for it: `smollm2/home_command@3`."""
        return self.version.label

    @property
    def is_promoted(self) -> bool:
        return self.alias.champion == self.version.number


@dataclass(frozen=True)
class JudgedRun:
    """A plan, and the rows of tasks that its version is judged on. `evidence` says where they come from."""

    plan: RunPlan
    parts: tuple[TaskRows, ...]
    evidence: Evidence
    options: AdaptOptions
    tell: Callable[[str], None]
    progress: ProgressFile

    def adapted_version(self) -> AdaptedVersion:
        """Raises what training and judging raise; the same plan goes on from there."""
        self.announce()
        run = self.prepared_run()
        sample_sha256 = write_samples(run.request.folder, self.parts)
        self.train(run)
        version = version_of_run(current_registry(), self.plan, run)
        alias = current_registry().alias(version.project, version.name, version.fingerprint)
        verdict = self.verdict(run, version, alias, sample_sha256)
        adapted = AdaptedVersion(version, verdict, self.promoted_alias(version, verdict, alias), run.adapter)
        self.progress.end(state="done", version=adapted.name, promoted=adapted.is_promoted)
        return adapted

    def announce(self) -> None:
        """Says the rule before anything is scored, and what is held out."""
        self.tell(str(self.options.rule))
        if any(part.declaration.answer.media for part in self.parts):
            self.tell("its pictures also have to fit their own rows better than others")
        count, evidence = sum(len(part.rows) for part in self.parts), self.evidence
        self.tell(f"held out: {count:,} of {evidence.available:,} rows of {evidence.source}")
        if evidence.left_out:
            self.tell(
                f"{evidence.left_out:,} examples are left out: their inputs are those of held-out rows, or nearly so"
            )

    # Training

    def prepared_run(self) -> AdapterRun:
        plan, options = self.plan, self.options
        threads = options.threads or training_threads()
        run = prepare_run(plan, threads, quantized=options.quantized, processes=options.processes)
        start = f"; trains on from {plan.start.name}" if plan.start else ""
        self.tell(f"{run.size}; run {run.request.folder}{start}")
        step_tokens = run.computed_count / max(run.step_count, 1)
        self.progress.write(run=run.request.folder.name, step_tokens=step_tokens)
        return run

    def train(self, run: AdapterRun) -> None:
        """Trains what is not trained yet."""
        folder, plan, progress = run.request.folder, self.plan, self.progress
        progress.watch("training", logged_steps(folder), run.step_count)
        train(run, progress.pause, policy_sampler(plan, run) if isinstance(plan, AdaptPlan) else None)
        if progress.progress.paused_seconds:
            self.tell(f"paused for {progress.progress.paused_seconds:,.0f} s, while answers were made")
        if isinstance(plan.config, GrpoConfig):
            self.tell(sampling_summary(list(sampled_rounds(folder))))

    # The gate

    def verdict(self, run: AdapterRun, version: ModelVersion, alias: AliasState, sample_sha256: str) -> GateVerdict:
        """The verdict by this rule, on these rows, against what answers now: a stored one if there is one."""
        plan, registry = self.plan, current_registry()
        champion = champion_adapter(registry, plan.scope, plan.model, plan.parts[0].declaration, version)
        known = known_verdict(version, self.options.rule, sample_sha256)
        champion_name = champion.name if champion else version.base
        if known and (alias.champion == version.number or known.champion.name == champion_name):
            return known
        earlier = judged_before(registry, version, sample_sha256) if sample_sha256 else 0
        gate = self.gate_input(run, served_adapter(registry, version), champion, sample_sha256, earlier)
        result = event_loop.run(run_gate(gate, self.tell, self.progress.watch))
        registry.record_verdict(version, result.verdict.to_json())
        if self.may_promote(result.verdict):
            self.keep_calibration(result)
        return result.verdict

    def gate_input(
        self, run: AdapterRun, candidate: LoraAdapter, champion: LoraAdapter | None, sample_sha256: str, earlier: int
    ) -> GateInput:
        plan, rule, parity_count = self.plan, self.options.rule, len(run.parity_examples)
        served = backend_of(plan.model).serve(VersionsToServe(plan.model, run, candidate, champion))
        return GateInput(
            plan.scope, plan.model.name, served, candidate, champion, rule, self.parts, self.evidence,
            parity_count, run.request.folder, sample_sha256, earlier,
        )  # fmt: skip

    def keep_calibration(self, result: GateResult) -> None:
        if result.calibration:
            self.tell(f"wrote {save_calibration(self.parts[0].declaration, result.calibration)}")

    # Promotion

    def may_promote(self, verdict: GateVerdict) -> bool:
        return verdict.holds and self.options.promote

    def promoted_alias(self, version: ModelVersion, verdict: GateVerdict, alias: AliasState) -> AliasState:
        """The alias, with this version if the rule holds. Raises SettingsError if it was changed since it was read."""
        if not self.may_promote(verdict) or alias.champion == version.number:
            return alias
        reason, weights = f"gate: {verdict.champion.ahead}", {version.number: ALL}
        return current_registry().set_alias(version.project, version.name, weights, reason=reason, seen=alias)
