"""Texts of the Improve page of a task and of the page of all models, one value per language."""

from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class ImproveStrings:
    """Texts in one language; the page fills in `{names}`. Reasons, rules and errors stay as the command prints them."""

    title: str
    lead: str
    start: str
    resume: str
    again: str
    stop: str
    stopping: str
    examples: str
    corrections: str
    marked_right: str
    held_out: str
    learned: str
    missing: str
    ready: str
    not_yet: str
    options: str
    model: str
    method: str
    method_sft: str
    method_dpo: str
    method_kto: str
    method_grpo: str
    epochs: str
    epochs_hint: str
    learning_rate: str
    learning_rate_hint: str
    gate_rows: str
    gate_rows_hint: str
    keep: str
    from_base: str
    phase_starting: str
    phase_encoding: str
    phase_training: str
    phase_comparing: str
    phase_scoring_candidate: str
    phase_scoring_champion: str
    rate: str
    left: str
    paused: str
    was_paused: str
    loss: str
    loss_range: str
    interrupted: str
    stopped: str
    resumed_by_button: str
    resumed_by_command: str
    failed: str
    reload: str
    verdict: str
    holds: str
    holds_not: str
    candidate: str
    champion: str
    slices: str
    slice_head: str
    loss_head: str
    parity: str
    confidence: str
    worse: str
    was: str
    now: str
    reasons: str
    answers: str
    promote: str
    promote_title: str
    override_note: str
    roll_back: str
    reason: str
    history: str
    no_history: str
    at: str
    why: str
    who: str
    models_lead: str
    installed: str
    name: str
    size: str
    where: str
    versions: str
    no_versions: str
    state_answers: str
    state_candidate: str
    state_removed: str
    base: str
    weights: str
    weight_of: str
    set_weights: str
    of_project: str


ENGLISH = ImproveStrings(
    title="Improve {task}",
    lead="A model learns from the examples of this task, is compared with the model that answers now, "
    "and takes over if it is better.",
    start="Improve",
    resume="Resume",
    again="Improve again",
    stop="Stop",
    stopping="It saves what it has learned, then ends.",
    examples="examples",
    corrections="of them corrections",
    marked_right="answers marked right",
    held_out="held-out rows",
    learned="{learned} examples are learned. {left_out} are left out: their inputs are nearly those of held-out rows.",
    missing="An automatic promotion lacks",
    ready="Everything that an automatic promotion needs is there.",
    not_yet="This task cannot be adapted yet",
    options="Options",
    model="Model",
    method="Learns from",
    method_sft="right answers (sft)",
    method_dpo="pairs: corrected and given, better and worse (dpo)",
    method_kto="answers marked right or wrong (kto)",
    method_grpo="its own answers, by their score (grpo)",
    epochs="Epochs",
    epochs_hint="how often each row is read; empty: 60 steps or more",
    learning_rate="Learning rate",
    learning_rate_hint="empty: as usual for the method",
    gate_rows="Held-out rows to score at most",
    gate_rows_hint="an answer takes a second or two",
    keep="Keep it a candidate, whatever the verdict",
    from_base="Train a new adapter, not the one that answers now",
    phase_starting="Starting",
    phase_encoding="Encoding the examples",
    phase_training="Training: step {done} of {total}",
    phase_comparing="Comparing server and trainer",
    phase_scoring_candidate="Scoring the candidate: row {done} of {total}",
    phase_scoring_champion="Scoring the champion: row {done} of {total}",
    rate="{rate} tokens per second",
    left="{time} left in this phase",
    paused="Paused: answers come first ({seconds} s so far)",
    was_paused="paused {seconds} s for answers",
    loss="Loss",
    loss_range="Loss from {first} at step {start} to {last} at step {end}",
    interrupted="The last adaptation was interrupted.",
    stopped="Stopped.",
    resumed_by_button="It can be resumed where it was.",
    resumed_by_command="The command that began it resumes it where it was.",
    failed="The last adaptation failed.",
    reload="Reload this page to see how far it is.",
    verdict="Verdict",
    holds="{candidate} may replace {champion}",
    holds_not="{candidate} does not replace {champion}",
    candidate="candidate",
    champion="champion",
    slices="Parts of the rows",
    slice_head="Part",
    loss_head="Loss, at most {most} at the upper bound",
    parity="Parity",
    confidence="Confidence",
    worse="Rows that got worse",
    was="Was",
    now="Is",
    reasons="Why it stays a candidate",
    answers="Answers now",
    promote="Promote",
    promote_title="Version to promote",
    override_note="Its verdict does not hold, so this is recorded as an override with your name.",
    roll_back="Roll back",
    reason="Reason",
    history="History",
    no_history="The alias was never changed: the base answers.",
    at="When",
    why="Why",
    who="Who",
    models_lead="Which models there are, what their versions were made from, and which of them answers.",
    installed="Installed",
    name="Name",
    size="Size",
    where="Where",
    versions="Versions",
    no_versions="There is no version yet. Open a task and press Improve.",
    state_answers="answers {share} %",
    state_candidate="candidate",
    state_removed="removed",
    base="base",
    weights="Share of the calls, in percent",
    weight_of="Percent of {version}",
    set_weights="Set",
    of_project="project {project}, form {fingerprint}",
)

