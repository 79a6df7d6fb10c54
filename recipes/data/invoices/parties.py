"""Sellers and buyers: invented names and addresses, with numbers from unassigned ranges."""

import re
from random import Random
from typing import NamedTuple

COINED_NAMES = (
    "Quillmere Tarnholt Vessaby Ondrel Pellicot Harrowick Duskmoor Lindenvane Corvanne Brightlow Thessaly "
    "Ashgrave Nimmery Oakhallow Ferncombe Saltmarrow Kestwick Wrenfold Juniperry Bellwhistle Mossgate Cindermoor "
    "Larkenby Plumridge Hazelthorpe Stonewhit Gullhaven Marlingate Copperbeck Tindlewood Yarroway Eiderby "
    "Foxmantle Greyfern Pinsworth"
).split()
GERMAN_NAMES = (
    "Birkenroth Tannwieser Quellmann Haferkorn-Lutz Ebersteg Nordwinkel Rabenhold Lindfurter Moosbrugg Kranichthal "
    "Silberdorn Wacholdt Ulmenrieder Steinkauz Hollerbach-Ott Fährmeier"
).split()
CHINESE_NAMES = "砚澜 禾屿 栖墨 沐岑 汀岚 序川 朗榆 珩野 浔安 谷筠 昱棠 栎舟 岫溪 檀汐 澄椿 逐鹭 霁禾 麓笙".split()

# Words in company names, by language and trade.
COMPANY_WORDS = {
    "en": {
        "stationery": ("Stationers", "Paper & Office", "Office Supply"),
        "kitchen": ("Kitchenware", "Table & Hearth", "Homewares"),
        "garden": ("Nurseries", "Garden Centre", "Seeds & Tools"),
        "bicycles": ("Cycles", "Bike Parts", "Wheelworks"),
        "electronics": ("Electronics", "Components", "Cable & Connect"),
        "print": ("Print", "Press", "Printworks"),
        "clothing": ("Workwear", "Outfitters", "Textiles"),
        "building": ("Timber & Fixings", "Builders Merchants", "Hardware"),
        "lab": ("Lab Supplies", "Scientific", "Instruments"),
        "grocery": ("Market", "Grocers", "Farm Shop"),
        "cafe": ("Coffee", "Bakehouse", "Kitchen"),
        "hours": ("Advisory", "Consulting", "Partners"),
        "design": ("Studio", "Design", "Creative"),
        "cleaning": ("Facility Care", "Cleaning Services", "Property Services"),
        "workshop": ("Motors", "Auto Repair", "Garage"),
        "software": ("Cloud", "Software", "Labs"),
        "hotel": ("Hotel", "Inn", "Lodge"),
        "energy": ("Energy", "Power & Gas", "Utilities"),
    },
    "de": {
        "stationery": ("Bürobedarf", "Papierhaus"),
        "garden": ("Gartenbau", "Baumschule"),
        "bicycles": ("Fahrräder", "Zweiradhaus"),
        "building": ("Baustoffe", "Holzhandel"),
        "grocery": ("Hofladen", "Feinkost"),
        "cafe": ("Bäckerei", "Café"),
        "hours": ("Beratung", "Ingenieure"),
        "craft": ("Elektrotechnik", "Malerbetrieb", "Sanitär & Heizung"),
        "software": ("Software", "Systemhaus"),
    },
    "zh": {
        "stationery": ("文具", "办公用品"),
        "electronics": ("数码科技", "电子"),
        "building": ("五金建材", "五金"),
        "clothing": ("服饰", "纺织"),
        "print": ("图文", "印务"),
        "tea": ("茶业", "茶行"),
        "lab": ("生物科技", "实验器材"),
        "books": ("图书", "书店"),
        "grocery": ("超市", "便利店", "生鲜超市"),
        "cafe": ("餐厅", "小馆", "面馆"),
        "hours": ("企业管理咨询", "信息技术"),
        "software": ("云科技", "软件"),
        "repair": ("家电维修", "设备维护"),
        "hotel": ("酒店", "客栈"),
    },
}
LEGAL_FORMS = {
    "us": ("LLC", "Inc.", "Co.", ""),
    "uk": ("Ltd", "Ltd", "Limited", ""),
    "ie": ("Ltd", "DAC", ""),
    "nl": ("B.V.", "B.V.", ""),
    "de": ("GmbH", "GmbH", "e.K.", "GmbH & Co. KG", "OHG"),
    "cn-en": ("Co., Ltd.",),
}
PEOPLE = {
    "en": ("Mira Halloway,Tobias Grent,Ines Okafor,Callum Reddick,Priya Venn,Odette Marsh,Yusuf Carrow").split(","),
    "de": "Katrin Ahlbrink,Jonas Werderich,Meike Sonntag,Emre Yalman,Birgit Thölke,Anton Reusch".split(","),
    "zh": "林知夏,周慕言,陈砚秋,许清和,宋听澜,何以宁,沈牧之,叶书棠".split(","),
}
CITIES = "杭州 苏州 成都 深圳 上海 武汉 厦门 青岛 长沙 宁波".split()
PORTS = "Shenzhen Ningbo Suzhou Xiamen".split()


