"""Classification with label words that differ from task to task, "none of these" among them, and yes or no."""

from random import Random

from messages.frames import frame_message
from messages.situations import Situation, situations
from messages.training import FILES, PHRASES, PRODUCTS

from typed.typed_task import Row, TypedTask, declaration, literal, record

LABELS = {
    "en": {
        "billing": ("billing", "payments", "money", "invoice_question"),
        "delivery": ("delivery", "shipping", "parcels", "transport"),
        "returns": ("returns", "exchange", "send_back"),
        "account": ("account", "profile", "login_and_data"),
        "technical": ("technical", "faults", "repairs", "product_help"),
        "sales": ("sales", "before_buying", "offers"),
        "feedback": ("feedback", "opinions", "praise_or_complaint"),
        "spam": ("spam", "junk", "unasked_advertising"),
    },
    "zh": {
        "billing": ("账单", "付款", "发票问题"),
        "delivery": ("配送", "物流", "快递"),
        "returns": ("退换", "退货", "换货退款"),
        "account": ("账户", "会员资料", "登录"),
        "technical": ("技术", "故障", "维修"),
        "sales": ("售前", "购买咨询", "报价"),
        "feedback": ("反馈", "意见", "表扬投诉"),
        "spam": ("垃圾", "广告", "骗局"),
    },
}
NONE = {"en": ("none_of_these", "other", "something_else"), "zh": ("都不是", "其他")}
INSTRUCTIONS = {
    "en": ("What is {note} about?", "Choose the heading for this message: {note}", "Where does {note} belong?",
           "Put {note} into one of the drawers."),
    "zh": ("{note}属于哪一类？", "给这条消息选一个标题：{note}", "{note}该归到哪里？"),
}  # fmt: skip
URGENT = {
    "en": ("Must somebody act on {note} at once?", "Is {note} urgent?"),
    "zh": ("{note}要马上处理吗？", "{note}紧急吗？"),
}
LEVELS = {
    "en": (("high", "normal", "low"), ("now", "soon", "whenever")),
    "zh": (("高", "中", "低"), ("立即", "尽快", "不急")),
}


def message(language: str, label: str | None, random: Random) -> tuple[Situation, str, str]:
    """A situation of the label, a message about it, and its urgency."""
    usable = [each for each in situations(language, FILES) if label in (None, each.label)]
    situation = random.choice(usable)
    core, _ = situation.fill(random.choice(situation.wordings), random, PRODUCTS)
    text, urgency, _ = frame_message(core, situation, PHRASES[language], random)
    return situation, text, urgency


def topic_task(number: int, language: str, random: Random) -> TypedTask:
    """Three to six topics; half of the tasks have a label for messages of another one."""
    topics = random.sample(list(LABELS[language]), random.choice((3, 4, 5, 6)))
    words = {topic: random.choice(LABELS[language][topic]) for topic in topics}
    none = random.choice(NONE[language]) if random.random() < 0.5 else ""
    labels = [*words.values(), *([none] if none else [])]
    name, key = f"topic_{language}_{number}", random.choice(("topic", "kind") if language == "en" else ("类别", "主题"))
    is_record = random.random() < 0.3
    class_name = f"Topic{language.title()}{number}"

    def sample(random: Random) -> Row:
        topic = None if none and random.random() < 0.35 else random.choice(topics)
        situation, text, _ = message(language, topic, random)
        label = words.get(situation.label, none)
        return {"inputs": {"note": text}, "answer": {key: label} if is_record else label}

    records = [record(class_name, {key: literal(labels)})] if is_record else []
    answer = class_name if is_record else literal(labels)
    source = declaration(name, {"note": "str"}, answer, random.choice(INSTRUCTIONS[language]), *records)
    return TypedTask("classification", name, language, source, sample)


def urgency_task(number: int, language: str, random: Random) -> TypedTask:
    """Yes or no, or one of three degrees. Half of the messages are urgent."""
    is_bool = random.random() < 0.5
    words = dict(zip(("high", "normal", "low"), random.choice(LEVELS[language]), strict=True))
    name = f"urgency_{language}_{number}"

    def sample(random: Random) -> Row | None:
        _, text, urgency = message(language, None, random)
        if urgency != "high" and random.random() < 0.5:
            return None
        return {"inputs": {"note": text}, "answer": urgency == "high" if is_bool else words[urgency]}

    answer = "bool" if is_bool else literal(list(words.values()))
    instruction = (
        random.choice(URGENT[language])
        if is_bool
        else {"en": "How soon must {note} be answered?", "zh": "{note}多快要回复？"}[language]
    )
    source = declaration(name, {"note": "str"}, answer, instruction)
    return TypedTask("yes or no" if is_bool else "classification", name, language, source, sample)
