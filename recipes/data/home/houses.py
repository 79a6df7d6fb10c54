"""Random houses: 4 to 30 devices in several areas."""

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
    base_name: str = ""  # the name without the area: "ceiling light" for "kitchen ceiling light"
    name_states_kind: bool = True  # False for a light called "bookshelf"


House = tuple[Device, ...]


def sample_house(language: str, size: int, random: Random) -> House:
    """`size` devices in about size / 3 areas; in most houses all names are distinct."""
    areas = random.sample(list(ROOMS[language]), k=min(max(2, size // 3 + 1), len(ROOMS[language])))
    fixtures = {area: _fixtures(language, area, random) for area in areas}
    # Both vary separator houses: the share of names that include their area, and whether two devices may have the same
    # name in different areas.
    area_share, allows_duplicates = random.choice((1.0, 0.7, 0.4)), random.random() < 0.15
    devices: list[Device] = []
    for area in cycle(areas):
        if len(devices) == size or not any(fixtures.values()):
            break
        if fixtures[area]:
            kind, fixture = fixtures[area].pop()
            used_names = {device.name for device in devices}
            with_area = random.random() < area_share or (fixture.rstrip("*") in used_names and not allows_duplicates)
            devices.append(make_device(language, fixture, area, kind, with_area))
    if random.random() < 0.5:
        random.shuffle(devices)
    return tuple(devices)


def make_device(language: str, fixture: str, area: str, kind: str, with_area: bool) -> Device:
    """The device for a fixture of `rooms`. No area is added if the name starts with it ("garage door")."""
    base_name = fixture.rstrip("*")
    with_area = with_area and not base_name.startswith(area)
    separator = " " if language == "en" else ""
    return Device(
        f"{area}{separator}{base_name}" if with_area else base_name, area, kind, base_name, not fixture.endswith("*")
    )


def sample_device(language: str, kind: str, random: Random) -> Device:
    """A random device, independent of any house, for commands about a missing device."""
    area = random.choice([area for area, kinds in ROOMS[language].items() if kind in kinds])
    return make_device(language, random.choice(ROOMS[language][area][kind]), area, kind, random.random() < 0.6)


def is_unique_name(name: str, devices: House) -> bool:
    """Whether exactly one device has this name or a name that contains it."""
    return sum(may_refer_to(device.name, name) for device in devices) == 1


def may_refer_to(name: str, words: str) -> bool:
    """Whether `words` may refer to the device `name`: "curtains" may refer to the "left curtain"."""
    return words.rstrip("s") in name


def is_only_device(area: str, kind: str, devices: House) -> bool:
    return Counter((device.area, device.kind) for device in devices)[area, kind] == 1


def _fixtures(language: str, area: str, random: Random) -> list[tuple[str, str]]:
    """Shuffled pairs (kind, name), taken from the end; the last is a light, so that every room has one."""
    lights, others = [], []
    for kind, names in ROOMS[language][area].items():
        chosen = lights if kind == "light" else others
        chosen += [(kind, name) for name in names]
    random.shuffle(lights)
    rest = others + lights[1:]
    random.shuffle(rest)
    return [*rest, lights[0]]
