"""The words of the pages, a value per language: a word that one of them lacks is a type error."""

from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class Words:
    """`{names}` are filled in by the page. What models, tasks and errors say is not translated here."""

    code: str
    other_name: str
    other_code: Language
    # around every page
    skip: str
    tasks: str
    chat: str
    ready: str
    starting: str
    no_model: str
    # home
    home_title: str
    home_lead: str
    own_tasks: str
    built_in: str
    answered_by: str
    nobody: str
    find: str
    found_none: str
    doors: str
    door_chat: str
    door_shell: str
    door_programs: str
    no_tasks: str
    no_tasks_way: str
    # asking
    inputs: str
    run: str
    stop: str
    example: str
    next_example: str
    keys: str
    add: str
    added_row: str
    remove: str
    row: str
    choose: str
    nothing: str
    yes: str
    no: str
    # hints
    optional: str
    usual: str
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
    moment_hint: str
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
    will_be: str
    or_example: str
    gives: str
    or_: str
    working: str
    stopped: str
    done: str
    seconds: str
    tokens: str
    as_json: str
    empty_list: str
    empty_text: str
    picture: str
    box_said: str
    none_value: str
    # errors
    failed: str
    try_again: str
    lost: str
    lost_way: str
    said: str
    back: str
    # code
    code_title: str
    copy: str
    copied: str
    shell: str
    months: tuple[str, ...]
    date: str


ENGLISH = Words(
    code="en",
    other_name="中文",
    other_code="zh",
    skip="Skip to the content",
    tasks="Tasks",
    chat="Chat",
    ready="ready",
    starting="starting",
    no_model="no model yet",
    home_title="A task is a typed function, answered by a model you own",
    home_lead="What goes in, the words, what comes back: choose one, and the answer is always of its type.",
    own_tasks="Your tasks",
    built_in="Tasks that come with Plait",
    answered_by="answered by",
    nobody="no model here can",
    find="Find a task",
    found_none="No task says that.",
    doors="Other ways in",
    door_chat="Talk with the model, without a task",
    door_shell="The same tasks in a terminal",
    door_programs="For programs: every task as OpenAPI, and any OpenAI client at {address}",
    no_tasks="There is no task yet.",
    no_tasks_way="Declare one in a file and serve it:",
    inputs="What goes in",
    run="Run",
    stop="Stop",
    example="Try an example",
    next_example="Another example",
    keys="Ctrl Enter",
    add="Add",
    added_row="Add to {name}",
    remove="Remove {name} {number}",
    row="{name} {number}",
    choose="choose …",
    nothing="nothing",
    yes="yes",
    no="no",
    optional="may stay empty",
    usual="{value} if left empty",
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
    moment_hint="such as {shown}",
    picture_hint="PNG, JPEG, WebP, GIF or BMP: choose, drop or paste it",
    picture_large="has more than the {most} MiB that are taken: make it smaller",
    box_hint="in pixels; or draw it on the picture",
    box_corners="left, top, right, bottom",
    box_draw="Draw the box: drag, or use the arrow keys; with Shift they change its size",
    left="left",
    top="top",
    right="right",
    bottom="bottom",
    answer="Answer",
    will_be="This is what comes back. Fill in what goes in and run it{example}.",
    or_example=", or try an example",
    gives="gives",
    or_="or",
    working="Working",
    stopped="Stopped. What had come so far stays here.",
    done="The answer is there.",
    seconds="{seconds} s",
    tokens="{read} + {written} tokens",
    as_json="JSON",
    empty_list="nothing in it",
    empty_text="an empty text",
    picture="The picture",
    box_said="left {x0}, top {y0}, right {x1}, bottom {y1}",
    none_value="none",
    failed="No answer",
    try_again="The same may succeed in a moment: run it again.",
    lost="The connection to Plait was lost.",
    lost_way="Is it still running? Start it with: plait up",
    said="What the model said",
    back="All tasks",
    code_title="Use it from code",
    copy="Copy",
    copied="Copied",
    shell="Shell",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    date="{day} {month} {year}",
)

CHINESE = Words(
    code="zh",
    other_name="English",
    other_code="en",
    skip="跳到正文",
    tasks="任务",
    chat="对话",
    ready="就绪",
    starting="启动中",
    no_model="还没有模型",
    home_title="任务是带类型的函数，由您自己的模型来回答",
    home_lead="输入什么、怎么说、返回什么：选一个任务，回答总是它声明的类型。",
    own_tasks="您的任务",
    built_in="Plait 自带的任务",
    answered_by="由以下模型回答：",
    nobody="这里没有模型能回答",
    find="查找任务",
    found_none="没有这样的任务。",
    doors="其他入口",
    door_chat="不用任务，直接与模型对话",
    door_shell="在终端使用同样的任务",
    door_programs="给程序用：每个任务都有 OpenAPI，任何 OpenAI 客户端可连接 {address}",
    no_tasks="还没有任务。",
    no_tasks_way="在文件里声明一个，然后启动服务：",
    inputs="输入",
    run="运行",
    stop="停止",
    example="试一个例子",
    next_example="换一个例子",
    keys="Ctrl Enter",
    add="添加",
    added_row="为 {name} 添加一行",
    remove="删除 {name} {number}",
    row="{name} {number}",
    choose="请选择…",
    nothing="无",
    yes="是",
    no="否",
    optional="可以留空",
    usual="留空则为 {value}",
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
    moment_hint="例如 {shown}",
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
    will_be="返回的就是这样的内容。填好输入后运行{example}。",
    or_example="，或者先试一个例子",
    gives="得到",
    or_="或",
    working="正在回答",
    stopped="已停止。已经得到的部分保留在这里。",
    done="回答好了。",
    seconds="{seconds} 秒",
    tokens="{read} + {written} 个词元",
    as_json="JSON",
    empty_list="空列表",
    empty_text="空文本",
    picture="图片",
    box_said="左 {x0}，上 {y0}，右 {x1}，下 {y1}",
    none_value="无",
    failed="没有得到回答",
    try_again="稍后可能会成功：请再运行一次。",
    lost="与 Plait 的连接中断了。",
    lost_way="它还在运行吗？用这条命令启动：plait up",
    said="模型的原话",
    back="全部任务",
    code_title="在代码中使用",
    copy="复制",
    copied="已复制",
    shell="命令行",
    months=tuple(map(str, range(1, 13))),
    date="{year}年{month}月{day}日",
)

WORDS: dict[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
