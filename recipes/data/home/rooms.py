"""Rooms and their possible devices, in English and Chinese.

Written for Plait, not taken from the package. `*` marks a light whose name does not state its kind ("bookshelf"):
people say "the bookshelf light", and Home Assistant has templates for that. No area's name is part of another's. The
last word of a cover is one of the package's cover classes if one fits ("roller blind" is a blind).
"""

Rooms = dict[str, dict[str, tuple[str, ...]]]


def rooms(table: str) -> Rooms:
    """Parses lines of the form `area: kind = name, name; kind = ...` to area -> kind -> names."""
    areas = {}
    for line in table.strip().splitlines():
        area, _, kinds = line.partition(":")
        pairs = (kind.split("=") for kind in kinds.split(";"))
        areas[area.strip()] = {kind.strip(): tuple(name.strip() for name in names.split(",")) for kind, names in pairs}
    return areas


ENGLISH = rooms("""
kitchen: light = ceiling light, pendant lamp, counter lights, stove hood*; cover = roller blind; media = radio, speaker; climate = floor heating
living room: light = ceiling light, floor lamp, bookshelf*, reading lamp; cover = left curtain, right curtain; media = TV, soundbar, record player; climate = air conditioner
dining room: light = chandelier, wall lamp, sideboard*; cover = curtains; media = speaker; climate = radiator
bedroom: light = ceiling light, left bedside lamp, right bedside lamp, headboard*; cover = blackout curtains; media = TV, radio; climate = air conditioner
guest room: light = ceiling light, table lamp, wardrobe*; cover = shutters; media = TV; climate = oil heater
nursery: light = night light, ceiling light, toy shelf*; cover = roller shade; media = story player, baby speaker; climate = humidifier
bathroom: light = mirror*, ceiling light, shower spotlights; cover = blinds; media = shower speaker; climate = towel warmer, floor heating
hallway: light = ceiling light, coat rack*, wall lamp; climate = thermostat; media = intercom speaker
study: light = desk lamp, floor lamp, ceiling light, picture frame*; cover = venetian blinds; media = stereo, monitor; climate = air conditioner
garage: light = ceiling light, workbench*, spotlights; cover = garage door; media = radio; climate = space heater
attic: light = spotlights, string lights, ceiling light; cover = roof window, roller shade; climate = dehumidifier; media = projector
basement: light = ceiling light, wine rack*, wall lamp; climate = dehumidifier; media = jukebox; cover = window
garden: light = path lights, string lights, pond*; cover = gate; media = outdoor speaker; climate = patio heater
sunroom: light = wall lamp, lantern, plant shelf*; cover = awning, roof shades; climate = heat pump; media = speaker
playroom: light = ceiling light, rainbow lamp, aquarium*; cover = curtains; media = game console, TV; climate = air purifier
laundry room: light = ceiling light, drying rack*; cover = roller shutter; climate = dehumidifier; media = radio
office: light = desk lamp, floor lamp, whiteboard*; cover = vertical blinds; media = conference speaker, monitor; climate = thermostat
""")  # noqa: E501

CHINESE = rooms("""
厨房: light = 吸顶灯, 吊灯, 橱柜灯, 碗柜*; cover = 卷帘; media = 收音机, 音箱; climate = 地暖
客厅: light = 吸顶灯, 落地灯, 书架*, 氛围灯; cover = 左窗帘, 右窗帘; media = 电视, 回音壁, 唱片机; climate = 空调, 空气净化器
餐厅: light = 吊灯, 壁灯, 餐边柜*; cover = 窗帘; media = 音箱; climate = 暖气
主卧: light = 吸顶灯, 左床头灯, 右床头灯, 化妆镜*; cover = 遮光窗帘; media = 电视, 智能音箱; climate = 空调, 加湿器
次卧: light = 吸顶灯, 台灯, 衣柜*; cover = 窗帘; media = 电视; climate = 空调, 取暖器
儿童房: light = 小夜灯, 吸顶灯, 玩具架*; cover = 卷帘; media = 故事机, 音箱; climate = 加湿器, 空调
老人房: light = 夜灯, 吸顶灯, 床头灯; cover = 窗帘; media = 收音机, 电视; climate = 空调
卫生间: light = 镜前灯, 吸顶灯, 浴缸*; cover = 百叶窗; media = 防水音箱; climate = 浴霸, 毛巾架
玄关: light = 感应灯, 壁灯, 鞋柜*; climate = 温控器; media = 对讲屏
书房: light = 台灯, 落地灯, 吸顶灯, 画框*; cover = 百叶帘; media = 录音机, 显示器; climate = 空调
车库: light = 吸顶灯, 射灯, 工具墙*; cover = 车库门; media = 收音机; climate = 暖风机
阁楼: light = 射灯, 灯串, 吸顶灯; cover = 窗户, 遮阳帘; climate = 除湿机; media = 投影仪
地下室: light = 吸顶灯, 壁灯, 酒架*; climate = 除湿机; media = 点唱机; cover = 卷帘
院子: light = 庭院灯, 草坪灯, 鱼池*; cover = 大门; media = 户外音箱; climate = 户外取暖器
阳台: light = 壁灯, 吸顶灯, 花架*; cover = 遮阳棚, 百叶窗; climate = 取暖器; media = 音箱
影音室: light = 灯带, 筒灯, 唱片柜*; cover = 遮光窗帘; media = 投影仪, 功放, 低音炮; climate = 新风机
茶室: light = 纸灯, 落地灯, 博古架*; cover = 卷帘; media = 播放器; climate = 空调
""")  # noqa: E501

ROOMS = {"en": ENGLISH, "zh": CHINESE}
