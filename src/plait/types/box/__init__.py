"""A rectangle on a picture that was passed in."""

from plait.types.box.box import Box
from plait.types.box.box_type import BoxType

__all__ = ["Box", "BoxType"]
