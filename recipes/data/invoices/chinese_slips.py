"""Chinese receipts: supermarkets, restaurants, hotels."""

from random import Random

from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import Pen
from invoices.typesetting import centred, columns, spread, stack


def supermarket(bill: Bill, pen: Pen, rng: Random) -> str:
    wide = rng.choice((30, 32, 36))
    return stack(
        centred(bill.seller.name, wide),
        centred(rng.choice(("欢迎光临", "购物小票", "销售小票")), wide),
        f"小票号:{bill.number}",
        f"{pen.day(bill.issued)} {rng.randint(8, 21):02}:{rng.randint(0, 59):02}  收银员:{rng.randint(1, 30):03}",
        "-" * wide,
        "品名    数量*单价    金额" if rng.random() < 0.5 else None,
        [f"{item.what}\n{spread(_count_and_price(item, pen), pen.plain(item.amount), wide)}" for item in bill.items],
        "-" * wide,
        f"件数:{len(bill.items)}  应收:{pen.money(bill.net)}",
        rng.choice(
            (
                f"微信支付:{pen.plain(bill.net)}",
                f"支付宝:{pen.plain(bill.net)}",
                f"会员卡:{bill.customer}  本次积分:{int(bill.net)}",
            )
        ),
        rng.choice(("谢谢惠顾，欢迎再来", "凭小票7日内开具发票", f"服务电话 {bill.seller.phone}")),
    )


def restaurant(bill: Bill, pen: Pen, rng: Random) -> str:
    wide = 34
    rows = [
        [item.what, f"{pen.count(item.quantity)}{item.unit}", pen.plain(item.price), pen.plain(item.amount)]
        for item in bill.items
    ]
    return stack(
        f"** {bill.seller.name} **",
        f"结账单　{bill.number}",
        f"桌号：{rng.choice('ABC')}{rng.randint(1, 28)}　人数：{rng.randint(1, 8)}　{pen.day(bill.issued)}",
        "=" * wide,
        columns([["菜名", "数量", "单价", "小计"], *rows], "lrrr"),
        "=" * wide,
        spread("消费合计", pen.plain(bill.net), wide),
        spread("实收", pen.money(bill.net), wide),
        rng.choice(("WiFi密码 88888888", "扫码关注享会员价", f"订餐电话：{bill.seller.phone}")),
    )


def hotel(bill: Bill, pen: Pen, rng: Random) -> str:
    nights = max((int(item.quantity) for item in bill.items if item.unit in ("晚", "天")), default=1)
    return stack(
        f"{bill.seller.name}　住店账单",
        f"账单号 {bill.number}　打印日期 {pen.day(bill.issued)}",
        f"客人：{bill.buyer.name}　房号：{rng.randint(201, 1812)}",
        f"入住 {pen.day(bill.later(-nights))}　离店 {pen.day(bill.issued)}　预订号 {bill.order}",
        "",
        [
            f"{item.what} {pen.money(item.price)}×{pen.count(item.quantity)}{item.unit}　{pen.money(item.amount)}"
            for item in bill.items
        ],
        "",
        f"消费总额 {pen.money(bill.net)}",
        f"{bill.seller.town}市{bill.seller.street}",
    )


def cloud(bill: Bill, pen: Pen, rng: Random) -> str:
    """A subscription bill, each item with its period."""
    return stack(
        f"【{bill.seller.name}】账单通知",
        f"账单编号：{bill.number}",
        f"出账日期：{pen.day(bill.issued)}（扣费日期：{pen.day(bill.later(5))}）",
        f"账户：{bill.customer}（{bill.buyer.name}）",
        "",
        [
            f"■ {item.what}\n   计费周期 {pen.day(bill.later(-30))}—{pen.day(bill.later(-1))}\n"
            f"   用量 {pen.count(item.quantity)} {item.unit}，单价 {pen.plain(item.price)}，"
            f"费用 {pen.money(item.amount)}"
            for item in bill.items
        ],
        "",
        f"本期应付 {pen.money(bill.net)}，{rng.choice(('将从余额自动扣除', '请及时充值', '已开启自动续费'))}。",
    )


def _count_and_price(item: Item, pen: Pen) -> str:
    weight = "kg" if item.unit == "千克" else ""
    return f"  {pen.count(item.quantity)}{weight}*{pen.plain(item.price)}"


LAYOUTS = (
    Layout("超市小票", supermarket, "cn", "grocery", (1, 9), kind="slip"),
    Layout("餐厅结账单", restaurant, "cn", "cafe", (1, 8), kind="slip"),
    Layout("酒店账单", hotel, "cn", "hotel", (1, 5)),
    Layout("云服务账单", cloud, "cn", "software", (1, 4)),
)
