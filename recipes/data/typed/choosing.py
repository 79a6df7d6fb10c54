"""Choice of an object by `Ref`, and commands that are one of several records or nothing."""

from random import Random

from typed.typed_task import Row, TypedTask, declaration, record

GOODS = {
    "en": "lamp chair kettle tent jacket rug vase clock bag desk".split(),
    "zh": "台灯 椅子 水壶 帐篷 外套 地毯 花瓶 挂钟 背包 书桌".split(),
}
COLOURS = {"en": "red blue green white black yellow".split(), "zh": "红 蓝 绿 白 黑 黄".split()}
WISHES = {
    "en": ("a {colour} {what}", "I want a {what}, {colour} if possible only", "something {colour}: a {what}",
           "{what}, {colour}, not above {price}", "is there a {colour} {what} for {price} at most?"),
    "zh": ("要一个{colour}色的{what}", "{colour}色{what}，最多{price}元", "有没有{colour}色的{what}，不超过{price}？"),
}  # fmt: skip
CHOOSING = {
    "en": ("Which of {shelf} fits the wish {wish}?", "{wish} Choose from {shelf}; none if nothing fits.",
           "Find in {shelf} what is asked for: {wish}",
        "Somebody writes {wish}. What of {shelf} do you hand over?",
        "Match {wish} with one of {shelf}."),
    "zh": ("{shelf}中哪个符合愿望“{wish}”？", "顾客说：{wish}从{shelf}里选，没有就不选。"),
}  # fmt: skip
ACTIONS = {
    "en": {
        "Add": ("put {n} {what}s on the list", "we need {n} more {what}s", "add {n} {what}s", "{n} {what}s please"),
        "Remove": ("take the {what} off", "no {what} after all", "forget the {what}", "remove the {what}"),
        "Nothing": ("how are you?", "what time is it", "thanks, that was all", "good morning", "is it raining?"),
    },
    "zh": {
        "Add": ("加{n}个{what}", "再来{n}个{what}", "清单上写{n}个{what}", "要{n}个{what}"),
        "Remove": ("{what}不要了", "去掉{what}", "把{what}划掉", "{what}就算了"),
        "Nothing": ("你好吗？", "现在几点", "谢谢，就这些", "早上好", "下雨了吗？"),
    },
}
COMMANDS = {
    "en": (
        "What does {said} change on the list?",
        "Carry out for the shopping list: {said}",
        "Somebody says {said}. Update the list.",
    ),
    "zh": ("“{said}”要怎么改清单？", "按这句话修改清单：{said}"),
}
CLASS_NAMES = {
    "en": (("Add", "Remove", "Nothing"), ("Put", "Strike", "Ignore"), ("More", "Less", "NoChange")),
    "zh": (("添加", "删除", "不变"), ("加上", "划掉", "忽略")),
}
KEYS = {
    "en": (("article", "colour", "price"), ("thing", "tone", "cost")),
    "zh": (("名称", "颜色", "价格"), ("货品", "色", "元")),
}


def shelf(language: str, random: Random) -> list[tuple[str, str, int]]:
    """Three to six goods of two or three kinds, none twice with the same colour."""
    whats = random.sample(GOODS[language], 3)
    found: dict[tuple[str, str], int] = {}
    size = random.randint(3, 6)
    while len(found) < size:
        found[random.choice(whats), random.choice(COLOURS[language])] = random.randrange(5, 200)
    return [(what, colour, price) for (what, colour), price in found.items()]


def object_task(number: int, language: str, random: Random) -> TypedTask:
    """One of several goods by kind, colour and highest price, or None; 3 of 10 rows have none that fits."""
    keys = random.choice(KEYS[language])
    name, class_name = f"picks_{language}_{number}", f"Good{language.title()}{number}"

    def sample(random: Random) -> Row:
        goods = shelf(language, random)
        place = random.randrange(len(goods))
        what, colour, price = goods[place]
        if random.random() < 0.3:
            taken = {each[1] for each in goods if each[0] == what}
            colour, place = random.choice([each for each in COLOURS[language] if each not in taken]), None
        wish = random.choice(WISHES[language]).format(what=what, colour=colour, price=price + random.randrange(30))
        listed = [dict(zip(keys, good, strict=True)) for good in goods]
        return {"inputs": {"shelf": listed, "wish": wish}, "answer": place}

    fields = dict(zip(keys, ("str", "str", "int"), strict=True))
    source = declaration(
        name, {"shelf": f"list[{class_name}]", "wish": "str"}, f"Ref[{class_name}] | None",
        random.choice(CHOOSING[language]), record(class_name, fields),
    )  # fmt: skip
    return TypedTask("choice", name, language, source, sample)


def command_task(number: int, language: str, random: Random) -> TypedTask:
    """A union of three records: add, remove or nothing. A fourth of the sentences are no commands."""
    add, remove, nothing = random.choice(CLASS_NAMES[language])
    what_key, count_key = random.choice(
        (("what", "count"), ("item", "how_many")) if language == "en" else (("东西", "数量"),)
    )
    name = f"edits_{language}_{number}"

    def sample(random: Random) -> Row:
        action = random.choice(("Add", "Add", "Remove", "Nothing"))
        what, count = random.choice(GOODS[language]), random.randint(2, 30)
        said = random.choice(ACTIONS[language][action]).format(what=what, n=count)
        answers = {
            "Add": {add: {what_key: f"{what}s" if language == "en" else what, count_key: count}},
            "Remove": {remove: {what_key: what}},
            "Nothing": {nothing: {}},
        }
        return {"inputs": {"said": said}, "answer": answers[action]}

    source = declaration(
        name, {"said": "str"}, f"{add} | {remove} | {nothing}", random.choice(COMMANDS[language]),
        record(add, {what_key: "Quoted[str]", count_key: "int"}), record(remove, {what_key: "Quoted[str]"}),
        record(nothing, {}, "The sentence asks for no change." if language == "en" else "这句话没有要求修改。"),
    )  # fmt: skip
    return TypedTask("command or nothing", name, language, source, sample)
