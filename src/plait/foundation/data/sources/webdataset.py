"""WebDataset: shards whose members share a key, `000123.png` with `000123.json`, `.txt` or `.cls`.

The image is the image input of the task (`000123.INPUT.png` if there are several), the .json has the other columns, and
.txt or .cls is the answer if the .json has none. Format: github.com/webdataset/webdataset, "The WebDataset format".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow, is_answer_column
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.cells import image_data_url, is_image_column, text_to_json
from plait.foundation.data.sources.shards import shard_files
from plait.foundation.data.sources.table import files_sha256, unreadable_file_error
from plait.foundation.data.sources.tar_members import TarMember, UnusableMember, iter_members, printable

IMAGE_EXTENSIONS = ("png", "jpg", "jpeg", "webp", "gif", "bmp")
ANSWER_EXTENSIONS = ("txt", "cls")  # extensions of the answer; the first one wins


@dataclass(frozen=True)
class WebDatasetSample:
    """Members with one key, by extension."""

    shard: Path
    key: str
    members: Mapping[str, TarMember]

    @property
    def name(self) -> str:
        return PurePosixPath(self.key).name


@dataclass(frozen=True)
class WebDatasetTable:
    """Samples of one shard or of several, in their order."""

    file: Path
    folder: Path
    sha256: str
    samples: tuple[WebDatasetSample, ...]
    bad_rows: tuple[BadRow, ...]

    def __len__(self) -> int:
        return len(self.samples)

    def row(self, index: int, declaration: Declaration) -> DatasetRow:
        """The row at an index. Raises InputError if the shard no longer exists."""
        sample = self.samples[index]
        where = f"{sample.shard}: {printable(sample.key)}"
        content = read_member(sample, "json") if "json" in sample.members else b"{}"
        try:
            columns = loads(content, where)
        except InputError:
            columns = None
        if isinstance(columns, dict):  # else the row is that JSON value, and decoding the row reports it
            content = json.dumps(dict(row_columns(sample, columns, declaration)), ensure_ascii=False).encode()
        return DatasetRow(declaration, index + 1, where, content, self.folder)


def webdataset_table(file: Path, images: Path | None) -> WebDatasetTable:
    """Samples of a shard, or of all shards that match a name with `*`. Raises InputError if there are none."""
    files = shard_files(file)
    sha256 = files_sha256(files)
    bad: list[BadRow] = []
    samples = tuple(sample for shard in files for sample in read_samples(shard, bad))
    return WebDatasetTable(file, images or file.parent, sha256, samples, tuple(bad))


def read_samples(shard: Path, bad_rows: list[BadRow]) -> list[WebDatasetSample]:
    """Samples of which every member can be used; of each other sample the first unusable member is reported."""
    members_by_key: dict[str, dict[str, TarMember]] = {}
    bad_samples: dict[str, BadRow] = {}
    for each in iter_members(shard, bad_rows):
        if isinstance(each, UnusableMember):
            bad_samples.setdefault(each.key, BadRow(f"{shard}: {each.name}", each.reason))
        elif each.extension in members_by_key.setdefault(each.key, {}):
            bad_samples.setdefault(
                each.key, BadRow(f"{shard}: {printable(each.key)}", f"has two members called .{each.extension}")
            )
        else:
            members_by_key[each.key][each.extension] = each
    bad_rows += bad_samples.values()
    return [WebDatasetSample(shard, key, members) for key, members in members_by_key.items() if key not in bad_samples]


def row_columns(
    sample: WebDatasetSample, columns: Mapping[str, Json], declaration: Declaration
) -> Iterator[tuple[str, Json]]:
    """Columns of the .json, then those of the other members. Paths are not accepted for images: images are members."""
    image_names = [parameter.name for parameter in declaration.parameters if is_image_column(parameter.value_type)]
    for name, json_value in columns.items():
        if name not in image_names or (isinstance(json_value, str) and json_value.startswith("data:")):
            yield name, json_value
    for extension in sample.members:
        parameter, _, ending = extension.rpartition(".")
        if ending in IMAGE_EXTENSIONS:
            name = parameter or (image_names[0] if len(image_names) == 1 else extension)
            yield (
                name,
                image_data_url(read_member(sample, extension), f"{sample.name}.{extension}")
                if name in image_names
                else None,
            )
    answer_extension = next((extension for extension in ANSWER_EXTENSIONS if extension in sample.members), None)
    if answer_extension and not any(map(is_answer_column, columns)):
        yield "answer", answer_from_bytes(declaration.answer, read_member(sample, answer_extension), answer_extension)


def answer_from_bytes(value_type: ValueType, content: bytes, extension: str) -> Json:
    """Answer in a text member, parsed as in a table.

    For a text answer a class number is refused, since its name is not in the shard.
    """
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return {"bytes": len(content)}
    if extension == "cls" and value_type.is_text and text.removeprefix("-").isdecimal():
        return {"class": text}
    return text if value_type.is_text else text_to_json(value_type, text)


def read_member(sample: WebDatasetSample, extension: str) -> bytes:
    """Bytes of a member. Raises InputError if the shard cannot be read."""
    member = sample.members[extension]
    try:
        with sample.shard.open("rb") as stream:
            stream.seek(member.start)
            return stream.read(member.size)
    except OSError as error:
        raise unreadable_file_error(sample.shard, error) from None
