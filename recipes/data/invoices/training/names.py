"""Sellers and buyers of training rows: names composed from parts, so that no list of them can be learned.

None of the names, streets and towns is in `invoices.parties`. Phone numbers and tax ids are from unassigned ranges.
"""

from random import Random

from invoices.parties import Party

STEMS = (
    "Bram Dorn Elver Fenn Gorse Hask Ibber Jarl Kell Lorn Mard Nethe Orric Pask Rusk Selb Tarr Ulv Varn Wick".split()
)
ENDINGS = "ley by wood croft stead more dale ford ingham well hurst low more wyn acre gate field row".split()
GERMAN_STEMS = "Acker Berg Dachs Eichen Falken Grün Hirsch Kiesel Lerchen Mühl Otter Reb Sand Tal Uhlen Wiesen".split()
GERMAN_ENDINGS = "mann bauer hoff brink kamp au berger stätter dorfer horst egge winkler".split()
HAN_FIRST = "锦恒瑞宏博启鼎泰丰华瀚景盛源佳铭万卓德永"
HAN_SECOND = "程达诺坤远扬嘉通拓凯邦顺合旺捷优尚睿川森"
SURNAMES = "Abara Bexley Castell Drummond Engel Farrow Guthrie Hollis Ivers Jessop Kaminski Lowry Mbeki Nowak".split()
FIRST_NAMES = (
    "Agnes Bruno Clara Dev Edith Farid Greta Hugo Irma Joel Kaya Luc Nadia Oscar Petra Rosa Sven Tessa".split()
)
HAN_SURNAMES = "赵钱孙李吴郑王冯褚卫蒋韩杨朱秦尤吕施张孔曹"
HAN_GIVEN = "建国 丽华 志强 秀英 海涛 晓燕 文博 佳怡 俊杰 美玲 立群 思远 雨桐 子轩".split()

TRADES = {
    "en": "Hardware,Bakery,Stores,Joinery,Glassworks,Catering,Pharmacy,Optics,Florists,Music,Rentals,Dental,Plumbing,"
    "Translations,Photography,Marine,Feeds,Tailors,Upholstery,Toys,Signs,Roofing,Trading,Supplies".split(","),
    "de": "Schreinerei,Metzgerei,Druckerei,Optik,Blumen,Glaserei,Apotheke,Reinigung,Spedition,Gärtnerei,Musikhaus,"
    "Haustechnik,Fotostudio,Lederwaren,Raumausstattung,Weinhandel".split(","),
    "zh": "百货 五金机电 食品 花艺 眼镜 家具 物流 摄影 印刷 汽配 装饰工程 母婴用品 乐器 餐饮管理 广告传媒".split(),
}
FORMS = {
    "us": ("Inc", "LLC", "Corp.", ""),
    "uk": ("Ltd", "Ltd.", "plc", ""),
    "ie": ("Ltd", "Teo", ""),
    "nl": ("BV", "V.O.F.", ""),
    "cn-en": ("Co., Ltd", "Trading Co."),
    "de": ("GmbH", "KG", "UG", "e. K.", "AG", ""),
}
STREETS = {
    "en": "Alder Rise,Beacon Hill,Cooper Street,Dock Road,Elm Grove,Foundry Yard,Glebe Avenue,Harrow Court".split(","),
    "de": "Ahornring,Brunnengasse,Dorfstraße,Erlenweg,Fabrikstraße,Gartenallee,Hauptplatz".split(","),
    "zh": "建设路 人民东路 解放大道 科技园南路 长虹街 学府路 和平里".split(),
}
TOWNS = {
    "us": ("Alford, VT 00512", "Bingley, KS 00678", "Norcott, WA 00984"),
    "uk": ("Ashby QY1 4LP", "Thornley QY6 2DA", "Redcombe QY3 8HN"),
    "ie": ("Tullagh, Co. Mayo", "Kilbride, Co. Clare"),
    "nl": ("0722 RB Zuidwolde", "0841 TC Hoogland"),
    "cn-en": ("Guangzhou", "Nanjing", "Tianjin"),
    "de": ("00142 Altenau", "00387 Neustetten", "00655 Hohenfeld"),
    "zh": tuple("南京 西安 重庆 天津 广州 郑州 合肥 福州 昆明 济南".split()),
}
PHONES = {"us": "(555) 555-01{}", "uk": "01632 9600{}", "de": "030 231251{}", "zh": "025-000000{}"}


def seller(region: str, language: str, is_person: bool, rng: Random) -> Party:
    return party(person(language, rng) if is_person else company(region, language, rng), region, language, rng)


def buyer(region: str, language: str, rng: Random) -> Party:
    return seller(region, language, rng.random() < 0.5, rng)


def company(region: str, language: str, rng: Random) -> str:
    trade = rng.choice(TRADES[language])
    if language == "zh":
        name = rng.choice(HAN_FIRST) + rng.choice(HAN_SECOND)
        shop = f"{name}{trade}{rng.choice(('店', '行', '商行', '经营部', '工作室'))}"
        return rng.choice((shop, shop, f"{rng.choice(TOWNS['zh'])}{name}{trade}有限公司", f"{name}{trade}有限责任公司"))
    own = coined(GERMAN_STEMS, GERMAN_ENDINGS, rng) if language == "de" else coined(STEMS, ENDINGS, rng)
    patterns = (
        "{own} {trade} {form}",
        "{own} {trade} {form}",
        "{trade} {own} {form}",
        "{first} {own}, {trade}",
        "{own} & {other} {form}",
        "The {own} {trade}" if language == "en" else "{trade} am {own}",
        "{own}",
        "{initials} {trade} {form}",
    )
    filled = rng.choice(patterns).format(
        own=own,
        trade=trade,
        form=rng.choice(FORMS[region]),
        first=rng.choice(FIRST_NAMES),
        other=rng.choice((*SURNAMES, "Sons", "Partner")),
        initials="".join(rng.choice("ABDEGHKLMNRSTV") for _ in range(rng.randint(2, 3))),
    )
    return filled.strip()


def coined(stems: list[str], endings: list[str], rng: Random) -> str:
    return rng.choice(stems) + rng.choice(endings)


def person(language: str, rng: Random) -> str:
    if language == "zh":
        return rng.choice(HAN_SURNAMES) + rng.choice(HAN_GIVEN)
    return f"{rng.choice(FIRST_NAMES)} {rng.choice((*SURNAMES, coined(STEMS, ENDINGS, rng)))}"


def party(name: str, region: str, language: str, rng: Random) -> Party:
    street, number = rng.choice(STREETS[language]), rng.randint(1, 260)
    written = {"en": f"{number} {street}", "de": f"{street} {number}", "zh": f"{street}{number}号"}[language]
    two_digits = f"{rng.randint(10, 99)}"
    return Party(
        name=name,
        street=written,
        town=rng.choice(TOWNS["zh" if language == "zh" else region]),
        phone=PHONES.get("zh" if language == "zh" else region, "+00 000 0000 {}").format(two_digits),
        mail=f"{rng.choice(('office', 'info', 'post', 'sales', 'fragen'))}@shop{rng.randint(10, 99)}.example",
        tax_id=f"{rng.choice(('', 'X', 'T-'))}000{rng.randint(10000, 99999)}",
        bank=rng.choice(("Testbank", "TEST00XX")),
        account=f"0000 {rng.randint(1000, 9999)} {rng.randint(10, 99)}",
    )
