"""Extraction with quotations: some fields of an invoice, under many names, and lists of its items."""

import re
from functools import cache
from random import Random

from extract_invoice import decontamination
from invoices.training.rows import training_rows

from typed.typed_task import Row, TypedTask, declaration, literal, record

INVOICES, MAX_LETTERS = 450, 330
FIELDS = {
    "number": {"en": ("number", "reference", "document_no", "bill_id"), "zh": ("编号", "单号", "票号")},
    "issued": {"en": ("day", "date_of_bill", "written_on", "issued"), "zh": ("日期", "开具日")},
    "seller": {"en": ("company", "vendor", "issuer", "who"), "zh": ("商家", "卖方", "开票方")},
    "currency": {"en": ("currency", "money", "paid_in"), "zh": ("币种", "货币")},
}
TYPES = {"number": "Quoted[str] | None", "issued": "Quoted[date] | None", "seller": "Quoted[str] | None"}
CURRENCIES = {
    "en": (("EUR", "USD", "GBP", "CNY"), ("euro", "dollar", "pound", "yuan")),
    "zh": (("EUR", "USD", "GBP", "CNY"), ("欧元", "美元", "英镑", "人民币")),
}
INSTRUCTIONS = {
    "en": ("Take these facts from {page}.", "What does {page} state?", "Fill in the form from this paper: {page}",
           "Read {page} and note what is asked for."),
    "zh": ("从{page}中找出这些内容。", "{page}写了什么？", "根据这份单据填表：{page}"),
}  # fmt: skip
LIST_INSTRUCTIONS = {
    "en": ("List everything that was bought according to {page}.", "Which goods or services are on {page}?"),
    "zh": ("列出{page}里买的所有东西。", "{page}上有哪些商品或服务？"),
}


@cache
def short_invoices() -> tuple[dict, ...]:
    """The short ones among the first training rows of `extract_invoice`."""
    return tuple(row for row in training_rows(INVOICES, decontamination()) if len(row["text"]) <= MAX_LETTERS)


@cache
def invoices(language: str) -> tuple[dict, ...]:
    """Those with Chinese characters, or those without."""
    return tuple(row for row in short_invoices() if bool(re.search("[一-鿿]", row["text"])) is (language == "zh"))


def fields_task(number: int, language: str, random: Random) -> TypedTask:
    """One to three fields of an invoice."""
    names = random.sample(list(FIELDS), random.choice((1, 2, 3)))
    codes = CURRENCIES[language][0]
    words = dict(zip(codes, random.choice(CURRENCIES[language]), strict=True))
    keys = {name: random.choice(FIELDS[name][language]) for name in names}
    types = {keys[name]: TYPES.get(name) or literal(list(words.values())) for name in names}
    name, class_name = f"facts_{language}_{number}", f"Facts{language.title()}{number}"

    def sample(random: Random) -> Row:
        row = random.choice(invoices(language))
        values = {keys[each]: words.get(row["answer"][each], row["answer"][each]) for each in names}
        return {"inputs": {"page": row["text"]}, "answer": values}

    source = declaration(
        name, {"page": "str"}, class_name, random.choice(INSTRUCTIONS[language]), record(class_name, types)
    )
    return TypedTask("extraction", name, language, source, sample)


def list_task(number: int, language: str, random: Random) -> TypedTask:
    """The items of an invoice: their names, or names with prices."""
    with_prices = random.random() < 0.5
    what, price = random.choice((("item", "cost"), ("thing", "price_each"), ("name", "unit_price")))
    if language == "zh":
        what, price = random.choice((("名称", "单价"), ("项目", "价格")))
    name, class_name = f"items_{language}_{number}", f"Item{language.title()}{number}"

    def sample(random: Random) -> Row | None:
        row = random.choice(invoices(language))
        lines = row["answer"]["lines"]
        if len(lines) > 4:
            return None
        priced = [{what: line["what"], price: line["price"]} for line in lines]
        return {
            "inputs": {"page": row["text"]},
            "answer": priced if with_prices else [line["what"] for line in lines],
        }

    records = [record(class_name, {what: "Quoted[str]", price: "Quoted[Decimal]"})] if with_prices else []
    answer = f"list[{class_name if with_prices else 'Quoted[str]'}]"
    source = declaration(name, {"page": "str"}, answer, random.choice(LIST_INSTRUCTIONS[language]), *records)
    return TypedTask("list extraction", name, language, source, sample)
