"""Restrictions of the package's templates, which are written for recognition and allow more than people say.

For example, they match "bring my kitchen lamps out". Every entry here only restricts: the package's own templates still
match each sampled sentence (`tests/recipes/test_home_command_data.py` checks this with hassil).
"""

import re

# Replacements for the package's rules, each a subset; repetition increases the probability.
RULES = {
    "en": {
        "the": "(the|the|the|the|the|the|my)",
        "in": "in",
        "turn": "(turn|turn|switch)",
        "light": "(light|light|lights|lamp)",
        "is": "(is|are)",
        "all": "(all the|all of the|all my)",
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
        "pause": "暂停",
        "which": "哪(个|些)",
        "how_many_is": "(有多少|有几个)",
        "position": "({position}%|百分之{position})",
        "brightness": "({brightness}%|百分之{brightness}|{brightness})",
        "volume_percentage": "({volume_percentage}%|百分之{volume_percentage}|{volume_percentage})",
    },
}
# Covers that roll or fold upwards are also raised and lowered; curtains and gates are not.
ROLLING_RULES = {"open": "(open|open|raise)", "close": "(close|close|shut|lower)"}
NOT_ROLLING_RULES = {"open": "open", "close": "(close|close|shut)"}
ROLLING_COVERS = ("blind", "blinds", "shade", "shades", "shutter", "shutters", "garage door")
# A position is set, or a cover is opened to it. Not "close to 30%": this may mean 30 or 70 per cent open.
RULES_BY_INTENT = {
    "HassSetPosition": {"numeric_value_set": "(set|set|change)", "open": "open", "close": "open"},
    "HassClimateSetTemperature": {"numeric_value_set": "(set|set|change)"},
    "HassClimateSetFanMode": {"set": "(set|change)"},
}
RULES_BY_REASON = {
    "whole": {"light": "lights", "in": "on"},
    "question": {"light": "lights"},
    "several": {"light": "lights"},  # "the bedroom light" may be the one on the ceiling, "the lights" are all of them
    "no room": {"light": "(light|lights)"},
}

# Alternatives that are used only if no other is left.
EXCLUDED_ALTERNATIVES = frozenset("<all> item 让 给 插座 通断器 计时 定时 吸顶灯 筒灯 射灯 台灯 床头灯".split()) | {
    "tv show s"
}

# Probability of optional parts, by part_key; 0.5 if not listed.
ALWAYS = """to, on, in, on|for, floor, 楼|层, volume, turn, turn the, of, from, by, 空调, the|my, a|an|the|my
my|the, like, a, the <media>, 度|摄氏度, °|degree s, 状态, to base, <in>, <set>, <set_to>, <numeric_value_set>, <are>
activate, list, 在, 里, 下, activate|run|start|<turn>, 执行|运行|启动|开始, 执行|运行|启动
track|item, to the next song|track|the song|track|this song|track
吗|不, 让, 割草机, to the previous|last song|track"""
OFTEN = "<the>, the, %|percent, <turn>, 把|将|让|给, 这里|这边, <light>"
SELDOM = "<light>|开关|电源|插座|通断器, position, again, <here>, home assistant, 家庭助手, <current>, current"
NEVER = "<all>, <everywhere>, 草坪, 是|处于, people, is, of the, 后, 开始, 锁"
PROBABILITY_TABLE = ((ALWAYS, 1.0), (OFTEN, 0.9), (SELDOM, 0.15), (NEVER, 0.0))
OPTION_PROBABILITIES = {
    key.strip(): probability for keys, probability in PROBABILITY_TABLE for key in re.split(r",|\n", keys)
} | {"": 0.0}

# Lines with these words have a lower weight; otherwise {brightness_level} makes half of all brightnesses 100.
RARE_WORDS = ("activate", "illuminate", "light up", "{brightness_level")

# Question words; excludes statements such as "the lamp is off".
QUESTION = re.compile(r"^(is|are|which|how)\b|吗|是不是|是否|有没有|哪|几|多少")


def option_probability(key: str) -> float:
    return OPTION_PROBABILITIES.get(key, 0.5)


def line_weight(line: str) -> int:
    return 1 if any(word in line for word in RARE_WORDS) else 3


# Lines that mean something else in this task than in Home Assistant, or that are unnatural.
EXCLUDED_LINES = [
    r"^\[<the>\] \{name\}( on)?$",  # a bare name is no command
    r"<the>\] \{area\} \[to\] \{brightness\}\[\(\[ \]%\)\| percent\]$",  # "the kitchen to 40 %" may be its volume
    r"<light> \{floor\}",  # "the lights upstairs": the floor slot needs the word floor
    r"^<light> \(?(off|on)|\{timer_half|^\{timer_.*timer$|^timer ",
    r"^\[<current>\]<time>$|^<what_is><time>|^<today>|^\{name\}.*有多",
]
ALL_DEVICES = r"(?<![\[(])<all>"


def usable_lines(lines: tuple[str, ...], about_all: bool) -> list[str]:
    """The lines in use; those about all lights only if `about_all`."""
    excluded = re.compile("|".join(EXCLUDED_LINES if about_all else [*EXCLUDED_LINES, ALL_DEVICES]))
    simplified = [line.replace("[to] off", "off").replace("[to] on", "on") for line in lines]
    return [line for line in simplified if not excluded.search(line)]


# Words of the package's skip lists, before commands that start with a verb.
POLITE_PREFIX = {"en": "please ", "zh": "麻烦"}
COMMAND_VERBS = re.compile(
    r"^(turn|set|switch|open|close|shut|raise|lower|activate|deactivate|change|increase|decrease|把|打开|关闭|关掉|调|设置)"
)
