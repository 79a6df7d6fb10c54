"""Frames around the wording of a situation: greeting, asides, signs of urgency, name, typing errors."""

import re
from random import Random

from messages.situations import THINGS, Situation

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
# Signs that change the urgency of a normal matter, by split: (the seeds', those of the held-out files).
RAISED = {
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
CALMED = {
    "en": (
        ("There is no hurry.", "Whenever you find the time."),
        ("It is not urgent at all.", "Take your time, next month is fine too."),
    ),
    "zh": (("不着急。", "有空再处理就行。"), ("这事一点都不急。", "慢慢来，下个月也可以。")),
}
THREAT = 2  # index of the threat among the signs
# Nobody threatens where nothing has gone wrong, nor calms down who is to change an address.
NO_THREAT = ("many", "reseller", "visit", "other_address", "other_email", "other_name", "pickup", "data_copy")
NO_CALM = ("other_address", "hotline", "driver", "advert", "not_received")
# Said in passing, with the label that it would have: it asks for nothing and does not count.
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
# Around spam, before and after: it presses, and is of low urgency all the same.
PEDDLED = {
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
GREETED = re.compile("Dear|Sir|My dear|[A-Z]{4}|Winner|尊敬|亲爱|老板|【|紧急|恭喜|中奖")
TITLED = re.compile(r"^(?!Ms\b)(A|[A-Z][a-z]+)\b")
MISFITS = {
    ("sales", "billing"), ("sales", "technical"), ("account", "billing"), ("account", "technical"),
    ("delivery", "technical"), ("billing", "technical"), ("feedback", "billing"), ("feedback", "technical"),
}  # fmt: skip
CHINESE_SLIPS = (("账", "帐"), ("登录", "登陆"), ("已经", "以经"), ("好像", "好象"), ("做", "作"), ("一直", "一只"))


def message(core: str, each: Situation, held_out: bool, random: Random) -> tuple[str, str, str]:
    """The message, its urgency, and how it is written: plain, with slips, or without care."""
    if each.label == "spam":
        return peddled(core, each.language, random), "low", "plain"
    urgency, sign = sign_of(each, held_out, random)
    parts = [random.choice(GREETINGS[each.language])] if random.random() < 0.5 else []
    parts += [*with_aside(core, each, random), *([sign] if sign else [])]
    if random.random() < 0.45:
        closings = ("{name}",) if each.label == "feedback" else CLOSINGS[each.language]
        parts.append(random.choice(closings).format(name=random.choice(NAMES[each.language])))
    text, writing = add_writing_style(join_parts(parts, each.language, random), each.language, random)
    return text, urgency, writing


def peddled(core: str, language: str, random: Random) -> str:
    before, after = (random.choice(("", "", *words)) for words in PEDDLED[language])
    before = "" if GREETED.match(core) else before
    return join_parts([part for part in (before, core, after) if part], language, random)


def sign_of(each: Situation, held_out: bool, random: Random) -> tuple[str, str]:
    """What the message says about its urgency, and what it says so with; only a normal matter is moved."""
    chance = random.random()
    if each.urgency != "normal" or chance > 0.45:
        return each.urgency, ""
    if chance > 0.27 and each.name not in NO_CALM:
        return "low", random.choice(CALMED[each.language][held_out])
    signs = RAISED[each.language][held_out]
    return "high", random.choice(signs[:THREAT] if each.name in NO_THREAT else signs)


def with_aside(core: str, each: Situation, random: Random) -> list[str]:
    if each.urgency != "normal" or random.random() > 0.2:
        return [core]
    fitting = [
        (label, aside)
        for label, aside in ASIDES[each.language].items()
        if label != each.label and (each.label, label) not in MISFITS
    ]
    label, aside = random.choice(fitting)
    return [aside, core] if label == "account" else [core, aside]


def join_parts(parts: list[str], language: str, random: Random) -> str:
    if random.random() < 0.3:
        return "\n".join(parts)
    if language == "zh":
        return "".join(parts)
    first, *rest = parts
    if rest and first.endswith(","):  # "Hi, the kettle ..." on one line
        rest[0] = TITLED.sub(lambda word: word[0].lower(), rest[0])
    return " ".join([first, *rest])


def add_writing_style(text: str, language: str, random: Random) -> tuple[str, str]:
    chance = random.random()
    if chance < 0.15:
        return careless(text, language), "careless"
    slipped = with_slips(text, language, random) if chance < 0.32 else text
    return slipped, "plain" if slipped == text else "slips"


def careless(text: str, language: str) -> str:
    """All lower case and hardly any stop, as on a phone."""
    if language == "zh":
        return re.sub(r"[，。！；：\s]+", " ", text).strip()
    return re.sub(r"[.,;!:](?=\s|$)", "", text.lower()).strip()


def with_slips(text: str, language: str, random: Random) -> str:
    """One or two letters in the wrong order, missing or double; in Chinese a wrong character of the same sound."""
    if language == "zh":
        found = [(right, wrong) for right, wrong in CHINESE_SLIPS if right in text]
        return text.replace(*random.choice(found), 1) if found else text
    words = text.split(" ")
    things = " ".join(THINGS["en"]).split()
    long = [at for at, word in enumerate(words) if re.fullmatch(r"[a-z]{5,}", word) and word not in things]
    for at in random.sample(long, min(len(long), random.choice((1, 2)))):
        words[at] = slipped(words[at], random)
    return " ".join(words)


def slipped(word: str, random: Random) -> str:
    at = random.randrange(1, len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return random.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))
