"""Goods and services of training rows: "name | lowest-highest price | unit", with placeholders for attributes.

A placeholder takes any word of its list, so one line gives many names. No line is in `invoices.goods`.
"""

from decimal import Decimal
from random import Random

from invoices.goods import Product, parse_products

ATTRIBUTES = {
    "tone": "red black teal ivory copper walnut amber graphite".split(),
    "ton": "rot schwarz türkis elfenbein kupfer nussbaum".split(),
    "色": "红色 黑色 蓝色 原木色 银色".split(),
    "kind": "basic deluxe compact double outdoor folding".split(),
    "form": "einfach doppelt klappbar kompakt wetterfest".split(),
    "款": "标准款 加厚款 儿童款 便携款 家用款".split(),
    "n": "2 3 4 6 10 12 20 24 40 50 75 80 120".split(),
    "model": "K2 R14 TX-5 M8 V90 S-20 B3 QL7".split(),
    "month": "Jan Feb March April June Sept Oct Dec".split(),
}
ENGLISH = parse_products("""pcs
    Walking boots {kind}, size {n} | 45-160 | pair
    Beeswax candle {n} cm | 4-19
    Ceramic vase, {tone} | 14-70
    Snow shovel {kind} | 18-44
    Bed linen set {tone} | 39-120 | set
    Kettle {model}, {tone} | 24-90
    Picture frame {n} x {n} | 7-35
    Guitar strings .0{n} | 5-14 | set
    Dog lead {n} mm {tone} | 8-29
    Olive oil {n} x 500 ml | 22-90 | case
    Honey, {kind} jar | 4-13 | jar
    Ground coffee blend no. {n} | 6-15 | bag
    Rye bread | 2-6
    Goat cheese | 14-28 | kg
    Apples, crate {n} | 8-21 | crate
    Lunch menu {kind} | 9-22
    Pot of green tea | 3-7
    Reading glasses +{n} | 12-48
    Eye test | 20-55
    Dental cleaning | 60-140
    Filling, tooth {n} | 70-190
    Massage {n} min | 35-95
    Boiler service {model} | 85-170 | job
    Pipe repair, {kind} | 60-240 | job
    Call-out fee | 25-80
    Labour, {month} | 38-95 | hours
    Roof tiles {tone} | 1-4
    Scaffolding, week {n} | 120-390 | week
    Van hire {kind} | 45-120 | days
    Mooring fee {month} | 90-260 | month
    Diesel | 1.2-2.1 | l
    Rope {n} mm | 1-6 | m
    Translation EN-FR | 0.08-0.19 | words
    Proof copy, {n} pages | 15-60
    Portrait session | 90-350 | session
    Wedding album {n} pages | 180-520
    Shop sign {tone} | 140-460
    Vinyl lettering | 12-60 | m2
    Piano tuning | 70-130
    Violin lesson {n} min | 24-60 | lessons
    Hosting plan {model} | 5-45 | months
    Licence {model}, {kind} | 15-240 | users
    Support contract {month} | 60-300
    Data entry | 18-40 | hours
    Locum cover, {month} | 45-90 | h
    Bandages {n} mm | 2-9 | roll
    Vitamin D {n} tablets | 4-16
    Hay bale | 3-9 | bales
    Layer pellets {n} kg | 9-24 | sack
    Tulip bulbs, bag of {n} | 4-15 | bag
    Bouquet {tone} | 22-75
    Hem trousers | 9-20
    Sofa cover {tone} | 95-310
    Foam cut to size {n} mm | 11-58
    Wooden train {kind} | 17-64
    Puzzle {n} pieces | 8-26
    Packaging | 0-3
    Deposit-free crate {model} | 0-2""")
