"""A house: four to thirty devices in several areas, furnished by a seeded hand."""

from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from random import Random

from home.rooms import ROOMS


@dataclass(frozen=True)
class Device:
    name: str
    area: str
    kind: str
    bare: str = ""  # the name without the area in front: "ceiling light" of "kitchen ceiling light"
    says_kind: bool = True  # False: "bookshelf" is a light, but its name does not say so


House = tuple[Device, ...]


def house(language: str, size: int, random: Random) -> House:
    """`size` devices in about size / 3 areas; in most houses no two share a name."""
    areas = random.sample(list(ROOMS[language]), k=min(max(2, size // 3 + 1), len(ROOMS[language])))
    fixtures = {area: _fixtures(language, area, random) for area in areas}
    # The share of names that carry their area is a habit of the household, as are two "ceiling light"s told apart
    # by their areas alone.
    carries_area, allows_twins = random.choice((1.0, 0.7, 0.4)), random.random() < 0.15
    devices: list[Device] = []
    for area in cycle(areas):
        if len(devices) == size or not any(fixtures.values()):
            break
        if fixtures[area]:
            kind, fixture = fixtures[area].pop()
            taken = {device.name for device in devices}
            in_front = random.random() < carries_area or (fixture.rstrip("*") in taken and not allows_twins)
            devices.append(device(language, fixture, area, kind, in_front))
    if random.random() < 0.5:
        random.shuffle(devices)
    return tuple(devices)


def device(language: str, fixture: str, area: str, kind: str, area_in_front: bool) -> Device:
    """The device that a fixture of `rooms` becomes; "garage door" of the garage stays as it is."""
    bare = fixture.rstrip("*")
    in_front = area_in_front and not bare.startswith(area)
    between = " " if language == "en" else ""
    return Device(f"{area}{between}{bare}" if in_front else bare, area, kind, bare, not fixture.endswith("*"))


def anything(language: str, kind: str, random: Random) -> Device:
    """A device that some house could have, for commands about a missing device."""
    area = random.choice([area for area, kinds in ROOMS[language].items() if kind in kinds])
    return device(language, random.choice(ROOMS[language][area][kind]), area, kind, random.random() < 0.6)


def name_decides(name: str, devices: House) -> bool:
    """Only one device is called so, and no other's name contains these words."""
    return sum(has(device.name, name) for device in devices) == 1


def has(name: str, words: str) -> bool:
    """Could somebody who says `words` mean what is called `name`? "curtains" may mean the "left curtain"."""
    return words.rstrip("s") in name


def only_one(area: str, kind: str, devices: House) -> bool:
    return Counter((device.area, device.kind) for device in devices)[area, kind] == 1


def _fixtures(language: str, area: str, random: Random) -> list[tuple[str, str]]:
    """(kind, name) in the order in which they are bought, last first: every room gets a light before the rest."""
    lights, others = [], []
    for kind, names in ROOMS[language][area].items():
        chosen = lights if kind == "light" else others
        chosen += [(kind, name) for name in names]
    random.shuffle(lights)
    rest = others + lights[1:]
    random.shuffle(rest)
    return [*rest, lights[0]]
