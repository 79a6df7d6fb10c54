"""The 16 handwritten seeds.

The first three also serve as few-shot examples: short, two English and one Chinese, three layouts and currencies.
"""


def invoice_row(
    layout: str, language: str, text: str, number: str, issued: str, seller: str, currency: str, *lines
) -> dict:
    """A row from a text and its values; each of `lines` is (what, quantity, price)."""
    line_records = [{"what": what, "quantity": quantity, "price": price} for what, quantity, price in lines]
    answer = {"number": number, "issued": issued, "seller": seller, "lines": line_records, "currency": currency}
    return {"text": text.strip("\n"), "answer": answer, "language": language, "layout": layout}


SEEDS = (
    invoice_row("column table", "en", """
Marrowbeg Books & Paper Ltd
9 Weir Lane, Ballynoe, Co. Mayo

Invoice no: MB-2026-0117       Date: 14 March 2026
Order ref: 50442               Due: 28 March 2026

Description               Qty    Unit price    Amount
Sketchbook A4, 120 g        3        €11.50    €34.50
Brush pen set               1        €24.90    €24.90
                              Subtotal         €59.40
                              VAT 23%          €13.66
                              Total            €73.06
VAT no. IE0000611T
""", "MB-2026-0117", "2026-03-14", "Marrowbeg Books & Paper Ltd", "EUR",
        ("Sketchbook A4, 120 g", 3, 11.5), ("Brush pen set", 1, 24.9)),
    invoice_row("mail, prose", "en", """
Subject: Thanks for your order!

Hi Jonah,

the Alder desk lamp (two of them, $64.00 each) and the LED bulb 4-pack for $18.75 left our barn this morning.
With sales tax of $10.27 we charged $157.02 to your card ending 0042.

Your invoice number is 20931, dated March 3, 2026. It belongs to order WX-7741 of February 28.

Warmly,
Thistle & Beam Lighting LLC
""", "20931", "2026-03-03", "Thistle & Beam Lighting LLC", "USD",
        ("Alder desk lamp", 2, 64), ("LED bulb 4-pack", 1, 18.75)),
    invoice_row("收据", "zh", """
收　据　　　No. 0032617
　　　　　　2026年3月8日
今收到：晚晴幼儿园
儿童剪刀　12把　单价6.50元　78.00元
彩色卡纸　5包　单价14.80元　74.00元
合计人民币（大写）：壹佰伍拾贰元整　￥152.00
收款单位：青禾里文具店（盖章）
经手人：小范
""", "0032617", "2026-03-08", "青禾里文具店", "CNY", ("儿童剪刀", 12, 6.5), ("彩色卡纸", 5, 14.8)),
    invoice_row("till slip", "en", """
        PENHALLOW DELI
      3 HARBOUR PARADE
     TEL 01632 960118

27/02/2026 12:41      TILL 2
RECEIPT 004417

CORNISH YARG              6.82
   0.310 KG @ 22.00/KG
SEEDED ROLL               2.70
   3 @ 0.90
GINGER BEER               1.85
              ----------------
TOTAL                   £11.37
CARD                    £11.37
""", "004417", "2026-02-27", "PENHALLOW DELI", "GBP",
        ("CORNISH YARG", 0.31, 22), ("SEEDED ROLL", 3, 0.9), ("GINGER BEER", 1, 1.85)),
    invoice_row("hours", "en", """
Saskia Wolterink, translator
Houtkade 6, 0112 KX Rietdam

Invoice 2026-09                               30-01-2026
For: Brandaris Museum, attn. Publications

Exhibition texts, Dutch to English   12,5 h à 95,00   1.187,50
Proofreading catalogue                4 h à 70,00       280,00

Total excl. BTW   € 1.467,50
BTW 21%             € 308,18
Total             € 1.775,68

Please pay before 01-03-2026 to IBAN NL00 TEST 0417 2210 09.
""", "2026-09", "2026-01-30", "Saskia Wolterink", "EUR",
        ("Exhibition texts, Dutch to English", 12.5, 95), ("Proofreading catalogue", 4, 70)),
    invoice_row("Rechnung", "de", """
Imkerei Roggenstein · Feldweg 3 · 00518 Tiefenau

Gasthof zum Hecht
Seestraße 14
00519 Tiefenau

RECHNUNG Nr. 2025-088                     Datum: 05.11.2025
Lieferschein 1204 vom 03.11.2025          Kunde 317

Menge  Artikel                   Einzelpreis    Gesamt
   24  Waldhonig 500 g                  6,40    153,60
   12  Rapshonig 500 g                  5,10     61,20
    1  Bienenwachs, Block              18,00     18,00

Nettobetrag                                 232,80 EUR
7 % MwSt.                                    16,30 EUR
Rechnungsbetrag                             249,10 EUR
""", "2025-088", "2025-11-05", "Imkerei Roggenstein", "EUR",
        ("Waldhonig 500 g", 24, 6.4), ("Rapshonig 500 g", 12, 5.1), ("Bienenwachs, Block", 1, 18)),
    invoice_row("markdown", "en", """
# Invoice A-553

**Sundial Pottery Works** - 88 Kiln Rd, Dunmere, OH 00417
Issued: Oct 21, 2025 | Due: Nov 20, 2025 | PO 9913

| Item | Qty | Each | Total |
|---|---|---|---|
| Dinner plate, sand glaze | 40 | $17.25 | $690.00 |
| Pasta bowl, sand glaze | 40 | $19.00 | $760.00 |
| Sample tile | 2 | $0.00 | $0.00 |

Subtotal $1,450.00, crate and freight $118.00
**Total: $1,568.00**
""", "A-553", "2025-10-21", "Sundial Pottery Works", "USD",
        ("Dinner plate, sand glaze", 40, 17.25), ("Pasta bowl, sand glaze", 40, 19), ("Sample tile", 2, 0)),
    invoice_row("subscription", "en", """
Nimbuslate Inc.
Receipt for your subscription

Invoice number  7F20-0008
Date of issue   June 1, 2026
Paid            June 1, 2026, Visa 0077

Studio plan
Jun 1 – Jul 1, 2026
6 seats × $14.00                    $84.00
Extra render minutes
1,500 × $0.02                       $30.00

Subtotal                           $114.00
Total                              $114.00
Next billing date: July 1, 2026
""", "7F20-0008", "2026-06-01", "Nimbuslate Inc.", "USD", ("Studio plan", 6, 14), ("Extra render minutes", 1500, 0.02)),
    invoice_row("torn columns", "en", """
INVOICE
Invoice No
Invoice Date
Account
Due
SF/20718
9 September 2025
C-440
9 October 2025
Skelderby Fencing Limited
Unit 4, Mill Wharf
Eastmere QX4 2BT
Description
Featheredge panel 1.8 m
Post 100 x 100
Postmix 20 kg
Qty
6
7
14
Unit Price
31.50
12.80
5.95
Amount
189.00
89.60
83.30
Net
VAT 20%
Total
£361.90
£72.38
£434.28
""", "SF/20718", "2025-09-09", "Skelderby Fencing Limited", "GBP",
        ("Featheredge panel 1.8 m", 6, 31.5), ("Post 100 x 100", 7, 12.8), ("Postmix 20 kg", 14, 5.95)),
    invoice_row("letter", "en", """
Garrow & Pell, Piano Tuners
21 Priory Lane, Wexcombe QX9 4BT

The Bursar
Dunstow School
Wexcombe

                                             3rd December 2025
Invoice 1188

Dear Ms Achterberg,

for our visit on 28th November we charge:

Tuning, upright piano, 5 at £68.00            £340.00
Replacement of one bass string                 £45.50

Total £385.50, no VAT. Sort code 00-00-31, account 00118840.

Yours sincerely
P. Garrow
""", "1188", "2025-12-03", "Garrow & Pell, Piano Tuners", "GBP",
        ("Tuning, upright piano", 5, 68), ("Replacement of one bass string", 1, 45.5)),
    invoice_row("电子发票", "zh", """
电子发票（普通发票）
发票号码：26330000000001974420
开票日期：2026年01月16日
购买方  名称：宁波澄光物业服务有限公司
销售方  名称：杭州枫桥里五金有限公司
统一社会信用代码：91000000MA0006613X
项目名称        规格型号   单位  数量  单价    金额    税率   税额
*金属制品*不锈钢挂锁  60mm   把   8   35.00   280.00   13%   36.40
*金属制品*钥匙胚            个   50   1.20    60.00   13%    7.80
合计                                        ￥340.00        ￥44.20
价税合计（大写） 叁佰捌拾肆元贰角整  （小写）￥384.20
""", "26330000000001974420", "2026-01-16", "杭州枫桥里五金有限公司", "CNY", ("不锈钢挂锁", 8, 35), ("钥匙胚", 50, 1.2)),
    invoice_row("超市小票", "zh", """
      阿蓝生鲜（江南店）
单号 118203   2025-08-19 18:22
------------------------------
小白菜
   0.462kg x 5.98          2.76
鲫鱼
   0.815kg x 19.80        16.14
矿泉水
   2 x 1.50                3.00
------------------------------
合计 21.90 元  微信支付 21.90
""", "118203", "2025-08-19", "阿蓝生鲜（江南店）", "CNY",
        ("小白菜", 0.462, 5.98), ("鲫鱼", 0.815, 19.8), ("矿泉水", 2, 1.5)),
    invoice_row("订单消息", "zh", """
赵女士您好，您2026/4/2下的订单T88102已发出：手工风筝两只（每只86元）、备用线轮一个（24元），共196元，包邮。
电子发票今天（2026/4/5）开好了，号码 40117726，下载链接见短信。
山外山风筝坊
""", "40117726", "2026-04-05", "山外山风筝坊", "CNY", ("手工风筝", 2, 86), ("备用线轮", 1, 24)),
    invoice_row("双语商业发票", "zh", """
厦门海栗灯饰有限公司
形式发票 PROFORMA INVOICE
编号 No.: HL2511-06        日期 Date: 2025-11-24
买方 Buyer: Gullhaven Retail, Dublin

品名 Item          数量 Qty     单价 Price     金额 Amount
纸灯笼30厘米           500        US$1.35      US$675.00
竹编吊灯                60       US$12.40      US$744.00
                                 合计 Total  US$1,419.00
付款 Payment: 30% T/T, 余款见提单
""", "HL2511-06", "2025-11-24", "厦门海栗灯饰有限公司", "USD", ("纸灯笼30厘米", 500, 1.35), ("竹编吊灯", 60, 12.4)),
    invoice_row("freelancer's note", "en", """
Hi Femke,

that was a fun one! As agreed: poster illustration 420 euros, and two of the extra colour version at 60 each.
So EUR 540 in all, no VAT (small business).

Let this be invoice 26/004 of 12 Feb 2026. IBAN as last time.

Best, Noor Dijkmans
""", "26/004", "2026-02-12", "Noor Dijkmans", "EUR", ("poster illustration", 1, 420), ("extra colour version", 2, 60)),
    invoice_row("Kassenbon, scanned", "de", """
       Café Zimtschnecke '
     Marktp1atz 2, 00233 Ahlsdorf
 Bon 20551     18.07.25  15:06
2 x  4,20
Filterkaffee groß          8,40
Rhabarberkuchen            3,90  .
Salat der Woche            9,50
-------------------------------
Surnme EUR                21,80
 enth. MwSt 19%   3,48  |
     Vie1en Dank!
""", "20551", "2025-07-18", "Café Zimtschnecke", "EUR",
        ("Filterkaffee groß", 2, 4.2), ("Rhabarberkuchen", 1, 3.9), ("Salat der Woche", 1, 9.5)),
)  # fmt: skip
