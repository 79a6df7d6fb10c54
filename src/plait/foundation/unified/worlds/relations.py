"""Relations between the things of a scene: relative positions, largest thing, isolated thing.

Only clear relations hold: a person who looks at the picture would not hesitate.
"""

from itertools import pairwise, permutations
from typing import Literal

from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene, Thing

Relation = Literal["left", "right", "above", "below"]
RELATIONS: tuple[Relation, ...] = ("left", "right", "above", "below")
OPPOSITE: dict[Relation, Relation] = {"left": "right", "right": "left", "above": "below", "below": "above"}
MIN_DISTANCE = 10  # minimum pixels between two centres
LARGER_RATIO = 1.35  # minimum ratio of the longer sides
CELL_MARGIN = 4  # minimum pixels between a centre and the border of its cell
CELL_SIDE = CANVAS_SIDE / 3


def is_on_side(thing: Thing, side: Relation, reference: Thing) -> bool:
    """Whether the centre of `thing` is clearly further left (right, up, down) than that of `reference`, as in CLEVR.

    The axis need not be that of the larger distance. With that condition only 1.6% of pictures have a thing that is
    left of a second and right of a third; without it 73% (of 3,000 sampled pictures).
    """
    axis = 0 if side in ("left", "right") else 1
    ahead = reference.centre[axis] - thing.centre[axis]
    return ahead >= MIN_DISTANCE if side in ("left", "above") else -ahead >= MIN_DISTANCE


def direction(thing: Thing, reference: Thing) -> Relation | None:
    """The clear direction from `reference` to `thing` along the axis of the larger distance, None if unclear."""
    dx, dy = (abs(a - b) for a, b in zip(thing.centre, reference.centre, strict=True))
    sides: tuple[Relation, ...] = ("left", "right") if dx > dy else ("above", "below")
    return next((side for side in sides if is_on_side(thing, side, reference)), None)


def ordered_towards(scene: Scene, side: Relation) -> tuple[int, ...]:
    """All things in order towards that side; empty if the order is not clear."""
    axis = 0 if side in ("left", "right") else 1
    centres = [thing.centre[axis] for thing in scene.things]
    order = sorted(range(len(centres)), key=centres.__getitem__, reverse=side in ("left", "above"))
    is_clear = all(abs(centres[one] - centres[other]) >= MIN_DISTANCE for one, other in pairwise(order))
    return tuple(order) if is_clear else ()


def things_with_noun(scene: Scene, noun: int) -> tuple[int, ...]:
    return tuple(i for i, thing in enumerate(scene.things) if thing.noun == noun)


def things_with_colour(scene: Scene, colour: int) -> tuple[int, ...]:
    return tuple(i for i, thing in enumerate(scene.things) if thing.colour == colour)


def unique_things(scene: Scene) -> tuple[int, ...]:
    """Indices of the things with a noun that no other thing has."""
    nouns = [thing.noun for thing in scene.things]
    return tuple(i for i, noun in enumerate(nouns) if nouns.count(noun) == 1)


def furthest_thing(scene: Scene, side: Relation) -> int | None:
    """The thing furthest to the left (right, top, bottom), if clearly so and not the only thing."""
    axis = 0 if side in ("left", "right") else 1
    centres = [thing.centre[axis] for thing in scene.things]
    if len(centres) < 2:
        return None
    ordered = sorted(centres, reverse=side in ("right", "below"))
    return centres.index(ordered[0]) if abs(ordered[1] - ordered[0]) >= MIN_DISTANCE else None


def extreme_thing(scene: Scene, largest: bool) -> int | None:
    """The largest (smallest) thing, if clearly so and not the only thing."""
    sides = [thing.side for thing in scene.things]
    if len(sides) < 2:
        return None
    ordered = sorted(sides)
    large, small = (ordered[-1], ordered[-2]) if largest else (ordered[1], ordered[0])
    return sides.index(ordered[-1] if largest else ordered[0]) if large >= LARGER_RATIO * small else None


def third_of_side(coordinate: float) -> int | None:
    """The third of the side that contains the coordinate, 0 to 2; None if too near a border."""
    cell, offset = divmod(coordinate, CELL_SIDE)
    inner = (cell in (0, 1) and offset > CELL_SIDE - CELL_MARGIN) or (cell in (1, 2) and offset < CELL_MARGIN)
    return None if inner else min(int(cell), 2)


def grid_cell(thing: Thing) -> int | None:
    """The cell of a 3x3 grid that contains the centre, 0 to 8 in reading order; None if too near a border."""
    column, row = third_of_side(thing.centre[0]), third_of_side(thing.centre[1])
    return None if column is None or row is None else 3 * row + column


def is_near_cell(thing: Thing, cell: int) -> bool:
    """Whether the centre is in that cell, or so near its border that it could be read so."""
    row, column = divmod(cell, 3)
    x, y = thing.centre
    left, top = CELL_SIDE * column - CELL_MARGIN, CELL_SIDE * row - CELL_MARGIN
    return left <= x <= left + CELL_SIDE + 2 * CELL_MARGIN and top <= y <= top + CELL_SIDE + 2 * CELL_MARGIN


def clear_comparisons(scene: Scene) -> list[tuple[int, Relation, int, int]]:
    """Subject, side, a reference with the subject on that side, and a third thing with the subject on the opposite
    side.

    Subject and side alone therefore do not determine the answer of a question.
    """
    things = scene.things
    nouns = unique_things(scene)
    if len(nouns) < 3:
        return []
    return [
        (subject, side, reference, other)
        for subject, reference, other in permutations(nouns, 3)
        for side in RELATIONS
        if is_on_side(things[subject], side, things[reference])
        and is_on_side(things[subject], OPPOSITE[side], things[other])
    ]


def neighbours(scene: Scene) -> list[tuple[int, Relation, int]]:
    """Thing, side and reference, where the thing is the first on that side of it and another reference has another
    first thing.
    """
    nouns = unique_things(scene)
    if len(scene.things) < 3 or len(nouns) < 2:
        return []
    rows: list[tuple[int, Relation, int]] = []
    for side in RELATIONS:
        order = ordered_towards(scene, side)
        references = [(reference, target) for reference, target in pairwise(order) if reference in nouns]
        if len(references) > 1:
            rows.extend((target, side, reference) for reference, target in references)
    return rows