class Party(NamedTuple):
    """Seller or buyer of an invoice, with the details of a letterhead."""

    name: str
    street: str
    town: str
    phone: str
    mail: str
    tax_id: str
    bank: str
    account: str


def sample_seller(region: str, language: str, trade: str, sole_trader: bool, rng: Random) -> Party:
    """The seller: a company, or a person for sole traders and some designers and consultants."""
    sole_trader = sole_trader or (trade in ("design", "hours") and rng.random() < 0.3)
    return _sample_party(
        rng.choice(PEOPLE[language]) if sole_trader else _company_name(region, language, trade, rng), region, rng
    )


def sample_buyer(region: str, language: str, rng: Random) -> Party:
    """The customer: a person or a company of any trade, equally often."""
    is_company = rng.random() < 0.5
    name = (
        _company_name(region, language, rng.choice(sorted(COMPANY_WORDS[language])), rng)
        if is_company
        else rng.choice(PEOPLE[language])
    )
    return _sample_party(name, region, rng)


def _company_name(region: str, language: str, trade: str, rng: Random) -> str:
    company_word = rng.choice(COMPANY_WORDS[language][trade])
    if language == "zh":
        is_shop = trade in ("grocery", "cafe", "tea", "books", "hotel") and rng.random() < 0.6
        return (
            rng.choice(CHINESE_NAMES) + company_word
            if is_shop
            else f"{rng.choice(CITIES)}{rng.choice(CHINESE_NAMES)}{company_word}有限公司"
        )
    if region == "cn-en":
        return f"{rng.choice(PORTS)} {rng.choice(COINED_NAMES)} {company_word} Co., Ltd."
    if language == "de":
        name = rng.choice(GERMAN_NAMES)
        full_name = rng.choice((f"{company_word} {name}", f"{name} {company_word}"))
        return f"{full_name} {rng.choice(LEGAL_FORMS[region])}".strip()
    names = rng.choice((rng.choice(COINED_NAMES), rng.choice(COINED_NAMES), " & ".join(rng.sample(COINED_NAMES, 2))))
    return f"{names} {company_word} {rng.choice(LEGAL_FORMS[region])}".strip()


def _sample_party(name: str, region: str, rng: Random) -> Party:
    street, town, phone, tax_id, bank, account = ADDRESSES.get(region, _chinese)(rng)
    town = next((city for city in (*CITIES, *PORTS) if name.startswith(city)), town)
    host = re.sub("[^a-z]", "", next(word for word in name.split() if word not in PORTS).lower()) or "kefu"
    return Party(name, street, town, phone, f"{rng.choice(('billing', 'hello', 'accounts'))}@{host}.example",
                 tax_id, bank, account)  # fmt: skip


# All numbers are unassigned: 555-01xx, the film numbers of Ofcom and the Bundesnetzagentur, IBANs with check digits 00
# (never valid), postcodes and tax prefixes that do not exist.
def _american(rng: Random) -> tuple[str, ...]:
    street = f"{rng.randint(12, 4800)} {rng.choice(('Larkspur Ave', 'Cannery St', 'Old Mill Rd', 'W 9th St'))}"
    place = rng.choice(("Dunmere, OH 00417", "Port Wessel, OR 00982", "Calder Falls, MN 00550", "Redbank, TX 00736"))
    phone = f"({rng.choice((541, 612, 330, 512))}) 555-01{rng.randint(0, 99):02}"
    bank = f"Routing 000000{rng.randint(100, 999)}"
    return street, place, phone, f"00-{_digits(rng, 7)}", bank, f"Account 0000{_digits(rng, 6)}"


