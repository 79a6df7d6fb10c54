"""WebDataset: shards whose members share a key, `000123.png` with `000123.json`, `.txt` or `.cls`.

The picture is the picture's slot (of several slots, `000123.SLOT.png` says which), the .json holds the other columns,
and .txt or .cls is the answer where the .json has none. Format: github.com/webdataset/webdataset, "The WebDataset
format".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plait.core.errors import InputError
from plait.core.evaluation.rows import Row, of_the_answer
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.core.values.value_type import Json, Kind
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.cells import PICTURES, from_text, sent
from plait.foundation.data.sources.shards import shards_of
from plait.foundation.data.sources.table import digest_of_all, unreadable
from plait.foundation.data.sources.tar_members import Member, Unusable, members_of, printed

DRAWN = ("png", "jpg", "jpeg", "webp", "gif", "bmp")
WRITTEN = ("txt", "cls")  # members that are the answer, the first of them where there are both


@dataclass(frozen=True)
class Sample:
    """Members of one key, by what follows it."""

    shard: Path
    key: str
    members: Mapping[str, Member]

    @property
    def name(self) -> str:
        return PurePosixPath(self.key).name


@dataclass(frozen=True)
class Samples:
    """The samples of one shard or of several, in their order."""

    file: Path
    folder: Path
    sha256: str
    samples: tuple[Sample, ...]
    bad: tuple[BadRow, ...]

    def __len__(self) -> int:
        return len(self.samples)

    def row(self, place: int, declaration: Declaration) -> Row:
        """Raises InputError where the shard is gone since."""
        sample = self.samples[place]
        where = f"{sample.shard}: {printed(sample.key)}"
        told = content(sample, "json") if "json" in sample.members else b"{}"
        try:
            columns = loads(told, where)
        except InputError:
            columns = None
        if isinstance(columns, dict):  # else the row is what stands there, and reading it says what is wrong
            told = json.dumps(dict(row_of(sample, columns, declaration)), ensure_ascii=False).encode()
        return Row(declaration, place + 1, where, told, self.folder)


def webdataset(file: Path, images: Path | None) -> Samples:
    """The samples of a shard, or of all that a name with `*` stands for. Raises InputError where there is none."""
    files = shards_of(file)
    sha256 = digest_of_all(files)
    bad: list[BadRow] = []
    samples = tuple(sample for shard in files for sample in samples_in(shard, bad))
    return Samples(file, images or file.parent, sha256, samples, tuple(bad))


def samples_in(shard: Path, bad: list[BadRow]) -> list[Sample]:
    """Those of which every member can be used; of the others the first that cannot is told."""
    found: dict[str, dict[str, Member]] = {}
    spoiled: dict[str, BadRow] = {}
    for each in members_of(shard, bad):
        if isinstance(each, Unusable):
            spoiled.setdefault(each.key, BadRow(f"{shard}: {each.name}", each.reason))
        elif each.form in found.setdefault(each.key, {}):
            spoiled.setdefault(
                each.key, BadRow(f"{shard}: {printed(each.key)}", f"has two members called .{each.form}")
            )
        else:
            found[each.key][each.form] = each
    bad += spoiled.values()
    return [Sample(shard, key, members) for key, members in found.items() if key not in spoiled]


def row_of(sample: Sample, columns: Mapping[str, Json], declaration: Declaration) -> Iterator[tuple[str, Json]]:
    """The columns that the .json has, then what stands beside it. A path is no picture here: those are members."""
    pictured = [slot.name for slot in declaration.slots if slot.kind.name in PICTURES]
    for name, wire in columns.items():
        if name not in pictured or (isinstance(wire, str) and wire.startswith("data:")):
            yield name, wire
    for form in sample.members:
        slot, _, ending = form.rpartition(".")
        if ending in DRAWN:
            name = slot or (pictured[0] if len(pictured) == 1 else form)
            yield name, sent(content(sample, form), f"{sample.name}.{form}") if name in pictured else None
    written = next((form for form in WRITTEN if form in sample.members), None)
    if written and not any(map(of_the_answer, columns)):
        yield "answer", answer(declaration.answer, content(sample, written), written)


def answer(kind: Kind, said: bytes, form: str) -> Json:
    """What a text says, as in a table. Of a class that is a number alone no text is made: it has a name elsewhere."""
    try:
        text = said.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return {"bytes": len(said)}
    if form == "cls" and kind.name == "text" and text.removeprefix("-").isdecimal():
        return {"class": text}
    return text if kind.name == "text" else from_text(kind, text)


def content(sample: Sample, form: str) -> bytes:
    """The bytes of a member. Raises InputError where the shard cannot be read."""
    member = sample.members[form]
    try:
        with sample.shard.open("rb") as stream:
            stream.seek(member.start)
            return stream.read(member.size)
    except OSError as fault:
        raise unreadable(sample.shard, fault) from None
