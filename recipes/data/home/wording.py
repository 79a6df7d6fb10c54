"""How people speak: what we take from the package's templates, which are written to *recognise* and so allow far more.

"bring my kitchen lamps out" is matched by the package, nobody says it. Every choice here narrows: a sentence of ours is
still one that the package's own templates match (`tests/recipes/test_home_command_data.py` asks hassil).
"""

import re

# Rules in place of the package's, each a subset; what is repeated is said more often.
RULES = {
    "en": {
        "the": "(the|the|the|the|my)",
        "in": "in",
        "turn": "(turn|turn|switch)",
        "light": "(light|light|lights|lamp)",
        "is": "(is|are)",
        "all": "(all the|all [of] the|every|all my)",
        "everywhere": "(everywhere|in the [whole] (house|apartment|home))",
        "here": "([in] here|in this room)",
        "open": "open",
        "close": "close",
        "numeric_value_set": "(set|set|set|change|turn [(up|down)]|increase|decrease)",
        "set": "(set|set|change|turn)",
        "what_is": "(what's|what is|tell me)",
        "how_is": "(how is|how's)",
        "which": "which",
        "temp": "temperature",
        "media": "music",
        "track": "(song|track)",
        "any": "any",
        "how_many": "how many",
    },
    "zh": {
        "light": "(灯|灯|灯光)",
        "to": "(为|到)",
        "set_to": "(设置为|调节到|调到|调到|调至|设为)",
        "close": "(关闭|关掉|关)",
        "numeric_value_set": "(设置|调节|调)",
        "turn_off": "(关闭|关掉|关掉|关)",
        "turn_on": "(打开|打开|开启|开)",
        "current": "(现在|当前)",
        "position": "({position}%|百分之{position})",
        "brightness": "({brightness}%|百分之{brightness}|{brightness})",
        "volume_percentage": "({volume_percentage}%|百分之{volume_percentage}|{volume_percentage})",
    },
}
# Covers that roll or fold upwards are also raised and lowered; curtains and gates are not.
ROLLING = {
    "open": "(open|open|raise)",
    "close": "(close|close|shut|lower)",
}
NOT_ROLLING = {"open": "open", "close": "(close|close|shut)"}
ROLLS = ("blind", "blinds", "shade", "shades", "shutter", "shutters", "garage door")
# A cover has a position: it is set, or opened to one. ("close to 30%" could mean 30 or 70 per cent open.)
OF_INTENT = {
    "HassSetPosition": {"numeric_value_set": "(set|set|change)", "close": "open"},
    "HassClimateSetTemperature": {"numeric_value_set": "(set|set|change)"},
    "HassClimateSetFanMode": {"set": "(set|change)"},
}

UNSAID = frozenset({"<all>", "让", "给", "风扇|电扇|塔扇|吊扇", "插座", "通断器", "1/2", "lowest", "tv show s"})

# How often an optional part is said, by its gist; the rest at even odds.
ALWAYS = ["to", "on", "in", "on|for", "floor", "楼|层", "volume", "%|percent", "turn", "turn the", "of", "from", "by", "空调"]
ALWAYS += ["the|my", "a|an|the|my", "my|the", "the <media>", "like", "度|摄氏度", "°|degree s", "状态", "a", "to base"]
ALWAYS += ["to the next song|track|the song|track|this song|track", "吗|不", "在", "里", "to the previous|last song|track"]
SELDOM = ["<light>|开关|电源|插座|通断器", "position", "again", "<here>", "home assistant", "家庭助手", "<current>", "current"]
NEVER = ["", "<all>", "<everywhere>", "割草机", "草坪", "<the> lawn", "是|处于", "people", "is", "of the"]
CHANCE = dict.fromkeys(ALWAYS, 1.0) | dict.fromkeys(SELDOM, 0.15) | dict.fromkeys(NEVER, 0.0)
CHANCE |= {"<the>": 0.88, "the": 0.88, "<numeric_value_set>": 0.93, "<set>": 1.0, "<set_to>": 0.8, "<turn>": 0.8, "的": 0.4}
CHANCE |= {"%|percent": 0.85, "把|将|让|给": 0.7, "brightness": 0.5, "on": 1.0, "是": 0.5, "的": 0.4}


def chance(gist: str) -> float:
    return CHANCE.get(gist, 0.5)


# What reads wrong although each part is right. A sentence that matches is drawn again.
AWKWARD = {
    "en": re.compile(
        r" to (on|off)$|switch .*\bout$|switch out|\bout in |[a-z]%|(open|raise) .*position"
        r"|(down|decrease)\b.*(max|highest)|(the|my) (the|my)\b|\ba ?hours?\b|to (max|maximum|highest)$"
        r"|^(turn|change) .*\bto (max|maximum|highest)|change .* (up|down) to|turn (the|my) .* volume to"
        r"|\bturn (the|my)? ?(brightness|volume)\b(?!.*\b(up|down)\b)|color .*\blights?\b to|every lights"
        r"|all .*\b(light|lamp)\b(?! bulbs)|every .*\blights\b|increase .* lights? to|decrease .* lights? to"
    ),
    "zh": re.compile(
        r"的(打开|开启|开|关闭|关掉|关了|关上|关|拉开|暂停|停止|恢复|继续|静音)|的$|[一二三四五六七八九十百零]%|百分之\d+%"
        r"|^(把|将).*[^拉打](开|关)$|关了$|设置.*到|^(把|将)[^设调]*(亮度|音量)(百分之|[\d一二三四五六七八九十最])"
        r"|(门|窗户|棚|窗)拉开|关掉.*(帘|门|窗)|(帘|门|窗|棚).*关掉|开启.*(帘|门|窗)|灯灯|灯的灯|灯的?灯光"
        r"|\d开$|(是不是|是否).*吗|的的|(开|关)吗"
    ),
}
