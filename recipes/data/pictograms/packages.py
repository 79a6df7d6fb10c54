"""npm packages in a cache folder: icons and emoji names for the atlas."""

import io
import json
import subprocess
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image


@dataclass(frozen=True)
class Package:
    package: str
    version: str

    @property
    def file(self) -> str:
        return f"{self.package.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Pictograms:
    """An Iconify package: `icons` and `aliases` in its format; `chars` maps code points to names and may be empty."""

    icons: dict[str, dict]
    aliases: dict[str, dict]
    chars: dict[str, str]
    size: tuple[int, int]
    licence: str

    def name(self, code: str, slug: str) -> str | None:
        code = code.lower()
        name = self.chars.get(code, self.chars.get(f"{code}-fe0f")) if self.chars else slug
        return self.aliases[name]["parent"] if name in self.aliases else name

    def render(self, name: str, side: int) -> np.ndarray:
        """RGBA pixels of a square with this side length; the icon is centred."""
        icon = self.icons[name]
        width, height = icon.get("width", self.size[0]), icon.get("height", self.size[1])
        longer = max(width, height)
        view = f"{(width - longer) / 2} {(height - longer) / 2} {longer} {longer}"
        namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        drawing = f'<svg {namespaces} width="{side}" height="{side}" viewBox="{view}">{icon["body"]}</svg>'
        png = resvg_py.svg_to_bytes(svg_string=drawing, width=side, height=side, skip_system_fonts=True)
        return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"))


def read_pictograms(package: Package, cache: Path) -> Pictograms:
    with open_package(package, cache) as archive:
        icons, info, chars = (read_json(archive, f"{name}.json") for name in ("icons", "info", "chars"))
    size = icons["width"], icons["height"]
    return Pictograms(icons["icons"], icons.get("aliases", {}), dict(chars), size, info["license"]["spdx"])


def emoji_names(package: Package, cache: Path) -> tuple[dict[str, str], dict[str, str]]:
    """English and Chinese names by code point."""
    with open_package(package, cache) as archive:
        english, chinese = (read_json(archive, f"{language}/data.json") for language in ("en", "zh"))
    return labels_by_code(english), labels_by_code(chinese)


def labels_by_code(emoji: list[dict]) -> dict[str, str]:
    return {entry["hexcode"].removesuffix("-FE0F"): entry["label"] for entry in emoji}


def open_package(package: Package, cache: Path) -> tarfile.TarFile:
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / package.file
    if not path.exists():
        subprocess.run(["npm", "pack", "--silent", f"{package.package}@{package.version}"], cwd=cache, check=True)
    return tarfile.open(path)


def read_json(archive: tarfile.TarFile, name: str):
    file = archive.extractfile(f"package/{name}")
    if file is None:
        raise FileNotFoundError(f"no {name} in {archive.name}")
    return json.load(file)
