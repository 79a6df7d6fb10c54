"""Boxes: a rectangle on an image of the inputs."""

from plait.types.box.box import Box
from plait.types.box.box_type import BoxType

__all__ = ["Box", "BoxType"]
