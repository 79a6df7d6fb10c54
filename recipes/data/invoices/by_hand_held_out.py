"""Handwritten held-out rows: invoices unlike the generated layouts."""

from invoices.by_hand import invoice_row

HELD_OUT = (
    invoice_row("by hand", "en", """
Ravi (Tilework): evening! floor is done
Ravi (Tilework): for your records, bill 311, today 6 May 2026
Ravi (Tilework): 18 sqm floor tiling at 32 pounds, 18 x 32 = 576. one bag of flexible grout, 14.50
Ravi (Tilework): £590.50 all in. trading as Ravi Tilework
You: thanks! will pay tmrw
""", "311", "2026-05-06", "Ravi Tilework", "GBP", ("floor tiling", 18, 32), ("flexible grout", 1, 14.5)),
    invoice_row("by hand", "en", """
WILLOWBANK VETERINARY CLINIC                     Client: 20418
77 Cannery St, Calder Falls, MN 00550            Patient: "Biscuit" (cat, 4.6 kg)

Invoice 88231            Visit 01/17/2026        Printed 01/17/2026

Dr. Amadi
   Examination, wellness                   1       62.00       62.00
   Vaccine, FVRCP                          1       31.50       31.50
   Antiparasitic tablet                    3       18.20       54.60
   Nail trim                               1        0.00        0.00  courtesy
                                       Invoice total         $148.10
                                       Paid, thank you      -$148.10
                                       Balance                 $0.00
Next: booster due 01/17/2027
""", "88231", "2026-01-17", "WILLOWBANK VETERINARY CLINIC", "USD",
        ("Examination, wellness", 1, 62), ("Vaccine, FVRCP", 1, 31.5), ("Antiparasitic tablet", 3, 18.2),
        ("Nail trim", 1, 0)),
    invoice_row("by hand", "en", """
Registration confirmed: 5th Workshop on Quiet Machines, Oosterlee, 22-24 Sept 2026

This e-mail is your invoice.

  invoice no ....... QM5-0212
  invoice date ..... 11 June 2026
  issued by ........ Stichting Stille Techniek, Molenpad 8, 0315 KX Oosterlee
  participant ...... Dr. I. Okafor, Brightlow Scientific

  Early bird registration ............ EUR 340,00
  Workshop dinner, 2 persons at EUR 55,00 ... EUR 110,00
  ---------------------------------------------
  received by credit card ............ EUR 450,00
  (exempt from BTW)
""", "QM5-0212", "2026-06-11", "Stichting Stille Techniek", "EUR",
        ("Early bird registration", 1, 340), ("Workshop dinner", 2, 55)),
    invoice_row("by hand", "en", """
Hallam Rook Solicitors LLP
Our ref HR/TG/0417-2                                    Tax point 28 November 2025

Mr T Grent
Re: lease of 3 Mill Wharf

TO OUR PROFESSIONAL CHARGES in the above matter from 1 October 2025 to date, including attendances, letters
and telephone calls:

Partner time, 3.2 hours at £285.00 per hour                               912.00
Trainee time, 5 hours at £120.00 per hour                                 600.00
DISBURSEMENTS
Land registry search fee, 2 at £7.00                                       14.00

                                                        VAT (fees only)   302.40
                                                        TOTAL          £1,828.40
Bill number: 25-3307. Interest runs from one month after delivery of this bill.
""", "25-3307", "2025-11-28", "Hallam Rook Solicitors LLP", "GBP",
        ("Partner time", 3.2, 285), ("Trainee time", 5, 120), ("Land registry search fee", 2, 7)),
    invoice_row("by hand", "en", """
Invoice to: Parents of Lotte M.                             Term bill, spring 2026

4 piano lessons (45 min), January     at 38.00
4 piano lessons (45 min), February    at 38.00
Sheet music "First Sonatinas"            12.60

Sum EUR 316.60 - please transfer within two weeks. No VAT on lessons.

Bill 2026/17, 2 March 2026
Musikstudio Achtelnote, Inh. Berit Sandvoss
""", "2026/17", "2026-03-02", "Musikstudio Achtelnote", "EUR",
        ("piano lessons (45 min), January", 4, 38), ("piano lessons (45 min), February", 4, 38),
        ('Sheet music "First Sonatinas"', 1, 12.6)),
    invoice_row("by hand", "en", """
=== TRANSACTION ADVICE =========================================
MERCHANT   : DRIFTWOOD KAYAK RENTAL, PORT WESSEL
RECEIPT    : K-7719          TERMINAL 00330142
WHEN       : 2025-07-26T17:48
2.5 HR  DOUBLE KAYAK            @ 24.00            60.00
4 EA    DRY BAG 20L             @  3.50            14.00
1 EA    WHISTLE (NOT RETURNED)  @  6.00             6.00
                                          TOTAL  USD 80.00
                                          TIP    USD 12.00
                                          CHARGED USD 92.00
=== KEEP FOR YOUR RECORDS ======================================
""", "K-7719", "2025-07-26", "DRIFTWOOD KAYAK RENTAL", "USD",
        ("DOUBLE KAYAK", 2.5, 24), ("DRY BAG 20L", 4, 3.5), ("WHISTLE (NOT RETURNED)", 1, 6)),
    invoice_row("by hand", "en", """
Inv# 10067 / Lowmoor Apiary Supplies / 19-Jan-26
to Mossgate Farm Shop, deliver to rear

jars 454g w/ lids   144   0.62    89.28
frames DN4 (box 50)   2  48.00    96.00
smoker fuel           6   4.15    24.90
less trade disc 10%              -21.02
carr.                              9.50
vat @20                           39.73
PAY                            GBP 238.39
last inv 10041 still open!!
""", "10067", "2026-01-19", "Lowmoor Apiary Supplies", "GBP",
        ("jars 454g w/ lids", 144, 0.62), ("frames DN4 (box 50)", 2, 48), ("smoker fuel", 6, 4.15)),
    invoice_row("by hand", "de", """
Dr. med. vet. Ilka Brandrup, Tierarztpraxis
Deichstraße 40, 00721 Süderhafen

Liquidation 4471/25                                      Süderhafen, den 9. Dezember 2025
Tierhalter: Herr Reusch, Hund „Bruno“, Behandlung am 2. Dezember 2025

Allgemeine Untersuchung                       1 x      23,62 €
Verband anlegen                               2 x      14,10 €         28,20 €
Schmerztabletten                             10 x       1,05 €         10,50 €

Zwischensumme 62,32 €, MwSt. 19 % 11,84 €, Endbetrag 74,16 €
Zahlbar bis 23.12.2025 auf IBAN DE00 0000 0000 4471 0025 00
""", "4471/25", "2025-12-09", "Dr. med. vet. Ilka Brandrup", "EUR",
        ("Allgemeine Untersuchung", 1, 23.62), ("Verband anlegen", 2, 14.1), ("Schmerztabletten", 10, 1.05)),
    invoice_row("by hand", "de", """
Betreff: Rechnung Fahrstunden

Moin Emre, hier deine Abrechnung (Nr. 0931 vom 21.04.2026). Seit der letzten Rechnung hattest du:
sechs Übungsstunden zu je 59 Euro, zwei Autobahnfahrten à 79 Euro, dazu einmal Lernmaterial für 64,90 Euro.
Macht 576,90 Euro. Bitte bis zur Prüfung am 12.05. überweisen, die Prüfgebühr zahlst du direkt beim Prüfer.

Fahrschule Kupplung & Co., Alte Poststraße 5, 00310 Kirchfurt
""", "0931", "2026-04-21", "Fahrschule Kupplung & Co.", "EUR",
        ("Übungsstunde", 6, 59), ("Autobahnfahrt", 2, 79), ("Lernmaterial", 1, 64.9)),
    invoice_row("by hand", "zh", """
【望溪花园物业服务中心】
3幢1102室 叶书棠 业主：
2026年第一季度缴费通知（通知单号WX-2026-1-3102，2026年4月3日）
物业费 3个月，每月202.65元，计607.95元
公摊水费 1次 18.40元
地下车位 3个月，每月260.00元，计780.00元
应缴合计：1406.35元，上期欠费0元
请于2026年4月30日前缴清，逾期按日加收0.05%。
""", "WX-2026-1-3102", "2026-04-03", "望溪花园物业服务中心", "CNY",
        ("物业费", 3, 202.65), ("公摊水费", 1, 18.4), ("地下车位", 3, 260)),
    invoice_row("by hand", "zh", """
老许木工：师傅的活儿都干完了，账发你
老许木工：2026.3.19 单子第58号
老许木工：衣柜门 4扇 每扇320
老许木工：书架层板 9块 每块45
老许木工：上门安装 150
老许木工：一共1835块，零头不抹了哈哈
我：好的，转你人民币1835，公司抬头的发票别忘了
""", "58", "2026-03-19", "老许木工", "CNY", ("衣柜门", 4, 320), ("书架层板", 9, 45), ("上门安装", 1, 150)),
    invoice_row("by hand", "zh", """
Invoice／账单　#LJ-0925-3

设计：罗霁（独立设计师，厦门）
客户：Foxmantle Imports Ltd, UK
开具：2025 年 9 月 25 日　　付款期：30 天

・包装插画　6 幅　@ £140
・包装结构图　1 套　£220
・修改（第三轮起）　2.5 小时　@ £36

小计 £1,150　　不含税
收款：PayPal，账号邮件另发
""", "LJ-0925-3", "2025-09-25", "罗霁", "GBP",
        ("包装插画", 6, 140), ("包装结构图", 1, 220), ("修改（第三轮起）", 2.5, 36)),
    invoice_row("by hand", "zh", """
增 值 税 普 通 发 票            N0 07714026
                          开票日期: 2025年12月11日
购  名    称: 武汉序川软件有限公司
买
方  纳税人识别号: 91000000MA0094417X
货物或应税劳务名称  规格  单位   数量     单价      金额    税率   税额
*家具*人体工学椅    灰     把      6    680.00   4080.00   13%   530.40
*家具*升降桌      1.4m    张      2   1450.00   2900.00   13%   377.00
合          计                          ￥6980.00          ￥907.40
价税合计(大写)  ⊗柒仟捌佰捌拾柒元肆角整      (小写) ￥7887.40
销  名    称: 佛山木与年家具有限公司
售  开户行及账号: 示例银行新区支行 0000 0771 4026 113
方
""", "07714026", "2025-12-11", "佛山木与年家具有限公司", "CNY", ("人体工学椅", 6, 680), ("升降桌", 2, 1450)),
    invoice_row("by hand", "zh", """
您的行程账单 —— 青鹭包车
订单 QL20260207-88（2月7日预订）
账单号：ZD-5560
账单日期：2026年2月15日

7座商务车  4天  ¥780/天   ¥3,120
导游服务    4天  ¥400/天   ¥1,600
高速过路费（实报）        ¥236
儿童座椅    2个  免费       ¥0
已付定金 ¥1,000　　待付尾款 ¥3,956
""", "ZD-5560", "2026-02-15", "青鹭包车", "CNY",
        ("7座商务车", 4, 780), ("导游服务", 4, 400),
        ("高速过路费（实报）", 1, 236), ("儿童座椅", 2, 0)),
)  # fmt: skip
