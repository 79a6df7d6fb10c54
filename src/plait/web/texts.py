"""Texts of the pages, one value per language. A text missing in one language is a type error."""

from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class PageStrings:
    """Texts of the pages in one language; the page fills in `{names}`. Texts of models, tasks and errors stay as is."""

    code: str
    other_name: str
    other_code: Language
    # around every page
    skip: str
    tasks: str
    chat: str
    models: str
    improve: str
    ready: str
    starting: str
    no_model: str
    # home
    home_title: str
    home_lead: str
    own_tasks: str
    load_error: str
    text_tasks: str
    picture_tasks: str
    answered_by: str
    takes: str
    more_limits: str
    no_capable_model: str
    find: str
    no_match: str
    other_entries: str
    entry_chat: str
    entry_shell: str
    entry_programs: str
    api_lead: str
    api_without_script: str
    no_tasks: str
    no_tasks_hint: str
    # asking
    inputs: str
    run: str
    stop: str
    example: str
    next_example: str
    run_shortcut: str
    options: str
    add: str
    add_row: str
    remove: str
    row: str
    choose: str
    empty_choice: str
    yes: str
    no: str
    # a file of rows
    list_separator: str
    file_title: str
    file_hint: str
    file_choose: str
    file_run: str
    file_sample: str
    file_download: str
    file_answers: str
    file_row: str
    file_unused: str
    file_progress: str
    file_done: str
    file_stopped: str
    file_rate: str
    file_left: str
    file_failed: str
    file_minutes: str
    file_seconds: str
    # types
    type_text: str
    type_number: str
    type_yes: str
    type_no: str
    type_none: str
    type_date: str
    type_time: str
    type_datetime: str
    type_duration: str
    type_image: str
    type_box: str
    type_json: str
    type_list: str
    type_one_of: str
    type_choice: str
    # scores
    scores: str
    reports: str
    report_outdated: str
    no_scores: str
    no_scores_hint: str
    suite_intro: str
    suite_questions: str
    suite_seen: str
    suite_style: str
    suite_identities: str
    suite_triples: str
    suite_baseline: str
    # hints
    optional_hint: str
    default_hint: str
    number_least: str
    number_most: str
    number_between: str
    more_than: str
    less_than: str
    multiple_of: str
    characters_least: str
    characters_most: str
    characters_between: str
    items_least: str
    items_most: str
    items_between: str
    json_hint: str
    datetime_hint: str
    picture_hint: str
    picture_large: str
    box_hint: str
    box_corners: str
    box_draw: str
    left: str
    top: str
    right: str
    bottom: str
    # answering
    answer: str
    answer_preview: str
    try_example_clause: str
    returns: str
    or_: str
    working: str
    stopped: str
    done: str
    seconds: str
    answer_confidence: str
    value_confidence: str
    tokens: str
    as_json: str
    empty_list: str
    empty_text: str
    picture: str
    box_coordinates: str
    none_value: str
    # correcting
    mark_right: str
    mark_wrong: str
    marked_right: str
    marked_wrong: str
    use_as_example: str
    comment: str
    save_comment: str
    why_this_answer: str
    correct: str
    right_answer: str
    save_correction: str
    cancel: str
    undo: str
    corrected_note: str
    corrected_to_learn: str
    correction_used: str
    earlier_answers: str
    quotations_title: str
    certificate: str
    certificate_hint: str
    leaf_reference: str
    leaf_quotation: str
    leaf_computed: str
    leaf_free: str
    # errors
    try_again: str
    connection_lost: str
    connection_lost_hint: str
    model_output: str
    all_tasks: str
    # code
    code_title: str
    copy: str
    copied: str
    shell: str
    months: tuple[str, ...]
    date: str


