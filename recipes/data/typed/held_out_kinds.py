"""Six kinds of tasks that the mixture lacks: appointments, signatures, reviews, headlines, a menu, ingredients.

Their contents, instructions and label words occur in no task of the mixture. About half of the rows of
`ingredients` are Chinese.
"""

from datetime import date, time, timedelta
from random import Random

from typed.typed_task import Row, TypedTask, declaration, literal, record

WHATS = ("the dentist", "a haircut", "the choir", "parents' evening", "the notary", "a blood test", "tennis", "the vet")
PLACES = ("Rope Street", "the old mill", "room 14", "the clinic", "the town hall", "Pier 2")
MEETINGS = (
    "Reminder: {what} on {day} at {hour} in {place}.",
    "Can you make it to {what}? {day}, {hour}, {place}.",
    "We moved {what} to {day}. It starts at {hour}.",
    "See you {day} at {hour} for {what}!",
)
PERSONS = ("Marta Oyelaran", "Finn Ostrowski", "Dr. Lea Kwan", "Sam Petrossian", "Ivo Marchetti", "Greta Lindqvist")
FIRMS = ("Bluegate Labs", "Ostrava Glass", "Penrose & Daughters", "Tidewater Housing", "Canteen 9")
REVIEWS = {
    "liked": (
        "Could not put it down, three nights in a row.", "The kids cheered at the end and so did I.",
        "Worth every cent, we will come back.", "The actors are superb and the songs stay with you.",
        "A quiet wonder of a book.", "Warm staff, hot soup, fair bill.", "I have told everybody to go.",
        "Best evening in months.", "Slept like a stone, breakfast was a feast.", "I laughed until I cried.",
    ),
    "disliked": (
        "I left after twenty minutes.", "Flat jokes and a plot full of holes.", "Cold fries, sticky table, no smile.",
        "The second half is a waste of paper.", "Never again, my back still hurts from that bed.",
        "It fell apart on the first evening.", "I want my money back.", "Dull from the first page to the last.",
        "The worst soup of my life.", "Noise, dirt, and a rude porter.",
    ),
    "undecided": (
        "Great pictures, poor story.", "Nice room, loud street.", "Some chapters shine, others drag.",
        "Good food, and far too little of it.", "The start is fun, the end is not.", "Sharp knives, wobbly handles.",
        "Lovely view, terrible coffee.", "The singer was brilliant, the band was not.", "Clever, yet cold.",
        "Cheap and clean, though miles from anything.",
    ),
}  # fmt: skip
HEADLINES = {
    "sport": (
        "Underdogs win the cup in the last minute", "Champion injured before the race", "Relay team breaks a record",
        "Club sells its goalkeeper", "Rowers take gold by a hair", "Coach resigns after six defeats",
    ),
    "weather": (
        "Storm closes the mountain passes", "Driest April in ninety years", "Fog stops ferries for two days",
        "Hail ruins the cherry harvest", "Snow in the south, sun in the north", "Heat of 41 degrees expected on Sunday",
    ),
    "health": (
        "New vaccine against malaria passes its trial", "Hospital opens a sleep clinic",
        "Doctors warn of short-sighted children", "Flu wave arrives early", "Nurses ask for shorter shifts",
        "Study: walking helps the heart",
    ),
    "business": (
        "Carmaker cuts four thousand jobs", "Central bank raises rates", "Two breweries merge",
        "Shares of chip makers fall", "Airline orders thirty jets", "Shop chain files for bankruptcy",
    ),
    "culture": (
        "Lost sonata found in an attic", "Museum returns a bronze head", "Film about a lighthouse wins the bear",
        "Poet laureate retires", "Opera house reopens after fire", "Novel of the year is a debut",
    ),
}  # fmt: skip
DISHES = (
    ("lentil soup", "vegan", 6), ("beef stew", "with meat", 12), ("grilled trout", "fish", 15),
    ("chickpea curry", "vegan", 9), ("lamb skewers", "with meat", 14), ("cod pie", "fish", 13),
    ("roast chicken", "with meat", 10), ("tofu noodles", "vegan", 11), ("herring salad", "fish", 8),
)  # fmt: skip
DIETS = {
    "vegan": ("I eat nothing from animals", "no meat, no fish, no eggs, no milk"),
    "fish": ("fish would be lovely", "something from the sea, please"),
    "with meat": ("give me meat", "I am hungry for meat"),
}
FOODS = {
    "en": "butter sugar rice milk honey oats cream salt".split(),
    "zh": "黄油 白糖 大米 牛奶 蜂蜜 燕麦 奶油 盐".split(),
}
UNITS = {"en": ("g", "ml", "spoons"), "zh": ("克", "毫升", "勺")}


