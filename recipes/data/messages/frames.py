"""Message frames around the wording of a situation: greeting, aside, sign of urgency, name, typing errors."""

import re
from random import Random
from typing import NamedTuple

from messages.situations import PRODUCTS, Situation


class Phrases(NamedTuple):
    """What a frame is made of in one language; `high` and `low` are signs that change a normal urgency."""

    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    names: tuple[str, ...]
    high: tuple[str, ...]
    low: tuple[str, ...]
    asides: dict[str, str]
    before_spam: tuple[str, ...]
    after_spam: tuple[str, ...]


GREETINGS = {
    "en": ("Hello,", "Hi,", "Good morning,", "Dear team,", "Hi there!", "Good evening,", "Dear Sir or Madam,"),
    "zh": ("你好，", "您好！", "您好，", "客服您好，", "你们好，"),
}
CLOSINGS = {
    "en": ("Thank you.", "Thanks!", "Kind regards, {name}", "Best, {name}", "Please let me know. {name}", "{name}"),
    "zh": ("谢谢。", "谢谢！", "麻烦了，谢谢。", "盼回复，{name}", "{name}", "辛苦了。"),
}
NAMES = {
    "en": ("Ada Moreno", "T. Okoye", "Liv Sandberg", "Harold P.", "Mina Rao", "Gus", "Ellen Vries", "Jo"),
    "zh": ("陈女士", "小吴", "老赵", "林先生", "何敏", "周周", "马师傅"),
}
# Signs that change the urgency of a normal matter: (for seeds, for held-out files).
HIGH_URGENCY_SIGNS = {
    "en": (
        (
            "This is my third message and nobody has answered.",
            "I am leaving for three months tomorrow, so it has to be settled today.",
            "If I hear nothing by tonight, I will hand this to my lawyer.",
        ),
        (
            "I have written to you three times already without any reply.",
            "It must be solved before noon tomorrow; later is of no use to me.",
            "Otherwise my next letter goes to a solicitor.",
        ),
    ),
    "zh": (
        (
            "这是我第三次来信了，一直没人回。",
            "明天我就出远门三个月，今天必须解决。",
            "今晚再没有答复，我就找律师了。",
        ),
        (
            "前后已经写了三封邮件，都没有回音。",
            "明天中午之前一定要处理好，再晚就没用了。",
            "再不解决，我就去消费者协会投诉。",
        ),
    ),
}
LOW_URGENCY_SIGNS = {
    "en": (
        ("There is no hurry.", "Whenever you find the time."),
        ("It is not urgent at all.", "Take your time, next month is fine too."),
    ),
    "zh": (("不着急。", "有空再处理就行。"), ("这事一点都不急。", "慢慢来，下个月也可以。")),
}
THREAT = 2  # index of the first threat in each tuple of signs of high urgency
# Situations without threats (nothing has gone wrong) and without signs of low urgency (e.g. a change of address).
NO_THREAT = (
    "many", "reseller", "visit", "other_address", "other_email", "other_name", "pickup", "data_copy",
    "hire", "special_size", "service_plan", "sample", "split", "bank_details", "other_day", "phone_number", "delete",
    "too_small", "other_model", "fetch",
)  # fmt: skip
NO_LOW_URGENCY = (
    "other_address", "hotline", "driver", "advert", "not_received",
    "technician", "shop_staff", "chat_robot", "dearer", "sexist", "left_in_rain", "unknown_neighbour", "locked",
)  # fmt: skip
# Remarks without a request, by the label of their subject; they do not affect the label of the message.
ASIDES = {
    "en": {
        "delivery": "My last parcel came very quickly, by the way.",
        "feedback": "I like your shop otherwise.",
        "account": "I have been registered with you for years.",
        "billing": "The invoice is paid, that is not the point.",
        "technical": "The app on my phone is fine, by the way.",
    },
    "zh": {
        "delivery": "上次的快递倒是很快。",
        "feedback": "别的方面我都挺满意。",
        "account": "我是注册多年的老用户了。",
        "billing": "钱已经付清了，这个没问题。",
        "technical": "手机应用用着倒还好。",
    },
}
# Text before and after spam. It is pressing, but the urgency of spam is always low.
SPAM_FRAMES = {
    "en": (
        ("Dear Sir/Madam,", "Hello dear friend,", "Attention!", "Dear business owner,", "Re: your request"),
        (
            "Act now!",
            "Best regards, Your Growth Team",
            "Reply STOP to unsubscribe.",
            "Do not miss this!!!",
            "Only today.",
        ),
    ),
    "zh": (
        ("尊敬的客户：", "老板您好，", "重要通知！", "亲，", "【限时】"),
        ("详情请加微信。", "机会难得，先到先得！", "退订回T。", "仅限今天！", "期待您的回复。"),
    ),
}
HAS_GREETING = re.compile("Dear|Sir|My dear|[A-Z]{4}|Winner|尊敬|亲爱|老板|【|紧急|恭喜|中奖")
CAPITALIZED_WORD = re.compile(r"^(?!Ms\b)(A|[A-Z][a-z]+)\b")
INCOMPATIBLE_ASIDES = {
    ("sales", "billing"), ("sales", "technical"), ("account", "billing"), ("account", "technical"),
    ("delivery", "technical"), ("billing", "technical"), ("feedback", "billing"), ("feedback", "technical"),
}  # fmt: skip
CHINESE_TYPING_ERRORS = (
    ("账", "帐"),
    ("登录", "登陆"),
    ("已经", "以经"),
    ("好像", "好象"),
    ("做", "作"),
    ("一直", "一只"),
)