ENGLISH = PageStrings(
    code="en",
    other_name="中文",
    other_code="zh",
    skip="Skip to the content",
    tasks="Tasks",
    chat="Chat",
    models="Models",
    improve="Improve",
    ready="ready",
    starting="starting",
    no_model="no model yet",
    home_title="A task is a typed function, answered by a model you own",
    home_lead="Choose a task: it says what it takes and what it gives, and every answer has this form.",
    own_tasks="Your tasks",
    load_error="A changed file cannot be loaded. These are the tasks from before the change.",
    text_tasks="Text",
    picture_tasks="Pictures",
    answered_by="answered by",
    takes="takes",
    more_limits="What else {model} cannot do",
    no_capable_model="no model can answer it",
    find="Find a task",
    no_match="No task matches.",
    other_entries="Other ways to use Plait",
    entry_chat="Chat with the model, without a task",
    entry_shell="The same tasks in a terminal",
    entry_programs="For programs: every task as an endpoint, to try here, and any OpenAI client at {address}",
    api_lead="Every task is an endpoint. Read its parameters here and try it; programs read",
    api_without_script="This page needs JavaScript; the document itself does not.",
    no_tasks="There is no task yet.",
    no_tasks_hint="Declare one in a file and serve it:",
    inputs="Inputs",
    run="Run",
    stop="Stop",
    example="Try an example",
    next_example="Another example",
    run_shortcut="Ctrl Enter",
    options="Options",
    add="Add",
    add_row="Add to {name}",
    remove="Remove {name} {number}",
    row="{name} {number}",
    choose="choose …",
    empty_choice="nothing",
    yes="yes",
    no="no",
    list_separator=", ",
    file_title="A file of rows",
    file_hint="A CSV file with a column per input ({columns}), or JSON lines: up to {rows} rows and {size} MiB. "
    "Nothing is stored: the answers are gone with this page.",
    file_choose="File",
    file_run="Answer the rows",
    file_sample="Example file",
    file_download="Download the answers",
    file_answers="Answers",
    file_row="Row",
    file_unused="Columns not used: {columns}",
    file_progress="{done} of {total} rows",
    file_done="All rows are answered.",
    file_stopped="Stopped. The answers so far can be downloaded.",
    file_rate="{rate} per second",
    file_left="{time} left",
    file_failed="{count} failed",
    file_minutes="{count} min",
    file_seconds="{count} s",
    type_text="text",
    type_number="number",
    type_yes="yes",
    type_no="no",
    type_none="none",
    type_date="date",
    type_time="time",
    type_datetime="date and time",
    type_duration="duration",
    type_image="picture",
    type_box="region",
    type_json="JSON",
    type_list="list of {item}",
    type_one_of="one of the {name}",
    type_choice="one of {count} choices",
    scores="Scores",
    reports="Reports",
    report_outdated="Made for an earlier form of the task. To measure this one:",
    no_scores="{task} has not been measured",
    no_scores_hint="This command scores it on rows with right answers; this page then shows the report:",
    suite_intro="Generated questions about scenes of pictograms; what a split holds out is not in the training data",
    suite_questions="Questions",
    suite_seen="like the training scenes",
    suite_style="held-out style of drawing",
    suite_identities="held-out pictograms",
    suite_triples="held-out combinations",
    suite_baseline="best baseline without a model",
    optional_hint="optional",
    default_hint="{value} if left empty",
    number_least="at least {low}",
    number_most="at most {high}",
    number_between="{low} to {high}",
    more_than="more than {low}",
    less_than="less than {high}",
    multiple_of="a multiple of {step}",
    characters_least="at least {low} characters",
    characters_most="up to {high} characters",
    characters_between="{low} to {high} characters",
    items_least="at least {low}",
    items_most="up to {high}",
    items_between="{low} to {high}",
    json_hint="as JSON",
    datetime_hint="such as {shown}",
    picture_hint="PNG, JPEG, WebP, GIF or BMP: choose, drop or paste it",
    picture_large="has more than the {most} MiB limit: make it smaller",
    box_hint="in pixels; or draw it on the picture",
    box_corners="left, top, right, bottom",
    box_draw="Draw the box: drag, or use the arrow keys; with Shift they change its size",
    left="left",
    top="top",
    right="right",
    bottom="bottom",
    answer="Answer",
    answer_preview="This is the form of the answer. Fill in the inputs and run the task{example}.",
    try_example_clause=", or try an example",
    returns="returns",
    or_="or",
    working="Working",
    stopped="Stopped. The partial answer stays here.",
    done="The answer is complete.",
    seconds="{seconds} s",
    answer_confidence="all of it right: {percent} likely",
    value_confidence="right with a probability of {percent}",
    tokens="{read} + {written} tokens",
    as_json="JSON",
    empty_list="an empty list",
    empty_text="an empty text",
    picture="The picture",
    box_coordinates="left {x0}, top {y0}, right {x1}, bottom {y1}",
    none_value="none",
    mark_right="Right",
    mark_wrong="Wrong",
    marked_right="Marked as right. It is no example, unless you use it as one.",
    marked_wrong="Marked as wrong. Correct says what is right.",
    use_as_example="Use as an example",
    comment="Comment",
    save_comment="Save the comment",
    why_this_answer="Why this answer",
    correct="Correct",
    right_answer="The right answer",
    save_correction="Save",
    cancel="Cancel",
    undo="Undo",
    corrected_note="From now on it stands in the prompts of similar inputs.",
    corrected_to_learn="The model has learned this task and is shown no examples; its next version learns this one.",
    correction_used="Your corrections in its prompt: {count}.",
    earlier_answers="Earlier answers",
    quotations_title="Where it stands",
    certificate="Certificate",
    certificate_hint="Save it as answer.json, and check it with: plait verify answer.json --input FILE",
    leaf_reference="references: {count}",
    leaf_quotation="quotations: {count}",
    leaf_computed="computed: {count}",
    leaf_free="free: {count}",
    try_again="This may work in a moment: run it again.",
    connection_lost="The connection to Plait was lost.",
    connection_lost_hint="Is it still running? Start it with: plait up",
    model_output="Output of the model",
    all_tasks="All tasks",
    code_title="Use it from code",
    copy="Copy",
    copied="Copied",
    shell="Shell",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    date="{day} {month} {year}",
)

