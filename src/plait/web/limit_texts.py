"""The limits of a model in the reader's language. A card writes them in English; other sentences stay as they are."""

import re

from plait.web.views import Language

CHINESE = {
    r"It knows ([\d,]+) nouns, drawn as pictograms on plain grounds, and no photographs\.": (
        "它认识纯色背景上的 {0} 种象形图，不认识照片。"
    ),
    r"It sees any picture as a square of (\d+) x (\d+) pixels\.": "任何图片在它看来都是 {0} x {1} 像素的正方形。",
    r"It writes at most (\d+) tokens, always the likeliest: a seed or a temperature changes no words\.": (
        "它最多写 {0} 个词元，总是最可能的：种子和温度不会改变文字。"
    ),
    r"It paints (\d+) x (\d+) pixels: one layout for a description, one hand for a thing\.": (
        "它画 {0} x {1} 像素的图：每个描述一种布局，每样东西一种画法。"
    ),
    r"It answers the tasks that it was trained on, in their own words, and does not chat\.": (
        "它只回答训练过的任务，用任务自己的说法，不会聊天。"
    ),
}


def localized_limit(limit: str, language: Language) -> str:
    for pattern, text in CHINESE.items() if language == "zh" else ():
        match = re.fullmatch(pattern, limit)
        if match:
            return text.format(*match.groups())
    return limit
