# adapt_pictures.py
"""Teaches plait-nano to find the widgets of 160 pictures of web forms, and compares it on 40 others."""

import runpy
from pathlib import Path

from plait.tasks.locate import locate

Path("plait.toml").touch()  # the version belongs to the project of this folder
runpy.run_path(str(Path(__file__).with_name("forms.py")))  # writes the folder forms/
version = locate.adapt("forms", model="plait-nano")
print(version.verdict)