def _british(rng: Random) -> tuple[str, ...]:
    street = f"{rng.randint(1, 140)} {rng.choice(('Tannery Row', 'Station Approach', 'Priory Lane', 'Mill Wharf'))}"
    town = rng.choice(("Wexcombe", "Northam Vale", "Little Harbury", "Eastmere"))
    place = f"{town} QX{rng.randint(1, 9)} {rng.randint(1, 9)}BT"
    phone, vat = f"01632 960{_digits(rng, 3)}", f"GB 999 0{_digits(rng, 3)} 73"
    return street, place, phone, vat, f"Sort code 00-00-{rng.randint(10, 99)}", f"Account 00{_digits(rng, 6)}"


def _irish(rng: Random) -> tuple[str, ...]:
    street = f"{rng.randint(1, 90)} {rng.choice(('Chandler Quay', 'Abbey Terrace', 'Bridge Street'))}"
    place = rng.choice(("Ballyvane, Co. Cork", "Carrickmoyle, Co. Sligo", "Dublin 29"))
    iban = f"IBAN IE00 TEST 0000 00{_digits(rng, 2)} {_digits(rng, 4)} {_digits(rng, 2)}"
    return street, place, f"020 912 {_digits(rng, 4)}", f"IE0000{_digits(rng, 3)}T", "BIC TESTIE00", iban


def _dutch(rng: Random) -> tuple[str, ...]:
    street = f"{rng.choice(('Looierskade', 'Zeilmakersgracht', 'Molenpad'))} {rng.randint(1, 180)}"
    place = f"0{_digits(rng, 3)} KX {rng.choice(('Vierhaven', 'Oosterlee', 'Rietdam'))}"
    iban = f"IBAN NL00 TEST {_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 2)}"
    return street, place, f"+31 00 000 {_digits(rng, 4)}", f"NL000{_digits(rng, 6)}B00", "BIC TESTNL00", iban


def _german(rng: Random) -> tuple[str, ...]:
    street = f"{rng.choice(('Gerberstraße', 'Am Speicher', 'Lindenweg', 'Alte Poststraße'))} {rng.randint(1, 120)}"
    place = f"00{_digits(rng, 3)} {rng.choice(('Lindenrode', 'Ostwerder', 'Bad Hainstein', 'Kirchfurt'))}"
    phone = f"030 23125 {_digits(rng, 3)}"
    iban = f"IBAN DE00 0000 0000 {_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 2)}"
    return street, place, phone, f"DE000{_digits(rng, 6)}", "BIC TESTDE00XXX", iban


def _chinese(rng: Random) -> tuple[str, ...]:
    street = f"{rng.choice(('梧桐', '望溪', '锦书', '临港', '新禾'))}路{rng.randint(2, 480)}号"
    floor = rng.choice(("", f"{rng.randint(1, 9)}幢{rng.randint(101, 1802)}室"))
    bank = f"示例银行{rng.choice(('城东', '滨江', '新区'))}支行"
    account = f"0000 0{_digits(rng, 3)} {_digits(rng, 4)} {_digits(rng, 3)}"
    return (
        street + floor,
        rng.choice(CITIES),
        f"0571-0000{_digits(rng, 4)}",
        f"91000000MA00{_digits(rng, 5)}X",
        bank,
        account,
    )


def _chinese_in_english(rng: Random) -> tuple[str, ...]:
    street = f"No. {rng.randint(2, 480)} {rng.choice(('Wutong', 'Wangxi', 'Lingang', 'Xinhe'))} Road"
    _, _, phone, tax_id, _, account = _chinese(rng)
    return (
        street,
        rng.choice(PORTS),
        f"+86 {phone[1:]}",
        tax_id,
        "Bank: Example Bank of China, SWIFT TESTCN00",
        f"A/C {account}",
    )


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


ADDRESSES = {"us": _american, "uk": _british, "ie": _irish, "nl": _dutch, "de": _german, "cn-en": _chinese_in_english}
