"""Training invoices in sentences: mails, letters, chats, notes."""

from dataclasses import dataclass

from invoices.bill import Item
from invoices.training.sheet import Sheet

JOINTS = {"en": (", ", " and "), "de": (", ", " und "), "zh": ("、", "和")}
COUNTS = {
    "en": "one two three four five six seven eight nine ten".split(),
    "de": "ein zwei drei vier fünf sechs sieben acht neun zehn".split(),
    "zh": "一 两 三 四 五 六 七 八 九 十".split(),
}


@dataclass(frozen=True)
class Prose:
    """A template: how an item is written, the text around the items, and whether each has a line of its own."""

    name: str
    language: str
    item: str
    text: str
    own_lines: bool = False

    def lines(self, sheet: Sheet) -> list[str]:
        bill, day = sheet.bill, sheet.fmt.day
        items = [self.phrase(sheet, item) for item in bill.items]
        comma, last = JOINTS[self.language]
        joined = "\n".join(items) if self.own_lines else last.join(filter(None, (comma.join(items[:-1]), items[-1])))
        text = self.text.format(
            seller=bill.seller.name,
            buyer=bill.buyer.name,
            street=bill.seller.street,
            town=bill.seller.town,
            number=bill.number,
            day=sheet.issued,
            earlier=day(bill.date_after(-sheet.rng.randint(2, 20))),
            due=day(bill.due),
            order=bill.order,
            items=joined,
            total=sheet.sums()[-1][1],
            clock=f"{sheet.rng.randint(7, 19)}:{sheet.rng.randint(10, 59)}",
            note=sheet.word("notes"),
        )
        return text.strip().splitlines()

    def phrase(self, sheet: Sheet, item: Item) -> str:
        words = COUNTS[self.language]
        spelled = item.quantity in range(1, 11) and sheet.chance(0.3)
        count = words[int(item.quantity) - 1] if spelled else sheet.fmt.quantity(item.quantity)
        return self.item.format(count=count, what=item.what, price=sheet.fmt.money(item.price), unit=item.unit)


PROSE = (
    Prose("handover note", "en", "{count} {what} at {price} each", """
{buyer}, handed over on {earlier}: {items}. That is {total} with everything. Invoice {number} was made out on {day}.
{seller}"""),
    Prose("doctor's letter", "en", "{what} ({count} × {price})", """
{seller}
{town}

{day}

Account {number} for {buyer}

Treatment since {earlier}: {items}.
The sum of {total} falls due on {due}."""),
    Prose("chat with a shop", "en", "{count} of {what}, {price} each", """
[{clock}] {seller}: hi, your order {order} is done
[{clock}] {seller}: {items}
[{clock}] {seller}: {total} altogether, bill no. {number} from {day}
[{clock}] {buyer}: great, I'll collect it""", ),
    Prose("reminder", "en", "{what}, {count} at {price}", """
Reminder, {earlier}

Dear {buyer},
our invoice {number} issued {day} over {total} is still open. It covered {items}.
Please pay by {due}.
{seller}, {street}"""),
    Prose("club mail", "en", "* {what}: {count} at {price}", """
Subject: fees

Dear member,
for this season ({number}):
{items}
Please send {total} to the treasurer before {due}.
{day}, {seller}""", True),
    Prose("quote accepted", "en", "{count} x {what} = {price} per unit", """
Hi {buyer}, you accepted our quote of {earlier}, so this mail of {day} is the invoice, number {number}: {items}.
{total} to pay. {note}
Regards from {seller}"""),
    Prose("spoken report", "en", "{what}, {count}, unit price {price}", """
Sold to {buyer}. Sold by {seller}. On {day} they were billed, under number {number}, for {items}.
In total {total}. Order {order} is closed."""),
    Prose("text message", "en", "{what} {count}x{price}", """
{seller}: Bill {number} {day}. {items}. Pay {total} by {due}"""),
    Prose("Kurznachricht", "de", "{what} {count}x {price}", """
{seller}: Ihre Rechnung {number} vom {day}. {items}. Summe {total}, fällig {due}"""),
    Prose("Übergabebrief", "de", "{count} {what} zu {price}", """
{seller}, {street}, {town}

{town}, {day}

Guten Tag {buyer},
am {earlier} haben wir geliefert: {items}. Zusammen sind das {total}.
Bitte geben Sie bei Zahlung die Nummer {number} an."""),
    Prose("Mahnung", "de", "{what}, Menge {count}, je {price}", """
Zahlungserinnerung vom {earlier}

Offen ist noch Beleg {number} ({day}) über {total}: {items}.
Neue Frist: {due}
{seller}"""),
    Prose("Vereinspost", "de", "- {what}: {count} à {price}", """
Liebe Mitglieder, Abrechnung Nr. {number}, {day}:
{items}
Macht {total}. {note}
Euer Team von {seller}""", True),
    Prose("取货短信", "zh", "{what}{count}{unit}（单价{price}）", """
【{seller}】{buyer}您好，{items}已备好，共{total}。单号{number}，{day}开单，请于{due}前取货。"""),
    Prose("催款函", "zh", "{what}，{count}{unit}，每{unit}{price}", """
催款通知
{buyer}：
贵方{day}的账单{number}尚未付清，内容为{items}，共计{total}。
请于{due}前付款。
{seller}"""),
    Prose("群聊对账", "zh", "{what} {count}{unit} {price}一{unit}", """
{seller}：上次{earlier}的货对一下
{seller}：{items}
{seller}：{day}开的单，号码{number}，一共{total}
{buyer}：没问题"""),
    Prose("服务回执", "zh", "{count}{unit}{what}，单价{price}", """
兹证明{seller}为{buyer}提供了{items}。费用{total}已结清。
回执编号{number}
{day}"""),
    Prose("邮件账单", "zh", "・{what}：{count}{unit}×{price}", """
主题：费用说明
{buyer}，您好：
费用单{number}（{day}）明细如下
{items}
需支付{total}。合同{order}其余部分另计。
{seller}""", True),
)  # fmt: skip
