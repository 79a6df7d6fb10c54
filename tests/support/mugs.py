"""Tasks of pictures, answered by code that has to see them: what tests of doors and pages ask."""

from typing import Annotated

from PIL import Image as Pillow
from PIL import ImageChops
from pydantic import BaseModel

from plait import Box, From, Image, engine, task
from plait.tasks.detect import Found
from tests.support.shelf import BLUE, RED


def where(picture: Image, colour: tuple[int, int, int]) -> Box:
    """The box around all pixels near the colour: an answer that only who has really seen the picture gives."""
    apart = ImageChops.difference(picture.pil, Pillow.new("RGB", picture.size, colour)).split()
    near = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2]).point(lambda most: 255 * (most < 60))
    corners = near.getbbox()
    assert corners is not None
    return Box(*corners)


class Shot(BaseModel):
    photo: Image
    note: str = ""


@task
def find(picture: Image, phrase: str) -> Box:
    """Where in {picture} is "{phrase}"?"""
    ...


@engine.answers(find)
def by_colour(picture: Image, phrase: str) -> Box:
    return where(picture, RED if "red" in phrase else BLUE)


@task
def mugs(picture: Image) -> list[Found]:
    """Which mugs are in {picture}?"""
    ...


@engine.answers(mugs)
def both(picture: Image) -> list[Found]:
    return [Found(what="red mug", where=where(picture, RED)), Found(what="blue mug", where=where(picture, BLUE))]


@task
def cut(picture: Image, to: Box) -> Image:
    """Cut {picture} to {to}."""
    ...


@engine.answers(cut)
def by_pillow(picture: Image, to: Box) -> Image:
    return Image(picture.pil.crop((to.x0, to.y0, to.x1, to.y1)))


@task
def album(photos: list[Shot], cover: Image | None = None) -> str:
    """What do {photos} and {cover} show?"""
    ...


@engine.answers(album)
def sizes(photos: list[Shot], cover: Image | None) -> str:
    descriptions = [f"{shot.note} {shot.photo.size[0]}x{shot.photo.size[1]}".strip() for shot in photos]
    return ", ".join([*descriptions, *(["cover"] if cover else [])])


@task
def between(before: Image, after: Image, at: Annotated[Box, From("before")]) -> Annotated[Box, From("after")]:
    """Where did {at} of {before} go in {after}?"""
    ...


TASKS = (find, mugs, cut, album, between)