CHINESE = ImproveStrings(
    title="改进 {task}",
    lead="模型从此任务的示例中学习，与现在回答的模型比较，更好才会接替。",
    start="改进",
    resume="继续",
    again="再次改进",
    stop="停止",
    stopping="保存已学到的内容后结束。",
    examples="个示例",
    corrections="其中更正",
    marked_right="个标为正确的回答",
    held_out="行保留数据",
    learned="学习 {learned} 个示例；{left_out} 个不学，因为其输入与保留数据几乎相同。",
    missing="自动启用还缺少",
    ready="自动启用所需的都已具备。",
    not_yet="此任务还不能改进",
    options="选项",
    model="模型",
    method="学习对象",
    method_sft="正确的回答（sft）",
    method_dpo="成对的回答：更正与原答，更好与更差（dpo）",
    method_kto="标为对或错的回答（kto）",
    method_grpo="它自己的回答，按得分（grpo）",
    epochs="轮数",
    epochs_hint="每行读几遍；留空：至少 60 步",
    learning_rate="学习率",
    learning_rate_hint="留空：按方法的惯例",
    gate_rows="最多评分的保留数据行数",
    gate_rows_hint="每个回答需要一两秒",
    keep="无论结论如何，只作为候选",
    from_base="训练新的适配器，而不是接着训练现在回答的那个",
    phase_starting="正在启动",
    phase_encoding="正在编码示例",
    phase_training="训练：第 {done} 步，共 {total} 步",
    phase_comparing="正在比较服务端与训练端",
    phase_scoring_candidate="为候选评分：第 {done} 行，共 {total} 行",
    phase_scoring_champion="为现任评分：第 {done} 行，共 {total} 行",
    rate="每秒 {rate} 个词元",
    left="本阶段还需 {time}",
    paused="暂停：先回答请求（已等待 {seconds} 秒）",
    was_paused="为回答请求暂停了 {seconds} 秒",
    loss="损失",
    loss_range="损失从第 {start} 步的 {first} 到第 {end} 步的 {last}",
    interrupted="上次改进被中断。",
    stopped="已停止。",
    resumed_by_button="可以从中断处继续。",
    resumed_by_command="再次运行开始它的命令即可从中断处继续。",
    failed="上次改进失败了。",
    reload="重新载入本页以查看进度。",
    verdict="结论",
    holds="{candidate} 可以接替 {champion}",
    holds_not="{candidate} 不能接替 {champion}",
    candidate="候选",
    champion="现任",
    slices="各部分数据",
    slice_head="部分",
    loss_head="损失，上界至多 {most}",
    parity="一致性",
    confidence="把握",
    worse="变差的行",
    was="原来",
    now="现在",
    reasons="为什么仍是候选",
    answers="现在回答的是",
    promote="启用",
    promote_title="要启用的版本",
    override_note="它的结论不成立，因此会记录为由您决定的例外。",
    roll_back="回退",
    reason="理由",
    history="历史",
    no_history="从未更改：由基础模型回答。",
    at="时间",
    why="理由",
    who="谁",
    models_lead="有哪些模型，各版本由什么而来，现在由哪个回答。",
    installed="已安装",
    name="名称",
    size="大小",
    where="位置",
    versions="版本",
    no_versions="还没有版本。打开一个任务，点“改进”。",
    state_answers="回答 {share} %",
    state_candidate="候选",
    state_removed="已移除",
    base="基础模型",
    weights="各占调用的百分比",
    weight_of="{version} 的百分比",
    set_weights="设定",
    of_project="项目 {project}，形式 {fingerprint}",
)

IMPROVE_STRINGS: dict[Language, ImproveStrings] = {"en": ENGLISH, "zh": CHINESE}
