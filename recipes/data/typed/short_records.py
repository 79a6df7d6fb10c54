"""Short records of one sentence: numbers, dates and label words that are computed or chosen, not quoted."""

from datetime import date, timedelta
from random import Random

from typed.typed_task import Row, TypedTask, declaration, literal, record

METERS = {
    "en": {"gas": "gas", "water": "water", "electricity": "power"},
    "zh": {"燃气": "燃气", "水": "水", "电": "电"},
}
READINGS = {
    "en": (
        "The {meter} meter shows {value} on {day}.",
        "{day}: {meter} at {value}",
        "Read {value} off the {meter} meter, {day}.",
    ),
    "zh": ("{day}{meter}表读数{value}。", "{meter}表：{value}（{day}）", "今天{day}，{meter}表走到{value}。"),
}
STOCK = {
    "en": ("{n} boxes of {what} arrived, {bad} of them damaged.", "Delivery: {what}, {n} boxes, {bad} broken",
           "We got {n} boxes of {what}; {bad} had to go back."),
    "zh": ("到货{what}{n}箱，其中{bad}箱破损。", "收到{n}箱{what}，坏了{bad}箱。"),
}  # fmt: skip
STOCK_WHOLE = {"en": ("{n} boxes of {what} arrived, all fine.",), "zh": ("到货{what}{n}箱，全部完好。",)}
WHATS = {
    "en": "nails tiles soap flour cables bulbs paint gloves".split(),
    "zh": "钉子 瓷砖 肥皂 面粉 电缆 灯泡 手套".split(),
}
SHIFTS = {"en": ("morning", "late", "night"), "zh": ("早班", "中班", "夜班")}
PEOPLE = {"en": "Anna Boris Chloe Dan Emil Fay".split(), "zh": "小李 老孟 阿芳 大刘 小蔡".split()}
DUTIES = {
    "en": ("{who} does the {shift} shift on {day} for {n} hours.", "{day}, {shift}: {who} ({n} h)"),
    "zh": ("{who}{day}上{shift}，{n}小时。", "{day}{shift}：{who}，{n}小时"),
}
INSTRUCTIONS = {
    "en": (
        "Enter {line} into the table.",
        "Turn {line} into a record.",
        "What does {line} report?",
        "Log {line}.",
        "Record the following: {line}",
    ),
    "zh": ("把{line}登记成一条记录。", "{line}记录了什么？", "登记：{line}"),
}


def any_day(random: Random, language: str) -> tuple[date, str]:
    """A day and how it is written."""
    day = date(2023, 1, 1) + timedelta(days=random.randrange(1400))
    written = (f"{day:%d %B %Y}".lstrip("0"), f"{day:%B} {day.day}, {day.year}", day.isoformat())
    return day, random.choice(
        (f"{day.year}年{day.month}月{day.day}日", day.isoformat()) if language == "zh" else written
    )


def reading_task(number: int, language: str, random: Random) -> TypedTask:
    keys = random.choice(
        (("meter", "value", "day"), ("utility", "reading", "read_on"))
        if language == "en"
        else (("表", "读数", "日期"),)
    )
    name, class_name = f"readings_{language}_{number}", f"Reading{language.title()}{number}"

    def sample(random: Random) -> Row:
        day, written = any_day(random, language)
        meter, value = random.choice(list(METERS[language])), random.randrange(100, 90_000)
        line = random.choice(READINGS[language]).format(meter=meter, value=value, day=written)
        return {
            "inputs": {"line": line},
            "answer": dict(zip(keys, (METERS[language][meter], value, day.isoformat()), strict=True)),
        }

    types = dict(zip(keys, (literal(list(METERS[language].values())), "int", "date"), strict=True))
    source = declaration(
        name, {"line": "str"}, class_name, random.choice(INSTRUCTIONS[language]), record(class_name, types)
    )
    return TypedTask("short record", name, language, source, sample)


def stock_task(number: int, language: str, random: Random) -> TypedTask:
    """What came, how much, and how much of it was damaged; null if nothing was."""
    keys = random.choice(
        (("goods", "boxes", "damaged"), ("what", "count", "broken"))
        if language == "en"
        else (("货物", "箱数", "破损"),)
    )
    name, class_name = f"stock_{language}_{number}", f"Stock{language.title()}{number}"

    def sample(random: Random) -> Row:
        what, count = random.choice(WHATS[language]), random.randint(3, 90)
        bad = random.randint(1, count - 1) if random.random() < 0.7 else None
        line = random.choice((STOCK if bad else STOCK_WHOLE)[language]).format(what=what, n=count, bad=bad)
        return {"inputs": {"line": line}, "answer": dict(zip(keys, (what, count, bad), strict=True))}

    types = dict(zip(keys, ("Quoted[str]", "int", "int | None"), strict=True))
    source = declaration(
        name, {"line": "str"}, class_name, random.choice(INSTRUCTIONS[language]), record(class_name, types)
    )
    return TypedTask("short record", name, language, source, sample)


def duty_task(number: int, language: str, random: Random) -> TypedTask:
    keys = random.choice(
        (("who", "shift", "day", "hours"), ("person", "duty", "on", "length"))
        if language == "en"
        else (("谁", "班次", "日期", "小时"),)
    )
    name, class_name = f"duties_{language}_{number}", f"Duty{language.title()}{number}"

    def sample(random: Random) -> Row:
        day, written = any_day(random, language)
        who, shift, hours = random.choice(PEOPLE[language]), random.choice(SHIFTS[language]), random.randint(3, 11)
        line = random.choice(DUTIES[language]).format(who=who, shift=shift, day=written, n=hours)
        return {"inputs": {"line": line}, "answer": dict(zip(keys, (who, shift, day.isoformat(), hours), strict=True))}

    types = dict(zip(keys, ("Quoted[str]", literal(SHIFTS[language]), "Quoted[date]", "int"), strict=True))
    source = declaration(
        name, {"line": "str"}, class_name, random.choice(INSTRUCTIONS[language]), record(class_name, types)
    )
    return TypedTask("short record", name, language, source, sample)
