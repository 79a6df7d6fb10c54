"""How people speak: what we take from the package's templates, which are written to *recognise* and so allow far more.

"bring my kitchen lamps out" is matched by the package, nobody says it. Every choice here narrows: a sentence of ours is
still one that the package's own templates match (`tests/recipes/test_home_command_data.py` asks hassil).
"""

import re

# Rules in place of the package's, each a subset; what is repeated is said more often.
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
ROLLING = {"open": "(open|open|raise)", "close": "(close|close|shut|lower)"}
NOT_ROLLING = {"open": "open", "close": "(close|close|shut)"}
ROLLS = ("blind", "blinds", "shade", "shades", "shutter", "shutters", "garage door")
# A cover has a position: it is set, or opened to one. ("close to 30%" could mean 30 or 70 per cent open.)
OF_INTENT = {
    "HassSetPosition": {"numeric_value_set": "(set|set|change)", "open": "open", "close": "open"},
    "HassClimateSetTemperature": {"numeric_value_set": "(set|set|change)"},
    "HassClimateSetFanMode": {"set": "(set|change)"},
}
OF_REASON = {
    "whole": {"light": "lights", "in": "on"},
    "question": {"light": "lights"},
    "several": {"light": "lights"},  # "the bedroom light" may be the one on the ceiling, "the lights" are all of them
    "no room": {"light": "(light|lights)"},
}

# Alternatives that are not taken where another is left.
UNSAID = frozenset("<all> item 让 给 插座 通断器 计时 定时 吸顶灯 筒灯 射灯 台灯 床头灯".split()) | {"tv show s"}

# How often an optional part is said, by its gist; what is not here at even odds.
ALWAYS = """to, on, in, on|for, floor, 楼|层, volume, turn, turn the, of, from, by, 空调, the|my, a|an|the|my
my|the, like, a, the <media>, 度|摄氏度, °|degree s, 状态, to base, <in>, <set>, <set_to>, <numeric_value_set>, <are>
activate, list, 在, 里, 下, activate|run|start|<turn>, 执行|运行|启动|开始, 执行|运行|启动
track|item, to the next song|track|the song|track|this song|track
吗|不, 让, 割草机, to the previous|last song|track"""
OFTEN = "<the>, the, %|percent, <turn>, 把|将|让|给, 这里|这边, <light>"
SELDOM = "<light>|开关|电源|插座|通断器, position, again, <here>, home assistant, 家庭助手, <current>, current"
NEVER = "<all>, <everywhere>, 草坪, 是|处于, people, is, of the, 后, 开始, 锁"
ODDS = ((ALWAYS, 1.0), (OFTEN, 0.9), (SELDOM, 0.15), (NEVER, 0.0))
CHANCE = {gist.strip(): odds for gists, odds in ODDS for gist in re.split(r",|\n", gists)} | {"": 0.0}

# Lines with these words are taken less often; with {brightness_level} half of all brightnesses would be 100.
RARE = ("activate", "illuminate", "light up", "{brightness_level")

# A question asks; "the lamp is off" is none.
ASKS = re.compile(r"^(is|are|which|how)\b|吗|是不是|是否|有没有|哪|几|多少")


def chance(gist: str) -> float:
    return CHANCE.get(gist, 0.5)


def weight(line: str) -> int:
    return 1 if any(word in line for word in RARE) else 3


# Lines that mean something else to us than to Home Assistant, or that nobody says.
UNWANTED = [
    r"^\[<the>\] \{name\}( on)?$",  # a bare name is no command
    r"<the>\] \{area\} \[to\] \{brightness\}\[\(\[ \]%\)\| percent\]$",  # "the kitchen to 40 %" may be its volume
    r"<light> \{floor\}",  # "the lights upstairs": our floors need the word floor
    r"^<light> \(?(off|on)|\{timer_half|^\{timer_.*timer$|^timer ",
    r"^\[<current>\]<time>$|^<what_is><time>|^<today>|^\{name\}.*有多",
]
OF_ALL = r"(?<![\[(])<all>"


def sayable(lines: tuple[str, ...], of_all: bool) -> list[str]:
    """The lines that we use; those about all lights at once only where that is the point."""
    unwanted = re.compile("|".join(UNWANTED if of_all else [*UNWANTED, OF_ALL]))
    said = [line.replace("[to] off", "off").replace("[to] on", "on") for line in lines]
    return [line for line in said if not unwanted.search(line)]


# Words of the package's own skip lists, in front of commands that begin with a verb.
POLITE = {"en": "please ", "zh": "麻烦"}
COMMANDS = re.compile(
    r"^(turn|set|switch|open|close|shut|raise|lower|activate|deactivate|change|increase|decrease|把|打开|关闭|关掉|调|设置)"
)
