"""Texts of the chat page, one value per language. Texts common to all pages are in `texts`."""

from dataclasses import dataclass

from plait.web.views import Language


@dataclass(frozen=True)
class ChatStrings:
    """Texts of the chat page in one language. The page or its script fills in `{names}`."""

    greeting: str
    lead: str
    starters: tuple[str, ...]
    model: str
    system: str
    system_hint: str
    new: str
    conversation: str
    # writing
    message: str
    write: str
    send: str
    keys: str
    keeping: str
    full: str
    add_picture: str
    no_pictures: str
    no_picture: str
    picture_number: str
    remove_picture: str
    # a turn
    you: str
    edit: str
    edited: str
    ask_again: str
    cancel: str
    again: str
    rate: str
    stopped_here: str
    cut_here: str
    said_nothing: str
    # refusals
    retry: str
    try_again: str
    wait: str
    without: str
    without_way: str


ENGLISH = ChatStrings(
    greeting="Chat with {model}",
    lead="Answers come from your own model and appear as they are written.",
    starters=(
        "Explain what a token is, in two sentences.",
        "Write a friendly reminder about the meeting on Friday.",
        "List three names for a grey cat.",
    ),
    model="Model",
    system="Instruction",
    system_hint="An instruction for the model before the conversation; it applies from the next message on.",
    new="New conversation",
    conversation="Conversation",
    message="Message",
    write="Write a message",
    send="Send",
    keys="Enter sends · Shift Enter starts a new line",
    keeping="Stored in this tab only, and deleted when it closes.",
    full="The storage of this tab is full: the conversation will be lost on reload.",
    add_picture="Add pictures",
    no_pictures="{model} cannot read pictures",
    no_picture="This browser cannot read {name}: choose a PNG, JPEG or WebP picture.",
    picture_number="Picture {number}",
    remove_picture="Remove picture {number}",
    you="You",
    edit="Edit",
    edited="Your message",
    ask_again="Ask again",
    cancel="Cancel",
    again="Regenerate",
    rate="{rate} tokens/s",
    stopped_here="Stopped here.",
    cut_here="Cut off here: the answer reached its limit (answer_tokens in plait.toml).",
    said_nothing="The model returned an empty answer.",
    retry="Try again",
    try_again="This may work in a moment.",
    wait="This may work in {seconds} s.",
    without="The chat page needs JavaScript.",
    without_way="The terminal does not: plait chat",
)

CHINESE = ChatStrings(
    greeting="与 {model} 对话",
    lead="回答来自您自己的模型，边写边显示。",
    starters=("用两句话解释什么是词元。", "写一条友好的周五会议提醒。", "给一只灰猫起三个名字。"),
    model="模型",
    system="系统指令",
    system_hint="对话开始前给模型的指令，从下一条消息起生效。",
    new="新对话",
    conversation="对话",
    message="消息",
    write="写一条消息",
    send="发送",
    keys="Enter 发送 · Shift Enter 换行",
    keeping="只保存在这个标签页中，关闭后即消失。",
    full="这个标签页的存储空间已满：刷新后对话会丢失。",
    add_picture="添加图片",
    no_pictures="{model} 看不了图片",
    no_picture="这个浏览器读不了 {name}：请选择 PNG、JPEG 或 WebP 图片。",
    picture_number="图片 {number}",
    remove_picture="删除图片 {number}",
    you="您",
    edit="编辑",
    edited="您的消息",
    ask_again="重新提问",
    cancel="取消",
    again="重新回答",
    rate="{rate} 词元/秒",
    stopped_here="已在此停止。",
    cut_here="到此截断：回答达到了长度上限（plait.toml 中的 answer_tokens）。",
    said_nothing="模型返回了空回答。",
    retry="再试一次",
    try_again="稍后可能会成功。",
    wait="{seconds} 秒后可能会成功。",
    without="在页面中对话需要 JavaScript。",
    without_way="在命令行中不需要：plait chat",
)

CHAT_STRINGS: dict[Language, ChatStrings] = {"en": ENGLISH, "zh": CHINESE}