def appointment(random: Random) -> Row:
    day = date(2025, 1, 1) + timedelta(days=random.randrange(700))
    hour = time(random.randint(8, 20), random.choice((0, 15, 30, 45)))
    pattern, place = random.choice(MEETINGS), random.choice(PLACES)
    what = random.choice(WHATS)
    note = pattern.format(what=what, place=place, hour=f"{hour:%H:%M}", day=f"{day.day} {day:%B} {day.year}")
    answer = {
        "purpose": what,
        "when": day.isoformat(),
        "at": hour.isoformat(),
        "where": place if "{place}" in pattern else None,
    }
    return {"inputs": {"note": note}, "answer": answer}


def signature(random: Random) -> Row:
    person, firm = random.choice(PERSONS), random.choice(FIRMS)
    phone = f"+{random.randint(30, 49)} 555 01{random.randint(10, 99)}"
    mail = f"{person.split()[-1].lower()}@{random.choice(('post', 'office', 'mail'))}.example"
    lines = [person, firm, *random.sample([f"Tel. {phone}", mail, "sent from my phone"], 3)]
    shown = lines if random.random() < 0.7 else [line for line in lines if "Tel" not in line]
    has_phone = any(phone in line for line in shown)
    answer = {"full_name": person, "employer": firm, "telephone": phone if has_phone else None, "address": mail}
    return {"inputs": {"footer": "\n".join(shown)}, "answer": answer}


def review(random: Random) -> Row:
    verdict = random.choice(list(REVIEWS))
    opening = random.choice(("", "", "My two cents: ", "Saturday's visit. ", "Honest opinion: ", "Since you ask: "))
    ending = random.choice(("", "", " (Ann, 44)", " Posted from Lyon.", " That is all."))
    return {"inputs": {"review": f"{opening}{random.choice(REVIEWS[verdict])}{ending}"}, "answer": verdict}


def headline(random: Random) -> Row:
    section = random.choice(list(HEADLINES))
    pages = random.choice(("", "", "Breaking: ", "Page one: ", "Evening news: ", "Update: "))
    return {"inputs": {"headline": pages + random.choice(HEADLINES[section])}, "answer": section}


def dish(random: Random) -> Row:
    """A dish by diet and money, or None."""
    menu = random.sample(DISHES, random.randint(3, 5))
    diet, money = random.choice(list(DIETS)), random.randint(7, 16)
    fitting = [place for place, (_, kind, price) in enumerate(menu) if kind == diet and price <= money]
    if len(fitting) > 1:
        menu = [each for place, each in enumerate(menu) if place not in fitting[1:]]
    guest = f"{random.choice(DIETS[diet])}, and I have {money} to spend"
    listed = [{"title": title, "diet": kind, "euros": price} for title, kind, price in menu]
    return {"inputs": {"menu": listed, "guest": guest}, "answer": fitting[0] if fitting else None}


def ingredients(random: Random) -> Row:
    language = random.choice(("en", "zh"))
    foods = random.sample(FOODS[language], random.randint(1, 3))
    parts = [(food, random.randint(2, 400), random.randrange(3)) for food in foods]
    form = "{amount} {unit} {food}" if language == "en" else "{food}{amount}{unit}"
    text = (", " if language == "en" else "，").join(
        form.format(amount=amount, unit=UNITS[language][unit], food=food) for food, amount, unit in parts
    )
    answer = [{"food": food, "amount": amount, "unit": UNITS["en"][unit]} for food, amount, unit in parts]
    return {"inputs": {"needs": text}, "answer": answer, "language": language}


HELD_OUT_TASKS = (
    TypedTask("appointment", "appointment", "en", declaration(
        "appointment", {"note": "str"}, "Appointment", "Put {note} into the calendar.",
        record("Appointment", {"purpose": "Quoted[str]", "when": "Quoted[date]", "at": "Quoted[time]",
                               "where": "Quoted[str] | None"})), appointment),
    TypedTask("signature", "signature", "en", declaration(
        "signature", {"footer": "str"}, "Contact", "Make an address book entry of {footer}.",
        record("Contact", {"full_name": "Quoted[str]", "employer": "Quoted[str]", "telephone": "Quoted[str] | None",
                           "address": "Quoted[str]"})), signature),
    TypedTask("review", "review", "en", declaration(
        "review", {"review": "str"}, literal(list(REVIEWS)), "Did the author of {review} enjoy it?"), review),
    TypedTask("headline", "headline", "en", declaration(
        "headline", {"headline": "str"}, literal(list(HEADLINES)), "In which section of the paper does {headline} go?"),
        headline),
    TypedTask("dish", "dish", "en", declaration(
        "dish", {"menu": "list[Dish]", "guest": "str"}, "Ref[Dish] | None",
        "From {menu}, what can be served to {guest}?",
        record("Dish", {"title": "str", "diet": "str", "euros": "int"})), dish),
    TypedTask("ingredients", "ingredients", "en", declaration(
        "ingredients", {"needs": "str"}, "list[Ingredient]", "Write {needs} as a shopping table.",
        record("Ingredient", {"food": "Quoted[str]", "amount": "int", "unit": literal(UNITS["en"])})), ingredients),
)  # fmt: skip
