"""Texts of the page that says where an answer came from; `plait why` prints the English ones."""

from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class OriginStrings:
    """Labels and sentences in one language; what fills in `{names}` stays as it is."""

    title: str
    back: str
    task: str
    asked: str
    asked_at: str
    nobody: str
    model: str
    route: str
    inputs: str
    inputs_kept: str
    inputs_redacted: str
    inputs_not_kept: str
    version: str
    version_made: str
    no_version: str
    files: str
    files_of: str
    start: str
    taught: str
    taught_by: str
    prompt: str
    prompt_plain: str
    run: str
    run_of: str
    gate: str
    gate_held: str
    gate_failed: str
    gate_none: str
    alias: str
    feedback: str
    right: str
    wrong: str
    score: str
    better_than: str
    none: str


ORIGIN_STRINGS: dict[Language, OriginStrings] = {
    "en": OriginStrings(
        title="Why this answer",
        back="Back to the answer",
        task="Task",
        asked="Asked",
        asked_at="{time} UTC, by {person}",
        nobody="nobody named",
        model="Model",
        route="Chosen by the route",
        inputs="Inputs",
        inputs_kept="recorded",
        inputs_redacted="recorded, except {names}",
        inputs_not_kept="not kept: the answer is not recorded ([recording] in plait.toml)",
        version="Version",
        version_made="{name}, an adapter of {base}, made on {day}",
        no_version="none of the registry: the model as it came, or one of plait.toml",
        files="Files",
        files_of="adapter {sha256}, base {base_sha256}",
        start="Trained on from",
        taught="Taught by",
        taught_by="{count} examples: {kept} in the database, {removed} removed since, {other} from files",
        prompt="In its prompt",
        prompt_plain="no correction",
        run="Run",
        run_of="{run}, seed {seed}, {packages}",
        gate="Gate",
        gate_held="the rule held: {score} against {champion_score} of {champion}, on {rows} held-out rows",
        gate_failed="the rule did not hold: {reasons}",
        gate_none="not evaluated",
        alias="Answers now",
        feedback="Feedback",
        right="right",
        wrong="wrong",
        score="score {score:g}",
        better_than="better than {id}",
        none="none",
    ),
    "zh": OriginStrings(
        title="为什么是这个答案",
        back="返回答案",
        task="任务",
        asked="提问",
        asked_at="{time} UTC，提问者：{person}",
        nobody="未署名",
        model="模型",
        route="选择它的路由",
        inputs="输入",
        inputs_kept="已记录",
        inputs_redacted="已记录，{names} 除外",
        inputs_not_kept="未保留：此答案没有被记录（plait.toml 中的 [recording]）",
        version="版本",
        version_made="{name}，{base} 的适配器，制作于 {day}",
        no_version="不在登记之列：原样的模型，或 plait.toml 中的模型",
        files="文件",
        files_of="适配器 {sha256}，基础模型 {base_sha256}",
        start="训练的起点",
        taught="教它的示例",
        taught_by="{count} 个示例：{kept} 个在数据库中，{removed} 个后来被删除，{other} 个来自文件",
        prompt="提示词中",
        prompt_plain="没有更正",
        run="训练",
        run_of="{run}，种子 {seed}，{packages}",
        gate="评估",
        gate_held="符合规则：{score}，对照 {champion} 的 {champion_score}，{rows} 行保留数据",
        gate_failed="不符合规则：{reasons}",
        gate_none="没有评估",
        alias="现在回答的是",
        feedback="反馈",
        right="正确",
        wrong="错误",
        score="评分 {score:g}",
        better_than="优于 {id}",
        none="无",
    ),
}
