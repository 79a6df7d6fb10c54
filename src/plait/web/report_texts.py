"""The words of a report, a value per language; those of the served pages are in `words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plait.web.views import Language


@dataclass(frozen=True)
class ReportWords:
    """`{names}` are filled in by the page. What models, tasks and errors say is not translated."""

    code: Language
    title: str
    model: str
    task_version: str
    data: str
    rows: str
    options: str
    made: str
    score: str
    exact: str
    measure: str
    name: str
    between: str
    baseline: str
    ahead: str
    behind: str
    chance: str
    counts: str
    all_ahead: str
    beaten: str
    undecided: str
    alone: str
    by_field: str
    by: str
    all_values: str
    timing: str
    p50: str
    p95: str
    seconds: str
    at_once: str
    read: str
    written: str
    not_counted: str
    failed: str
    reasons: str
    unread: str
    unread_first: str
    known: str
    worst: str
    worst_lead: str
    no_worst: str
    more: str
    input: str
    answer: str
    right: str
    no_answer: str
    whole: str
    left_out: str
    footer: str
    baselines: Mapping[str, str] = field(default_factory=dict[str, str])  # by the name that core gives them

    def rival(self, name: str) -> str:
        return self.baselines.get(name, name)


ENGLISH = ReportWords(
    code="en",
    title="How good is {model} at {task}?",
    model="Model",
    task_version="version of the task {fingerprint}",
    data="Rows",
    rows="{count} rows",
    options="Options",
    made="Made",
    score="Score",
    exact="Right in all",
    measure="From 0 to 1; the whisker is the interval of 95 %, by bootstrap over rows.",
    name="Name",
    between="{mean}, with 95 % between {low} and {high}, on a scale from 0 to 1",
    baseline="needs no model",
    ahead="ahead by {gain} [{low}, {high}] on {count} rows",
    behind="behind by {gain} [{low}, {high}] on {count} rows",
    chance="may be chance: {gain} [{low}, {high}] on {count} rows",
    counts="better on {wins}, worse on {losses}",
    all_ahead="{model} is ahead of every baseline.",
    beaten="{model} is behind what needs no model: {names}.",
    undecided="{model} may be no better than what needs no model: {names}.",
    alone="No examples: nothing to compare with (task.examples.add, or seeds beside the task's file).",
    by_field="By field",
    by="By {name}",
    all_values="all {count} values",
    timing="Timing",
    p50="half of the answers within",
    p95="95 % of them within",
    seconds="{seconds} s",
    at_once="asked at once",
    read="tokens read, mean",
    written="tokens written, mean",
    not_counted="What to know of these rows",
    failed="{count} rows without an answer count as 0.",
    reasons="Why, among the worst answers that are kept:",
    unread="{count} rows could not be read and count for nothing.",
    unread_first="Why, of the first:",
    known="{count} rows are among the task's own examples: they say nothing of other inputs.",
    worst="Worst answers",
    worst_lead="{count} of {rows}, the worst first.",
    no_worst="No answer was wrong.",
    more="{count} more",
    input="Input",
    answer="Answer",
    right="Right",
    no_answer="No answer",
    whole="the whole of it, {count} characters",
    left_out="… {count} more characters",
    footer="Written by plait evaluate. The same with --out report.json can be compared with later ones (--against).",
)

CHINESE = ReportWords(
    code="zh",
    title="{model} 做 {task} 做得怎么样？",
    model="模型",
    task_version="任务版本 {fingerprint}",
    data="数据",
    rows="{count} 行",
    options="选项",
    made="时间",
    score="得分",
    exact="完全正确",
    measure="从 0 到 1；须线是 95 % 区间，由对各行的自助抽样得到。",
    name="名称",
    between="{mean}，95 % 区间为 {low} 到 {high}，满分为 1",
    baseline="不需要模型",
    ahead="领先 {gain} [{low}, {high}]，共 {count} 行",
    behind="落后 {gain} [{low}, {high}]，共 {count} 行",
    chance="可能是偶然：{gain} [{low}, {high}]，共 {count} 行",
    counts="{wins} 行更好，{losses} 行更差",
    all_ahead="{model} 领先于所有基线。",
    beaten="{model} 不如不需要模型的做法：{names}。",
    undecided="{model} 可能并不比不需要模型的做法更好：{names}。",
    alone="没有示例，无从比较（用 task.examples.add 添加，或在任务文件旁放种子示例）。",
    by_field="按字段",
    by="按 {name}",
    all_values="全部 {count} 个值",
    timing="用时",
    p50="一半的回答不超过",
    p95="95 % 的回答不超过",
    seconds="{seconds} 秒",
    at_once="同时提问",
    read="平均读入词元",
    written="平均写出词元",
    not_counted="关于这些行",
    failed="{count} 行没有回答，按 0 分计。",
    reasons="保留下来的最差回答中的原因：",
    unread="{count} 行无法读取，不计入。",
    unread_first="最前面几行的原因：",
    known="{count} 行就是任务自己的示例，不能说明对其他输入的表现。",
    worst="最差的回答",
    worst_lead="共 {rows} 行，列出 {count} 个，最差的在前。",
    no_worst="没有错误的回答。",
    more="另外 {count} 个",
    input="输入",
    answer="回答",
    right="正确答案",
    no_answer="没有回答",
    whole="全文，{count} 个字符",
    left_out="……还有 {count} 个字符",
    footer="由 plait evaluate 生成。用 --out report.json 保存的同一份报告可与以后的比较（--against）。",
    baselines={"always the same answer": "总是同一个回答", "copy of the nearest example": "照抄最相近的示例"},
)

REPORT_WORDS: dict[Language, ReportWords] = {"en": ENGLISH, "zh": CHINESE}
