"""What holds between the things of a scene: where they lie of each other, which is largest, which stands alone.

Only what is clear is said to hold: a person looking at the picture would not hesitate.
"""

from itertools import pairwise, permutations
from typing import Literal

from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene, Thing

Relation = Literal["left", "right", "above", "below"]
RELATIONS: tuple[Relation, ...] = ("left", "right", "above", "below")
OPPOSITE: dict[Relation, Relation] = {"left": "right", "right": "left", "above": "below", "below": "above"}
MIN_DISTANCE = 10  # pixels between two centres, at least
LARGER_RATIO = 1.35  # the longer side of one over that of another, at least
CELL_MARGIN = 4  # pixels between a centre and the border of its cell, at least
CELL_SIDE = CANVAS_SIDE / 3


def is_on_side(thing: Thing, side: Relation, reference: Thing) -> bool:
    """Whether the centre of `thing` is clearly further left (right, up, down) than that of the other, as in CLEVR.

    It need not be the axis on which they are further apart: of three things in a picture this small, one lies left of
    a second and right of a third on that reading in 1.6% of pictures, on this one in 73% (of 3,000 drawn).
    """
    axis = 0 if side in ("left", "right") else 1
    ahead = reference.centre[axis] - thing.centre[axis]
    return ahead >= MIN_DISTANCE if side in ("left", "above") else -ahead >= MIN_DISTANCE


def direction(thing: Thing, reference: Thing) -> Relation | None:
    """Where `thing` lies of the other along the axis on which they are further apart, where that is clear."""
    dx, dy = (abs(a - b) for a, b in zip(thing.centre, reference.centre, strict=True))
    sides: tuple[Relation, ...] = ("left", "right") if dx > dy else ("above", "below")
    return next((side for side in sides if is_on_side(thing, side, reference)), None)


def ordered_towards(scene: Scene, side: Relation) -> tuple[int, ...]:
    """The things in order towards that side, nothing where it is not clear which comes first."""
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
    """The things whose noun no other thing has."""
    nouns = [thing.noun for thing in scene.things]
    return tuple(i for i, noun in enumerate(nouns) if nouns.count(noun) == 1)


def furthest_thing(scene: Scene, side: Relation) -> int | None:
    """The thing furthest to the left (right, top, bottom), where it is clear of all others and not the only one."""
    axis = 0 if side in ("left", "right") else 1
    centres = [thing.centre[axis] for thing in scene.things]
    if len(centres) < 2:
        return None
    ordered = sorted(centres, reverse=side in ("right", "below"))
    return centres.index(ordered[0]) if abs(ordered[1] - ordered[0]) >= MIN_DISTANCE else None


def extreme_thing(scene: Scene, largest: bool) -> int | None:
    """The largest (smallest) thing, where it is clearly so and not the only one."""
    sides = [thing.side for thing in scene.things]
    if len(sides) < 2:
        return None
    ordered = sorted(sides)
    large, small = (ordered[-1], ordered[-2]) if largest else (ordered[1], ordered[0])
    return sides.index(ordered[-1] if largest else ordered[0]) if large >= LARGER_RATIO * small else None


def third_of_side(coordinate: float) -> int | None:
    """0, 1 or 2: the third of the side that the coordinate falls in, None too near a border."""
    cell, offset = divmod(coordinate, CELL_SIDE)
    inner = (cell in (0, 1) and offset > CELL_SIDE - CELL_MARGIN) or (cell in (1, 2) and offset < CELL_MARGIN)
    return None if inner else min(int(cell), 2)


def grid_cell(thing: Thing) -> int | None:
    """0 to 8: the cell of a 3x3 grid that the centre falls in, in reading order, None too near a border."""
    column, row = third_of_side(thing.centre[0]), third_of_side(thing.centre[1])
    return None if column is None or row is None else 3 * row + column


def is_near_cell(thing: Thing, cell: int) -> bool:
    """Whether the centre is in that cell or so near its border that one could take it so."""
    row, column = divmod(cell, 3)
    x, y = thing.centre
    left, top = CELL_SIDE * column - CELL_MARGIN, CELL_SIDE * row - CELL_MARGIN
    return left <= x <= left + CELL_SIDE + 2 * CELL_MARGIN and top <= y <= top + CELL_SIDE + 2 * CELL_MARGIN


def clear_comparisons(scene: Scene) -> list[tuple[int, Relation, int, int]]:
    """Subject, side, a reference it lies on that side of, a third it lies on the other side of.

    So a question about subject and side alone has no answer: it takes the reference.
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
    """A thing, a side, and the reference it is the first thing on that side of, where another reference has another."""
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
