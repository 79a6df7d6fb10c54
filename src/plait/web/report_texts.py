"""Texts of a report, one value per language. Texts of the served pages are in `texts`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plait.web.views import Language


@dataclass(frozen=True)
class ReportStrings:
    """Texts of a report in one language; the page fills in `{names}`. Texts of models, tasks and errors stay as is."""

    code: Language
    title: str
    model: str
    task_version: str
    data: str
    rows: str
    options: str
    created: str
    score: str
    exact: str
    measure: str
    name: str
    interval: str
    baseline: str
    ahead: str
    behind: str
    chance: str
    counts: str
    all_ahead: str
    some_behind: str
    undecided: str
    no_baseline: str
    by_field: str
    by_slice: str
    all_values: str
    confidence: str
    confidence_intro: str
    values: str
    whole_answers: str
    calibration_error: str
    right_above_wrong: str
    surest: str
    timing: str
    p50: str
    p95: str
    concurrency: str
    prompt_tokens: str
    answer_tokens: str
    not_counted: str
    failed: str
    reasons: str
    unreadable: str
    unreadable_first: str
    known_rows: str
    worst: str
    worst_intro: str
    no_worst: str
    more_rows: str
    input: str
    reference: str
    no_answer: str
    full_text: str
    omitted: str
    footer: str
    baselines: Mapping[str, str] = field(default_factory=dict[str, str])  # by their names in core

    def baseline_name(self, name: str) -> str:
        return self.baselines.get(name, name)


ENGLISH = ReportStrings(
    code="en",
    title="How good is {model} at {task}?",
    model="Model",
    task_version="version of the task {fingerprint}",
    data="Rows",
    rows="{count} rows",
    options="Options",
    created="Created",
    score="Score",
    exact="All fields correct",
    measure="From 0 to 1; the whisker is the 95 % interval, by bootstrap over rows.",
    name="Name",
    interval="{mean}, with 95 % between {low} and {high}, on a scale from 0 to 1",
    baseline="baseline without a model",
    ahead="ahead by {gain} [{low}, {high}] on {count} rows",
    behind="behind by {gain} [{low}, {high}] on {count} rows",
    chance="may be chance: {gain} [{low}, {high}] on {count} rows",
    counts="better on {wins}, worse on {losses}",
    all_ahead="{model} is ahead of every baseline.",
    some_behind="{model} is worse than these baselines without a model: {names}.",
    undecided="{model} may be no better than these baselines without a model: {names}.",
    no_baseline="No examples, so no baselines (add some with task.examples.add, or seeds beside the task's file).",
    by_field="By field",
    by_slice="By {name}",
    all_values="all {count} values",
    confidence="Confidence",
    confidence_intro="On the rows that the calibration was not fitted on. A good error is near 0; "
    "right above wrong is 0.5 by chance and 1 at best.",
    values="values",
    whole_answers="answers, all of it right",
    calibration_error="calibration error",
    right_above_wrong="right above wrong",
    surest="accuracy of the surest",
    timing="Timing",
    p50="median per answer",
    p95="95th percentile",
    concurrency="rows at once",
    prompt_tokens="tokens read, mean",
    answer_tokens="tokens written, mean",
    not_counted="Notes on these rows",
    failed="{count} rows without an answer count as 0.",
    reasons="Reasons, among the worst answers:",
    unreadable="{count} rows could not be read and are not counted.",
    unreadable_first="Reasons for the first ones:",
    known_rows="{count} rows are among the task's own examples: their scores do not generalize.",
    worst="Worst answers",
    worst_intro="{count} of {rows}, the worst first.",
    no_worst="No answer was wrong.",
    more_rows="{count} more",
    input="Input",
    reference="Expected",
    no_answer="No answer",
    full_text="full text, {count} characters",
    omitted="… {count} more characters",
    footer="Written by plait evaluate. A report saved with --out report.json can be compared later (--against).",
)

CHINESE = ReportStrings(
    code="zh",
    title="{model} 做 {task} 做得怎么样？",
    model="模型",
    task_version="任务版本 {fingerprint}",
    data="数据",
    rows="{count} 行",
    options="选项",
    created="时间",
    score="得分",
    exact="完全正确",
    measure="从 0 到 1；须线是 95 % 区间，由对各行的自助抽样得到。",
    name="名称",
    interval="{mean}，95 % 区间为 {low} 到 {high}，满分为 1",
    baseline="不用模型的基线",
    ahead="领先 {gain} [{low}, {high}]，共 {count} 行",
    behind="落后 {gain} [{low}, {high}]，共 {count} 行",
    chance="可能是偶然：{gain} [{low}, {high}]，共 {count} 行",
    counts="{wins} 行更好，{losses} 行更差",
    all_ahead="{model} 领先于所有基线。",
    some_behind="{model} 不如这些不用模型的基线：{names}。",
    undecided="{model} 可能并不比这些不用模型的基线更好：{names}。",
    no_baseline="没有示例，因此没有基线（用 task.examples.add 添加，或在任务文件旁放种子示例）。",
    by_field="按字段",
    by_slice="按 {name}",
    all_values="全部 {count} 个值",
    confidence="把握",
    confidence_intro="只计未用于校准的行。校准误差越接近 0 越好；正误区分度靠猜为 0.5，最好为 1。",
    values="各项内容",
    whole_answers="整个回答全部正确",
    calibration_error="校准误差",
    right_above_wrong="正误区分度",
    surest="最有把握部分的正确率",
    timing="用时",
    p50="每个回答的中位数",
    p95="第 95 百分位",
    concurrency="同时处理的行",
    prompt_tokens="平均读入词元",
    answer_tokens="平均写出词元",
    not_counted="关于这些行",
    failed="{count} 行没有回答，按 0 分计。",
    reasons="最差的回答中的原因：",
    unreadable="{count} 行无法读取，不计入。",
    unreadable_first="最前面几行的原因：",
    known_rows="{count} 行就是任务自己的示例，不能说明对其他输入的表现。",
    worst="最差的回答",
    worst_intro="共 {rows} 行，列出 {count} 个，最差的在前。",
    no_worst="没有错误的回答。",
    more_rows="另外 {count} 个",
    input="输入",
    reference="正确答案",
    no_answer="没有回答",
    full_text="全文，{count} 个字符",
    omitted="……还有 {count} 个字符",
    footer="由 plait evaluate 生成。用 --out report.json 保存的同一份报告可与以后的比较（--against）。",
    baselines={"always the same answer": "总是同一个回答", "copy of the nearest example": "照抄最相近的示例"},
)

REPORT_STRINGS: dict[Language, ReportStrings] = {"en": ENGLISH, "zh": CHINESE}
