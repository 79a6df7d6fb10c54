"""Commands at home by rules alone: the device whose name is said, a number, words for on and off.

What a model has to beat: `plait evaluate examples/rules/home_command.py:home_command --data ROWS` puts it beside one.
Words were collected from the seeds and tuned on them alone; the recipe's table of intents was known to the writer.
"""

import re

from plait import Ref, engine
from plait.tasks.home_command import Device, Nothing, SetLevel, Switch, home_command

# Said of what no device can do here: questions, degrees, colours, steps, playback, other machines.
NOT_A_COMMAND = re.compile(
    r"\?|\b(is|are|what|how|which|weather|time|date|timer|list|mode|degrees?|celsius|colou?r|white|red|blue|green"
    r"|kelvin|pause|play|next|previous|fan|fans|lock|valve|scene|script|vacuum|mow|all|every|everything|by)\b"
    r"|吗|几|多少|是否|有没有|天气|时间|日期|定时|倒计时|清单|模式|度$|温度|风速|颜色|色|暂停|播放|下一|上一"
    r"|pink|black|yellow|锁|阀|场景|扫地|割草|所有|全部|调高百|调低百|提高|降低"
)
ON = re.compile(r"\b(on|open|raise|activate|illuminate|light up)\b|开")
OFF = re.compile(r"\b(off|out|close|shut|lower|deactivate)\b|关")
MAXIMUM = re.compile(r"\b(max|maximum|highest)\b|最[亮高大]")
KINDS = {
    "light": re.compile(r"\b(lights?|lamps?|brightness)\b|灯|亮度"),
    "cover": re.compile(r"\b(blinds?|curtains?|shutters?|shades?|awnings?|doors?|gates?|windows?)\b|[窗帘门棚]"),
    "media": re.compile(r"\bvolume\b|音量"),
}
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH = {word: number for number, word in enumerate([*ONES.split(), "eighteen", "nineteen"])}
ENGLISH |= {word: 10 * tens for tens, word in enumerate(TENS.split(), 2)}
CHINESE = "零一二三四五六七八九"


@engine.answers(home_command)
def rules(utterance: str, devices: list[Device]) -> Switch | SetLevel | Nothing:
    device = named_device(utterance, devices)
    if device is None:
        return Nothing(why="No single device is named." if utterance.isascii() else "没有说明是哪个设备。")
    rest = utterance.replace(device.name, " ")
    if NOT_A_COMMAND.search(rest):
        return Nothing(why="This is no command to a device." if utterance.isascii() else "这不是对设备的指令。")
    percent = percent_level(rest)
    if percent is not None:
        return SetLevel(device=Ref(device), percent=percent)
    return Switch(device=Ref(device), on=bool(ON.search(rest)) and not OFF.search(rest))


def named_device(utterance: str, devices: list[Device]) -> Device | None:
    """The device with the longest name that is said; of several, or without a name, the only one that fits the area."""
    named = [device for device in devices if device.name in utterance]
    longest = max((len(device.name) for device in named), default=0)
    named = [device for device in named if len(device.name) == longest] or devices_in_area(utterance, devices)
    here = [device for device in named if device.area in utterance]
    return named[0] if len(named) == 1 else here[0] if len(here) == 1 else None


def devices_in_area(utterance: str, devices: list[Device]) -> list[Device]:
    kinds = {kind for kind, words in KINDS.items() if words.search(utterance)}
    return [device for device in devices if device.area in utterance and device.kind in kinds]


def percent_level(text: str) -> int | None:
    """The percentage that is said, in figures or in words."""
    if MAXIMUM.search(text):
        return 100
    if figures := re.search(r"\d+", text):
        return min(100, int(figures[0]))
    if re.search("hundred|百分之(?:一)?百|一百", text):
        return 100
    if chinese := re.search(f"[{CHINESE}十]+$", text.removesuffix("的亮度")):
        return chinese_number(chinese[0])
    numbers = [ENGLISH[word] for word in re.findall("[a-z]+", text) if word in ENGLISH]
    return sum(numbers) if numbers else None


def chinese_number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    return (10 * CHINESE.index(tens or "一") if ten else 0) + (CHINESE.index(ones[0]) if ones else 0)
