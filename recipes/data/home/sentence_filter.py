"""Filter for unnatural sentences: the template allows them, but a match is sampled again.

Each pattern was added after reading generated rows; the comment gives an example of a match.
"""

import re

ENGLISH = [
    r" to (on|off)$",  # turn the lamp to off
    r"switch .*\bout$|switch out",  # switch the lamp out
    r"\bout in |^(?!.*\bturn\b).*\bout$",  # lamp out in the study; the hallway lamp out
    r"\bmy\b.*\bmy\b|(the|my) (the|my)\b",  # my lamp in my study
    r"[a-z](%|°)|degree$|\dkelvin",  # forty%; 21 degree; 4700kelvin
    r"to ((?!max|high)[\w-]+|one hundred) brightness",  # to fifty brightness
    r"(open|raise) .*position",  # open the blinds position to 40%
    r"\b(max|maximum|highest)$(?<!the max)(?<!the maximum)|to (max|maximum|highest)\b",  # to highest
    r"\b(down|decrease)\b.*(max|highest)",  # turn down to the maximum
    r"^(?:(?!\bup\b|\bdown\b).)*\bturn (?:(?!\bup\b|\bdown\b).)*(brightness|volume) to",  # turn the lamp brightness to
    r"\bturn (the |my )?(brightness|volume) (?!.*\b(up|down)\b)",  # turn the volume in the kitchen to
    r"change .* (up|down) to|^(up|down) |^volume (up|down) (the|my)",  # up the volume; volume up the radio
    r"(increase|decrease) (?!.*(brightness|volume|speed))",  # increase the lamp to 50
    r"(increase|decrease) (?!(the )?brightness).* brightness$",  # decrease the nursery to 30% brightness
    r"(increase|decrease|turn) .*temperature",  # increase the temperature to candle light
    r"color .*\blights?\b to|black|brown",  # black light
    r"fans speed|of fan\b|light it",  # the fans speed; light it up
    r"\bis any\b|\bis all\b|lights is|every lights",  # is all the lights on
    r"^(what's|what is|tell me) (?!the|my|current|today)",  # what's kitchen temperature
    r"weather.* (the|my) [A-Z]|(the|my) [A-Z]\w+ weather",  # the weather in the Oslo
    r"(is|'s|me) weather|tell me.*like|weather at|like (in|for|at)",  # tell me the weather like
    r"^mow$|in (my|the) .*list$",  # put milk in the list
    r"\bpause$|play the (last|previous)$",  # the jukebox pause
    r"scene the|^scene|^(activate|run|start) .* on$",  # change to scene the party
    r"-(hours|minutes)|(hours|minutes) timer|\b(hour|minute)$|for \S+-(hour|minute)",  # a timer for 4-hours
    r"^(start|set|create) (the|my|an) ",  # set my timer for 5 minutes
]
CHINESE = [
    r"的(打开|开启|开|关闭|关掉|关了|关上|关|拉开|暂停|停止|恢复|继续|静音)",  # 把空调的打开
    r"的(调|设|为|回到|切到|到|几|多少|有|现在|当前|处于|都|是|去|开始|回|返)",  # 壁灯的为白色
    r"的$|的的|锁的|^(把|将|开|关|打开|关闭|开启|关掉)的|在这里",  # 把的灯打开; 关窗帘在这里
    r"[一二三四五六七八九十百零]%|百分之\d+%",  # 四十%; 百分之40%
    r"[^拉打](开|关)$|关了$",  # 老人房窗帘开
    r"(门|窗户|棚|窗)拉开|开启.*(帘|门|窗)",  # 车库门拉开
    r"关掉.*(帘|门|窗)|(帘|门|窗|棚).*关掉",  # 关掉窗帘
    r"设置.*到|^(把|将)[^设调]*(亮度|音量|速度|风速)(百分之|[\d一二三四五六七八九十最])",  # 把厨房亮度40
    r"灯灯|灯的灯|灯的?灯光|黑色|棕色|\d开$",  # 吸顶灯灯
    r"是$|停止一下|^启动$|^(计时器|倒计时).*(创建|开始|设置)",  # 当前时间是
    r"(是不是|是否|有没有).*吗|有没有[开关]了|有无",  # 灯是不是开着吗
    r"[开关]吗|[开关]的|了的|[开关]着吗|[开关]了吗|打开吗|关闭吗|有[打开关][^没]*的?吗",  # 灯开吗; 灯开着吗
    r"中的?状态|的状态|在[^处]*状态|[开闭]中",  # 在关闭中状态
    r"处于(开|关着|关了)|处于(打开|关闭)$|(?<!不)是(打开|关闭|[开关]着|[开关]了|开|关)$",  # 灯处于打开
    r"[几哪].*灯光|多少.*灯光",  # 有几个灯光
]
PATTERNS = {"en": re.compile("|".join(ENGLISH)), "zh": re.compile("|".join(CHINESE))}


def is_unnatural(sentence: str, language: str) -> bool:
    return PATTERNS[language].search(sentence) is not None
