"""Training messages: situations, products and phrases of their own, besides the situations that seeds use.

The signs of urgency are neither those of the seeds nor those of the held-out files.
"""

from dataclasses import replace
from pathlib import Path

from messages.frames import Phrases
from messages.situations import Situation, situations

HERE = Path(__file__).parent
FILES = {"en": HERE / "training_english.txt", "zh": HERE / "training_chinese.txt"}
PRODUCTS = {
    "en": {
        "printer": "glass heat app code parts room work heavy",
        "cordless drill": "heat code parts battery work",
        "baby monitor": "glass app code room battery",
        "speaker": "app code room air battery",
        "pressure cooker": "glass water heat parts code work",
        "rice cooker": "glass water heat cup parts code work",
        "lawn mower": "heat code parts air battery work heavy",
        "hair dryer": "heat air parts work",
        "dishwasher": "glass water heat app parts code work heavy",
        "treadmill": "app code parts heat room heavy",
        "projector": "glass heat app code air room battery work",
        "camping fridge": "water app code parts air room battery heavy",
    },
    "zh": {
        "打印机": "glass heat app code parts room work heavy",
        "电钻": "heat code parts battery work",
        "婴儿监护器": "glass app code room battery",
        "智能音箱": "app code room air battery",
        "高压锅": "glass water heat parts code work",
        "电饭锅": "glass water heat cup parts code work",
        "割草机": "heat code parts air battery work heavy",
        "吹风机": "heat air parts work",
        "洗碗机": "glass water heat app parts code work heavy",
        "跑步机": "app code parts heat room heavy",
        "投影仪": "glass heat app code air room battery work",
        "除湿机": "water app code parts air room heavy",
    },
}
PHRASES = {
    "en": Phrases(
        greetings=("Good day,", "Hey,", "To whom it may concern,", "Hello support,", "Hi folks,", "Good afternoon,"),
        closings=("Many thanks, {name}", "Cheers {name}", "Waiting for your answer, {name}", "Thx", "Yours, {name}",
                  "Regards"),
        names=("Bo Lindqvist", "R. Castell", "Fatima", "Old Walter", "Ines", "K. Brandt", "Pat"),
        high=(
            "We need an answer within two hours, after that it is too late for us.",
            "Tomorrow evening is my very last chance, please deal with it by then.",
            "You have ignored five mails of mine.",
            "I will report this to the police if nothing happens.",
            "My lawyer has the papers already.",
            "The consumer office will hear of this.",
            "This is now the fourth time that I write, and there has never been a reply.",
        ),
        low=("No rush.", "It can wait for weeks.", "Answer when you have a quiet moment.", "I am not in a hurry.",
             "Some day next month will do.", "Please do not drop anything for this."),
        asides={
            "delivery": "The box from last time was well packed.",
            "feedback": "Your people are always kind, I must say.",
            "account": "I shop with you since the first year.",
            "billing": "Paying was easy, as always.",
            "technical": "The old model still works, by the way.",
        },
        before_spam=("Dear customer,", "Hi,", "IMPORTANT:", "Hello Sir,", "Good news!"),
        after_spam=("Click now!", "Offer ends tonight.", "Call us today!", "Yours, the Winner Team", "100% safe."),
    ),
    "zh": Phrases(
        greetings=("喂，", "在吗？", "您好客服，", "各位好，", "早上好，"),
        closings=("多谢，{name}", "等回信。{name}", "拜托了。", "{name}上", "先谢了！"),
        names=("方姐", "小丁", "吕先生", "老郑", "阿梅", "史师傅"),
        high=(
            "两个小时内没有回复就来不及了。",
            "最迟明天晚上要弄好，过了就没有意义了。",
            "已经发了五封邮件，没人理。",
            "再这样我就报警。",
            "材料我已经交给律师了。",
            "我会向市场监管局举报。",
            "这是第四次写信，从来没有回过。",
        ),
        low=("不急的。", "过几周再说也行。", "等你们空下来再回。", "什么时候办都可以。", "下下个月处理也没关系。"),
        asides={
            "delivery": "上次的包装很仔细。",
            "feedback": "你们的人态度一直很好。",
            "account": "我从开店第一年就在这里买。",
            "billing": "付款倒是很方便。",
            "technical": "旧的那款到现在还能用。",
        },
        before_spam=("您好，", "好消息！", "注意：", "亲爱的用户，", "【内部】"),
        after_spam=("点击领取！", "今晚截止。", "马上来电！", "百分百安全。", "回复1了解。"),
    ),
}  # fmt: skip


def training_situations(language: str, seed_wordings: int) -> list[Situation]:
    """New situations, and those of the seeds with the wordings that seeds use; no situation of held-out files only."""
    shared = [each for each in situations(language) if not each.is_withheld]
    return [*situations(language, FILES), *(replace(each, wordings=each.wordings[:seed_wordings]) for each in shared)]
