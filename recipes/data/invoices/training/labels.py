"""Labels and phrases of training invoices by language; every label has several spellings."""

from typing import NamedTuple


class Labels(NamedTuple):
    """Choices of each label; `colon` is what stands between a label and its value."""

    colon: tuple[str, ...]
    heading: tuple[str, ...]
    number: tuple[str, ...]
    issued: tuple[str, ...]
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    order: tuple[str, ...]
    customer: tuple[str, ...]
    due: tuple[str, ...]
    ordered: tuple[str, ...]
    delivered: tuple[str, ...]
    tax_id: tuple[str, ...]
    clerk: tuple[str, ...]
    what: tuple[str, ...]
    quantity: tuple[str, ...]
    unit: tuple[str, ...]
    price: tuple[str, ...]
    amount: tuple[str, ...]
    code: tuple[str, ...]
    rate: tuple[str, ...]
    net: tuple[str, ...]
    shipping: tuple[str, ...]
    discount: tuple[str, ...]
    tax: tuple[str, ...]
    total: tuple[str, ...]
    each: tuple[str, ...]
    notes: tuple[str, ...]
    currency: tuple[str, ...]
    bank: tuple[str, ...]


ENGLISH = Labels(
    colon=(": ", ": ", " ", " - "),
    heading=("INVOICE", "Invoice", "Bill", "RECEIPT", "Tax invoice", "Statement", "Sales note", "Cash bill",
             "Fee note"),
    number=("Invoice no", "Invoice", "Bill no.", "No.", "Number", "Receipt #", "Invoice ID", "Doc. no.", "Ref. invoice",
            "Inv.", "Slip no.", "Our invoice"),
    issued=("Date", "Dated", "Issued on", "Invoice date", "Billed on", "Date of invoice", "Bill date", "Written"),
    seller=("Seller", "From", "Vendor", "Supplier", "Issued by", "Biller", "Payee", "Merchant"),
    buyer=("Bill to", "To", "Buyer", "Customer", "Invoiced to", "Client", "For", "Payer"),
    order=("Order", "PO", "Order number", "Your reference", "Job", "Contract", "Delivery note", "Quote"),
    customer=("Customer ID", "Account no.", "Cust. no.", "Member", "Client number", "Patient no."),
    due=("Due", "Pay by", "Payable until", "Due on", "Payment date", "Pay before"),
    ordered=("Ordered", "Order date", "Booked on", "Requested", "Quote of"),
    delivered=("Delivered", "Shipped on", "Service date", "Dispatch", "Completed", "Collected"),
    tax_id=("VAT ID", "Tax no.", "TIN", "Company no.", "Reg. no."),
    clerk=("Handled by", "Contact", "Your advisor", "Operator", "Clerk"),
    what=("Item", "Description", "Goods", "Service", "Position", "Name", "What"),
    quantity=("Qty", "Quantity", "Count", "Pcs", "Pieces", "Qty."),
    unit=("Unit", "UoM", "Per"),
    price=("Unit price", "Price", "Each", "Price/unit", "Rate", "Single price"),
    amount=("Total", "Sum", "Amount", "Line sum", "Value", "Extended"),
    code=("Code", "SKU", "Art. no.", "Ref"),
    rate=("VAT", "Tax", "VAT %"),
    net=("Net", "Subtotal", "Sum of items", "Before tax", "Goods"),
    shipping=("Shipping", "Freight", "Delivery fee", "Courier", "Handling"),
    discount=("Discount", "Rebate", "Less discount", "Voucher", "Loyalty credit"),
    tax=("VAT", "Tax", "plus VAT", "Sales tax", "GST"),
    total=("Total", "Grand total", "To pay", "Amount payable", "Sum", "Please pay", "TOTAL DUE", "Final amount"),
    each=("each", "a piece", "per unit", "/pc", "ea."),
    notes=("Thank you.", "Thanks for your custom!", "Payment within 14 days, no deduction.",
           "Goods checked, no returns.", "Please keep this copy.", "E. & O. E.", "Page 1/1", "Paid in cash.",
           "Copy for the customer", "Late payments bear interest.", "Made by a machine, valid without a signature."),
    currency=("Currency", "All prices in", "Amounts in", "Prices are in"),
    bank=("Bank", "Pay to", "Account", "Wire to"),
)  # fmt: skip
GERMAN = Labels(
    colon=(": ", ": ", " ", " - "),
    heading=("Rechnung", "RECHNUNG", "Quittung", "Faktura", "Beleg", "Abrechnung", "Barverkauf", "Honorarnote"),
    number=("Rechnung Nr.", "Rechnungsnummer", "Nr.", "Beleg-Nr.", "Re.-Nr.", "Belegnummer", "Faktura-Nr.", "Nummer"),
    issued=("Datum", "Rechnungsdatum", "vom", "Belegdatum", "Ausgestellt am", "Ausgestellt", "Re.-Datum"),
    seller=("Verkäufer", "Lieferant", "Von", "Rechnungssteller", "Aussteller", "Anbieter"),
    buyer=("An", "Kunde", "Empfänger", "Rechnung an", "Käufer", "Auftraggeber", "Für"),
    order=("Auftrag", "Bestellnummer", "Ihre Bestellung", "Lieferschein", "Angebot", "Vorgang", "Projekt"),
    customer=("Kundennr.", "Kunden-Nr.", "Debitor", "Mitglied", "Konto"),
    due=("Fällig am", "Zahlbar bis", "Zahlungsziel", "Fälligkeit"),
    ordered=("Bestellt am", "Auftrag vom", "Bestelldatum"),
    delivered=("Geliefert am", "Lieferdatum", "Leistungsdatum", "Versand", "Ausgeführt"),
    tax_id=("USt-ID", "Steuernummer", "St.-Nr.", "HRB"),
    clerk=("Bearbeiter", "Ihr Kontakt", "Es bediente Sie", "Sachbearbeitung"),
    what=("Artikel", "Bezeichnung", "Leistung", "Position", "Ware", "Beschreibung"),
    quantity=("Menge", "Anzahl", "Stück", "Anz."),
    unit=("Einh.", "ME", "Einheit"),
    price=("Einzelpreis", "Preis", "E-Preis", "Stückpreis", "Preis je Einheit", "EP"),
    amount=("Gesamt", "Summe", "Betrag", "Gesamtpreis", "GP"),
    code=("Art.-Nr.", "Code", "Nr."),
    rate=("USt", "MwSt", "St."),
    net=("Netto", "Zwischensumme", "Warenwert", "Summe netto"),
    shipping=("Versand", "Fracht", "Porto", "Lieferpauschale"),
    discount=("Rabatt", "abzgl. Rabatt", "Gutschein", "Nachlass"),
    tax=("USt.", "MwSt.", "zzgl. USt.", "Umsatzsteuer"),
    total=("Gesamtbetrag", "Zu zahlen", "Endsumme", "Brutto", "Summe", "Zahlbetrag", "Total"),
    each=("je", "pro Stück", "das Stück", "/Einh."),
    notes=("Vielen Dank.", "Zahlbar sofort ohne Abzug.", "Betrag dankend erhalten.", "Seite 1 von 1", "Bar bezahlt",
           "Umtausch nur mit Beleg.", "Es gelten unsere Bedingungen.", "Dieser Beleg ist ohne Unterschrift gültig."),
    currency=("Währung", "Alle Preise in", "Beträge in"),
    bank=("Bank", "Konto", "Überweisung an"),
)  # fmt: skip
CHINESE = Labels(
    colon=("：", "：", ":", " "),
    heading=("账单", "发票", "收款单", "结算清单", "电子收据", "费用单", "对账通知", "出库单", "小票"),
    number=("发票号", "单据号", "编号", "账单号", "No.", "票号", "收据编号", "凭证号", "流水号"),
    issued=("日期", "开具日期", "开单日期", "出单日期", "账单日期", "制单日期", "开票日"),
    seller=("销方", "卖方", "商家", "收款方", "供货单位", "出票单位", "店铺"),
    buyer=("客户", "买方", "付款方", "购方", "收货单位", "顾客", "致"),
    order=("订单号", "合同编号", "采购单", "送货单号", "工单", "预约号"),
    customer=("客户编号", "会员号", "户号", "档案号"),
    due=("付款截止", "最迟付款日", "到期日", "缴费期限"),
    ordered=("下单日期", "订货日期", "预约日期"),
    delivered=("发货日期", "交货日期", "服务日期", "完工日期"),
    tax_id=("税号", "信用代码", "纳税人识别号"),
    clerk=("经办人", "收银", "制单人", "业务员"),
    what=("品名", "项目", "商品", "名称", "服务内容", "货物"),
    quantity=("数量", "件数", "数目"),
    unit=("单位", "计量单位"),
    price=("单价", "每单位价格", "价格", "售价"),
    amount=("金额", "小计", "合计", "总价"),
    code=("编码", "货号", "规格"),
    rate=("税率", "征收率"),
    net=("小计", "不含税金额", "货款", "商品合计"),
    shipping=("运费", "快递费", "配送费"),
    discount=("优惠", "折扣", "会员减免"),
    tax=("税额", "增值税", "税金"),
    total=("总计", "应付", "应收合计", "实付", "合计金额", "价税合计"),
    each=("每件", "单价", "每单位"),
    notes=("谢谢惠顾", "请核对后付款。", "此单一式两份", "现金已付", "如有疑问请联系我们。", "货物售出，七日内可换。",
           "第1页 共1页", "本单据由系统生成，无需盖章。"),
    currency=("币种", "以下金额单位", "货币"),
    bank=("开户行", "收款账户", "银行"),
)  # fmt: skip
LABELS = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}