GERMAN = parse_products("""Stk.
    Regalbrett {ton} {n} cm | 12-48
    Hackbraten | 8-16 | kg
    Visitenkarten {n} Blatt | 25-70 | Satz
    Gleitsichtgläser {form} | 120-380 | Paar
    Rosenstrauß {ton} | 18-60
    Isolierglas {n} mm | 60-190 | m2
    Salbe {n} g | 4-17
    Treppenhausreinigung | 40-120 | Monat
    Umzugskarton {form} | 2-5
    Hecke schneiden | 35-60 | Stunden
    Gitarrensaiten {model} | 6-19 | Satz
    Heizungswartung {model} | 90-180
    Passfoto {n} Abzüge | 8-22
    Gürtel Leder {ton} | 22-70
    Vorhangstoff {ton} | 12-44 | m
    Riesling {n} Flaschen | 30-120 | Kiste
    Transport {form} | 55-210 | Fahrt
    Montage vor Ort | 48-90 | Stunden
    Ersatzteil {model} | 7-95
    Lampe {form} | 19-130
    Kerze {n} cm | 3-15
    Käseplatte {form} | 18-45
    Mittagsmenü {form} | 8-17
    Tee, Kanne | 3-6
    Lizenz {model} | 9-190 | Monate
    Übersetzung | 0.09-0.22 | Wörter
    Verpackung | 0-3""")
CHINESE = parse_products("""个
    保温杯{色} | 25-120
    电水壶{model} | 59-199
    儿童拼图{n}片 | 15-60 | 盒
    红富士苹果 | 5-12 | 斤
    手工水饺 | 18-42 | 份
    牛肉拉面 | 14-32 | 碗
    老花镜{n}度 | 30-160 | 副
    玫瑰花束{色} | 66-260 | 束
    书架{款} | 120-560
    证件照{n}张 | 15-40 | 套
    名片印刷{n}盒 | 20-90 | 盒
    火花塞{model} | 18-75 | 只
    机油更换 | 120-380 | 次
    墙面粉刷 | 12-35 | 平方米
    地板安装 | 20-48 | 平方米
    婴儿湿巾{n}抽 | 6-25 | 包
    吉他弦{model} | 20-90 | 套
    广告灯箱{款} | 180-900
    体温计{款} | 12-88 | 支
    一次性口罩{n}只 | 5-29 | 盒
    复合肥{n}公斤 | 60-180 | 袋
    蔬菜种子{款} | 2-9 | 包
    货物运输 | 80-600 | 趟
    装卸费 | 30-150
    宽带年费{n}M | 300-980 | 年
    系统维护 | 200-900 | 月
    上门安装费 | 30-150 | 次
    翻译服务 | 80-260 | 千字
    瑜伽课{n}分钟 | 60-180 | 节
    床上四件套{色} | 129-460 | 套
    塑料袋 | 0.2-1 | 只
    绿豆糕{n}块 | 12-36 | 盒
    桂花乌龙 | 38-160 | 两""")
GOODS = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}


def product_name(product: Product, rng: Random) -> str:
    """The name with a word in the place of each placeholder: two equal placeholders get one word."""
    return product.what.format(**{name: rng.choice(words) for name, words in ATTRIBUTES.items()})


def quantity_of(product: Product, rng: Random) -> Decimal:
    """Half of all lines have one piece; goods by weight and hours have decimals."""
    if product.unit in ("kg", "斤", "l", "两"):
        return Decimal(rng.randint(150, 4800)) / 1000 if rng.random() < 0.6 else Decimal(rng.randint(1, 9)) / 2
    if product.unit in ("hours", "h", "Stunden"):
        return Decimal(rng.randint(2, 60)) / rng.choice((1, 2, 4))
    if product.high < 1:
        return Decimal(rng.randint(40, 3200))
    many = rng.choice((10, 12, 15, 16, 25, 30, 48, 60, 100, 144, 200)) if product.high < 60 else 7
    return Decimal(rng.choice((1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, many)))


def price_of(product: Product, factor: Decimal, rng: Random) -> Decimal:
    """A round, just lower or irregular price; `factor` changes the currency of the list."""
    if product.high < 1:
        return Decimal(rng.randint(int(product.low * 1000), int(product.high * 1000))) / 1000
    price = Decimal(rng.randint(int(product.low * 100), int(product.high * 100))) / 100 * factor
    cents = rng.choice((Decimal("1"), Decimal("0.5"), Decimal("0.1"), Decimal("0.01")))
    return max(price // cents * cents, Decimal(0)).quantize(Decimal("0.01"))
