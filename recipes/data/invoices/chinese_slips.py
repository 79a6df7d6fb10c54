"""Chinese receipts: supermarkets, restaurants, hotels."""

from random import Random

from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import center, columns, justify, stack


def supermarket(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    line_width = rng.choice((30, 32, 36))
    return stack(
        center(bill.seller.name, line_width),
        center(rng.choice(("欢迎光临", "购物小票", "销售小票")), line_width),
        f"小票号:{bill.number}",
        f"{fmt.day(bill.issued)} {rng.randint(8, 21):02}:{rng.randint(0, 59):02}  收银员:{rng.randint(1, 30):03}",
        "-" * line_width,
        "品名    数量*单价    金额" if rng.random() < 0.5 else None,
        [
            f"{item.what}\n{justify(_count_and_price(item, fmt), fmt.amount(item.amount), line_width)}"
            for item in bill.items
        ],
        "-" * line_width,
        f"件数:{len(bill.items)}  应收:{fmt.money(bill.net)}",
        rng.choice(
            (
                f"微信支付:{fmt.amount(bill.net)}",
                f"支付宝:{fmt.amount(bill.net)}",
                f"会员卡:{bill.customer}  本次积分:{int(bill.net)}",
            )
        ),
        rng.choice(("谢谢惠顾，欢迎再来", "凭小票7日内开具发票", f"服务电话 {bill.seller.phone}")),
    )


def restaurant(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    line_width = 34
    rows = [
        [item.what, f"{fmt.quantity(item.quantity)}{item.unit}", fmt.amount(item.price), fmt.amount(item.amount)]
        for item in bill.items
    ]
    return stack(
        f"** {bill.seller.name} **",
        f"结账单　{bill.number}",
        f"桌号：{rng.choice('ABC')}{rng.randint(1, 28)}　人数：{rng.randint(1, 8)}　{fmt.day(bill.issued)}",
        "=" * line_width,
        columns([["菜名", "数量", "单价", "小计"], *rows], "lrrr"),
        "=" * line_width,
        justify("消费合计", fmt.amount(bill.net), line_width),
        justify("实收", fmt.money(bill.net), line_width),
        rng.choice(("WiFi密码 88888888", "扫码关注享会员价", f"订餐电话：{bill.seller.phone}")),
    )


def hotel(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    nights = max((int(item.quantity) for item in bill.items if item.unit in ("晚", "天")), default=1)
    return stack(
        f"{bill.seller.name}　住店账单",
        f"账单号 {bill.number}　打印日期 {fmt.day(bill.issued)}",
        f"客人：{bill.buyer.name}　房号：{rng.randint(201, 1812)}",
        f"入住 {fmt.day(bill.date_after(-nights))}　离店 {fmt.day(bill.issued)}　预订号 {bill.order}",
        "",
        [
            f"{item.what} {fmt.money(item.price)}×{fmt.quantity(item.quantity)}{item.unit}　{fmt.money(item.amount)}"
            for item in bill.items
        ],
        "",
        f"消费总额 {fmt.money(bill.net)}",
        f"{bill.seller.town}市{bill.seller.street}",
    )


def cloud(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A subscription bill, each item with its period."""
    return stack(
        f"【{bill.seller.name}】账单通知",
        f"账单编号：{bill.number}",
        f"出账日期：{fmt.day(bill.issued)}（扣费日期：{fmt.day(bill.date_after(5))}）",
        f"账户：{bill.customer}（{bill.buyer.name}）",
        "",
        [
            f"■ {item.what}\n   计费周期 {fmt.day(bill.date_after(-30))}—{fmt.day(bill.date_after(-1))}\n"
            f"   用量 {fmt.quantity(item.quantity)} {item.unit}，单价 {fmt.amount(item.price)}，"
            f"费用 {fmt.money(item.amount)}"
            for item in bill.items
        ],
        "",
        f"本期应付 {fmt.money(bill.net)}，{rng.choice(('将从余额自动扣除', '请及时充值', '已开启自动续费'))}。",
    )


def _count_and_price(item: Item, fmt: LocaleFormat) -> str:
    weight = "kg" if item.unit == "千克" else ""
    return f"  {fmt.quantity(item.quantity)}{weight}*{fmt.amount(item.price)}"


LAYOUTS = (
    Layout("超市小票", supermarket, "cn", "grocery", (1, 9), kind="slip"),
    Layout("餐厅结账单", restaurant, "cn", "cafe", (1, 8), kind="slip"),
    Layout("酒店账单", hotel, "cn", "hotel", (1, 5)),
    Layout("云服务账单", cloud, "cn", "software", (1, 4)),
)
