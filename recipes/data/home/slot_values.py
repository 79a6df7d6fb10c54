"""Values of template slots other than devices of the house, and texts of the reasons for "nothing"."""

from random import Random

from hassil.numbers import get_rbnf_engine

# Values of the package's wildcards, and names of things that no house has, by Home Assistant domain.
FILLERS = {
    "en": {
        "message": ("dinner is ready", "the taxi is here", "it is time for bed", "we are leaving in ten minutes"),
        "shopping_list_item": ("milk", "two lemons", "oat flakes", "washing powder", "apples", "coffee beans"),
        "todo_list_item": ("dentist appointment", "window cleaning", "passport renewal", "bike repair"),
        "search_query": ("some jazz", "the morning news", "Vivaldi", "rain sounds", "piano music"),
        "floor": ("ground", "first", "second", "top"),
        "todo": ("to-do", "chores", "holiday"),
        "weather": ("Berlin", "Shanghai", "Oslo", "Madrid"),
        "lock": ("front door lock", "back door lock", "cellar door lock"),
        "valve": ("water valve", "gas valve", "irrigation valve"),
        "scene": ("movie night", "sunset", "party", "reading time", "breakfast"),
        "script": ("good night", "leaving home", "welcome", "bedtime story"),
        "vacuum": ("robot vacuum", "vacuum cleaner", "vacuum robot"),
    },
    "zh": {
        "message": ("开饭了", "出租车到了", "该睡觉了", "十分钟后出门"),
        "shopping_list_item": ("牛奶", "鸡蛋", "洗衣液", "苹果", "咖啡豆", "大米"),
        "todo_list_item": ("牙医预约", "浇花", "护照续签", "交房租"),
        "search_query": ("爵士乐", "早间新闻", "雨声"),
        "floor": ("一", "二", "三"),
        "todo": ("待办清单", "家务清单", "旅行清单"),
        "weather": ("北京", "上海", "杭州", "成都"),
        "lock": ("防盗门锁", "后门锁", "储藏室门锁"),
        "valve": ("水阀", "燃气阀", "灌溉阀"),
        "scene": ("观影", "日落", "聚会", "阅读", "早餐"),
        "script": ("晚安", "离家", "欢迎回家", "起床"),
        "vacuum": ("扫地机器人", "扫地机", "扫拖机器人"),
    },
}

REASON_TEXTS = {
    "en": {
        "missing": 'No device here is called "{name}".',
        "missing in area": 'No device in the {area} is called "{name}".',
        "missing light": "There is no light in the {area}.",
        "missing cover": "There is no cover in the {area}.",
        "missing media": "There is no media player in the {area}.",
        "several": "There are {count} in the {area}; a command acts on one device, and none is named.",
        "no room": "It is not said which room or device is meant.",
        "whole": "This means a whole floor or house; one command acts on one device.",
        "weather": "The weather is a question for a forecast, not a command to a device.",
        "clock": "The time and the date are questions, not commands to a device.",
        "timer": "Timers are none of the devices.",
        "list": "Lists are none of the devices.",
        "announcement": "Announcements to people are not commands to a device.",
        "talk": "This is conversation; no device is to do anything.",
        "cleaning": "There is no vacuum cleaner among the devices.",
        "mowing": "There is no lawn mower among the devices.",
        "question": "This asks for a state; nothing is to be changed.",
        "temperature": "This asks for the temperature; nothing is to be changed.",
        "degrees": "A temperature in degrees is neither on or off nor a percentage.",
        "fan mode": "A fan mode is neither on or off nor a percentage.",
        "colour": "A colour is neither on or off nor a percentage.",
        "playback": "Choosing or pausing what plays is neither on or off nor a percentage.",
        "step": "This changes the volume by a step; no level to set is said.",
        "fan": "There is no fan among the devices.",
        "lock": "There is no lock among the devices.",
        "valve": "There is no valve among the devices.",
        "scene": "Scenes and scripts are none of the devices.",
    },
    "zh": {
        "missing": "这里没有叫“{name}”的设备。",
        "missing in area": "{area}没有叫“{name}”的设备。",
        "missing light": "{area}没有灯。",
        "missing cover": "{area}没有窗帘或门窗设备。",
        "missing media": "{area}没有影音设备。",
        "several": "{area}有{count}；一条命令只作用于一个设备，这里没有说是哪个。",
        "no room": "没有说明是哪个房间或哪个设备。",
        "whole": "这指的是整层或全屋；一条命令只作用于一个设备。",
        "weather": "天气要问预报，不是给设备的命令。",
        "clock": "时间和日期是提问，不是给设备的命令。",
        "timer": "设备中没有计时器。",
        "list": "设备中没有清单。",
        "announcement": "向人广播不是给设备的命令。",
        "talk": "这是对话，没有设备需要动作。",
        "cleaning": "设备中没有扫地机器人。",
        "mowing": "设备中没有割草机。",
        "question": "这是在询问状态，不需要改变什么。",
        "temperature": "这是在询问温度，不需要改变什么。",
        "degrees": "温度的度数既不是开关，也不是百分比。",
        "colour": "颜色既不是开关，也不是百分比。",
        "playback": "选择或暂停播放既不是开关，也不是百分比。",
        "step": "这是把音量调高或调低一些，没有说明目标值。",
        "fan": "设备中没有风扇。",
        "lock": "设备中没有门锁。",
        "valve": "设备中没有阀门。",
        "scene": "场景和脚本不是设备。",
    },
}


# Without "the minimum": 1 % in Home Assistant, 0 % in other systems.
MAXIMUM_WORDS = {"en": ("maximum", "max", "highest"), "zh": ("最亮", "最高", "最大")}


def sample_percent(random: Random) -> int:
    """A random level: mostly round, never 0, because a light at 0 % may mean off or dimmest."""
    tens, fives, any_level = range(10, 101, 10), range(5, 101, 5), range(1, 101)
    return random.choice(random.choice((tens, tens, fives, any_level)))


def spell_number(number: int, language: str) -> str:
    """The number in words, by hassil's engine."""
    return get_rbnf_engine(language).format_number(number).text_by_ruleset["spellout-cardinal"]


def device_count(number: int, kind: str | None, language: str) -> str:
    """Number and noun of devices: "two lights", "两个灯"."""
    english, chinese = {"light": ("lights", "灯"), "media": ("media players", "影音设备")}.get(
        kind, ("devices", "设备")
    )
    if language == "en":
        return f"{spell_number(number, 'en')} {english}"
    return f"{'两' if number == 2 else spell_number(number, 'zh')}个{chinese}"