def shipped_phrases(language: str, held_out: bool) -> Phrases:
    """Phrases of the seeds, or of the held-out files, which have other signs of urgency."""
    return Phrases(
        GREETINGS[language],
        CLOSINGS[language],
        NAMES[language],
        HIGH_URGENCY_SIGNS[language][held_out],
        LOW_URGENCY_SIGNS[language][held_out],
        ASIDES[language],
        *SPAM_FRAMES[language],
    )


def frame_message(core: str, situation: Situation, phrases: Phrases, random: Random) -> tuple[str, str, str]:
    """Message, urgency and writing style: "plain", "slips" or "careless"."""
    if situation.label == "spam":
        return frame_spam(core, situation.language, phrases, random), "low", "plain"
    urgency, sign = sample_urgency(situation, phrases, random)
    parts = [random.choice(phrases.greetings)] if random.random() < 0.5 else []
    parts += [*add_aside(core, situation, phrases, random), *([sign] if sign else [])]
    if random.random() < 0.45:
        closings = ("{name}",) if situation.label == "feedback" else phrases.closings
        parts.append(random.choice(closings).format(name=random.choice(phrases.names)))
    text, writing = add_writing_style(join_parts(parts, situation.language, random), situation.language, random)
    return text, urgency, writing


def frame_spam(core: str, language: str, phrases: Phrases, random: Random) -> str:
    before, after = (random.choice(("", "", *words)) for words in (phrases.before_spam, phrases.after_spam))
    before = "" if HAS_GREETING.match(core) else before
    return join_parts([part for part in (before, core, after) if part], language, random)


def sample_urgency(situation: Situation, phrases: Phrases, random: Random) -> tuple[str, str]:
    """Urgency and the sentence that expresses it ("" if none); only normal urgency is changed."""
    probability = random.random()
    if situation.urgency != "normal" or probability > 0.45:
        return situation.urgency, ""
    if probability > 0.27 and situation.name not in NO_LOW_URGENCY:
        return "low", random.choice(phrases.low)
    return "high", random.choice(phrases.high[:THREAT] if situation.name in NO_THREAT else phrases.high)


def add_aside(core: str, situation: Situation, phrases: Phrases, random: Random) -> list[str]:
    if situation.urgency != "normal" or random.random() > 0.2:
        return [core]
    candidates = [
        (label, aside)
        for label, aside in phrases.asides.items()
        if label != situation.label and (situation.label, label) not in INCOMPATIBLE_ASIDES
    ]
    label, aside = random.choice(candidates)
    return [aside, core] if label == "account" else [core, aside]


def join_parts(parts: list[str], language: str, random: Random) -> str:
    if random.random() < 0.3:
        return "\n".join(parts)
    if language == "zh":
        return "".join(parts)
    first, *rest = parts
    if rest and first.endswith(","):  # "Hi, the kettle ..." on one line
        rest[0] = CAPITALIZED_WORD.sub(lambda word: word[0].lower(), rest[0])
    return " ".join([first, *rest])


def add_writing_style(text: str, language: str, random: Random) -> tuple[str, str]:
    probability = random.random()
    if probability < 0.15:
        return to_careless_style(text, language), "careless"
    text_with_errors = add_typing_errors(text, language, random) if probability < 0.32 else text
    return text_with_errors, "plain" if text_with_errors == text else "slips"


def to_careless_style(text: str, language: str) -> str:
    """Lower case and little punctuation, as typed on a phone."""
    if language == "zh":
        return re.sub(r"[，。！；：\s]+", " ", text).strip()
    return re.sub(r"[.,;!:](?=\s|$)", "", text.lower()).strip()


def add_typing_errors(text: str, language: str, random: Random) -> str:
    """One or two words with letters swapped, missing or doubled; in Chinese a wrong character with the same sound."""
    if language == "zh":
        matches = [(right, wrong) for right, wrong in CHINESE_TYPING_ERRORS if right in text]
        return text.replace(*random.choice(matches), 1) if matches else text
    words = text.split(" ")
    product_words = " ".join(PRODUCTS["en"]).split()
    positions = [
        index for index, word in enumerate(words) if re.fullmatch(r"[a-z]{5,}", word) and word not in product_words
    ]
    for index in random.sample(positions, min(len(positions), random.choice((1, 2)))):
        words[index] = misspell(words[index], random)
    return " ".join(words)


def misspell(word: str, random: Random) -> str:
    index = random.randrange(1, len(word) - 2)
    swapped = word[:index] + word[index + 1] + word[index] + word[index + 2 :]
    return random.choice((swapped, word[:index] + word[index + 1 :], word[:index] + word[index] + word[index:]))
