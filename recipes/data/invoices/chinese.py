"""Chinese documents: 发票, 收据, 结算单, 形式发票, order messages."""

from random import Random

from invoices.bill import Bill, cents
from invoices.layout import CHINESE_GOODS, Layout
from invoices.notation import LocaleFormat, financial_numerals
from invoices.typesetting import columns, justify, ragged_columns, stack

ABROAD = "cn cn cn-usd cn-eur cn-gbp"
# Tax class before each name, "*文具*中性笔"; not part of the name.
CLASSES = {
    "stationery": "文具",
    "electronics": "计算机配套产品",
    "building": "金属制品",
    "clothing": "服装",
    "print": "印刷品",
    "tea": "茶",
    "lab": "实验器材",
    "books": "印刷品",
    "hours": "咨询服务",
    "software": "信息技术服务",
    "repair": "劳务",
}


def fapiao(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """The electronic 发票: net prices, a tax column, the total also in financial numerals."""
    head = ["项目名称", "规格型号", "单位", "数量", "单价", "金额", "税率/征收率", "税额"]
    taxes = [cents(item.amount * bill.tax_rate / 100) for item in bill.items]
    rows = [[f"*{CLASSES[bill.trade]}*{item.what}", rng.choice(("", item.code)), item.unit, fmt.quantity(item.quantity),
             fmt.amount(item.price), fmt.amount(item.amount), f"{bill.tax_rate}%", fmt.amount(tax)]
            for item, tax in zip(bill.items, taxes, strict=True)]  # fmt: skip
    total = bill.net + sum(taxes)
    return stack(
        rng.choice(("电子发票（普通发票）", "电子发票（增值税专用发票）", "增值税电子普通发票")),
        f"发票号码：{bill.number}",
        f"开票日期：{fmt.day(bill.issued)}",
        "",
        f"购买方信息  名称：{bill.buyer.name}",
        f"统一社会信用代码/纳税人识别号：{bill.buyer.tax_id}",
        f"销售方信息  名称：{bill.seller.name}",
        f"统一社会信用代码/纳税人识别号：{bill.seller.tax_id}",
        "",
        ragged_columns([head, *rows], rng),
        f"合计  {fmt.money(bill.net)}  {fmt.money(sum(taxes))}",
        f"价税合计（大写） {financial_numerals(total)}  （小写）{fmt.money(total)}",
        rng.choice(
            (
                f"备注：销方开户银行：{bill.seller.bank}；银行账号：{bill.seller.account}；",
                "备注：",
                f"备注：订单号{bill.order}",
            )
        ),
        f"开票人：{rng.choice(('王敏', '李婷', '赵磊', '管理员'))}",
    )


def receipt(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A 收据 of a small shop."""
    lines = [
        f"{item.what}　{fmt.quantity(item.quantity)}{item.unit}　单价{fmt.money(item.price)}"
        f"　计{fmt.money(item.amount)}"
        for item in bill.items
    ]
    return stack(
        "收　　据" if rng.random() < 0.5 else "收据",
        justify(f"编号：{bill.number}", fmt.day(bill.issued), 44),
        f"{rng.choice(('今收到', '兹收到', '交款单位：'))}{bill.buyer.name}" + rng.choice(("　交来下列货款：", "")),
        lines,
        f"人民币（大写）{financial_numerals(bill.net)}　{fmt.money(bill.net)}"
        if fmt.currency == "CNY"
        else f"合计：{fmt.money(bill.net)}",
        f"收款方式：{rng.choice(('现金', '微信', '支付宝', '转账'))}",
        f"收款单位（盖章）：{bill.seller.name}",
        f"经手人：{rng.choice(('小陈', '刘', '周会计'))}　电话：{bill.seller.phone}",
    )


def order_message(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    item_list = "、".join(
        f"{item.what}（{fmt.quantity(item.quantity)}{item.unit}，每{item.unit}{fmt.money(item.price)}）"
        if item.quantity != 1
        else f"{item.what}一{item.unit}（{fmt.money(item.price)}）"
        for item in bill.items
    )
    return stack(
        rng.choice((f"{bill.buyer.name}，您好！", "亲，您好～", "尊敬的客户：")),
        "",
        f"感谢您在{bill.seller.name}下单（订单号{bill.order}，{fmt.day(bill.date_after(-2))}付款）。本次购买：{item_list}。"
        f"合计{fmt.money(bill.net + bill.shipping)}"
        + (f"，其中运费{fmt.money(bill.shipping)}。" if bill.shipping else "，包邮。"),
        f"发票已于{fmt.day(bill.issued)}开具，发票号{bill.number}，"
        + rng.choice(("请查收附件。", "可在订单页下载。", "随货寄出。")),
        "",
        rng.choice((f"客服热线：{bill.seller.phone}", f"如需换开请回复{bill.seller.mail}", "祝您生活愉快！")),
    )


def settlement(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Hours and services: 工时 × 单价."""
    lines = [
        f"{position}. {item.what}："
        f"{fmt.quantity(item.quantity)}{item.unit} × {fmt.amount(item.price)} = {fmt.amount(item.amount)}"
        for position, item in enumerate(bill.items, 1)
    ]
    return stack(
        rng.choice(("服务费结算单", "服务账单", "费用结算通知")),
        f"乙方（服务方）：{bill.seller.name}",
        f"甲方（客户）：{bill.buyer.name}",
        f"账单编号 {bill.number}　出具日期 {fmt.day(bill.issued)}",
        f"服务期间 {fmt.day(bill.date_after(-35))} 至 {fmt.day(bill.date_after(-5))}",
        "",
        lines,
        "",
        f"不含税小计：{fmt.money(bill.net)}",
        f"税额（{bill.tax_rate}%）：{fmt.money(bill.tax_amount)}" if bill.tax_rate else "外币结算，不含税",
        f"应付总额：{fmt.money(bill.total)}",
        f"请于{fmt.day(bill.due)}前汇至 {bill.seller.bank}，账号 {bill.seller.account}，户名同上。",
    )


def delivery_bill(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A goods list with columns, signed on delivery, which serves as the bill."""
    head = ["序号", rng.choice(("品名", "货物名称", "商品")), "单位", "数量", "单价", rng.choice(("金额", "小计"))]
    rows = [[str(position), item.what, item.unit, fmt.quantity(item.quantity), fmt.amount(item.price),
             fmt.amount(item.amount)]
            for position, item in enumerate(bill.items, 1)]  # fmt: skip
    return stack(
        f"{bill.seller.name}　{rng.choice(('销售单', '送货单（代发票）', '对账单'))}",
        f"客户：{bill.buyer.name}　电话：{bill.buyer.phone}",
        f"单号：{bill.number}　日期：{fmt.day(bill.issued)}　合同号：{bill.order}",
        rng.choice((columns([head, *rows], "llllrr"), ragged_columns([head, *rows], rng))),
        f"运费：{fmt.amount(bill.shipping)}" if bill.shipping else None,
        f"总计：{fmt.money(bill.net + bill.shipping)}",
        f"送货日期：{fmt.day(bill.date_after(1))}　收货人签字：",
        f"地址：{bill.seller.town}市{bill.seller.street}",
    )


def labelled_fields(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    fields = [("开票方", bill.seller.name), ("发票编号", bill.number), ("开票日期", fmt.day(bill.issued)),
             ("客户名称", bill.buyer.name), ("订单编号", bill.order), ("付款期限", fmt.day(bill.due))]  # fmt: skip
    rng.shuffle(fields)
    return stack(
        "【发票信息】",
        [f"{label}：{value}" for label, value in fields],
        "【明细】",
        [
            f"- {item.what} | 数量 {fmt.quantity(item.quantity)} {item.unit} | 单价 {fmt.money(item.price)}"
            for item in bill.items
        ],
        f"【合计】{fmt.money(bill.net)}"
        + (f"（另加税{bill.tax_rate}%：{fmt.money(bill.tax_amount)}）" if bill.tax_rate else ""),
    )


def torn_columns(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    return stack(
        ["发票号码：", "开票日期：", "校验码："],
        [bill.number, fmt.day(bill.issued), " ".join(f"{rng.randint(0, 99999):05}" for _ in range(4))],
        ["名称：", bill.buyer.name, "地址、电话：", f"{bill.buyer.town}市{bill.buyer.street} {bill.buyer.phone}"],
        ["货物或应税劳务、服务名称", *(item.what for item in bill.items)],
        ["单位", *(item.unit for item in bill.items)],
        ["数量", *(fmt.quantity(item.quantity) for item in bill.items)],
        ["单价", *(fmt.amount(item.price) for item in bill.items)],
        ["金额", *(fmt.amount(item.amount) for item in bill.items)],
        ["合计", fmt.money(bill.net)],
        ["销售方", "名称：", bill.seller.name, f"开户行及账号：{bill.seller.bank} {bill.seller.account}"],
    )


def bilingual(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """For customers abroad: labels in both languages, product names in Chinese."""
    head = ["品名 Description", "数量 Qty", "单价 Unit Price", "金额 Amount"]
    rows = [
        [item.what, fmt.quantity(item.quantity), fmt.amount(item.price), fmt.amount(item.amount)] for item in bill.items
    ]
    return stack(
        bill.seller.name,
        "商业发票 COMMERCIAL INVOICE",
        f"发票号 Invoice No.: {bill.number}",
        f"日期 Date: {fmt.day(bill.issued)}",
        f"合同号 Contract No.: {bill.order}",
        f"买方 Buyer: {rng.choice(('Oakhallow Trading', 'Foxmantle Imports', 'Gullhaven Retail'))}",
        rng.choice(("FOB 宁波 Ningbo", "CIF 鹿特丹 Rotterdam", "EXW 苏州 Suzhou", "DAP 伦敦 London")),
        "",
        columns([head, *rows], "lrrr", gap=3),
        "",
        f"总金额 Total Amount: {fmt.money(bill.net)}",
        f"装运日期 Shipment: {fmt.day(bill.date_after(12))}",
    )


LAYOUTS = (
    Layout("电子发票", fapiao, "cn", f"{CHINESE_GOODS} hours software repair", (1, 6), kind="fapiao"),
    Layout("收据", receipt, "cn", f"{CHINESE_GOODS} repair", (1, 4)),
    Layout("订单消息", order_message, "cn", CHINESE_GOODS, (1, 3)),
    Layout("服务结算单", settlement, ABROAD, "hours software", (1, 5)),
    Layout("销售单", delivery_bill, "cn", CHINESE_GOODS, (2, 9)),
    Layout("冒号清单", labelled_fields, ABROAD, f"{CHINESE_GOODS} hours software", (1, 5)),
    Layout("散列", torn_columns, "cn", CHINESE_GOODS, (1, 5), kind="fapiao"),
    Layout("双语商业发票", bilingual, "cn-usd cn-usd cn-eur cn-gbp cn", CHINESE_GOODS, (1, 7)),
)