CHINESE = PageStrings(
    code="zh",
    other_name="English",
    other_code="en",
    skip="跳到正文",
    tasks="任务",
    chat="对话",
    models="模型",
    improve="改进",
    ready="就绪",
    starting="启动中",
    no_model="还没有模型",
    home_title="任务是带类型的函数，由您自己的模型来回答",
    home_lead="选一个任务：其中写明输入什么、得到什么，每个回答都符合这种形式。",
    own_tasks="您的任务",
    load_error="修改后的文件无法加载，以下是修改之前的任务。",
    text_tasks="文本",
    picture_tasks="图片",
    answered_by="由以下模型回答：",
    takes="输入",
    more_limits="{model} 的其他限制",
    no_capable_model="这里没有模型能回答",
    find="查找任务",
    no_match="没有这样的任务。",
    other_entries="Plait 的其他用法",
    entry_chat="不用任务，直接与模型对话",
    entry_shell="在终端使用同样的任务",
    entry_programs="给程序用：每个任务都是接口，可在此试用；任何 OpenAI 客户端可连接 {address}",
    api_lead="每个任务都是一个接口。在这里查看参数并试用；程序可读取",
    api_without_script="此页面需要 JavaScript；文档本身不需要。",
    no_tasks="还没有任务。",
    no_tasks_hint="在文件里声明一个，然后启动服务：",
    inputs="输入",
    run="运行",
    stop="停止",
    example="试一个例子",
    next_example="换一个例子",
    run_shortcut="Ctrl Enter",
    options="选项",
    add="添加",
    add_row="为 {name} 添加一行",
    remove="删除 {name} {number}",
    row="{name} {number}",
    choose="请选择…",
    empty_choice="无",
    yes="是",
    no="否",
    list_separator="、",
    file_title="整个文件",
    file_hint="CSV 文件，每个输入一列（{columns}），或 JSON lines：最多 {rows} 行、{size} MiB。"
    "不保存任何内容：关闭页面后，回答也随之消失。",
    file_choose="文件",
    file_run="逐行回答",
    file_sample="示例文件",
    file_download="下载回答",
    file_answers="回答",
    file_row="行",
    file_unused="没有用到的列：{columns}",
    file_progress="{total} 行中的 {done} 行",
    file_done="所有行都回答好了。",
    file_stopped="已停止。已有的回答可以下载。",
    file_rate="每秒 {rate} 行",
    file_left="还需 {time}",
    file_failed="{count} 行失败",
    file_minutes="{count} 分钟",
    file_seconds="{count} 秒",
    type_text="文本",
    type_number="数字",
    type_yes="是",
    type_no="否",
    type_none="无",
    type_date="日期",
    type_time="时间",
    type_datetime="日期和时间",
    type_duration="时长",
    type_image="图片",
    type_box="区域",
    type_json="JSON 格式",
    type_list="{item}列表",
    type_one_of="{name}之一",
    type_choice="{count} 个选项之一",
    scores="得分",
    reports="报告",
    report_outdated="这份报告针对任务的旧版本。测量当前版本的命令：",
    no_scores="{task} 还没有测量过",
    no_scores_hint="用这条命令在带有正确答案的数据上打分，之后此页会显示报告：",
    suite_intro="关于象形图场景的自动生成的问题；各组留出的内容不在训练数据中",
    suite_questions="问题",
    suite_seen="与训练场景同类",
    suite_style="留出的画风",
    suite_identities="留出的象形图",
    suite_triples="留出的组合",
    suite_baseline="不用模型的最好基线",
    optional_hint="可以留空",
    default_hint="留空则为 {value}",
    number_least="至少 {low}",
    number_most="至多 {high}",
    number_between="{low} 到 {high}",
    more_than="大于 {low}",
    less_than="小于 {high}",
    multiple_of="{step} 的倍数",
    characters_least="至少 {low} 个字符",
    characters_most="最多 {high} 个字符",
    characters_between="{low} 到 {high} 个字符",
    items_least="至少 {low} 项",
    items_most="最多 {high} 项",
    items_between="{low} 到 {high} 项",
    json_hint="JSON 格式",
    datetime_hint="例如 {shown}",
    picture_hint="PNG、JPEG、WebP、GIF 或 BMP：选择、拖入或粘贴",
    picture_large="超过了 {most} MiB 的上限：请缩小图片",
    box_hint="以像素为单位；也可以在图片上画出",
    box_corners="左, 上, 右, 下",
    box_draw="画框：拖动鼠标，或用方向键移动；按住 Shift 改变大小",
    left="左",
    top="上",
    right="右",
    bottom="下",
    answer="回答",
    answer_preview="这是回答的格式。填好输入后运行{example}。",
    try_example_clause="，或者先试一个例子",
    returns="得到",
    or_="或",
    working="正在回答",
    stopped="已停止。已经得到的部分保留在这里。",
    done="回答好了。",
    seconds="{seconds} 秒",
    answer_confidence="全部正确的可能性：{percent}",
    value_confidence="正确的可能性为 {percent}",
    tokens="{read} + {written} 个词元",
    as_json="JSON",
    empty_list="空列表",
    empty_text="空文本",
    picture="图片",
    box_coordinates="左 {x0}，上 {y0}，右 {x1}，下 {y1}",
    none_value="无",
    mark_right="正确",
    mark_wrong="错误",
    marked_right="已标记为正确。它还不是示例，除非您将其用作示例。",
    marked_wrong="已标记为错误。点“更正”可填写正确答案。",
    use_as_example="用作示例",
    comment="备注",
    save_comment="保存备注",
    why_this_answer="为什么是这个答案",
    correct="更正",
    right_answer="正确答案",
    save_correction="保存",
    cancel="取消",
    undo="撤销",
    corrected_note="从现在起，相似输入的提示词中会包含它。",
    corrected_to_learn="模型已学会此任务，提示词中没有示例；它的下一个版本会学习这一个。",
    correction_used="提示词中包含您的 {count} 条更正。",
    earlier_answers="之前的答案",
    quotations_title="原文出处",
    certificate="凭证",
    certificate_hint="存为 answer.json 后可用此命令核对：plait verify answer.json --input FILE",
    leaf_reference="引用 {count} 项",
    leaf_quotation="摘录 {count} 项",
    leaf_computed="计算 {count} 项",
    leaf_free="自由 {count} 项",
    try_again="稍后可能会成功：请再运行一次。",
    connection_lost="与 Plait 的连接中断了。",
    connection_lost_hint="它还在运行吗？用这条命令启动：plait up",
    model_output="模型的输出",
    all_tasks="全部任务",
    code_title="在代码中使用",
    copy="复制",
    copied="已复制",
    shell="命令行",
    months=tuple(map(str, range(1, 13))),
    date="{year}年{month}月{day}日",
)

PAGE_STRINGS: dict[Language, PageStrings] = {"en": ENGLISH, "zh": CHINESE}
